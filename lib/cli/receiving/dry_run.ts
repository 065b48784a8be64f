/**
 * What the verbs that fetch say after a dry run.
 *
 * @module
 */

import type { FetchPreview } from "../../transfer/mod.ts";
import type { Fields } from "../framework/output/report.ts";
import { formatBytes } from "../framework/terminal/human.ts";
import type { Log } from "../framework/terminal/log.ts";

/**
 * The result fields of a dry run that all verbs have, and a warning where the
 * fetch would fail.
 */
export function reportPreview(preview: FetchPreview, log: Log): Fields {
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
