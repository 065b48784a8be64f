/** `store ls` and `store gc`: what a store has, and what of it nobody needs. */

import type { BlobRef } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import {
  type ChunkCount,
  type Collected,
  collectGarbage,
  DiskStore,
  type DiskStoreOptions,
} from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import { defineVerb, type Verb } from "../command.ts";
import { AGE } from "../framework/options/duration.ts";
import {
  argument,
  flag,
  repeatable,
  withDefault,
} from "../framework/options/option.ts";
import { DIR } from "../framework/options/value_kind.ts";
import type { Fields } from "../framework/output/report.ts";
import { withProgress } from "../framework/progress/with_progress.ts";
import { formatBytes } from "../../text/human.ts";
import { readReference } from "../node/read_given.ts";
import {
  isTicket,
  REFERENCE,
  type ReferenceSource,
} from "../node/reference.ts";
import { ticketRefIn } from "../node/ticket_ref_in.ts";
import { PROGRESS_OPTIONS } from "../options/work_options.ts";
import { TRUST_PARENT_OPTION } from "../options/trust_parent_option.ts";
import { inStage } from "../stage.ts";

const STORE = argument(DIR, "Store directory");

/** Opens a store that is there. */
function open(path: string, options: DiskStoreOptions = {}) {
  return inStage("open", () => {
    return DiskStore.open(path, { ...options, mustExist: true });
  });
}

/** The reference that was given, itself or in a ticket that the store can tell. */
async function readKept(
  source: ReferenceSource,
  store: DiskStore,
): Promise<BlobRef> {
  // No secret of a ticket is used here.
  const given = await readReference(source, true);
  if (!isTicket(given)) return given;
  const { content } = given;
  if (content === undefined) {
    throw new UsageError("the ticket carries no reference", {
      hint: "take a ticket of a path, or give the hex",
    });
  }
  return await ticketRefIn(store, content);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function describe({ chunks, bytes }: ChunkCount): string {
  return `${plural(chunks, "chunk")} of ${formatBytes(bytes)}`;
}

export const ls: Verb = defineVerb({
  arguments: { store: STORE },
  options: {},
  description:
    "Lists the chunks of a store directory in the order of their hashes, as they lie: they are not read. A chunk that was repaired takes more than its length.",
  examples: [{
    line: "store ls ./store --output ndjson",
    does: "List all chunks as one line of JSON",
  }],
  async run({ store: path }, context) {
    await using store = await open(path);
    const rows: { hash: string; bytes: number }[] = [];
    await inStage("publish", async () => {
      for await (const hash of store.hashes()) {
        context.signal.throwIfAborted();
        // Lookups of other programs leave places without a chunk.
        if (!await store.has(hash)) continue;
        rows.push({ hash: toHex(hash), bytes: store.sizeOf(hash) ?? 0 });
      }
    });
    rows.sort((a, b) => a.hash < b.hash ? -1 : 1);
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    const count = { chunks: rows.length, bytes };
    await context.emit({
      fields: {
        store: path,
        chunk_count: rows.length,
        total_bytes: bytes,
        chunks: rows,
      },
      text: () => `${path}: ${describe(count)}`,
    });
  },
});

function collectedFields(
  { kept, recent, removed, missing }: Collected,
): Fields {
  return {
    chunks_kept: kept.chunks,
    bytes_kept: kept.bytes,
    chunks_missing: missing,
    chunks_recent: recent.chunks,
    bytes_recent: recent.bytes,
    chunks_removed: removed.chunks,
    bytes_removed: removed.bytes,
  };
}

export const gc: Verb = defineVerb({
  arguments: { store: STORE },
  options: {
    keep: repeatable("keep", REFERENCE, {
      help:
        "Keep what this reference needs: hex, a ticket, @FILE, or - for stdin; a directory's with all its files",
    }),
    keepNewer: withDefault("keep-newer", AGE, "1d", {
      help:
        "Keep what was stored within this time, as something may still be being stored; 0 for no such time",
    }),
    delete: flag("delete", {
      help: "Remove what is not needed; without it is only counted",
    }),
    ...TRUST_PARENT_OPTION,
    ...PROGRESS_OPTIONS,
  },
  description:
    "Nothing in a store says what is still wanted: whatever no --keep names counts as not needed. Without --delete nothing is changed. It may run beside 'net-transfer serve --store' and 'send-dir --store': chunks that are being read are read to their end, and chunks that are stored again meanwhile stay.",
  examples: [
    {
      line: "store gc ./store --keep @photos.ref --keep @music.ref",
      does: "Count what neither of two references needs",
    },
    {
      line: "store gc ./store --keep @photos.ref --delete",
      does: "Remove all but one tree, and what is younger than a day",
    },
  ],
  async run(values, context) {
    const { store: path, keep, keepNewer, trustParent } = values;
    const dryRun = !values.delete;
    const onProblem = (message: string) => context.log.warn(message);
    await using store = await open(path, { onProblem, trustParent });
    if (keep.length === 0) {
      throw new UsageError("without --keep nothing of the store is needed", {
        hint:
          "give a --keep for each reference that is; to remove a store whole, remove its directory",
      });
    }
    const refs: BlobRef[] = [];
    for (const source of keep) {
      refs.push(await readKept(source, store));
    }
    const about = { label: `looking through ${path}`, start: {} };
    const collected = await inStage(
      "publish",
      () =>
        withProgress(
          values.progress,
          about,
          context,
          (report) =>
            collectGarbage(store, {
              keep: refs,
              since: Date.now() - keepNewer,
              dryRun,
              signal: context.signal,
              onProgress: report && ((files) => report({ files })),
            }),
        ),
    );
    const { kept, recent, removed, missing } = collected;
    if (missing > 0) {
      context.log.warn("the store lacks a part of what is kept", {
        chunks: missing,
      });
    }
    await context.emit({
      fields: {
        store: path,
        dry_run: dryRun,
        kept_refs: refs.length,
        ...collectedFields(collected),
      },
      text: () => {
        const would = dryRun ? "would remove" : "removed";
        const young = recent.chunks === 0
          ? ""
          : `, ${describe(recent)} not needed but new`;
        return `${path}: ${would} ${describe(removed)}; ` +
          `${describe(kept)} kept${young}`;
      },
    });
  },
});
