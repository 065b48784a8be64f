/**
 * A fetch from several holders over simulated lines: real sessions, real
 * congestion control and real requests, on a clock that the machine has no part
 * in. Only the disk is missing.
 */

import { TaskGroup } from "../../../async/task_group.ts";
import { blake3, verifyHash } from "../../../content/mod.ts";
import { BLOB_INFLIGHT_BYTES, CHUNK_SIZE } from "../../../limits.ts";
import { MemoryStore } from "../../../store/mod.ts";
import { BYTES_PER_MBIT } from "../../../wire/testing/link.ts";
import { serveSession } from "../../serve/serve_session.ts";
import { CLIENT, HOLDER } from "../../testing/announced.ts";
import { pattern } from "../../testing/fixture.ts";
import { VirtualTime } from "../../testing/virtual_time.ts";
import type { SourceReport } from "../fetch_source.ts";
import { inflightBytes, openSources } from "../open_sources.ts";

const HOUR_MS = 3_600_000;

/** A holder, and the line before it. */
export interface HolderLine {
  /** Mbit/s, headers included. */
  readonly mbit: number;
  /** Round trip in milliseconds. */
  readonly rttMs: number;
  /** What is wrong with the holder. @default {nothing} */
  readonly how?: "lies" | "stalls" | "leaves";
}

/** What came of a fetch. */
export interface LinesResult {
  /** Mbit/s of content. */
  readonly mbit: number;
  readonly sources: readonly SourceReport[];
}

/** A holder of chunks that may be a bad one. */
class HolderStore extends MemoryStore {
  #reads = 0;

  constructor(
    private readonly chunks: ReadonlyMap<string, Uint8Array>,
    private readonly how: HolderLine["how"],
    private readonly leave: () => void,
  ) {
    super();
  }

  override get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    const bytes = this.chunks.get(hash.join());
    if (this.how === "stalls") return new Promise(() => {});
    if (this.how === "leaves" && ++this.#reads === 3) this.leave();
    return Promise.resolve(
      this.how === "lies" ? bytes && new Uint8Array(bytes.length) : bytes,
    );
  }
}

/** Fetches so many chunks of 4 MiB from all holders at once. */
export async function fetchOverLines(
  lines: readonly HolderLine[],
  count: number,
): Promise<LinesResult> {
  const chunks = new Map<string, Uint8Array>();
  const wanted = Array.from({ length: count }, (_, i) => {
    const bytes = pattern(CHUNK_SIZE, i + 1);
    const hash = blake3(bytes);
    chunks.set(hash.join(), bytes);
    return { hash, size: bytes.length };
  });
  using time = new VirtualTime();
  const sessions = lines.map(({ mbit, rttMs, how }) => {
    const queue = Math.max(30_000, mbit * BYTES_PER_MBIT * rttMs);
    const link = { rate: mbit * BYTES_PER_MBIT, delay: rttMs / 2, queue };
    const [client, server] = time.connect(link, CLIENT, HOLDER);
    const leave = () => void server.close();
    void serveSession(server, new HolderStore(chunks, how, leave));
    return client;
  });
  const since = time.now;
  const fetching = async () => {
    await using sources = openSources(sessions, {});
    const group = new TaskGroup({
      maxTasks: 64,
      maxBytes: inflightBytes(BLOB_INFLIGHT_BYTES, sources),
    });
    let bytes = 0;
    const onBytes = (count: number) => bytes += count;
    await group.run(wanted, async (chunk, signal) => {
      await sources.chunks.fetchChunk(
        chunk,
        { signal, onBytes },
        (bytes) => verifyHash(bytes, chunk.hash),
      );
    }, ({ size }) => size);
    return { bytes, report: sources.report(BigInt(bytes)) };
  };
  const { bytes, report } = await time.until(fetching(), HOUR_MS);
  const mbit = bytes * 8 / (time.now - since) / 1000;
  return { mbit, sources: report };
}
