import { verifyHash } from "../../content/mod.ts";
import { HashMismatchError } from "../../errors.ts";
import type { TreeLanding } from "../../landing/mod.ts";
import { INFLIGHT_BYTES } from "../../limits.ts";
import type {
  ChunkLabel,
  FetchChunkOptions,
  ReceivedChunks,
} from "../ask/chunk_fetcher.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import { quoteText } from "../../text/escape.ts";
import { toHex } from "../../text/hex.ts";
import { ChunkLengthError } from "../protocol/transfer_error.ts";
import { BufferPool } from "./buffer_pool.ts";
import type { ChunkPlace } from "./chunk_place.ts";
import type {
  BatchWork,
  ChunkWork,
  DirWork,
  FileChunk,
  LostTree,
} from "./dir_work.ts";
import type { ResumedChunks } from "./resumed_chunks.ts";
import { LostFiles } from "./lost_files.ts";
import type { FetchProgress } from "./progress.ts";

/** Carries out the work of one directory. */
export class DirFetch {
  readonly #source: ChunkSource;
  readonly #landing: TreeLanding;
  readonly #progress: FetchProgress;
  /** Bytes written of files that come in several chunks. */
  readonly #written: Map<number, number> = new Map();
  readonly #buffers = new BufferPool(INFLIGHT_BYTES);
  readonly #lost: LostFiles | undefined;
  /** Where chunks are that need not be fetched. */
  #there: Pick<ChunkPlace, "read"> | undefined;
  /** What was at its place before. */
  #resumed: Pick<ResumedChunks, "bytesOf"> | undefined;

  /**
   * Prepares the work.
   *
   * @param options `lost` takes the files that cannot be had; without it one
   * ends all.
   */
  constructor(
    source: ChunkSource,
    landing: TreeLanding,
    progress: FetchProgress,
    { lost }: { lost?: LostFiles } = {},
  ) {
    this.#source = source;
    this.#landing = landing;
    this.#progress = progress;
    this.#lost = lost;
  }

  /** Goes on with what an earlier run left, and takes what is elsewhere. */
  goOn(
    resumed: Pick<ResumedChunks, "bytesOf">,
    there: Pick<ChunkPlace, "read">,
  ): void {
    this.#resumed = resumed;
    this.#there = there;
  }

  /** Does without a file for an error that is of it alone; `false` for others. */
  async lose(file: LostTree, error: unknown): Promise<boolean> {
    if (this.#lost === undefined || !LostFiles.isOfOneFile(error)) return false;
    this.#lost.add(file, error);
    await this.#landing.leaveOut([file.entry]);
    return true;
  }

  /** Fetches and writes the chunks of one request. */
  async run(work: DirWork, signal: AbortSignal): Promise<void> {
    if (work.kind === "chunk" && this.#lost?.has(work.wanted[0].entry)) return;
    const options: FetchChunkOptions = {
      signal,
      label: (index) => labelOf(work.wanted[index]),
      onBytes: this.#progress.onBytes,
      onZeros: this.#progress.onZeros,
      allocate: (length) => this.#buffers.take(length),
    };
    try {
      if (!await this.#copy(work, options)) await this.#fetch(work, options);
    } catch (error) {
      if (this.#lost === undefined || !LostFiles.isOfOneFile(error)) {
        throw error;
      }
      return work.kind === "batch"
        ? await this.#salvage(work, options)
        : void await this.lose(work.wanted[0], error);
    }
    const chunks = work.kind === "batch" ? work.chunks : work.wanted;
    for (const chunk of chunks) this.#landed(chunk);
  }

  async #fetch(work: DirWork, options: FetchChunkOptions): Promise<void> {
    if (work.kind === "batch") return await this.#fetchBatch(work, options);
    const { hash, size } = work.wanted[0];
    await this.#source.fetchChunk(
      { hash, size },
      options,
      (bytes) => this.#write(work, bytes),
    );
  }

  async #fetchBatch(
    work: BatchWork,
    options: FetchChunkOptions,
  ): Promise<void> {
    const write = (received: ReceivedChunks) =>
      this.#writeBatch(work, received);
    if (work.wanted.length === 0) {
      return await write({ buffer: new Uint8Array(), starts: [] });
    }
    await this.#source.fetchMany(work.wanted, options, write);
  }

  /**
   * Takes chunks from this machine, and the others of a batch from elsewhere.
   * `false` when all is to be fetched: what was taken had changed in a way that
   * does not show, and is not written.
   */
  async #copy(work: DirWork, options: FetchChunkOptions): Promise<boolean> {
    if (!work.isThere) return false;
    if (work.kind === "batch") return await this.#copyBatch(work, options);
    const [{ hash, size }] = work.wanted;
    const bytes = await this.#there?.read(hash);
    if (bytes?.length !== size) return false;
    if (!await isRight(this.#write(work, bytes))) return false;
    this.#progress.copied(size);
    return true;
  }

  async #copyBatch(
    work: BatchWork,
    options: FetchChunkOptions,
  ): Promise<boolean> {
    const { wanted, bytes } = work;
    const buffer = this.#buffers.take(bytes);
    const starts: number[] = [];
    const missing = new Set<number>();
    let at = 0;
    for (const [place, { hash, size }] of wanted.entries()) {
      const there = await this.#there?.read(hash);
      if (there?.length === size) buffer.set(there, at);
      else missing.add(place);
      starts.push(at);
      at += size;
    }
    const copied = partOf(work, (place) => !missing.has(place));
    const from = starts.filter((_, place) => !missing.has(place));
    const write = this.#writeBatch(copied, { buffer, starts: from });
    if (!await isRight(write)) return false;
    this.#progress.copied(copied.chunks.reduce((sum, c) => sum + c.size, 0));
    if (missing.size === 0) return true;
    const rest = partOf(work, (place) => missing.has(place));
    await this.#fetchBatch(rest, {
      ...options,
      label: (index) => labelOf(rest.wanted[index]),
    });
    return true;
  }

  async #writeBatch(
    { chunks, places }: BatchWork,
    { buffer, starts }: ReceivedChunks,
  ): Promise<void> {
    const pieces = chunks.map(({ entry, chunk, size }, i) => {
      const start = places[i] < 0 ? 0 : starts[places[i]];
      return { entry, chunk, start, length: size };
    });
    this.#buffers.give(await this.#landing.writeChunks(pieces, buffer));
  }

  /** Fetches a batch again of which a part cannot be had, one by one. */
  async #salvage(
    { wanted, chunks, places }: BatchWork,
    { signal, label, onBytes, onZeros }: FetchChunkOptions,
  ): Promise<void> {
    const about = { signal, label, onBytes, onZeros };
    const filesAt = (place: number) =>
      chunks.filter((_, i) => places[i] === place);
    const write = async (place: number, bytes: Uint8Array) => {
      for (const file of filesAt(place)) {
        const { entry, chunk, size } = file;
        const piece = { entry, chunk, start: 0, length: size };
        // Handed over: another file may need the same.
        await this.#landing.writeChunks([piece], bytes.slice());
        this.#landed(file);
      }
    };
    await write(-1, new Uint8Array());
    await this.#source.fetchEach(wanted, about, {
      use: async (place, bytes) => {
        requireChunk(wanted[place], bytes);
        await write(place, bytes);
      },
      lose: async (place, error) => {
        for (const file of filesAt(place)) {
          if (!await this.lose(file, error)) throw error;
        }
      },
    });
  }

  async #write(
    { wanted: [wanted], treeOffset: offset }: ChunkWork,
    bytes: Uint8Array,
  ): Promise<void> {
    const { entry, chunk, hash, size, fileSize } = wanted;
    if (offset === undefined) {
      const piece = { entry, chunk, start: 0, length: size };
      this.#buffers.give(await this.#landing.writeChunks([piece], bytes));
      return;
    }
    const last = offset + size === fileSize;
    const leaf = { entry, offset, hash, bytes, last };
    this.#buffers.give(await this.#landing.writeTreeLeaf(leaf));
  }

  /** Notes that a chunk is written, and tells when its file is complete. */
  #landed({ entry, path, size, fileSize }: FileChunk): void {
    if (this.#lost?.has(entry)) return;
    const before = this.#written.get(entry) ??
      this.#resumed?.bytesOf(entry) ?? 0;
    const written = before + size;
    if (written < fileSize) {
      this.#written.set(entry, written);
      return;
    }
    this.#written.delete(entry);
    this.#progress.file(path, fileSize);
  }
}

function labelOf({ path }: FileChunk): ChunkLabel {
  return { text: `a chunk of ${JSON.stringify(path)}`, fields: { path } };
}

/** Some chunks of a batch, those that are requested at some places. */
function partOf(
  { kind, wanted, chunks, places }: BatchWork,
  isOfIt: (place: number) => boolean,
): BatchWork {
  const kept = places.filter(isOfIt);
  const asked = [...wanted.keys()].filter(isOfIt);
  const part = asked.map((place) => wanted[place]);
  const numbers = new Map(asked.map((place, number) => [place, number]));
  return {
    kind,
    wanted: part,
    chunks: chunks.filter((_, i) => isOfIt(places[i])),
    places: kept.map((place) => numbers.get(place) ?? -1),
    bytes: part.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Whether what was written had the right hash; then it is there. */
async function isRight(written: Promise<void>): Promise<boolean> {
  try {
    await written;
    return true;
  } catch (error) {
    if (error instanceof HashMismatchError) return false;
    throw error;
  }
}

/** Fails when bytes are not the chunk of a file that is wanted. */
function requireChunk(
  { hash, size, path }: FileChunk,
  bytes: Uint8Array,
): void {
  if (bytes.length !== size) {
    const what = `a chunk of ${quoteText(path)}`;
    const fields = { path, hash: toHex(hash) };
    throw new ChunkLengthError(size, bytes.length, what, { fields });
  }
  verifyHash(bytes, hash, { path, hash: toHex(hash) });
}
