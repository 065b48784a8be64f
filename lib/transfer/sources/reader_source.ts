import { TaskGroup } from "../../async/task_group.ts";
import { CHUNK_MAX, READER_REQUESTS_MAX } from "../../limits.ts";
import { notFound, tooLong, wrongLength } from "../ask/chunk_failure.ts";
import type {
  FetchChunkOptions,
  ReceivedChunks,
  WantedChunk,
} from "../ask/chunk_fetcher.ts";
import type {
  ChunkSource,
  EachChunk,
  SoughtChunk,
} from "../ask/chunk_source.ts";
import type { ChunkReader } from "./chunk_reader.ts";
import { fetchOneByOne } from "./fetch_one_by_one.ts";

/** A reader of chunks as a source. */
export class ReaderSource implements ChunkSource {
  readonly #reader: ChunkReader;

  constructor(reader: ChunkReader) {
    this.#reader = reader;
  }

  async fetchChunk<T>(
    wanted: SoughtChunk,
    options: FetchChunkOptions,
    use: (bytes: Uint8Array) => T | Promise<T>,
  ): Promise<T> {
    return await use(await this.#read(wanted, 0, options));
  }

  /** A few requests at once, as there are no batches. */
  async fetchMany<T>(
    wanted: readonly WantedChunk[],
    options: FetchChunkOptions,
    use: (received: ReceivedChunks) => T | Promise<T>,
  ): Promise<T> {
    const starts: number[] = [];
    let length = 0;
    for (const { size } of wanted) {
      starts.push(length);
      length += size;
    }
    const buffer = options.allocate?.(length) ?? new Uint8Array(length);
    const { signal } = options;
    const group = new TaskGroup({ maxTasks: READER_REQUESTS_MAX, signal });
    await group.run(wanted.entries(), async ([index, chunk], signal) => {
      const bytes = await this.#read(chunk, index, { ...options, signal });
      buffer.set(bytes, starts[index]);
    });
    return await use({ buffer, starts });
  }

  async fetchEach(
    wanted: readonly WantedChunk[],
    options: FetchChunkOptions,
    each: EachChunk,
  ): Promise<void> {
    await fetchOneByOne(this, wanted, options, each);
  }

  async have(
    hashes: Uint8Array[],
    { signal }: FetchChunkOptions,
  ): Promise<boolean[]> {
    const held = hashes.map(() => true);
    if (this.#reader.has === undefined) return held;
    const group = new TaskGroup({ maxTasks: READER_REQUESTS_MAX, signal });
    await group.run(hashes.entries(), async ([index, hash], signal) => {
      held[index] = await this.#reader.has?.(hash, { signal }) ?? true;
    });
    return held;
  }

  /** Reads a chunk of the right length. */
  async #read(
    { hash, size, maxSize = CHUNK_MAX }: SoughtChunk,
    index: number,
    options: FetchChunkOptions,
  ): Promise<Uint8Array> {
    const { signal, onBytes } = options;
    signal?.throwIfAborted();
    const bytes = await this.#reader.read(hash, size, { signal, onBytes });
    if (bytes === undefined) throw notFound(hash, index, options);
    const { length } = bytes;
    if (size !== undefined && length !== size) {
      throw wrongLength({ hash, size }, length, index, options);
    }
    if (length > maxSize) {
      throw tooLong(hash, length, maxSize, index, options);
    }
    // A view of something larger cannot be handed over.
    return length === bytes.buffer.byteLength ? bytes : bytes.slice();
  }
}
