/** Progress of stores and fetches as the framework shows it. */

import type { PublishProgress } from "../../store/mod.ts";
import type { FetchStage, ProgressEvent } from "../../transfer/mod.ts";
import type { ProgressUpdate } from "../framework/progress/progress_meter.ts";

/** What people are told that a fetch is at. */
const STAGES: Readonly<Record<FetchStage, string>> = {
  checking: "checking what is there",
  collecting: "removing what an earlier run left",
  removing: "removing the old tree",
};

export function fetchUpdate(event: ProgressEvent): ProgressUpdate {
  switch (event.type) {
    case "start": {
      const { totalBytes, bytes = 0n, totalFiles, files = 0 } = event;
      const sizes = { bytes, totalBytes, stage: null };
      return totalFiles === undefined ? sizes : { ...sizes, totalFiles, files };
    }
    case "bytes":
      return { bytes: event.fetched + (event.copied ?? 0n), stage: null };
    case "file":
      return { files: event.files, path: event.path, stage: null };
    case "stage": {
      const { type: _, stage: name, finished, ...counts } = event;
      return {
        stage: finished ? null : { name, text: STAGES[name], ...counts },
      };
    }
    case "stopped":
      return {};
    case "done":
      return { bytes: event.bytes };
  }
}

export function publishUpdate(progress: PublishProgress): ProgressUpdate {
  const { path, files, bytes, totalFiles, totalBytes } = progress;
  return {
    path,
    files,
    totalFiles,
    bytes: BigInt(bytes),
    totalBytes: totalBytes === undefined ? undefined : BigInt(totalBytes),
  };
}
