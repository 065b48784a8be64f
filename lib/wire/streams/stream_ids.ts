/**
 * Which streams may exist: the numbering of bidirectional streams (RFC 9000
 * §2.1) and the limits on how many are open at once (§4.6).
 */

import {
  TransportError,
  TransportErrorCode,
} from "../packet/transport_error.ts";

/** Ids of one kind of stream are this far apart. */
const STEP = 4;
/** Set in the ids of unidirectional streams, which this wire has not. */
const UNIDIRECTIONAL_BIT = 2;

/** The stream ids of one connection, ours and the peer's. */
export class StreamIds {
  readonly #localBit: number;
  readonly #maxOpen: number;
  #nextLocal: number;
  #nextRemote: number;
  #opened = 0;
  /** Streams the peer lets us open over the life of the connection. */
  #localLimit: number;
  /** Streams we let the peer open over the life of the connection. */
  #remoteLimit: number;
  #remoteOver = 0;

  /** Whether the peer should get a MAX_STREAMS; {@linkcode raiseLimit} clears it. */
  owesLimit = false;

  /**
   * Starts without streams.
   *
   * @param initiator Whether we began the connection: bit 0 of our ids is 0.
   * @param maxOpen Streams the peer may have open at once.
   * @param localLimit Streams we may open, at the start.
   */
  constructor(initiator: boolean, maxOpen: number, localLimit: number) {
    this.#localBit = initiator ? 0 : 1;
    this.#nextLocal = this.#localBit;
    this.#nextRemote = 1 - this.#localBit;
    this.#maxOpen = maxOpen;
    this.#remoteLimit = maxOpen;
    this.#localLimit = localLimit;
  }

  isLocal(id: number): boolean {
    return (id & 1) === this.#localBit;
  }

  get canOpen(): boolean {
    return this.#opened < this.#localLimit;
  }

  /** The id of a new stream of ours, `undefined` while the peer's limit is reached. */
  open(): number | undefined {
    if (!this.canOpen) return undefined;
    const id = this.#nextLocal;
    this.#nextLocal += STEP;
    this.#opened++;
    return id;
  }

  /**
   * Takes a MAX_STREAMS frame; limits never go down.
   *
   * @returns Whether we may open more than before.
   */
  onMaxStreams(limit: number): boolean {
    if (limit <= this.#localLimit) return false;
    this.#localLimit = limit;
    return true;
  }

  /**
   * Judges a frame for a stream that is not open.
   *
   * @returns Whether the frame opens it; else it is over and the frame late.
   * @throws {TransportError} `STREAM_STATE_ERROR` for a stream that cannot
   * exist, `STREAM_LIMIT_ERROR` for one the peer may not open yet.
   */
  isNew(id: number): boolean {
    const local = this.isLocal(id);
    if (
      (id & UNIDIRECTIONAL_BIT) !== 0 || (local && id >= this.#nextLocal)
    ) {
      throw new TransportError(
        TransportErrorCode.STREAM_STATE_ERROR,
        `frame for stream ${id}, which does not exist`,
      );
    }
    if (local || id < this.#nextRemote) return false;
    if (Math.floor(id / STEP) >= this.#remoteLimit) {
      throw new TransportError(
        TransportErrorCode.STREAM_LIMIT_ERROR,
        `stream ${id} passes the limit of ${this.#remoteLimit} streams`,
      );
    }
    return true;
  }

  /** The id of the next stream of the peer, which is open from now on. */
  openRemote(): number {
    const id = this.#nextRemote;
    this.#nextRemote += STEP;
    return id;
  }

  /**
   * A stream of the peer is over and done with: from half of what it may have
   * on it is owed a new limit.
   */
  onRemoteOver(): void {
    this.#remoteOver++;
    if (this.nextLimit - this.#remoteLimit >= this.#maxOpen / 2) {
      this.owesLimit = true;
    }
  }

  /** The limit that a MAX_STREAMS sent now would tell. */
  get nextLimit(): number {
    return this.#remoteOver + this.#maxOpen;
  }

  raiseLimit(): void {
    this.owesLimit = false;
    this.#remoteLimit = this.nextLimit;
  }
}
