/** What a fetch can be given to fetch from, and what it tells of that. */

import { UsageError } from "../../errors.ts";
import { SOURCES_MAX } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import type { ChunkFetcherOptions } from "../ask/chunk_fetcher.ts";
import type { ChunkReader } from "./chunk_reader.ts";

/** One of several sources of a fetch. */
export interface FetchSource {
  /**
   * What it is called in messages, and in results unless it is a session, which
   * is called by the address of its peer.
   */
  readonly name: string;
  /**
   * A session with a holder, something else that has chunks, or a promise of
   * that: the fetch begins with what is there. Who makes it closes it.
   */
  readonly chunks:
    | Session
    | ChunkReader
    | Promise<Session | ChunkReader>;
}

/**
 * Where a fetch gets its chunks: the peer of a session, or several sources at
 * once, of which the quicker ones bring more and the bad ones are done without.
 *
 * @example
 * ```ts
 * import { attachOptionsOf, decodeTicket, Node } from "../../mesh/mod.ts";
 * import { parseRef } from "../../content/mod.ts";
 * import { fetchBlob } from "../fetch/fetch_blob.ts";
 *
 * async function fetchFromAll(tickets: string[], hex: string, out: string) {
 *   const attaching = tickets.map((ticket) =>
 *     Node.attach(attachOptionsOf(decodeTicket(ticket)))
 *   );
 *   try {
 *     // Those that are attached to first are asked first.
 *     const from = attaching.map((chunks, i) => ({ name: `node ${i}`, chunks }));
 *     const { sources } = await fetchBlob(from, parseRef(hex), out);
 *     for (const { source, bytes, failed } of sources) {
 *       console.log(source, bytes, failed?.message ?? "");
 *     }
 *   } finally {
 *     for (const each of await Promise.allSettled(attaching)) {
 *       if (each.status === "fulfilled") await each.value.close();
 *     }
 *   }
 * }
 * ```
 */
export type FetchFrom = Session | readonly (Session | FetchSource)[];

/** What one source has done for a fetch. */
export interface SourceReport {
  /** The address of the holder, or what the source is called. */
  readonly source: string;
  /** Bytes of content that came from it, measured where they arrived. */
  readonly bytes: bigint;
  /**
   * Those of them that were of no use: another source was quicker, the chunk
   * did not come to its end, or it was not the right one.
   */
  readonly unused: bigint;
  /** Why nothing was asked of it any more, if that was so. */
  readonly failed?: Error;
}

/** That a source is there, or is done without from now on. */
export type SourceEvent =
  | {
    /** Which event it is. */
    readonly type: "source_joined";
    /** The source. */
    readonly source: string;
  }
  | {
    /** Which event it is. */
    readonly type: "source_dropped";
    /** The source. */
    readonly source: string;
    /** Why. */
    readonly error: Error;
  };

/** How sources are asked. */
export interface SourcesOptions extends ChunkFetcherOptions {
  /** Told what becomes of each of several sources; must not throw. */
  onSource?: (event: SourceEvent) => void;
}

/** Whether something is a session, and not another source. */
export function isSession(
  from: FetchFrom | Session | ChunkReader | FetchSource,
): from is Session {
  return "openStream" in from;
}

/**
 * The sources of a list by their names.
 *
 * @throws {UsageError} When there are none, or too many.
 */
export function listSources(
  from: readonly (Session | FetchSource)[],
): FetchSource[] {
  if (from.length === 0) throw new UsageError("nothing to fetch from");
  if (from.length > SOURCES_MAX) {
    throw new UsageError(
      `cannot fetch from ${from.length} sources at once: the limit is ${SOURCES_MAX}`,
    );
  }
  return from.map((source) =>
    isSession(source) ? { name: source.remote.address, chunks: source } : source
  );
}
