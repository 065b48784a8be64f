import type { FetchChunkOptions } from "../ask/chunk_fetcher.ts";
import type { ChunkSource } from "../ask/chunk_source.ts";
import type { SourceFailure } from "./source_failure.ts";

/** Something that any of the sources can do. */
export interface Errand<R> {
  /** Bytes that it brings, at most. */
  readonly bytes: number;
  readonly options: FetchChunkOptions;
  /** Does it; the bytes are not verified. */
  fetch(source: ChunkSource, options: FetchChunkOptions): Promise<R>;
  /** Whether it is better divided than done without a source that lacks a part. */
  readonly isDivisible?: boolean;
}

/**
 * Bytes that the caller was told of, and that come again: it is told of each
 * once.
 */
export interface Credit {
  bytes: number;
}

/** That a source says of a chunk that it is no such one. */
export interface Dispute {
  readonly from: number;
  readonly error: unknown;
}

/** What has come of an errand. */
export interface Delivery<R> {
  readonly kind: "delivered";
  readonly result: R;
  /** The source that has done it. */
  readonly from: number;
  /** Bytes of content that came. */
  readonly bytes: number;
  /** Sources that said otherwise. */
  readonly disputes: readonly Dispute[];
}

/** A source lacks some part of it. */
export interface Division {
  readonly kind: "divided";
  readonly failure: SourceFailure;
}

/** One request for it. */
export interface Ask {
  readonly options: FetchChunkOptions;
  readonly controller: AbortController;
  received: number;
}

/** An errand until it is done, and the requests that are made for it. */
export class Want {
  readonly failures: SourceFailure[];
  readonly disputes: Dispute[] = [];
  readonly #credit: Credit;
  readonly #asks = new Map<number, Ask>();
  readonly #outcome = Promise.withResolvers<
    Delivery<unknown> | Division
  >();
  /** The most that any request has brought: so much the caller was told. */
  #told = 0;
  #hasBegun = false;

  /** @param failures Why sources are not asked for it. */
  constructor(
    readonly errand: Errand<unknown>,
    credit: Credit,
    failures: readonly SourceFailure[],
  ) {
    this.#credit = credit;
    this.failures = [...failures];
  }

  get outcome(): Promise<Delivery<unknown> | Division> {
    return this.#outcome.promise;
  }

  /** Whether a request is under way. */
  get isAsked(): boolean {
    return this.#asks.size > 0;
  }

  /** Begins a request. */
  begin(from: number, onBytes: (count: number) => void): Ask {
    const { signal, onBytes: _, allocate, ...options } = this.errand.options;
    const controller = new AbortController();
    const ask: Ask = {
      controller,
      received: 0,
      options: {
        ...options,
        signal: signal === undefined
          ? controller.signal
          : AbortSignal.any([signal, controller.signal]),
        onBytes: (count) => {
          ask.received += count;
          if (this.#asks.get(from) === ask) this.#tell(ask.received);
          onBytes(count);
        },
        // One that is ended may still write into its buffer.
        allocate: this.#hasBegun ? undefined : allocate,
      },
    };
    this.#hasBegun = true;
    this.#asks.set(from, ask);
    return ask;
  }

  /** Whether a request that has succeeded is the first to. */
  deliver(from: number, ask: Ask, result: unknown): boolean {
    if (this.#asks.get(from) !== ask) return false;
    this.#asks.delete(from);
    const { disputes } = this;
    const isContent = this.errand.options.onBytes !== undefined;
    const bytes = isContent ? ask.received : 0;
    this.#outcome.resolve({
      kind: "delivered",
      result,
      from,
      bytes,
      disputes,
    });
    return true;
  }

  /** Whether a request that has failed was still wanted. */
  fail(from: number, ask: Ask, failure: SourceFailure): boolean {
    if (this.#asks.get(from) !== ask) return false;
    this.#asks.delete(from);
    this.failures.push(failure);
    return true;
  }

  /** Ends the request to one source. */
  endAsk(from: number, reason: unknown): void {
    const ask = this.#asks.get(from);
    this.#asks.delete(from);
    ask?.controller.abort(reason);
  }

  /** Gives it back, as a source lacks a part of it. */
  divide(failure: SourceFailure): void {
    this.#credit.bytes += this.#told;
    this.#outcome.resolve({ kind: "divided", failure });
  }

  /** Fails it, and ends all requests. */
  end(error: unknown): void {
    for (const from of [...this.#asks.keys()]) this.endAsk(from, error);
    this.#outcome.reject(error);
  }

  #tell(received: number): void {
    // Of what was not asked for nobody is told.
    const wanted = Math.min(received, this.errand.bytes);
    const more = wanted - this.#told;
    if (more <= 0) return;
    this.#told = wanted;
    const known = Math.min(more, this.#credit.bytes);
    this.#credit.bytes -= known;
    if (more > known) this.errand.options.onBytes?.(more - known);
  }
}
