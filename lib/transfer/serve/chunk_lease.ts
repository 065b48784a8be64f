import { abortable } from "@std/async";
import { type BudgetSource, orderedMap } from "../../async/ordered_map.ts";
import type { Permit } from "../../async/semaphore.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import type { ChunkStore, ReadContext } from "../../store/mod.ts";
import { ChunkUnavailableError } from "../protocol/transfer_error.ts";
import type { HolderEvent } from "./holder_event.ts";

/** Chunks of one request that are read from the store at once. */
const READ_AHEAD = 4;

/** A chunk in memory with its permit, which is given back when it is disposed of. */
export interface ChunkLease extends Disposable {
  /** The chunk, or `undefined` when it is not held. */
  readonly bytes: Uint8Array | undefined;
}

/** What reading needs of its surroundings. */
export interface LeaseContext {
  readonly store: ChunkStore;
  /** For whom the store is read. */
  readonly reading: ReadContext;
  readonly memory: BudgetSource;
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
    { hash, isHeld }: Prepared,
    permit: Permit,
  ): Promise<ChunkLease> => {
    let bytes: Uint8Array | undefined;
    try {
      // A store that has to ask for the chunk elsewhere may take its time.
      if (isHeld) {
        bytes = await abortable(store.get(hash, reading), signal);
      }
    } catch (error) {
      signal.throwIfAborted();
      // Not to have it is final, which this is not.
      if (error instanceof ChunkUnavailableError) throw error;
      emit({ type: "store_error", hash, error });
    }
    permit.resize(bytes?.length ?? 0);
    return { bytes, [Symbol.dispose]: () => permit[Symbol.dispose]() };
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
