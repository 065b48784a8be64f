import { abortable } from "@std/async";
import { type BudgetSource, orderedMap } from "../../async/ordered_map.ts";
import type { Permit } from "../../async/semaphore.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import type { ChunkStore, ReadContext } from "../../store/mod.ts";
import { ChunkUnavailableError } from "../protocol/transfer_error.ts";
import type { HolderEvent } from "./holder_event.ts";
import type { ResponseMemory } from "./response_memory.ts";

/** Chunks of one request that are read from the store at once. */
const READ_AHEAD = 4;

/**
 * A chunk in memory with its permit, which is given back when it is disposed of,
 * or dropped for a while.
 */
export interface ChunkLease extends Disposable {
  /** The chunk, or `undefined` when it is not held, or dropped. */
  readonly bytes: Uint8Array | undefined;
  /** Whether it has to be renewed to be used. */
  readonly isDropped: boolean;
  /** Gives the memory back; the chunk can be read again. */
  drop(): void;
  /**
   * Takes memory and reads the chunk once more.
   *
   * @throws {ChunkUnavailableError} When it is not what it was.
   */
  renew(): Promise<void>;
}

class Lease implements ChunkLease {
  isDropped = false;

  constructor(
    public bytes: Uint8Array | undefined,
    private permit: Permit,
    private readonly again: (length: number) => Promise<[Uint8Array, Permit]>,
    private readonly length = bytes?.length ?? 0,
  ) {}

  drop(): void {
    if (this.isDropped || this.bytes === undefined) return;
    this.isDropped = true;
    this.bytes = undefined;
    this.permit[Symbol.dispose]();
  }

  async renew(): Promise<void> {
    [this.bytes, this.permit] = await this.again(this.length);
    this.isDropped = false;
  }

  [Symbol.dispose](): void {
    this.permit[Symbol.dispose]();
  }
}

/** What reading needs of its surroundings. */
export interface LeaseContext {
  readonly store: ChunkStore;
  /** For whom the store is read. */
  readonly reading: ReadContext;
  readonly memory: BudgetSource & Pick<ResponseMemory, "onRead" | "reacquire">;
  readonly emit: (event: HolderEvent) => void;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/**
 * Reads chunks ahead of their taker, in order. For each as much memory is taken
 * as the store says that it needs, a full chunk's if it cannot tell.
 *
 * No memory is taken for a chunk that the store has yet to get from elsewhere,
 * and none is waited for while the request holds some.
 */
export function leaseChunks(
  hashes: readonly Uint8Array[],
  { store, memory, reading, signal, emit }: LeaseContext,
): AsyncGenerator<ChunkLease, void, undefined> {
  const read = async (
    { hash, isHeld, size }: Prepared,
    permit: Permit,
  ): Promise<ChunkLease> => {
    let bytes: Uint8Array | undefined;
    try {
      // A store that has to ask for the chunk elsewhere may take its time; one
      // that says it takes no bytes has looked already.
      if (isHeld) {
        const reads = store.get(hash, reading);
        bytes = await (size === 0 ? reads : abortable(reads, signal));
      }
    } catch (error) {
      signal.throwIfAborted();
      // Not to have it is final, which this is not.
      if (error instanceof ChunkUnavailableError) throw error;
      emit({ type: "store_error", hash, error });
    }
    const length = bytes?.length ?? 0;
    memory.onRead(length - permit.units);
    permit.resize(length);
    return new Lease(bytes, permit, (length) => again(hash, length));
  };
  const again = async (
    hash: Uint8Array,
    length: number,
  ): Promise<[Uint8Array, Permit]> => {
    const permit = await memory.reacquire(length, signal);
    try {
      const bytes = await abortable(store.get(hash, reading), signal);
      if (bytes?.length === length) return [bytes, permit];
    } catch (error) {
      permit[Symbol.dispose]();
      signal.throwIfAborted();
      throw error;
    }
    permit[Symbol.dispose]();
    // A peer that asks again is told what has become of it.
    throw new ChunkUnavailableError("a chunk was lost while it was sent");
  };
  return orderedMap(
    prepare(hashes, store, reading),
    (chunk, { permit }) => read(chunk, permit!),
    {
      ahead: READ_AHEAD,
      budget: { semaphore: memory, units: ({ size }) => size },
      signal,
    },
  );
}

interface Prepared {
  readonly hash: Uint8Array;
  /** Whether it is worth looking for it. */
  readonly isHeld: boolean;
  /** Bytes of memory that it takes. */
  readonly size: number;
}

async function* prepare(
  hashes: readonly Uint8Array[],
  store: ChunkStore,
  reading: ReadContext,
): AsyncGenerator<Prepared, void, undefined> {
  const sizeOf = (hash: Uint8Array) => store.sizeOf?.(hash) ?? CHUNK_SIZE;
  if (store.prepare === undefined) {
    for (const hash of hashes) yield { hash, isHeld: true, size: sizeOf(hash) };
    return;
  }
  let next = 0;
  for await (const isHeld of store.prepare(hashes, reading)) {
    const hash = hashes[next++];
    yield { hash, isHeld, size: isHeld ? sizeOf(hash) : 0 };
  }
}
