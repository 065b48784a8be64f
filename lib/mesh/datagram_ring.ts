/**
 * A ring of datagrams in shared memory: one thread puts them in, one takes them
 * out, and neither waits for the other.
 */

import type { DatagramHandler } from "./datagram_socket.ts";

/** Bytes of datagrams that a ring holds: 0.15 s at 200 Mbit/s. A power of two. */
const CAPACITY = 4 * 1024 * 1024;
/** Longest textual address (IPv6 with an embedded IPv4 one). */
const HOST_MAX = 45;

// The words of the header.
/** Bytes ever put in, modulo 2^32. */
const HEAD = 0;
/** Bytes ever taken out, modulo 2^32. */
const TAIL = 1;
/** 1 while the taker waits to be woken. */
const WAITING = 2;
const HEADER_WORDS = 16;
const HEADER_BYTES = 4 * HEADER_WORDS;

/** Length of a record that only fills the end of the ring. */
const FILLER = -1;
/** Bytes of a record before its datagram: length, port, length of the host's name. */
const RECORD_HEAD = 8;

/** Records begin at multiples of four, so that their numbers can be read at once. */
function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Memory for a ring. */
export function ringMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + CAPACITY);
}

/** One thread's view of a ring; one thread puts in, one takes out. */
export class DatagramRing {
  readonly #header: Int32Array<SharedArrayBuffer>;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  /** Whose address came last; told only when it changes. */
  #hostname = "";
  #port = 0;
  #from: Deno.NetAddr | undefined;

  constructor(memory: SharedArrayBuffer) {
    this.#header = new Int32Array(memory, 0, HEADER_WORDS);
    this.#words = new Int32Array(memory, HEADER_BYTES);
    this.#bytes = new Uint8Array(memory, HEADER_BYTES);
  }

  get empty(): boolean {
    return Atomics.load(this.#header, HEAD) === this.#header[TAIL];
  }

  /**
   * Puts a datagram in and wakes who waits for it.
   *
   * @returns Whether there was room.
   */
  put(datagram: Uint8Array, { hostname, port }: Deno.NetAddr): boolean {
    const same = hostname === this.#hostname && port === this.#port;
    const host = same ? 0 : Math.min(hostname.length, HOST_MAX);
    const size = RECORD_HEAD + padded(host) + padded(datagram.length);
    let head = this.#header[HEAD];
    const used = (head - Atomics.load(this.#header, TAIL)) | 0;
    let at = head & (CAPACITY - 1);
    const toEnd = CAPACITY - at;
    const skipped = size > toEnd ? toEnd : 0;
    if (used + skipped + size > CAPACITY) return false;
    if (skipped > 0) {
      this.#words[at >> 2] = FILLER;
      head = (head + skipped) | 0;
      at = 0;
    }
    this.#words[at >> 2] = datagram.length;
    this.#words[(at >> 2) + 1] = port << 8 | host;
    at += RECORD_HEAD;
    for (let i = 0; i < host; i++) this.#bytes[at + i] = hostname.charCodeAt(i);
    this.#bytes.set(datagram, at + padded(host));
    this.#hostname = hostname;
    this.#port = port;
    Atomics.store(this.#header, HEAD, (head + size) | 0);
    if (Atomics.compareExchange(this.#header, WAITING, 1, 0) === 1) {
      Atomics.notify(this.#header, WAITING);
    }
    return true;
  }

  /**
   * Takes out what is there now, at most `most` datagrams.
   *
   * @param buffer Where each is put for `take`.
   * @returns Whether there is more.
   */
  takeAll(take: DatagramHandler, buffer: Uint8Array, most: number): boolean {
    const head = Atomics.load(this.#header, HEAD);
    for (let taken = 0; taken < most; taken++) {
      let tail = this.#header[TAIL];
      if (tail === head) return !this.empty;
      let at = tail & (CAPACITY - 1);
      let length = this.#words[at >> 2];
      if (length === FILLER) {
        tail = (tail + CAPACITY - at) | 0;
        at = 0;
        length = this.#words[0];
      }
      const origin = this.#words[(at >> 2) + 1];
      const host = origin & 0xff;
      at += RECORD_HEAD;
      const from = host > 0
        ? this.#from = this.#address(at, host, origin >>> 8)
        : this.#from;
      at += padded(host);
      // A copy: ciphers and decoders refuse shared memory.
      const bytes = buffer.subarray(0, length);
      bytes.set(this.#bytes.subarray(at, at + length));
      const size = RECORD_HEAD + padded(host) + padded(length);
      Atomics.store(this.#header, TAIL, (tail + size) | 0);
      if (from !== undefined) take(bytes, length, from);
    }
    return !this.empty;
  }

  /** Resolves when something has been put in since the ring was last empty. */
  async filled(): Promise<void> {
    Atomics.store(this.#header, WAITING, 1);
    if (this.empty) {
      const { async, value } = Atomics.waitAsync(this.#header, WAITING, 1);
      if (async) await value;
    }
    Atomics.store(this.#header, WAITING, 0);
  }

  /** Wakes who waits in {@linkcode filled}. */
  wake(): void {
    Atomics.store(this.#header, WAITING, 0);
    Atomics.notify(this.#header, WAITING);
  }

  #address(at: number, length: number, port: number): Deno.NetAddr {
    const codes = this.#bytes.subarray(at, at + length);
    return {
      transport: "udp",
      hostname: String.fromCharCode(...codes),
      port,
    };
  }
}
