/** What is said of a fetch: result fields for programs, one line for people. */

import type { Loss } from "../../landing/mod.ts";
import { formatBytes, formatRate, formatSeconds } from "../../text/human.ts";
import type {
  FetchBlobResult,
  FetchPreview,
  SourceReport,
} from "../../transfer/mod.ts";
import { toTransferError } from "../failure.ts";
import { type Fields, Float } from "../framework/output/report.ts";
import type { Log } from "../framework/terminal/log.ts";
import { lossFields } from "./decide_target.ts";

type Fetched =
  & Pick<
    FetchBlobResult,
    | "bytes"
    | "bytesFetched"
    | "bytesReused"
    | "sources"
    | "resumed"
    | "durationMs"
  >
  & { readonly filesUnchanged?: number };

function secondsOf({ durationMs }: Fetched): number {
  return durationMs / 1000;
}

/** Bytes per second, 0 when no time was measured. */
function rateOf(fetched: Fetched): number {
  const seconds = secondsOf(fetched);
  return seconds > 0 ? Number(fetched.bytes) / seconds : 0;
}

/**
 * The result fields of a fetch: how fast it was, what it `made`, where the
 * bytes came from.
 */
export function fetchFields(
  fetched: Fetched,
  reattached: number,
  made: Fields = {},
): Fields {
  const { bytesFetched } = fetched;
  return {
    duration_secs: new Float(secondsOf(fetched)),
    throughput_mib_s: new Float(rateOf(fetched) / 2 ** 20),
    ...made,
    bytes_fetched: bytesFetched,
    bytes_reused: fetched.bytesReused,
    resumed: fetched.resumed,
    sources: fetched.sources.map(sourceFields),
    files_unchanged: fetched.filesUnchanged,
    reattached,
  };
}

function sourceFields({ source, bytes, unused, failed }: SourceReport): Fields {
  const error = failed && toTransferError(failed);
  return {
    source,
    bytes,
    bytes_unused: unused > 0n ? unused : undefined,
    failed: error?.kind,
    reason: error?.message,
  };
}

/** Says the same to people: `1.5 GiB in 12.0 s (128.0 MiB/s) from node 7`. */
export function describePace(fetched: Fetched, shown: string): string {
  const time = formatSeconds(secondsOf(fetched));
  const rate = formatRate(rateOf(fetched));
  return `${formatBytes(fetched.bytes)} in ${time} (${rate}) from ${shown}`;
}

/** The result fields of a dry run, and a warning where the fetch would fail. */
export function previewFields(
  preview: FetchPreview,
  log: Log,
  loss: Loss | undefined,
): Fields {
  const { chunks, chunksMissing, bytesToFetch, bytesMissing } = preview;
  if (chunksMissing > 0) {
    log.warn("the node lacks a part of it: the fetch would fail", {
      chunks: chunksMissing,
      bytes: bytesMissing,
    });
  }
  return {
    dry_run: true,
    bytes_to_fetch: bytesToFetch,
    bytes_reused: preview.bytesReused,
    chunks,
    bytes_missing: bytesMissing,
    chunks_missing: chunksMissing,
    replaces: preview.replaces,
    ...lossFields(loss),
  };
}

/** Says the same to people, after what would be received. */
export function describePreview(
  { bytesToFetch, chunksMissing, replaces }: FetchPreview,
  shown: string,
): string {
  const size = bytesToFetch === undefined
    ? "one chunk of unknown size"
    : formatBytes(bytesToFetch);
  const parts = [`${size} to fetch from ${shown}`];
  if (chunksMissing > 0) {
    const are = chunksMissing === 1 ? "chunk is" : "chunks are";
    parts.push(`${chunksMissing} ${are} not there`);
  }
  if (replaces) parts.push("replaces what is there");
  return parts.join("; ");
}
