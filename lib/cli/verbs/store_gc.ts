/** `store gc`: removes what of a store nobody needs. */

import type { BlobRef } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import { type Collected, collectGarbage } from "../../store/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { AGE } from "../framework/options/duration.ts";
import { flag, repeatable, withDefault } from "../framework/options/option.ts";
import type { Fields } from "../framework/output/report.ts";
import { withProgress } from "../framework/progress/with_progress.ts";
import { REFERENCE } from "../node/reference.ts";
import { PROGRESS_OPTIONS } from "../options/work_options.ts";
import { TRUST_PARENT_OPTION } from "../options/trust_parent_option.ts";
import { inStage } from "../stage.ts";
import {
  describeChunks,
  openNamedStore,
  readNamed,
  STORE,
} from "../stores/named_store.ts";

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

export const verb: Verb = defineVerb({
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
    await using store = await openNamedStore(path, { onProblem, trustParent });
    if (keep.length === 0) {
      throw new UsageError("without --keep nothing of the store is needed", {
        hint:
          "give a --keep for each reference that is; to remove a store whole, remove its directory",
      });
    }
    const refs: BlobRef[] = [];
    for (const source of keep) {
      refs.push(await readNamed(source, store));
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
          : `, ${describeChunks(recent)} not needed but new`;
        return `${path}: ${would} ${describeChunks(removed)}; ` +
          `${describeChunks(kept)} kept${young}`;
      },
    });
  },
});
