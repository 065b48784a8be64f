/**
 * The receiving half of a stream: reassembly and flow control (RFC 9000 §3.2,
 * §4.1).
 */

import {
  STREAM_SEGMENTS_MAX,
  STREAM_SMALL_SEGMENTS_MAX,
} from "../../limits.ts";
import {
  TransportError,
  TransportErrorCode,
} from "../packet/transport_error.ts";
import { ReceiveWindow, type WindowBounds } from "./receive_window.ts";

interface Segment {
  start: number;
  bytes: Uint8Array;
}

/**
 * Data shorter than this is gathered in blocks: an array of its own costs more
 * than its bytes.
 */
const SEGMENT_MIN = 1024;
/**
 * Bytes of the first block of a stream, and of the largest; each has twice
 * those of the one before.
 */
const BLOCK_MIN = 256;
const BLOCK_MAX = 8192;

export class ReceiveStream {
  /** In-order bytes not read yet; the first `#readyHead` entries are used up. */
  #ready: Uint8Array[] = [];
  #readyHead = 0;
  /** Where short segments are gathered: filled up to `#blockUsed`. */
  #block = new Uint8Array(0);
  #blockUsed = 0;
  #contiguousEnd = 0;
  /** Bytes read, or given up, by the application: they free credit. */
  consumed = 0;
  /** Out of order, by offset, not overlapping. */
  #pending: Segment[] = [];
  #pendingBytes = 0;
  #finalSize: number | undefined;

  /** Called when there is something new to read, also an end or a failure. */
  onReadable: (() => void) | undefined;
  /** End of the highest byte received or, after a reset, the final size. */
  highest = 0;
  /** The code of the peer's reset. */
  resetCode: number | undefined;
  /** The code of our STOP_SENDING. */
  stopCode: number | undefined;
  /** The limit the peer was told. */
  maxData: number;

  readonly #window: ReceiveWindow;

  /**
   * Lets the peer send `window` bytes beyond what was read.
   *
   * @param bounds How large the window may become; it stays without.
   */
  constructor(window: number, bounds?: WindowBounds) {
    this.#window = new ReceiveWindow(window, bounds);
    this.maxData = window;
  }

  /** Bytes that {@linkcode read} can give now. */
  get available(): number {
    return this.#contiguousEnd - this.consumed;
  }

  /** Arrays of what was not read yet: each costs memory beside its bytes. */
  get segments(): number {
    return this.#ready.length - this.#readyHead + this.#pending.length;
  }

  /** Those of them that wait for what is before them. */
  get pieces(): number {
    return this.#pending.length;
  }

  /** Whether everything up to the FIN is there (or read). */
  get complete(): boolean {
    return this.#finalSize !== undefined &&
      this.#contiguousEnd === this.#finalSize;
  }

  /** Whether nothing of this half matters any more. */
  get done(): boolean {
    return this.resetCode !== undefined || (this.complete &&
      this.consumed === this.#contiguousEnd);
  }

  /** Whether the peer may send more and has not told of an end. */
  get awaitsData(): boolean {
    return !this.complete && this.resetCode === undefined &&
      this.stopCode === undefined && this.highest < this.maxData;
  }

  /** Whether enough was read that the peer should get a new limit. */
  get owesLimit(): boolean {
    return this.#finalSize === undefined && this.resetCode === undefined &&
      this.#window.isUsedUp(this.maxData, this.consumed);
  }

  /** The limit that a MAX_STREAM_DATA sent now would tell. */
  get nextLimit(): number {
    return this.consumed + this.#window.size;
  }

  /** Before a limit is told: see {@linkcode ReceiveWindow.grow}. */
  grow(now: number, rtt: number): void {
    this.#window.grow(now, rtt, this.consumed);
  }

  raiseLimit(now: number): void {
    this.maxData = this.nextLimit;
    this.#window.onTold(now, this.consumed);
  }

  /**
   * Takes the data of a STREAM frame.
   *
   * @param data Kept by reference when `owned` and not short, else copied.
   * @param owned Whether `data` is memory that is worth keeping as it is.
   * @returns How far the highest offset moved: that much connection credit was used.
   * @throws {TransportError} `FLOW_CONTROL_ERROR`, `FINAL_SIZE_ERROR`.
   */
  receive(
    offset: number,
    data: Uint8Array,
    fin: boolean,
    owned: boolean,
  ): number {
    const end = offset + data.length;
    this.#checkEnd(end, fin);
    this.#checkLimit(end);
    if (fin) this.#finalSize = end;
    const grown = Math.max(0, end - this.highest);
    this.highest += grown;
    if (this.stopCode !== undefined) {
      this.#contiguousEnd = this.consumed = this.highest;
      return grown;
    }
    if (end > this.#contiguousEnd) {
      if (offset <= this.#contiguousEnd) {
        this.#append(data.subarray(this.#contiguousEnd - offset), owned);
        if (this.#pending.length > 0) this.#drainPending();
      } else {
        const keep = owned && data.length >= SEGMENT_MIN;
        this.#insertPending(offset, keep ? data : data.slice());
      }
    }
    return grown;
  }

  /**
   * Takes a RESET_STREAM frame.
   *
   * @returns Connection credit used by the final size.
   * @throws {TransportError} `FINAL_SIZE_ERROR`, `FLOW_CONTROL_ERROR`.
   */
  reset(code: number, finalSize: number): number {
    this.#checkEnd(finalSize, true);
    this.#checkLimit(finalSize);
    // Everything was received already: the application may still read it.
    if (this.complete) return 0;
    const grown = Math.max(0, finalSize - this.highest);
    this.#finalSize = finalSize;
    this.highest = finalSize;
    this.resetCode = code;
    this.#discard();
    return grown;
  }

  /**
   * Gives up on the data: what came and will come is dropped and its credit
   * returned.
   */
  stop(code: number): void {
    if (this.done || this.stopCode !== undefined) return;
    this.stopCode = code;
    this.#discard();
  }

  /**
   * Copies the next bytes into `target`.
   *
   * @returns How many; 0 when there is nothing (or the stream has ended).
   */
  read(target: Uint8Array): number {
    let at = 0;
    while (at < target.length && this.#readyHead < this.#ready.length) {
      const bytes = this.#ready[this.#readyHead];
      const part = Math.min(bytes.length, target.length - at);
      if (part === bytes.length) {
        target.set(bytes, at);
        this.#readyHead++;
      } else {
        target.set(bytes.subarray(0, part), at);
        this.#ready[this.#readyHead] = bytes.subarray(part);
      }
      at += part;
    }
    if (this.#readyHead === this.#ready.length) {
      this.#ready = [];
      this.#readyHead = 0;
    } else if (this.#readyHead >= 64) {
      this.#ready.splice(0, this.#readyHead);
      this.#readyHead = 0;
    }
    this.consumed += at;
    return at;
  }

  #checkLimit(end: number): void {
    if (end <= this.maxData) return;
    throw new TransportError(
      TransportErrorCode.FLOW_CONTROL_ERROR,
      `stream data up to ${end} passes the limit ${this.maxData}`,
    );
  }

  #checkEnd(end: number, final: boolean): void {
    const known = this.#finalSize;
    const fits = known === undefined
      ? !final || end >= this.highest
      : final
      ? end === known
      : end <= known;
    if (fits) return;
    throw new TransportError(
      TransportErrorCode.FINAL_SIZE_ERROR,
      known === undefined
        ? `final size ${end} is less than what was received`
        : `stream end ${end} contradicts the final size ${known}`,
    );
  }

  #discard(): void {
    this.#ready = [];
    this.#readyHead = 0;
    this.#block = new Uint8Array(0);
    this.#blockUsed = 0;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#contiguousEnd = this.consumed = this.highest;
  }

  /** Adds bytes that follow on what is there. */
  #append(bytes: Uint8Array, owned: boolean): void {
    this.#contiguousEnd += bytes.length;
    if (bytes.length >= SEGMENT_MIN) {
      this.#ready.push(owned ? bytes : bytes.slice());
      return;
    }
    while (bytes.length > 0) {
      if (this.#blockUsed === this.#block.length) {
        const size = Math.max(BLOCK_MIN, 2 * this.#block.length);
        this.#block = new Uint8Array(Math.min(size, BLOCK_MAX));
        this.#blockUsed = 0;
      }
      const start = this.#blockUsed;
      const part = bytes.subarray(0, this.#block.length - start);
      this.#block.set(part, start);
      this.#blockUsed += part.length;
      this.#extendReady(start);
      bytes = bytes.subarray(part.length);
    }
  }

  /**
   * Makes the block's bytes from `start` on readable, in one array with those
   * before where it can.
   */
  #extendReady(start: number): void {
    const last = this.#ready.length - 1;
    const before = last >= this.#readyHead ? this.#ready[last] : undefined;
    const joins = before?.buffer === this.#block.buffer &&
      before.byteOffset + before.length === start;
    if (joins) {
      this.#ready[last] = this.#block.subarray(
        before.byteOffset,
        this.#blockUsed,
      );
    } else this.#ready.push(this.#block.subarray(start, this.#blockUsed));
  }

  #drainPending(): void {
    let used = 0;
    while (
      used < this.#pending.length &&
      this.#pending[used].start <= this.#contiguousEnd
    ) {
      const { start, bytes } = this.#pending[used++];
      this.#pendingBytes -= bytes.length;
      const end = start + bytes.length;
      if (end <= this.#contiguousEnd) continue;
      this.#append(bytes.subarray(this.#contiguousEnd - start), true);
    }
    if (used > 0) this.#pending.splice(0, used);
  }

  #insertPending(start: number, bytes: Uint8Array): void {
    const pending = this.#pending;
    let i = pending.length;
    if (i > 0 && pending[i - 1].start >= start) {
      let low = 0;
      let high = i;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (pending[middle].start < start) low = middle + 1;
        else high = middle;
      }
      i = low;
    }
    if (i > 0) {
      const before = pending[i - 1];
      const overlap = before.start + before.bytes.length - start;
      if (overlap >= bytes.length) return;
      if (overlap > 0) {
        start += overlap;
        bytes = bytes.subarray(overlap);
      }
    }
    // What the new segment covers wholly goes; what it covers partly cuts it.
    let covered = i;
    const end = start + bytes.length;
    while (
      covered < pending.length &&
      pending[covered].start + pending[covered].bytes.length <= end
    ) this.#pendingBytes -= pending[covered++].bytes.length;
    if (covered < pending.length && pending[covered].start < end) {
      bytes = bytes.subarray(0, pending[covered].start - start);
    }
    if (bytes.length === 0) return;
    pending.splice(i, covered - i, { start, bytes });
    this.#pendingBytes += bytes.length;
    const limit = Math.min(
      STREAM_SEGMENTS_MAX,
      STREAM_SMALL_SEGMENTS_MAX + this.#pendingBytes / SEGMENT_MIN * 2,
    );
    if (pending.length > limit) {
      throw new TransportError(
        TransportErrorCode.INTERNAL_ERROR,
        `stream has more than ${Math.floor(limit)} out-of-order segments`,
      );
    }
  }
}
