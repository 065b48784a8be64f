import { abortable, delay } from "@std/async";
import {
  PeerClosedError,
  ProtocolError,
  StreamResetError,
} from "../../errors.ts";
import { KEEP_RETRY_MAX_MS, KEEP_RETRY_MS } from "../../limits.ts";
import type { BidiStream, Session, StreamPriority } from "../../mesh/mod.ts";
import { encodeRequest, type Request } from "../protocol/request.ts";
import {
  RESPONSE_HEADER_MAX,
  type ResponseHeader,
  ResponseHeaderParser,
} from "../protocol/response_header.ts";
import {
  describeStreamErrorCode,
  StreamErrorCode,
} from "../protocol/stream_error_code.ts";
import { StallWatch, type WatchedRequest } from "./stall_watch.ts";

const READ_MIN = 1024;
const READ_MAX = 256 * 1024;

/**
 * How many bytes a read waits for, learnt per session: many on a fast line, so
 * that a chunk costs few wake-ups, few on a slow one, where waiting for many
 * would look like a stall.
 */
class ReadPace {
  bytes = 4 * 1024;

  /**
   * Learns from a full read that took `elapsed` of `timeoutMs`. A line may
   * become a hundred times slower at once and still make its progress seen.
   */
  learn(elapsed: number, timeoutMs: number): void {
    if (elapsed < timeoutMs / 128) {
      this.bytes = Math.min(READ_MAX, this.bytes * 2);
    } else if (elapsed > timeoutMs / 8) {
      this.bytes = Math.max(READ_MIN, this.bytes / 2);
    }
  }
}

/** What the requests over one session share. */
export class Exchanges {
  readonly watch: StallWatch;
  readonly pace: ReadPace = new ReadPace();

  constructor(
    readonly session: Session,
    timeoutMs?: number,
  ) {
    this.watch = new StallWatch(session, timeoutMs);
  }

  /**
   * Makes one request, and makes it again when it was lost with a connection of
   * a kept session; when `use` fails otherwise, the stream is given up with a
   * code that says why.
   *
   * @param use Asks for what it has not received yet.
   */
  async run<T>(
    use: (exchange: Exchange) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    let lastProgress: number | undefined;
    for (let retries = 0;; retries++) {
      using exchange = new Exchange(this, signal, lastProgress);
      try {
        return await use(exchange);
      } catch (error) {
        exchange.fail(error);
        await this.beforeAgain(exchange, error, retries, signal);
        lastProgress = exchange.lastProgress;
      }
    }
  }

  /**
   * Waits until a request that failed like this may be made again.
   *
   * @throws `error` when it must not.
   */
  async beforeAgain(
    exchange: Exchange,
    error: unknown,
    retries: number,
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.session.kept === undefined) throw error;
    if (exchange.isLost) return;
    const { watch } = this;
    const isLate = watch.now - exchange.lastProgress >= watch.timeoutMs;
    if (isLate || watch.isGivenUp || !this.#mayPass(error)) throw error;
    watch.excuse(exchange);
    const pauseMs = Math.min(KEEP_RETRY_MS * 2 ** retries, KEEP_RETRY_MAX_MS);
    await delay(pauseMs, { signal });
  }

  /** Whether a holder that gives a request up like this may answer it later. */
  #mayPass(error: unknown): boolean {
    if (!(error instanceof StreamResetError)) return false;
    // The session will end, and another one begin.
    if (error.code === StreamErrorCode.shuttingDown) return true;
    // One that has had nothing so far need not be waited for.
    return error.code === StreamErrorCode.unavailable && this.watch.hasMoved;
  }

  /** The same for a request that must not be made twice. */
  async once<T>(
    use: (exchange: Exchange) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    using exchange = new Exchange(this, signal);
    try {
      return await use(exchange);
    } catch (error) {
      exchange.fail(error);
      throw error;
    }
  }
}

/**
 * One request and the reading of its response on a stream of its own. Disposing
 * of it gives the stream up unless the response was read to its end.
 */
export class Exchange implements Disposable, WatchedRequest {
  lastProgress: number;
  started = false;
  /** Whether its stream ended with the connection. */
  isLost = false;
  readonly #shared: Exchanges;
  readonly #controller = new AbortController();
  readonly #signal: AbortSignal;
  /** Bytes that came with a header. */
  readonly #early = new Uint8Array(RESPONSE_HEADER_MAX);
  #earlyStart = 0;
  #earlyEnd = 0;
  #stream?: BidiStream;
  /** Bytes that have gone either way when that was last asked. */
  #moved = 0;
  #ended = false;

  /** @param lastProgress That of the request before, which this one continues. */
  constructor(
    shared: Exchanges,
    signal?: AbortSignal,
    lastProgress: number = shared.watch.now,
  ) {
    this.#shared = shared;
    this.lastProgress = lastProgress;
    this.#signal = signal === undefined
      ? this.#controller.signal
      : AbortSignal.any([signal, this.#controller.signal]);
    shared.watch.enter(this);
  }

  /** Opens the stream and sends the whole request. */
  async send(request: Request, priority?: StreamPriority): Promise<void> {
    const bytes = encodeRequest(request);
    const signal = this.#signal;
    signal.throwIfAborted();
    const opening = this.#shared.session.openStream({ signal });
    // An opening that outlives the abort must not leave its stream behind.
    opening.then((stream) => {
      if (signal.aborted) giveUp(stream, StreamErrorCode.cancelled);
    }, () => {});
    const stream: BidiStream = await abortable(opening, signal);
    this.#stream = stream;
    if (priority !== undefined) stream.setPriority(priority);
    const written = stream.write(bytes);
    stream.finish();
    // A refusal reaches the reading side with its code.
    written.catch(() => {});
  }

  async readHeader(): Promise<ResponseHeader> {
    const parser = new ResponseHeaderParser();
    while (parser.header === undefined) {
      if (this.#earlyStart === this.#earlyEnd) {
        this.#earlyStart = 0;
        this.#earlyEnd = await this.#read(this.#early, 1);
        if (this.#earlyEnd === 0) {
          throw new ProtocolError("the holder ended its answer too early");
        }
      }
      this.#earlyStart += parser.push(
        this.#early.subarray(this.#earlyStart, this.#earlyEnd),
      );
    }
    return parser.header;
  }

  /**
   * Reads straight into `target` until it is full, and tells after each read
   * how far.
   */
  async fill(
    target: Uint8Array,
    onBytes?: (filled: number, added: number) => void,
  ): Promise<void> {
    let filled = this.#takeEarly(target);
    if (filled > 0) onBytes?.(filled, filled);
    const { pace, watch } = this.#shared;
    while (filled < target.length) {
      const min = Math.min(pace.bytes, target.length - filled);
      const since = performance.now();
      const count = await this.#read(target.subarray(filled), min);
      if (count === 0) {
        throw new ProtocolError(
          `the holder ended its answer after ${filled} of ${target.length} bytes`,
        );
      }
      filled += count;
      onBytes?.(filled, count);
      if (count >= min && min === pace.bytes) {
        pace.learn(performance.now() - since, watch.timeoutMs);
      }
    }
  }

  /** Reads everything up to the end of a response of at most `max` bytes. */
  async readToEnd(max: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(max + 1);
    let length = this.#takeEarly(buffer);
    for (let count = -1; count !== 0 && length <= max; length += count) {
      const rest = buffer.subarray(length);
      count = await this.#read(rest, rest.length);
    }
    if (length > max) {
      throw new ProtocolError(
        `the holder's answer is longer than ${max} bytes`,
      );
    }
    this.#ended = true;
    return buffer.subarray(0, length);
  }

  /** Makes sure that nothing follows. */
  async expectEnd(): Promise<void> {
    const byte = new Uint8Array(1);
    if (this.#takeEarly(byte) > 0 || await this.#read(byte, 1) > 0) {
      throw new ProtocolError("the holder sent bytes after its answer");
    }
    this.#ended = true;
  }

  hasProgressed(): boolean {
    const before = this.#moved;
    const { received = 0, sent = 0 } = this.#stream ?? {};
    this.#moved = received + sent;
    return this.#moved > before;
  }

  fail(reason: unknown): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#shared.watch.leave(this);
    if (this.#stream !== undefined && !this.#ended) {
      giveUp(this.#stream, codeFor(this.#signal.reason));
    }
  }

  /** Moves what came with the header to the start of `target`. */
  #takeEarly(target: Uint8Array): number {
    const early = this.#early.subarray(
      this.#earlyStart,
      Math.min(this.#earlyEnd, this.#earlyStart + target.length),
    );
    target.set(early);
    this.#earlyStart += early.length;
    return early.length;
  }

  async #read(target: Uint8Array, min: number): Promise<number> {
    const stream = this.#stream;
    if (!stream) throw new Error("Cannot read a response: nothing was sent");
    this.#signal.throwIfAborted();
    try {
      const count: number = await abortable(
        stream.read(target, min),
        this.#signal,
      );
      this.started ||= count > 0;
      this.#shared.watch.progress(this);
      return count;
    } catch (error) {
      this.isLost = error instanceof PeerClosedError;
      if (!(error instanceof StreamResetError)) throw error;
      throw new StreamResetError(
        error.code,
        `the holder gave up the request: ${
          describeStreamErrorCode(error.code)
        }`,
        { cause: error },
      );
    }
  }
}

function giveUp(stream: BidiStream, code: number): void {
  stream.stopSending(code);
  stream.reset(code);
}

function codeFor(reason: unknown): StreamErrorCode {
  if (reason instanceof ProtocolError) return StreamErrorCode.protocolViolation;
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return StreamErrorCode.timeout;
  }
  return StreamErrorCode.cancelled;
}
