import { abortable } from "@std/async";
import { concat } from "@std/bytes/concat";
import { SERVE_SMALL_BYTES } from "../../limits.ts";
import type { BidiStream } from "../../mesh/mod.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import type { ChunkLease } from "./chunk_lease.ts";
import type { ResponseMemory } from "./response_memory.ts";
import type { SentChunksOfSession } from "./session_memory.ts";

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
  /** Told of large chunks that have left and are not acknowledged. */
  readonly sentChunks?: SentChunksOfSession;
}

interface QueuedChunk {
  readonly lease: ChunkLease;
  readonly part: (bytes: Uint8Array) => Uint8Array;
  readonly header: Uint8Array;
  readonly isLarge: boolean;
  /** Where it ends in the response, and where it begins. */
  readonly end: number;
  readonly start: number;
}

/**
 * Writes one response to its stream. Leases that are handed over are written
 * in order, one write at a time, and disposed of when their bytes have left.
 * Small ones that come within a moment, or while a write is under way, are
 * written together.
 *
 * When its memory is recalled it takes back what has not left but for a copy of
 * what comes next, drops its leases, and goes on from there with what it reads
 * anew, as soon as the peer has acknowledged all that it was sent.
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
  /** What has not left whole. */
  readonly #queue: QueuedChunk[] = [];
  /** Bytes of the response that are handed over, and that are written. */
  #end = 0;
  #written = 0;
  /** Where the last large chunk ends. */
  #largeEnd = 0;
  #mustSettle = false;
  /** Runs while small chunks wait for others. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isComplete = false;
  #writing?: Promise<void>;

  constructor(options: ResponseWriterOptions) {
    this.#options = options;
    options.memory.onRecall = (keep) => this.#recall(keep);
  }

  /**
   * Takes over a chunk.
   *
   * @param isLast Whether the response ends with it.
   * @param part What of it is written.
   */
  add(
    lease: ChunkLease,
    isLast: boolean,
    part: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
  ): void {
    const length = lease.bytes && part(lease.bytes).length;
    const header = encodeResponseHeader(length);
    this.#headers += header.length;
    if (length === undefined) this.missing++;
    else this.chunks++;
    const start = this.#end;
    const end = start + header.length + (length ?? 0);
    const isLarge = length !== undefined && length > SERVE_SMALL_BYTES;
    this.#queue.push({ lease, part, header, isLarge, start, end });
    this.#end = end;
    if (isLarge) this.#largeEnd = end;
    this.#isComplete = isLast;
    if (this.#options.memory.isRecalled) lease.drop();
    if (this.#writing === undefined) this.#writeOrWait();
  }

  /** Waits until the stream has taken everything. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Writes a whole response that is no chunk, or that there is none. */
  async writeBody(body: Uint8Array = new Uint8Array()): Promise<void> {
    const header = encodeResponseHeader(body.length);
    const response = new Uint8Array(header.length + body.length);
    response.set(header);
    response.set(body, header.length);
    await this.write(response, true);
  }

  /** Writes that there is no such thing. */
  async writeMissing(): Promise<void> {
    await this.write(encodeResponseHeader(undefined), true);
  }

  /** Writes `length` bytes, which are those of a block over and over, as bulk. */
  async writeRepeated(block: Uint8Array, length: number): Promise<void> {
    this.#options.stream.setPriority("bulk");
    await this.write(encodeResponseHeader(length), length === 0);
    for (let left = length; left > 0; left -= block.length) {
      const some = block.subarray(0, left);
      this.#end = this.#written += some.length;
      await this.#pass(some, left <= block.length);
    }
  }

  /** Writes bytes that are no chunks. */
  async write(bytes: Uint8Array, isLast: boolean): Promise<void> {
    this.#end += bytes.length;
    this.#written += bytes.length;
    await this.#pass(bytes, isLast);
    await this.#left();
  }

  async #pass(bytes: Uint8Array, isLast: boolean): Promise<void> {
    const { stream, signal, memory } = this.#options;
    signal.throwIfAborted();
    memory.onWrite(stream);
    const written = stream.write(bytes);
    if (isLast) stream.finish();
    memory.onHandedOver();
    await abortable(written, signal);
    memory.onWritten();
    this.#told();
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
    return this.#isComplete || this.#largeEnd > this.#written ||
      this.#end - this.#written >= WRITE_BYTES;
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
      while (this.#written < this.#end) {
        const index = this.#queue.findIndex(({ end }) => end > this.#written);
        const chunk = this.#queue[index];
        if (chunk.lease.isDropped) await this.#renew(chunk);
        else if (chunk.isLarge) await this.#writeLarge(chunk);
        else await this.#writeSmall(index);
        this.#release();
        if (!this.#isDue()) break;
      }
      // Memory is given back when its bytes have left, not when they wait.
      if (this.#written === this.#end) {
        await this.#left();
        await this.#resume();
      }
    } while (this.#queue.length > 0 && this.#isDue());
    this.#writing = undefined;
    if (this.#written < this.#end) this.#writeOrWait();
  }

  /** Writes the small chunks that are there, as many as fit into one write. */
  async #writeSmall(index: number): Promise<void> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (const chunk of this.#queue.slice(index)) {
      const { lease, part, header, isLarge, start, end } = chunk;
      const skip = Math.max(0, this.#written - start);
      const more = end - start - skip;
      if (isLarge || lease.isDropped || length + more > WRITE_BYTES) break;
      length += more;
      parts.push(header.subarray(skip));
      if (lease.bytes === undefined) continue;
      const bytes = part(lease.bytes);
      parts.push(bytes.subarray(Math.max(0, skip - header.length)));
    }
    await this.#write(concat(parts));
  }

  /** Writes the next bytes of a large chunk. */
  async #writeLarge(
    { lease, part, header, start }: QueuedChunk,
  ): Promise<void> {
    const { stream } = this.#options;
    const skip = this.#written - start;
    const bytes = part(lease.bytes!);
    if (skip < header.length) {
      stream.setPriority("bulk");
      const rest = header.subarray(skip);
      this.#written += rest.length;
      // A failure shows in the write that follows.
      stream.write(rest).catch(() => {});
    }
    const from = Math.max(0, skip - header.length);
    const some = bytes.subarray(from, from + WRITE_BYTES);
    // What a slow reader leaves unacknowledged at the end is a copy: as a view it
    // would keep the whole chunk in memory, outside of its permit.
    await this.#write(
      from + WRITE_BYTES < bytes.length ? some : some.slice(),
    );
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#written += bytes.length;
    await this.#pass(bytes, this.#isComplete && this.#written === this.#end);
  }

  /** Waits until all that is written has left. */
  async #left(): Promise<void> {
    const { stream, signal, memory } = this.#options;
    if (stream.unsent > 0) {
      memory.onWrite(stream);
      await abortable(stream.until(() => stream.unsent === 0), signal);
      memory.onWritten();
    }
    this.#told();
    this.#release();
  }

  /** Gives back what has left. */
  #release(): void {
    const { stream, sentChunks } = this.#options;
    const sent = this.#written - stream.unsent;
    let count = 0;
    for (const { lease, end, isLarge } of this.#queue) {
      if (end > sent) break;
      // Views of it are kept until they are acknowledged.
      if (isLarge && lease.bytes !== undefined) {
        sentChunks?.add(end, lease.bytes.length);
      }
      lease[Symbol.dispose]();
      count++;
    }
    this.#queue.splice(0, count);
  }

  /** Others need the memory. */
  #recall(keep: number): void {
    const { stream } = this.#options;
    this.#release();
    const { unsent } = stream;
    stream.retract(keep);
    this.#written -= unsent - stream.unsent;
    this.#mustSettle = true;
    this.#drop();
  }

  #drop(): void {
    for (const { lease } of this.#queue) lease.drop();
  }

  async #renew({ lease }: QueuedChunk): Promise<void> {
    const { memory } = this.#options;
    if (this.#mustSettle) await this.#settle();
    else await this.#left();
    // No response waits for memory while it holds some.
    memory.isRecalled = true;
    this.#drop();
    await lease.renew();
  }

  /** All that was lost is on its way: with the rest it is as before. */
  async #resume(): Promise<void> {
    if (!this.#mustSettle || this.#isComplete) return;
    await this.#settle();
    this.#options.memory.resume();
  }

  /** One that acknowledges nothing does not have chunks read for nothing. */
  async #settle(): Promise<void> {
    const { stream, signal, memory } = this.#options;
    await abortable(stream.until(() => stream.isSettled), signal);
    this.#mustSettle = false;
    this.#told();
    this.#release();
    memory.onSettled();
  }

  /** Tells how far it is. */
  #told(): void {
    const { stream, onSent } = this.#options;
    const bytes = this.#written - stream.unsent - this.bytes;
    if (bytes <= 0) return;
    this.bytes += bytes;
    onSent(bytes, Math.max(0, this.bytes - this.#headers));
  }
}
