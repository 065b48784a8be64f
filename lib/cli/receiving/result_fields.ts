import type { FetchBlobResult, FetchPreview } from "../../transfer/mod.ts";
import { type Fields, Float } from "../framework/output/report.ts";
import {
  formatBytes,
  formatRate,
  formatSeconds,
} from "../framework/terminal/human.ts";
import type { Log } from "../framework/terminal/log.ts";

/** What came of a fetch. */
type Fetched = Pick<FetchBlobResult, "bytes" | "bytesFetched" | "durationMs">;

function secondsOf({ durationMs }: Fetched): number {
  return durationMs / 1000;
}

/** Bytes per second, 0 when no time was measured. */
function rateOf(fetched: Fetched): number {
  const seconds = secondsOf(fetched);
  return seconds > 0 ? Number(fetched.bytes) / seconds : 0;
}

/** The result fields of a fetch: how fast it was, what it `made`, where the bytes came from. */
export function fetchFields(
  fetched: Fetched,
  address: string,
  made: Fields = {},
): Fields {
  const { bytesFetched } = fetched;
  return {
    duration_secs: new Float(secondsOf(fetched)),
    throughput_mib_s: new Float(rateOf(fetched) / 2 ** 20),
    ...made,
    bytes_fetched: bytesFetched,
    bytes_reused: 0,
    resumed: false,
    sources: [{ source: address, bytes: bytesFetched }],
  };
}

/** Says the same to people: `1.5 GiB in 12.0 s (128.0 MiB/s) from node 7`. */
export function describePace(fetched: Fetched, peer: bigint): string {
  const time = formatSeconds(secondsOf(fetched));
  const rate = formatRate(rateOf(fetched));
  return `${formatBytes(fetched.bytes)} in ${time} (${rate}) from node ${peer}`;
}

/** The result fields of a dry run, and a warning where the fetch would fail. */
export function previewFields(preview: FetchPreview, log: Log): Fields {
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
    bytes_reused: 0,
    chunks,
    bytes_missing: bytesMissing,
    chunks_missing: chunksMissing,
    replaces: preview.replaces,
  };
}

/** Says the same to people, after what would be received. */
export function describePreview(
  { bytesToFetch, chunksMissing, replaces }: FetchPreview,
  peer: bigint,
): string {
  const size = bytesToFetch === undefined
    ? "one chunk of unknown size"
    : formatBytes(bytesToFetch);
  const parts = [`${size} to fetch from node ${peer}`];
  if (chunksMissing > 0) {
    const are = chunksMissing === 1 ? "chunk is" : "chunks are";
    parts.push(`${chunksMissing} ${are} not there`);
  }
  if (replaces) parts.push("replaces what is there");
  return parts.join("; ");
}
