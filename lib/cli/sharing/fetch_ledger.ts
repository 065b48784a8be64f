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

/** Chunks that an open request is for, by its stream. */
type Asked = Map<number, readonly number[]>;

type Sent = Extract<NodeEvent, { type: "request" }>["request"];

/**
 * Keeps account of what was sent to each peer, so that a fetch counts as whole
 * only when it was one: every chunk was asked for and sent to its end, and as
 * many bytes have left as all chunks have. A peer that says it has all of it, as
 * one does that went on with what an earlier run left, has that run's bytes
 * counted in, if that peer is gone. So each whole fetch takes as many bytes as
 * all chunks have, whatever is said: who lies is sent what a fetch takes.
 */
export class FetchLedger {
  readonly #chunks: NumberedChunks;
  readonly #onWhole: (peer: RemotePeer) => void;
  readonly #visits = new Map<string, Visit>();
  readonly #asked = new Map<RemotePeer, Asked>();
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
      case "sent":
        this.#visitOf(peer).bytes += event.bytes;
        return;
      case "answered": {
        const numbers = this.#asked.get(peer)?.get(event.stream) ?? [];
        this.#asked.get(peer)?.delete(event.stream);
        // Which ones are missing nobody tells.
        if (event.missing > 0) return;
        const visit = this.#visitOf(peer);
        for (const number of numbers) mark(visit, number);
        return;
      }
      case "failed":
        this.#asked.get(peer)?.delete(event.stream);
        return;
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
    if (
      this.#hasAll(visit) ||
      this.#takeLeft(this.#neededBytes - visit.bytes, visit)
    ) {
      this.#count(visit, peer);
    }
  }

  /** Takes bytes of those that left before they had all, if there are so many. */
  #takeLeft(lacking: number, claiming: Visit): boolean {
    const left = [...this.#visits.values()].filter((visit) =>
      visit !== claiming && visit.sessions === 0 && !visit.isCounted
    );
    if (left.reduce((sum, { bytes }) => sum + bytes, 0) < lacking) return false;
    for (const visit of left) {
      const taken = Math.min(Math.max(0, lacking), visit.bytes);
      visit.bytes -= taken;
      lacking -= taken;
    }
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

  /** The chunks of which a request wants the end. */
  #wholes(request: Sent): readonly number[] {
    switch (request.kind) {
      case "get":
        return this.#numbersOf([request.hash]);
      case "get_many":
        return this.#numbersOf(request.hashes);
      case "get_range": {
        const { hash, offset, length } = request;
        const end = Number(offset) + Number(length);
        return end >= this.#chunks.sizeOf(hash) ? this.#numbersOf([hash]) : [];
      }
      default:
        return [];
    }
  }

  #numbersOf(hashes: readonly Uint8Array[]): readonly number[] {
    return hashes.flatMap((hash) => this.#chunks.numberOf(hash) ?? []);
  }

  #leave(peer: RemotePeer): void {
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
