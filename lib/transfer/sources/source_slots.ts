import { PeerClosedError } from "../../errors.ts";
import type { Session } from "../../mesh/mod.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import { SessionSource } from "../ask/session_source.ts";
import type { ChunkReader } from "./chunk_reader.ts";
import {
  type FetchSource,
  isSession,
  type SourceReport,
  type SourcesOptions,
} from "./fetch_source.ts";
import { ReaderSource } from "./reader_source.ts";
import type { SourceFailure } from "./source_failure.ts";

/** A source and what has come of it. */
export class SourceSlot {
  chunks: ChunkSource | undefined;
  session: Session | undefined;
  /** Bytes of content that came. */
  bytes = 0;
  /** Those of them that were of no use. */
  unused = 0;
  /** Requests in a row that it has failed. */
  faults = 0;
  /** Why it is done without. */
  failed: Error | undefined;

  constructor(readonly index: number, private readonly given: string) {}

  get name(): string {
    return this.session?.remote.address ?? this.given;
  }

  get isLive(): boolean {
    return this.chunks !== undefined && this.failed === undefined;
  }
}

/** The sources of one fetch, in the order in which they were given. */
export class SourceSlots {
  readonly list: readonly SourceSlot[];
  readonly #sources: readonly FetchSource[];
  readonly #options: SourcesOptions;
  #isClosed = false;

  constructor(sources: readonly FetchSource[], options: SourcesOptions) {
    this.#sources = sources;
    this.#options = options;
    this.list = sources.map(({ name }, index) => new SourceSlot(index, name));
  }

  /**
   * Waits until every source has come or will not.
   *
   * @param onJoin Told of a source that is there, at once of those that are now.
   * @param onMiss Told of one that will not be.
   */
  async gather(
    onJoin: (slot: SourceSlot) => void,
    onMiss: () => void,
  ): Promise<void> {
    const join = (slot: SourceSlot, chunks: Session | ChunkReader) => {
      if (this.#isClosed) return;
      this.#open(slot, chunks);
      onJoin(slot);
    };
    const coming = this.#sources.map(({ chunks }, index) => {
      const slot = this.list[index];
      if (!(chunks instanceof Promise)) return join(slot, chunks);
      return chunks.then((chunks) => join(slot, chunks), (error) => {
        if (this.#isClosed) return;
        this.fail(slot, error);
        onMiss();
      });
    });
    await Promise.all(coming);
  }

  /** Those that come later are of no use any more. */
  close(): void {
    this.#isClosed = true;
  }

  get live(): SourceSlot[] {
    return this.list.filter(({ isLive }) => isLive);
  }

  /** Notes that a source is done without. */
  fail(slot: SourceSlot, reason: unknown): void {
    const error = reason instanceof Error
      ? reason
      : new PeerClosedError(String(reason));
    slot.failed = error;
    const { name: source } = slot;
    this.#options.onSource?.({ type: "source_dropped", source, error });
  }

  /** Failures, and why other sources are done without. */
  withDropped(failures: readonly SourceFailure[]): SourceFailure[] {
    const told = new Set(failures.map(({ index }) => index));
    const dropped = this.list.flatMap(({ index, name, failed }) =>
      failed === undefined || told.has(index)
        ? []
        : [{ index, source: name, error: failed }]
    );
    return [...failures, ...dropped];
  }

  report(): SourceReport[] {
    return this.list.map(({ name, bytes, unused, failed }) => ({
      source: name,
      bytes: BigInt(bytes),
      unused: BigInt(unused),
      ...(failed && { failed }),
    }));
  }

  #open(slot: SourceSlot, chunks: Session | ChunkReader): void {
    if (isSession(chunks)) {
      slot.session = chunks;
      slot.chunks = new SessionSource(chunks, this.#options);
    } else {
      slot.chunks = new ReaderSource(chunks);
    }
    const { name: source } = slot;
    this.#options.onSource?.({ type: "source_joined", source });
  }
}
