import type { SourcesOptions } from "../sources/fetch_source.ts";
import type { ProgressEvent } from "./progress.ts";

/** What every fetch can be told. */
export interface FetchOptions extends SourcesOptions {
  /** Gives up at once; what was verified so far may be kept for a resume. */
  signal?: AbortSignal;
  /** Told how it goes; must not throw. */
  onProgress?: (event: ProgressEvent) => void;
  /**
   * Bytes requested and not yet written, at most; one larger chunk may go alone.
   * Where nothing is said, several sources have more between them.
   */
  inflightBytes?: number;
}

/** Requests of the fetch of a blob at once: bounds the streams when chunks are tiny. */
export const BLOB_REQUESTS_MAX = 64;
