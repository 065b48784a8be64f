// deno-fmt-ignore-file
// deno-lint-ignore-file
/**
 * The receiving worker as one string. Generated from `lib/mesh/receive_worker.ts` by
 * `deno task bundle-worker`; do not edit.
 *
 * @module
 */

/** Source of the worker, ASCII only. */
export const WORKER_SOURCE: string = `
// lib/mesh/datagram_ring.ts
var CAPACITY = 4 * 1024 * 1024;
var HOST_MAX = 45;
var HEAD = 0;
var TAIL = 1;
var WAITING = 2;
var HEADER_WORDS = 16;
var HEADER_BYTES = 4 * HEADER_WORDS;
var FILLER = -1;
var RECORD_HEAD = 8;
function padded(length) {
  return length + 3 & ~3;
}
var DatagramRing = class {
  #header;
  #words;
  #bytes;
  #hostname = "";
  #port = 0;
  #from;
  constructor(memory) {
    this.#header = new Int32Array(memory, 0, HEADER_WORDS);
    this.#words = new Int32Array(memory, HEADER_BYTES);
    this.#bytes = new Uint8Array(memory, HEADER_BYTES);
  }
  get empty() {
    return Atomics.load(this.#header, HEAD) === this.#header[TAIL];
  }
  put(datagram, { hostname, port }) {
    const same = hostname === this.#hostname && port === this.#port;
    const host = same ? 0 : Math.min(hostname.length, HOST_MAX);
    const size = RECORD_HEAD + padded(host) + padded(datagram.length);
    let head = this.#header[HEAD];
    const used = head - Atomics.load(this.#header, TAIL) | 0;
    let at = head & CAPACITY - 1;
    const toEnd = CAPACITY - at;
    const skipped = size > toEnd ? toEnd : 0;
    if (used + skipped + size > CAPACITY) return false;
    if (skipped > 0) {
      this.#words[at >> 2] = FILLER;
      head = head + skipped | 0;
      at = 0;
    }
    this.#words[at >> 2] = datagram.length;
    this.#words[(at >> 2) + 1] = port << 8 | host;
    at += RECORD_HEAD;
    for (let i = 0; i < host; i++) this.#bytes[at + i] = hostname.charCodeAt(i);
    this.#bytes.set(datagram, at + padded(host));
    this.#hostname = hostname;
    this.#port = port;
    Atomics.store(this.#header, HEAD, head + size | 0);
    if (Atomics.compareExchange(this.#header, WAITING, 1, 0) === 1) {
      Atomics.notify(this.#header, WAITING);
    }
    return true;
  }
  takeAll(take, buffer, most) {
    const head = Atomics.load(this.#header, HEAD);
    for (let taken = 0; taken < most; taken++) {
      let tail = this.#header[TAIL];
      if (tail === head) return !this.empty;
      let at = tail & CAPACITY - 1;
      let length = this.#words[at >> 2];
      if (length === FILLER) {
        tail = tail + CAPACITY - at | 0;
        at = 0;
        length = this.#words[0];
      }
      const origin = this.#words[(at >> 2) + 1];
      const host = origin & 255;
      at += RECORD_HEAD;
      const from = host > 0 ? this.#from = this.#address(at, host, origin >>> 8) : this.#from;
      at += padded(host);
      const bytes = buffer.subarray(0, length);
      bytes.set(this.#bytes.subarray(at, at + length));
      const size = RECORD_HEAD + padded(host) + padded(length);
      Atomics.store(this.#header, TAIL, tail + size | 0);
      if (from !== void 0) take(bytes, length, from);
    }
    return !this.empty;
  }
  async filled() {
    Atomics.store(this.#header, WAITING, 1);
    if (this.empty) {
      const { async, value } = Atomics.waitAsync(this.#header, WAITING, 1);
      if (async) await value;
    }
    Atomics.store(this.#header, WAITING, 0);
  }
  wake() {
    Atomics.store(this.#header, WAITING, 0);
    Atomics.notify(this.#header, WAITING);
  }
  #address(at, length, port) {
    const codes = this.#bytes.subarray(at, at + length);
    return { transport: "udp", hostname: String.fromCharCode(...codes), port };
  }
};

// lib/mesh/receive_worker.ts
var RECEIVE_BYTES = 65536;
var FULL_MS = 1;
globalThis.onmessage = async ({ data }) => {
  const { memory, hostname, port } = data;
  const ring = new DatagramRing(memory);
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port, reuseAddress: true });
  const buffer = new Uint8Array(RECEIVE_BYTES);
  for (; ; ) {
    const [bytes, from] = await socket.receive(buffer);
    while (!ring.put(bytes, from)) {
      await new Promise((resolve) => setTimeout(resolve, FULL_MS));
    }
  }
};
`;
