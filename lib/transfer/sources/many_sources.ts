import { abortable } from "@std/async";
import { TaskGroup } from "../../async/task_group.ts";
import { isZeroChunk } from "../../content/mod.ts";
import { CHUNK_MAX } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import type {
  FetchChunkOptions,
  ReceivedChunks,
  WantedChunk,
} from "../ask/chunk_fetcher.ts";
import {
  asReceived,
  type ChunkSource,
  type EachChunk,
  type SoughtChunk,
} from "../ask/chunk_source.ts";
import { Errands } from "./errands.ts";
import type {
  FetchSource,
  SourceReport,
  SourcesOptions,
} from "./fetch_source.ts";
import { fetchOneByOne } from "./fetch_one_by_one.ts";
import { gatherBatch, type Piece, wrongPiece } from "./gather_batch.ts";
import { bestFailure, judge, type SourceFailure } from "./source_failure.ts";
import { type SourceSlot, SourceSlots } from "./source_slots.ts";
import type { Credit, Errand } from "./want.ts";

/** A batch, and how it is fetched. */
interface Batch {
  readonly wanted: readonly WantedChunk[];
  readonly options: FetchChunkOptions;
  readonly isUrgent: boolean;
  readonly credit: Credit;
}

/**
 * Several sources as one. It begins with those that are there; the others join.
 *
 * A source that has sent wrong bytes is asked for nothing more, and so is one
 * that is out of reach; the last one that is left is asked to the end, so that
 * what it says is what the fetch fails with.
 */
export class ManySources implements ChunkSource, AsyncDisposable {
  readonly #slots: SourceSlots;
  readonly #errands: Errands;

  constructor(
    sources: readonly FetchSource[],
    options: SourcesOptions = {},
  ) {
    this.#slots = new SourceSlots(sources, options);
    this.#errands = new Errands(this.#slots, options.timeoutMs);
  }

  /** The sessions that are asked. */
  get sessions(): Session[] {
    return this.#slots.live.flatMap(({ session }) => session ?? []);
  }

  /** What each source has done. */
  report(): SourceReport[] {
    return this.#slots.report();
  }

  async fetchChunk<T>(
    wanted: SoughtChunk,
    options: FetchChunkOptions,
    use: (bytes: Uint8Array) => T | Promise<T>,
  ): Promise<T> {
    const { hash, size, maxSize = CHUNK_MAX } = wanted;
    if (size !== undefined && isZeroChunk(hash, size)) {
      const zeros = options.allocate?.(size) ?? new Uint8Array(size);
      zeros.fill(0);
      options.onZeros?.(size);
      return await use(zeros);
    }
    const errand: Errand<Uint8Array> = {
      bytes: size ?? maxSize,
      options,
      fetch: (source, options) =>
        source.fetchChunk(wanted, options, asReceived),
    };
    const credit = { bytes: 0 };
    for (let isUrgent = false;; isUrgent = true) {
      const got = await this.#errands.run(errand, { isUrgent, credit });
      // No part of one chunk is asked for.
      if (got.kind === "divided") continue;
      try {
        const result = await use(got.result);
        this.#errands.accept(got);
        return result;
      } catch (error) {
        this.#errands.waste(got, credit);
        const end = this.#errands.refuse(got, error);
        if (end !== undefined) throw end.error;
      }
    }
  }

  async fetchMany<T>(
    wanted: readonly WantedChunk[],
    options: FetchChunkOptions,
    use: (received: ReceivedChunks) => T | Promise<T>,
  ): Promise<T> {
    const credit = { bytes: 0 };
    const all = wanted.map((_, index) => index);
    for (let isUrgent = false;; isUrgent = true) {
      const batch = { wanted, options, isUrgent, credit };
      const pieces = await this.#fetchPieces(batch, all, []);
      try {
        const result = await use(gatherBatch(wanted, pieces, options));
        for (const { got } of pieces) this.#errands.accept(got);
        return result;
      } catch (error) {
        for (const { got } of pieces) this.#errands.waste(got, credit);
        const wrong = wrongPiece(error, wanted, pieces);
        if (wrong === undefined) throw error;
        const end = this.#errands.refuse(wrong.got, error);
        if (end !== undefined) throw end.error;
      }
    }
  }

  async fetchEach(
    wanted: readonly WantedChunk[],
    options: FetchChunkOptions,
    each: EachChunk,
  ): Promise<void> {
    await fetchOneByOne(this, wanted, options, each);
  }

  /** Asks all sources, those that are still to come, too. */
  async have(
    hashes: Uint8Array[],
    options: FetchChunkOptions,
  ): Promise<boolean[]> {
    const { signal } = options;
    await (signal === undefined
      ? this.#errands.gathered
      : abortable(this.#errands.gathered, signal));
    const held = hashes.map(() => false);
    const failures: SourceFailure[] = [];
    const ask = async (slot: SourceSlot) => {
      try {
        const answer = await slot.chunks?.have(hashes, options);
        answer?.forEach((isHeld, i) => held[i] ||= isHeld);
      } catch (error) {
        signal?.throwIfAborted();
        if (judge(error) === "ends") throw error;
        failures.push({ index: slot.index, source: slot.name, error });
        this.#errands.failed(slot, error);
      }
    };
    const { live } = this.#slots;
    await Promise.all(live.map(ask));
    if (failures.length === live.length) {
      throw bestFailure(this.#slots.withDropped(failures));
    }
    return held;
  }

  /** Ends all requests; the sources themselves are not closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#errands[Symbol.asyncDispose]();
  }

  /** @param failures Why some sources are not asked for these. */
  async #fetchPieces(
    batch: Batch,
    indexes: readonly number[],
    failures: readonly SourceFailure[],
  ): Promise<Piece[]> {
    const { wanted, options, isUrgent, credit } = batch;
    const chunks = indexes.map((index) => wanted[index]);
    const { label } = options;
    const isWhole = indexes.length === wanted.length;
    const errand: Errand<ReceivedChunks> = {
      bytes: chunks.reduce((sum, { size }) => sum + size, 0),
      options: {
        ...options,
        label: label && ((index) => label(indexes[index])),
        // Pieces are put together in another buffer.
        allocate: isWhole ? options.allocate : undefined,
      },
      fetch: (source, options) => source.fetchMany(chunks, options, asReceived),
      isDivisible: chunks.length > 1,
    };
    const how = { failures, isUrgent, credit };
    const got = await this.#errands.run(errand, how);
    if (got.kind === "delivered") return [{ indexes, got }];
    const { index } = got.failure;
    const held = await this.#heldAt(index, chunks, options);
    const there = indexes.filter((_, i) => held[i]);
    const others = indexes.filter((_, i) => !held[i]);
    const more = [...failures, got.failure];
    if (there.length === 0 || others.length === 0) {
      return await this.#fetchPieces(batch, indexes, more);
    }
    const pieces: Piece[] = [];
    const { signal } = options;
    await new TaskGroup({ maxTasks: 2, signal }).run(
      [[there, failures], [others, more]] as const,
      async ([some, failures], signal) => {
        const part = { ...batch, options: { ...options, signal } };
        pieces.push(...await this.#fetchPieces(part, some, failures));
      },
    );
    return pieces;
  }

  /** What a source that lacks some of a batch says to have of it. */
  async #heldAt(
    from: number,
    chunks: readonly WantedChunk[],
    { signal }: FetchChunkOptions,
  ): Promise<boolean[]> {
    const slot = this.#slots.list[from];
    const hashes = chunks.map(({ hash }) => hash);
    try {
      return await slot.chunks?.have(hashes, { signal }) ?? [];
    } catch (error) {
      signal?.throwIfAborted();
      this.#errands.failed(slot, error);
      return [];
    }
  }
}
