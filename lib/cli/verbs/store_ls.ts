/** `store ls`: what a store has. */

import { isObjectsUrl } from "../../objects/mod.ts";
import { toHex } from "../../text/hex.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { argument } from "../framework/options/option.ts";
import {
  type ReportProgress,
  withProgress,
} from "../framework/progress/with_progress.ts";
import { openBucket } from "../node/open_objects.ts";
import { STORE_PLACE } from "../options/store_place.ts";
import { PROGRESS_OPTIONS } from "../options/work_options.ts";
import { inStage } from "../stage.ts";
import { describeChunks, openNamedStore } from "../stores/named_store.ts";

/** A chunk as it is listed. */
type Row = { readonly hash: string; readonly bytes: number };

/** The chunks of a directory or a bucket. */
async function* chunksOf(
  place: string,
  { log, signal }: Context,
): AsyncGenerator<Row, void, undefined> {
  if (isObjectsUrl(place)) {
    await using bucket = await inStage("open", () => openBucket(place, log));
    for await (const { hex, bytes } of bucket.list(signal)) {
      yield { hash: hex, bytes };
    }
    return;
  }
  await using store = await openNamedStore(place);
  for await (const hash of store.hashes()) {
    // Lookups of other programs leave places without a chunk.
    if (!await store.has(hash)) continue;
    yield { hash: toHex(hash), bytes: store.sizeOf(hash) ?? 0 };
  }
}

export const verb: Verb = defineVerb({
  arguments: {
    store: argument(STORE_PLACE, "Store directory, or s3://BUCKET/PREFIX"),
  },
  options: { ...PROGRESS_OPTIONS },
  description:
    "Lists the chunks of a store in the order of their hashes, as they lie: they are not read. A chunk that was repaired takes more than its length.",
  examples: [{
    line: "store ls ./store --output ndjson",
    does: "List all chunks as one line of JSON",
  }],
  async run({ store: path, progress }, context) {
    const rows: Row[] = [];
    const about = { label: `looking through ${path}`, start: {} };
    const look = async (report?: ReportProgress) => {
      for await (const row of chunksOf(path, context)) {
        context.signal.throwIfAborted();
        rows.push(row);
        report?.({ files: rows.length });
      }
    };
    await inStage(
      "publish",
      () => withProgress(progress, about, context, look),
    );
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
      text: () => `${path}: ${describeChunks(count)}`,
    });
  },
});
