import { abortable } from "@std/async";
import { SERVE_SMALL_BYTES } from "../../limits.ts";
import type { BidiStream } from "../../mesh/mod.ts";
import {
  encodeResponseHeader,
  responseHeaderLength,
  writeResponseHeader,
} from "../protocol/response_header.ts";
import type { ResponseMemory } from "./serve_memory.ts";

/** Bytes handed to a stream at once; small chunks are gathered up to this. */
const WRITE_BYTES = 256 * 1024;
/**
 * Milliseconds that small chunks wait for others when nothing else is being
 * written.
 */
const GATHER_MS = 10;

/** What a {@linkcode ResponseWriter} works with. */
export interface ResponseWriterOptions {
  readonly stream: BidiStream;
  readonly memory: ResponseMemory;
  readonly signal: AbortSignal;
  /** Ends the response, which cannot be written. */
  readonly abort: (reason: unknown) => void;
  /**
   * Told how many bytes of the response the stream has taken, and how many of
   * all so far were content.
   */
  readonly onSent: (bytes: number, content: number) => void;
}

interface QueuedChunk {
  readonly bytes: Uint8Array | undefined;
  readonly lease: Disposable;
}

/**
 * Writes one response to its stream. Leases that are handed over are written
 * in order, one write at a time, and disposed of when the stream has taken
 * their bytes. Small ones that come within a moment, or while a write is under
 * way, are written together.
 */
export class ResponseWriter implements Disposable {
  /** Bytes taken by the stream. */
  bytes = 0;
  /** Chunks handed over. */
  chunks = 0;
  /** Chunks handed over that are not held. */
  missing = 0;
  /** Bytes of the headers before the chunks so far. */
  #headers = 0;
  readonly #options: ResponseWriterOptions;
  readonly #queue: QueuedChunk[] = [];
  /** Bytes of the queue, headers included. */
  #queued = 0;
  #largeQueued = 0;
  /** Runs while small chunks wait for others. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isComplete = false;
  #writing?: Promise<void>;

  constructor(options: ResponseWriterOptions) {
    this.#options = options;
  }

  /**
   * Takes over a chunk.
   *
   * @param bytes What of it is written.
   * @param isLast Whether the response ends with it.
   */
  add(bytes: Uint8Array | undefined, lease: Disposable, isLast: boolean): void {
    this.#headers += responseHeaderLength(bytes?.length);
    if (bytes === undefined) this.missing++;
    else this.chunks++;
    this.#queue.push({ bytes, lease });
    this.#queued += encodedLength(bytes);
    if (isLarge(bytes)) this.#largeQueued++;
    this.#isComplete = isLast;
    if (this.#writing === undefined) this.#writeOrWait();
  }

  /** Waits until the stream has taken everything. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Writes a whole response that is no chunk, or that there is none. */
  async writeBody(body: Uint8Array | undefined): Promise<void> {
    const response = new Uint8Array(encodedLength(body));
    encode(body, response, 0);
    await this.write(response, true);
  }

  /** Writes `length` bytes, which are those of a block over and over, as bulk. */
  async writeRepeated(block: Uint8Array, length: number): Promise<void> {
    this.#options.stream.setPriority("bulk");
    await this.write(encodeResponseHeader(length), length === 0);
    for (let left = length; left > 0; left -= block.length) {
      await this.write(block.subarray(0, left), left <= block.length);
    }
  }

  /** Writes bytes, of which a caller that adds chunks has none under way. */
  async write(bytes: Uint8Array, isLast: boolean): Promise<void> {
    const { stream, signal, memory } = this.#options;
    signal.throwIfAborted();
    memory.onWrite(stream);
    const written = stream.write(bytes);
    if (isLast) stream.finish();
    await abortable(written, signal);
    memory.onWritten();
    this.#sent(bytes.length);
  }

  /** Gives back the memory of what was not written. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const { lease } of this.#queue.splice(0)) lease[Symbol.dispose]();
  }

  #writeOrWait(): void {
    if (this.#isDue()) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), GATHER_MS);
  }

  /** Whether there is something that waits for nothing. */
  #isDue(): boolean {
    return this.#isComplete || this.#largeQueued > 0 ||
      this.#queued >= WRITE_BYTES;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writeQueue();
    this.#writing.catch(this.#options.abort);
  }

  /** Writes what is queued, and what is due when that is done. */
  async #writeQueue(): Promise<void> {
    do {
      const { bytes } = this.#queue[0];
      if (isLarge(bytes)) await this.#writeLarge(bytes);
      else await this.#writeSmall();
    } while (this.#queue.length > 0 && this.#isDue());
    this.#writing = undefined;
    if (this.#queue.length > 0) this.#writeOrWait();
  }

  /** Writes the small chunks that are there, as many as fit into one write. */
  async #writeSmall(): Promise<void> {
    using written = new DisposableStack();
    let length = 0;
    let count = 0;
    for (const { bytes } of this.#queue) {
      const more = encodedLength(bytes);
      if (isLarge(bytes) || length + more > WRITE_BYTES) break;
      length += more;
      count++;
    }
    const gathered = new Uint8Array(length);
    let offset = 0;
    for (const { bytes, lease } of this.#queue.splice(0, count)) {
      written.use(lease);
      offset = encode(bytes, gathered, offset);
    }
    this.#queued -= length;
    await this.write(gathered, this.#isLast());
  }

  async #writeLarge(bytes: Uint8Array): Promise<void> {
    using _lease = this.#queue.shift()?.lease;
    this.#queued -= encodedLength(bytes);
    this.#largeQueued--;
    const { stream } = this.#options;
    stream.setPriority("bulk");
    const header = encodeResponseHeader(bytes.length);
    // A failure shows in the writes that follow.
    stream.write(header).catch(() => {});
    this.#sent(header.length);
    for (let start = 0; start < bytes.length; start += WRITE_BYTES) {
      const some = bytes.subarray(start, start + WRITE_BYTES);
      if (start + WRITE_BYTES < bytes.length) await this.write(some, false);
      // What a slow reader leaves queued at the end is a copy: as a view it
      // would keep the whole chunk in memory, outside of its permit.
      else await this.write(some.slice(), this.#isLast());
    }
  }

  #isLast(): boolean {
    return this.#isComplete && this.#queue.length === 0;
  }

  #sent(bytes: number): void {
    this.bytes += bytes;
    this.#options.onSent(bytes, Math.max(0, this.bytes - this.#headers));
  }
}

/** Smaller ones are copied, to be written with others. */
function isLarge(bytes: Uint8Array | undefined): bytes is Uint8Array {
  return bytes !== undefined && bytes.length > SERVE_SMALL_BYTES;
}

function encodedLength(bytes: Uint8Array | undefined): number {
  return responseHeaderLength(bytes?.length) + (bytes?.length ?? 0);
}

/** Writes header and bytes into `target`; returns the offset behind them. */
function encode(
  bytes: Uint8Array | undefined,
  target: Uint8Array,
  offset: number,
): number {
  const start = writeResponseHeader(target, offset, bytes?.length);
  if (bytes === undefined) return start;
  target.set(bytes, start);
  return start + bytes.length;
}
