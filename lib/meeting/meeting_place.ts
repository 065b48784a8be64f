/** Where the two ends of a code meet. */

import type { Identity, Session, SocketAddress } from "../mesh/mod.ts";

/** What a share is announced as. */
export interface OfferedNumber {
  /** The public part of its code. */
  readonly number: number;
  /** X25519 static key of the node. */
  readonly publicKey: Uint8Array;
  /** Where the node listens. */
  readonly address: SocketAddress;
}

/** How a share is attached to. */
export interface CandidateAttachOptions {
  /** The PSK of the meeting. */
  readonly psk: Uint8Array;
  /** Keys of this end. */
  readonly identity: Identity;
  /** Milliseconds in which it must answer. */
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** A share that answers to a number: somebody who says so, nothing more. */
export interface Candidate {
  readonly publicKey: Uint8Array;
  /** Where it was found, for people. */
  readonly where: string;
  /** Makes a session with it. */
  attach(options: CandidateAttachOptions): Promise<Session>;
}

/** One place. */
export interface MeetingPlace {
  /** What it is called, for people. */
  readonly name: string;
  /**
   * The numbers that others have there, as far as that can be known.
   *
   * @param at Where the node listens that is to have another one.
   */
  taken(at: SocketAddress, signal: AbortSignal): Promise<ReadonlySet<number>>;
  /**
   * Announces a share until it is disposed of.
   *
   * @throws {ExistsError} When another share has the number.
   */
  announce(
    offered: OfferedNumber,
    signal: AbortSignal,
  ): Promise<AsyncDisposable>;
  /**
   * Looks for shares with a number until the signal aborts; the same one may be
   * told of again.
   */
  find(
    number: number,
    onCandidate: (candidate: Candidate) => void,
    signal: AbortSignal,
  ): Promise<void>;
}
