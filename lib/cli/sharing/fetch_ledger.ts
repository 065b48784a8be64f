/** Which fetches of a share are whole, by what was sent. */

import { isZeroChunk } from "../../content/mod.ts";
import type { RemotePeer } from "../../mesh/mod.ts";
import type { SourceStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import type { NodeEvent } from "../../transfer/mod.ts";

/** Peers that left before all was sent to them and are remembered. */
const LEFT_MAX = 64;

/** What is known of the chunks of a share. */
export type NumberedChunks = Pick<
  SourceStore,
  "chunkNumbers" | "numberOf" | "sizeOf" | "chunks"
>;

/** What was sent to one peer. */
interface Visit {
  sessions: number;
  /** A bit for each chunk that was asked for and sent to its end. */
  readonly sent: Uint8Array;
  /** Chunks that were not. */
  left: number;
  /** Bytes that have left for it. */
  bytes: number;
  isCounted: boolean;
  /** Who says that it has all, though it was not sent all. */
  claimedBy?: RemotePeer;
}

/** An open request. */
interface Asked {
  /**
   * Chunks that it wants the end of, in the order of the response, and how much
   * of that has left when each has, at most.
   */
  readonly chunks: readonly {
    readonly number?: number;
    readonly end: number;
  }[];
  /** Bytes of the response that have left. */
  bytes: number;
}

/** What stands before a chunk in a response takes so many bytes at most. */
const HEADER_MAX = 5;

type Sent = Extract<NodeEvent, { type: "request" }>["request"];

/**
 * Keeps account of what was sent to each peer, so that a fetch counts as whole
 * only when it was one: every chunk was asked for and sent to its end, and as
 * many bytes have left as all chunks have. A peer that says it has all of it, as
 * one does that went on with what an earlier run left, has counted in what was
 * sent to those that are gone, and that only once. What a peer says changes
 * nothing else: each whole fetch takes what all chunks take.
 */
export class FetchLedger {
  readonly #chunks: NumberedChunks;
  readonly #onWhole: (peer: RemotePeer) => void;
  readonly #visits = new Map<string, Visit>();
  readonly #asked = new Map<RemotePeer, Map<number, Asked>>();
  /** Bits of the chunks that nobody need ask for. */
  readonly #unneeded: Uint8Array;
  #needed = 0;
  #neededBytes = 0;

  /** @param onWhole Told of each fetch that was whole, once. */
  constructor(chunks: NumberedChunks, onWhole: (peer: RemotePeer) => void) {
    this.#chunks = chunks;
    this.#onWhole = onWhole;
    this.#unneeded = new Uint8Array(Math.ceil(chunks.chunkNumbers / 8))
      .fill(0xff);
    for (const { number, hash, length } of chunks.chunks()) {
      if (length === 0 || isZeroChunk(hash, length)) continue;
      this.#unneeded[number >> 3] &= ~(1 << (number & 7));
      this.#needed++;
      this.#neededBytes += length;
    }
  }

  readonly onEvent = (event: NodeEvent, peer: RemotePeer): void => {
    switch (event.type) {
      case "attached":
        this.#asked.set(peer, new Map());
        this.#visitOf(peer).sessions++;
        return;
      case "request":
        this.#asked.get(peer)?.set(event.stream, this.#wholes(event.request));
        return;
      case "sent": {
        this.#visitOf(peer).bytes += event.bytes;
        const asked = this.#asked.get(peer)?.get(event.stream);
        if (asked !== undefined) asked.bytes += event.bytes;
        return;
      }
      case "answered":
        // Which ones are missing nobody tells.
        if (event.missing > 0) {
          this.#asked.get(peer)?.delete(event.stream);
          return;
        }
        return this.#close(peer, event.stream, true);
      case "failed":
        return this.#close(peer, event.stream, false);
      case "detached":
        return this.#leave(peer);
    }
  };

  /** Whether a peer has all of it. */
  isWhole({ publicKey }: Pick<RemotePeer, "publicKey">): boolean {
    const visit = this.#visits.get(toHex(publicKey));
    return visit !== undefined && (visit.isCounted || this.#hasAll(visit));
  }

  /**
   * A peer says that it has all of it.
   *
   * @returns Whether that counts. If not, it may once others are gone: a run that
   * was killed seems to be there for a while.
   */
  claim(peer: RemotePeer): boolean {
    const visit = this.#visitOf(peer);
    visit.claimedBy = peer;
    if (!visit.isCounted) this.#judge(visit, peer);
    return visit.isCounted;
  }

  #judge(visit: Visit, peer: RemotePeer): void {
    if (this.#hasAll(visit) || this.#takeLeft(visit)) this.#count(visit, peer);
  }

  /** Adds up what was sent to those that left, if that makes it whole. */
  #takeLeft(claiming: Visit): boolean {
    const left = [...this.#visits].filter(([, visit]) =>
      visit !== claiming && visit.sessions === 0 && !visit.isCounted
    ).sort(([, a], [, b]) => a.left - b.left);
    const sent = claiming.sent.slice();
    let { bytes } = claiming;
    const used: string[] = [];
    for (const [key, visit] of left) {
      if (sent.every((byte) => byte === 0xff)) break;
      sent.forEach((byte, i) => sent[i] = byte | visit.sent[i]);
      bytes += visit.bytes;
      used.push(key);
    }
    if (!sent.every((byte) => byte === 0xff)) return false;
    if (bytes < this.#neededBytes) return false;
    for (const key of used) this.#visits.delete(key);
    return true;
  }

  #hasAll({ left, bytes }: Visit): boolean {
    return left === 0 && bytes >= this.#neededBytes;
  }

  #visitOf({ publicKey }: RemotePeer): Visit {
    const key = toHex(publicKey);
    let visit = this.#visits.get(key);
    if (visit === undefined) {
      visit = {
        sessions: 0,
        sent: this.#unneeded.slice(),
        left: this.#needed,
        bytes: 0,
        isCounted: false,
      };
      this.#visits.set(key, visit);
    }
    return visit;
  }

  /**
   * A request is over: all of it has been sent, or what has left of its response,
   * which has chunks in the order of the request.
   */
  #close(peer: RemotePeer, stream: number, isWhole: boolean): void {
    const asked = this.#asked.get(peer)?.get(stream);
    this.#asked.get(peer)?.delete(stream);
    if (asked === undefined) return;
    const visit = this.#visitOf(peer);
    for (const { number, end } of asked.chunks) {
      if (!isWhole && end > asked.bytes) return;
      if (number !== undefined) mark(visit, number);
    }
  }

  /** The chunks of which a request wants the end. */
  #wholes(request: Sent): Asked {
    switch (request.kind) {
      case "get":
        return this.#askedFor([request.hash]);
      case "get_many":
        return this.#askedFor(request.hashes);
      case "get_range": {
        const { hash, offset, length } = request;
        const end = Number(offset) + Number(length);
        return this.#askedFor(end >= this.#chunks.sizeOf(hash) ? [hash] : []);
      }
      default:
        return this.#askedFor([]);
    }
  }

  #askedFor(hashes: readonly Uint8Array[]): Asked {
    let end = 0;
    const chunks = hashes.map((hash) => {
      end += HEADER_MAX + this.#chunks.sizeOf(hash);
      return { number: this.#chunks.numberOf(hash), end };
    });
    return { chunks, bytes: 0 };
  }

  #leave(peer: RemotePeer): void {
    for (const stream of [...this.#asked.get(peer)?.keys() ?? []]) {
      this.#close(peer, stream, false);
    }
    this.#asked.delete(peer);
    const visit = this.#visitOf(peer);
    if (--visit.sessions > 0) return;
    if (this.#hasAll(visit)) this.#count(visit, peer);
    for (const other of this.#visits.values()) {
      const { claimedBy, isCounted } = other;
      if (claimedBy !== undefined && !isCounted) this.#judge(other, claimedBy);
    }
    if (visit.isCounted) this.#visits.delete(toHex(peer.publicKey));
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    const gone = [...this.#visits].filter(([, { sessions }]) => sessions === 0);
    for (const [key] of gone.slice(0, Math.max(0, gone.length - LEFT_MAX))) {
      this.#visits.delete(key);
    }
  }

  #count(visit: Visit, peer: RemotePeer): void {
    if (visit.isCounted) return;
    visit.isCounted = true;
    this.#onWhole(peer);
  }
}

function mark(visit: Visit, number: number): void {
  const bit = 1 << (number & 7);
  if ((visit.sent[number >> 3] & bit) !== 0) return;
  visit.sent[number >> 3] |= bit;
  visit.left--;
}
