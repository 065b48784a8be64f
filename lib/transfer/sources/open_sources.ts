import { INFLIGHT_BYTES, SOURCES_INFLIGHT_BYTES } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import { SessionSource } from "../ask/session_source.ts";
import {
  type FetchFrom,
  isSession,
  listSources,
  type SourceReport,
  type SourcesOptions,
} from "./fetch_source.ts";
import { ManySources } from "./many_sources.ts";

/** The sources of one fetch, in use; disposing of them ends its requests. */
export interface OpenedSources extends AsyncDisposable {
  readonly chunks: ChunkSource;
  /** The sessions among them that are still asked. */
  readonly sessions: readonly Session[];
  /** How many there are. */
  readonly count: number;
  /** @param bytes Bytes of content that were fetched in all. */
  report(bytes: bigint): SourceReport[];
}

/**
 * Begins to use sources.
 *
 * @throws {UsageError} When there are none, or too many.
 */
export function openSources(
  from: FetchFrom,
  options: SourcesOptions,
): OpenedSources {
  if (isSession(from)) return openSession(from, options);
  const list = listSources(from);
  const chunks = new ManySources(list, options);
  return {
    chunks,
    get sessions() {
      return chunks.sessions;
    },
    count: list.length,
    report: () => chunks.report(),
    [Symbol.asyncDispose]: () => chunks[Symbol.asyncDispose](),
  };
}

/** With one session there is nothing to decide. */
function openSession(
  session: Session,
  options: SourcesOptions,
): OpenedSources {
  return {
    chunks: new SessionSource(session, options),
    sessions: [session],
    count: 1,
    report: (bytes) => [{ source: session.remote.address, bytes, unused: 0n }],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * Bytes in flight at most, unless the caller says how many: several sources keep
 * each other waiting when there is no room for what each of them is given ahead.
 *
 * @param usual Of one source.
 */
export function inflightBytes(usual: number, { count }: OpenedSources): number {
  const wanted = Math.max(usual, count * INFLIGHT_BYTES);
  return Math.min(wanted, SOURCES_INFLIGHT_BYTES);
}
