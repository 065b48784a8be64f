import { abortable } from "@std/async";
import { PeerClosedError, StreamResetError } from "../../errors.ts";
import type { BidiStream, Session } from "../../mesh/mod.ts";
import type { StallWatch, WatchedRequest } from "./stall_watch.ts";
import {
  RESPONSE_HEADER_MAX,
  type ResponseHeader,
  ResponseHeaderParser,
} from "../protocol/response_header.ts";
import {
  describeStreamErrorCode,
  StreamErrorCode,
} from "../protocol/stream_error_code.ts";
import { ProtocolError } from "../protocol/transfer_error.ts";

const READ_MIN = 1024;
const READ_MAX = 256 * 1024;

/**
 * How many bytes a read waits for, learnt per session: many on a fast line, so
 * that a chunk costs few wake-ups, few on a slow one, where waiting for many
 * would look like a stall.
 */
export class ReadPace {
  /** Bytes to wait for. */
  bytes: number = 4 * 1024;

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

/** What requests of one session share. */
export interface ExchangeContext {
  readonly session: Session;
  readonly watch: StallWatch;
  readonly pace: ReadPace;
}

/**
 * One request and the reading of its answer on a stream of its own. However it
 * ends, {@linkcode Exchange.end} must be called.
 */
export class Exchange implements WatchedRequest {
  lastProgress: number = performance.now();
  started = false;
  readonly #context: ExchangeContext;
  readonly #controller = new AbortController();
  readonly #signal: AbortSignal;
  readonly #spare = new Uint8Array(RESPONSE_HEADER_MAX);
  #spareStart = 0;
  #spareEnd = 0;
  #stream?: BidiStream;
  #ended = false;

  constructor(context: ExchangeContext, signal?: AbortSignal) {
    this.#context = context;
    this.#signal = signal === undefined
      ? this.#controller.signal
      : AbortSignal.any([signal, this.#controller.signal]);
    context.watch.enter(this);
  }

  /** Opens the stream and sends the whole request. */
  async send(request: Uint8Array): Promise<void> {
    const signal = this.#signal;
    signal.throwIfAborted();
    const opening = this.#context.session.openStream({ signal });
    // An opening that outlives the abort must not leave its stream behind.
    opening.then((stream) => {
      if (signal.aborted) giveUp(stream, StreamErrorCode.cancelled);
    }, () => {});
    const stream: BidiStream = await abortable(opening, signal);
    this.#stream = stream;
    const written = stream.write(request);
    stream.finish();
    // A refusal reaches the reading side with its code.
    written.catch(() => {});
  }

  /** Reads the header of an answer. */
  async readHeader(): Promise<ResponseHeader> {
    const parser = new ResponseHeaderParser();
    while (parser.header === undefined) {
      if (this.#spareStart === this.#spareEnd) {
        this.#spareStart = 0;
        this.#spareEnd = await this.#read(this.#spare, 1);
        if (this.#spareEnd === 0) {
          throw new PeerClosedError("the holder ended its answer too early");
        }
      }
      this.#spareStart += parser.push(
        this.#spare.subarray(this.#spareStart, this.#spareEnd),
      );
    }
    return parser.header;
  }

  /**
   * Reads until `target` is full, straight into it.
   *
   * @param onBytes Told after each read how far `target` is filled.
   */
  async fill(
    target: Uint8Array,
    onBytes?: (filled: number, added: number) => void,
  ): Promise<void> {
    const early = this.#spare.subarray(
      this.#spareStart,
      Math.min(this.#spareEnd, this.#spareStart + target.length),
    );
    target.set(early);
    this.#spareStart += early.length;
    let filled = early.length;
    if (filled > 0) onBytes?.(filled, filled);
    const { pace, watch } = this.#context;
    while (filled < target.length) {
      const min = Math.min(pace.bytes, target.length - filled);
      const since = performance.now();
      const count = await this.#read(target.subarray(filled), min);
      filled += count;
      if (count > 0) onBytes?.(filled, count);
      if (count < min) {
        throw new PeerClosedError(
          `the holder ended its answer after ${filled} of ${target.length} bytes`,
        );
      }
      if (min === pace.bytes) {
        pace.learn(performance.now() - since, watch.timeoutMs);
      }
    }
  }

  /** Reads everything up to the end of an answer of at most `max` bytes. */
  async readToEnd(max: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(max + 1);
    const early = this.#spare.subarray(this.#spareStart, this.#spareEnd);
    buffer.set(early);
    const rest = buffer.subarray(early.length);
    const length = early.length + await this.#read(rest, rest.length);
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
    const early = this.#spareEnd - this.#spareStart;
    if (early > 0 || await this.#read(new Uint8Array(1), 1) > 0) {
      throw new ProtocolError("the holder sent bytes after its answer");
    }
    this.#ended = true;
  }

  /** Makes every wait of this exchange fail with `reason`. */
  fail(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Lets go of the stream; one whose answer is not complete is given up. */
  end(reason?: unknown): void {
    this.#context.watch.leave(this);
    if (this.#stream && !this.#ended) giveUp(this.#stream, codeFor(reason));
    this.#controller.abort(reason);
  }

  async #read(target: Uint8Array, min: number): Promise<number> {
    const stream = this.#stream;
    if (!stream) throw new Error("Cannot read an answer: nothing was asked");
    const signal = this.#signal;
    signal.throwIfAborted();
    try {
      const count: number = await abortable(stream.read(target, min), signal);
      this.started ||= count > 0;
      this.#context.watch.progress(this);
      return count;
    } catch (error) {
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
