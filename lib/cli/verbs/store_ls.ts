/** `store ls`: what a store has. */

import { toHex } from "../../text/hex.ts";
import { defineVerb, type Verb } from "../command.ts";
import {
  type ReportProgress,
  withProgress,
} from "../framework/progress/with_progress.ts";
import { PROGRESS_OPTIONS } from "../options/work_options.ts";
import { inStage } from "../stage.ts";
import {
  describeChunks,
  openNamedStore,
  STORE,
} from "../stores/named_store.ts";

export const verb: Verb = defineVerb({
  arguments: { store: STORE },
  options: { ...PROGRESS_OPTIONS },
  description:
    "Lists the chunks of a store directory in the order of their hashes, as they lie: they are not read. A chunk that was repaired takes more than its length.",
  examples: [{
    line: "store ls ./store --output ndjson",
    does: "List all chunks as one line of JSON",
  }],
  async run({ store: path, progress }, context) {
    await using store = await openNamedStore(path);
    const rows: { hash: string; bytes: number }[] = [];
    const about = { label: `looking through ${path}`, start: {} };
    const look = async (report?: ReportProgress) => {
      for await (const hash of store.hashes()) {
        context.signal.throwIfAborted();
        // Lookups of other programs leave places without a chunk.
        if (!await store.has(hash)) continue;
        rows.push({ hash: toHex(hash), bytes: store.sizeOf(hash) ?? 0 });
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
