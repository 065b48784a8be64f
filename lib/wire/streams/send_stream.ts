/**
 * The sending half of a stream: what was written, what was sent, what was lost
 * and what was acknowledged (RFC 9000 §3.1).
 */

import { RangeSet } from "./range_set.ts";

/** A writer is asked for more when no more than this waits to be sent. */
const LOW_WATER = 256 * 1024;

/** Stream data to put into a packet. */
export interface SendRange {
  offset: number;
  length: number;
  /** Whether the stream ends here. */
  fin: boolean;
  /** How much of it was never sent before: that costs connection credit. */
  fresh: number;
}

interface Segment {
  start: number;
  bytes: Uint8Array;
}

/**
 * The sending half of a stream. Written bytes are kept by reference until
 * acknowledged.
 */
export class SendStream {
  #segments: Segment[] = [];
  written = 0;
  /** Bytes sent at least once. */
  sent = 0;
  #ackedPrefix = 0;
  readonly #acked = new RangeSet();
  readonly #lost = new RangeSet();
  #finished = false;
  #finSent = false;
  #finLost = false;
  #finAcked = false;
  #resetAcked = false;

  /** Called when {@linkcode wantsMore} becomes true, and when the stream fails. */
  onWritable: (() => void) | undefined;
  /**
   * Called when the peer gives credit, when all that was written has left, and
   * when all that left has arrived.
   */
  onProgress: (() => void) | undefined;
  /** The code of our RESET_STREAM. */
  resetCode: number | undefined;
  /** The code of the peer's STOP_SENDING. */
  stopCode: number | undefined;

  /** Starts with the peer's limit on the stream's data. */
  constructor(public maxData: number) {}

  /** Whether so little waits to be sent that the writer should go on. */
  get wantsMore(): boolean {
    return this.written - this.sent <= LOW_WATER;
  }

  /** Bytes kept: what was written, up to what the peer has without a gap. */
  get retained(): number {
    return this.resetCode === undefined ? this.written - this.#ackedPrefix : 0;
  }

  /** Whether the application ended this half, with FIN or a reset. */
  get ended(): boolean {
    return this.#finished || this.resetCode !== undefined;
  }

  /** Whether nothing of this half matters any more. */
  get done(): boolean {
    return this.resetCode !== undefined ? this.#resetAcked : this.#finAcked &&
      this.#ackedPrefix === this.written;
  }

  /** Whether lost data or a lost FIN waits to be sent again. */
  get hasLost(): boolean {
    return this.resetCode === undefined &&
      (this.#lost.length > 0 || this.#finLost);
  }

  /** Whether there is something new that the stream's own limit lets through. */
  get hasNew(): boolean {
    if (this.resetCode !== undefined) return false;
    if (this.sent < this.written) return this.sent < this.maxData;
    return this.#finished && !this.#finSent;
  }

  /** Whether data waits for the stream's own limit alone. */
  get blocked(): boolean {
    return this.resetCode === undefined && this.sent < this.written &&
      this.sent >= this.maxData;
  }

  /**
   * Appends `bytes`, which must not change until they are acknowledged; after
   * a reset they are dropped.
   *
   * @throws {TypeError} When the stream was finished.
   */
  write(bytes: Uint8Array): void {
    if (this.#finished) {
      throw new TypeError("Cannot write to a stream after its end");
    }
    if (bytes.length === 0 || this.resetCode !== undefined) return;
    this.#segments.push({ start: this.written, bytes });
    this.written += bytes.length;
  }

  finish(): void {
    this.#finished = true;
  }

  /** Bytes that the peer has, without a gap. */
  get acknowledged(): number {
    return this.#ackedPrefix;
  }

  /**
   * Takes back what was written and has not left beyond `keep` bytes of it, the
   * end too, and keeps copies of the rest: whatever the bytes were part of can
   * be given up.
   */
  retract(keep: number): void {
    if (this.resetCode !== undefined) return;
    const end = Math.min(this.written, this.sent + keep);
    if (end < this.written) this.#finished = false;
    this.written = end;
    const kept: Segment[] = [];
    for (const { start, bytes } of this.#segments) {
      if (start >= end) break;
      const from = Math.max(start, this.#ackedPrefix);
      if (from >= start + bytes.length) continue;
      kept.push({ start: from, bytes: bytes.slice(from - start, end - start) });
    }
    this.#segments = kept;
  }

  /** Abandons the stream: its data is dropped, only the reset remains to be told. */
  reset(code: number): void {
    if (this.resetCode !== undefined || this.done) return;
    this.resetCode = code;
    this.#segments = [];
  }

  onResetAcked(): void {
    this.#resetAcked = true;
  }

  /**
   * Takes the next range to send, lost data first.
   *
   * @param credit Bytes of new data the connection's limit allows.
   * @param range Filled in; its `length` may be 0 with `fin`.
   * @returns Whether there was anything.
   */
  take(space: number, credit: number, range: SendRange): boolean {
    const lost = this.#lost.shift(space);
    if (lost !== undefined) {
      range.offset = lost.start;
      range.length = lost.length;
      range.fresh = 0;
    } else {
      const limit = Math.min(this.written, this.maxData);
      const length = Math.max(0, Math.min(space, credit, limit - this.sent));
      range.offset = this.sent;
      range.length = length;
      range.fresh = length;
      this.sent += length;
    }
    range.fin = this.#finished && (!this.#finSent || this.#finLost) &&
      range.offset + range.length === this.written;
    if (range.fin) {
      this.#finSent = true;
      this.#finLost = false;
    }
    return range.length > 0 || range.fin;
  }

  /** Copies sent data into `target` at `at`. */
  copy(
    offset: number,
    length: number,
    target: Uint8Array,
    at: number,
  ): void {
    let i = this.#segmentAt(offset);
    while (length > 0) {
      const { start, bytes } = this.#segments[i++];
      const from = offset - start;
      const part = Math.min(length, bytes.length - from);
      target.set(bytes.subarray(from, from + part), at);
      at += part;
      offset += part;
      length -= part;
    }
  }

  /** A range arrived. */
  onAcked(offset: number, length: number, fin: boolean): void {
    if (this.resetCode !== undefined) return;
    if (fin) {
      this.#finAcked = true;
      this.#finLost = false;
    }
    const end = offset + length;
    this.#lost.remove(offset, end);
    if (end <= this.#ackedPrefix) return;
    if (offset > this.#ackedPrefix) {
      this.#acked.add(offset, end);
      return;
    }
    this.#ackedPrefix = this.#acked.takeThrough(end);
    // Segments go as a block, not one by one: shift() on a long array is slow.
    let drop = 0;
    while (
      drop < this.#segments.length &&
      this.#segments[drop].start + this.#segments[drop].bytes.length <=
        this.#ackedPrefix
    ) drop++;
    if (drop > 0) this.#segments.splice(0, drop);
  }

  /** A range was lost: what of it is still unacknowledged goes out again. */
  onLost(offset: number, length: number, fin: boolean): void {
    if (this.resetCode !== undefined) return;
    if (fin && !this.#finAcked) this.#finLost = true;
    const end = offset + length;
    this.#lost.add(Math.max(offset, this.#ackedPrefix), end);
    for (const [start, stop] of this.#acked) {
      if (stop <= offset) continue;
      if (start >= end) break;
      this.#lost.remove(start, stop);
    }
  }

  #segmentAt(offset: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#segments[middle].start <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
