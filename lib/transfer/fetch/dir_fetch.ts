import { INFLIGHT_BYTES } from "../../limits.ts";
import type { TreeLanding, TreePiece } from "../../landing/mod.ts";
import { blobChunks } from "./blob_chunks.ts";
import { BufferPool } from "./buffer_pool.ts";
import type {
  ChunkLabel,
  ChunkSource,
  FetchChunkOptions,
} from "../ask/chunk_source.ts";
import type {
  BatchWork,
  DirWork,
  FilePiece,
  TreeFileWork,
} from "./dir_work.ts";
import type { ProgressEvent } from "./progress.ts";
import type { TaskGroup } from "../../async/task_group.ts";

/** Carries out the work of one directory under the bounds of a group. */
export class DirFetch {
  /** Bytes of file content received. */
  fetched = 0;
  readonly #source: ChunkSource;
  readonly #landing: TreeLanding;
  readonly #group: TaskGroup;
  readonly #onProgress?: (event: ProgressEvent) => void;
  /** Bytes written of files that come in several pieces. */
  readonly #written: Map<number, number> = new Map();
  readonly #buffers = new BufferPool(INFLIGHT_BYTES);
  #files = 0;

  constructor(
    source: ChunkSource,
    landing: TreeLanding,
    group: TaskGroup,
    onProgress?: (event: ProgressEvent) => void,
  ) {
    this.#source = source;
    this.#landing = landing;
    this.#group = group;
    this.#onProgress = onProgress;
  }

  /**
   * Does all the work; when it ends, well or not, nothing is running.
   *
   * @throws The first failure.
   */
  async run(work: Iterable<DirWork>): Promise<void> {
    try {
      for (const step of work) await this.#begin(step);
    } catch (error) {
      this.#group.fail(error);
    }
    await this.#group.wait();
  }

  #begin(step: DirWork): Promise<void> {
    switch (step.kind) {
      case "batch":
        return this.#group.start(() => this.#batch(step), step.bytes);
      case "chunk":
        return this.#group.start(
          () => this.#chunk(step.piece),
          step.piece.size,
        );
      case "tree":
        return this.#treeFile(step);
    }
  }

  async #batch(work: BatchWork): Promise<void> {
    const { wanted, places } = work;
    let buffer: Uint8Array = new Uint8Array();
    let starts: number[] = [];
    if (wanted.length > 0) {
      const received = await this.#source.fetchMany(
        wanted,
        this.#options((index) => wanted[index].path),
      );
      buffer = received.buffer;
      starts = received.starts;
    }
    const pieces: TreePiece[] = work.pieces.map(({ entry, chunk, size }, i) => {
      const start = places[i] < 0 ? 0 : starts[places[i]];
      return { entry, chunk, start, length: size };
    });
    this.#buffers.give(await this.#landing.writeChunks(pieces, buffer));
    for (const piece of work.pieces) this.#landed(piece);
  }

  async #chunk(piece: FilePiece): Promise<void> {
    const { entry, path, chunk, hash, size } = piece;
    const bytes = this.#buffers.take(size);
    await this.#source.fetchInto(hash, bytes, this.#options(() => path));
    const used = await this.#landing.writeChunks(
      [{ entry, chunk, start: 0, length: size }],
      bytes,
    );
    this.#buffers.give(used);
    this.#landed(piece);
  }

  /** Walks the tree of a file; its chunks run under the group like all others. */
  async #treeFile({ entry, path, ref }: TreeFileWork): Promise<void> {
    const fileSize = Number(ref.totalSize);
    const chunks = blobChunks(ref, this.#source, {
      signal: this.#group.signal,
      fields: { path },
    });
    for await (const { index, offset, hash, size = 0 } of chunks) {
      await this.#group.start(async () => {
        const bytes = this.#buffers.take(size);
        await this.#source.fetchInto(hash, bytes, this.#options(() => path));
        const last = offset + size === fileSize;
        const piece = { entry, offset, hash, bytes, last };
        this.#buffers.give(await this.#landing.writeTreeLeaf(piece));
        this.#landed({ entry, path, chunk: index, hash, size, fileSize });
      }, size);
    }
  }

  #options(pathOf: (index: number) => string): FetchChunkOptions {
    const label = (index: number): ChunkLabel => {
      const path = pathOf(index);
      return { text: `a chunk of ${JSON.stringify(path)}`, fields: { path } };
    };
    return {
      signal: this.#group.signal,
      label,
      onBytes: this.#onBytes,
      allocate: this.#allocate,
    };
  }

  readonly #allocate = (length: number): Uint8Array =>
    this.#buffers.take(length);

  readonly #onBytes = (count: number): void => {
    this.fetched += count;
    this.#onProgress?.({ type: "bytes", fetched: BigInt(this.fetched) });
  };

  /** Notes that a piece is written, and tells when its file is complete. */
  #landed({ entry, path, size, fileSize }: FilePiece): void {
    if (!this.#onProgress) return;
    const written = (this.#written.get(entry) ?? 0) + size;
    if (written < fileSize) {
      this.#written.set(entry, written);
      return;
    }
    this.#written.delete(entry);
    this.#files++;
    const files = this.#files;
    this.#onProgress({ type: "file", path, size: BigInt(fileSize), files });
  }
}
