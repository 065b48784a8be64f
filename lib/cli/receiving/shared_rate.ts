import { delay } from "@std/async";
import { CHUNK_SIZE } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import type { ChunkReader } from "../../transfer/mod.ts";

/** A limit on what several sources send together, of which each has an equal part. */
export class SharedRate {
  readonly #sessions: Session[] = [];
  readonly #total: number | undefined;
  readonly #count: number;
  #parts: number;

  /**
   * @param total Content in bytes per second; no limit when left out.
   * @param count How many sources there are, or may be.
   */
  constructor(total: number | undefined, count: number) {
    this.#total = total;
    this.#count = count;
    this.#parts = count;
  }

  /** What each source may send, in bytes per second. */
  get part(): number | undefined {
    return this.#total === undefined ? undefined : this.#total / this.#parts;
  }

  /** A session is there. */
  add(session: Session): void {
    this.#sessions.push(session);
    this.#tell(session);
  }

  /**
   * A reader that keeps to its part: it cannot be told how fast to send, so that
   * it is asked later.
   */
  paced(reader: ChunkReader): ChunkReader {
    if (this.#total === undefined) return reader;
    let readyAt = performance.now();
    return {
      name: reader.name,
      has: reader.has?.bind(reader),
      read: async (hash, size, options) => {
        const now = performance.now();
        const since = Math.max(now, readyAt);
        const bytes = size ?? CHUNK_SIZE;
        readyAt = since + bytes * 1000 / (this.part ?? Infinity);
        await delay(since - now, { signal: options?.signal });
        return await reader.read(hash, size, options);
      },
    };
  }

  /** So many sources are of no use any more: the others get their parts. */
  setParts(dropped: number): void {
    this.#parts = Math.max(1, this.#count - dropped);
    for (const session of this.#sessions) this.#tell(session);
  }

  #tell(session: Session): void {
    const { part } = this;
    if (part !== undefined) session.limitReceiving(part);
  }
}
