/**
 * The relay of a node: passes opaque packets between nodes that are attached
 * to it. It reads nothing of them and promises nothing; the connection inside
 * authenticates its two ends.
 */

import {
  RELAY_BURST,
  RELAY_PACKET_COST_MIN,
  RELAY_RATE,
  RELAYED_DATAGRAM_MAX,
} from "../limits.ts";
import type { RemotePeer } from "./session.ts";

/** What a {@linkcode Relay} needs of the sessions of its node. */
export interface RelayedSession {
  /** The attached node. */
  readonly remote: RemotePeer;
  /** Resolves when the session is over. */
  readonly closed: Promise<unknown>;
  /** Sends a packet; it may get lost. */
  sendRelay(nodeId: bigint, packet: Uint8Array): Promise<void> | void;
}

/** What a {@linkcode Relay} has done. */
export interface RelayStats {
  /** Packets passed on. */
  forwarded: number;
  /** Packets dropped: without a target, too large, or too many. */
  dropped: number;
}

/** What one attached node may still send. */
interface Allowance {
  bytes: number;
  since: number;
}

/**
 * Passes packets between attached nodes. Each may send `RELAY_RATE`; what
 * cannot be passed on at once waits in the short queue of its target's
 * connection, where all senders take turns.
 */
export class Relay {
  /** By node id, the newest session last: a node that attaches again takes over. */
  readonly #attached = new Map<bigint, RelayedSession[]>();
  readonly #allowances = new WeakMap<RelayedSession, Allowance>();
  readonly #now: () => number;

  /** What has been done so far. */
  readonly stats: RelayStats = { forwarded: 0, dropped: 0 };

  /**
   * Makes a relay that knows no node.
   *
   * @param now The clock, in milliseconds.
   */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes in a node that has attached, until its session ends. */
  add(session: RelayedSession): void {
    const { nodeId } = session.remote;
    const sessions = this.#attached.get(nodeId) ?? [];
    this.#attached.set(nodeId, sessions);
    sessions.push(session);
    session.closed.then(() => {
      sessions.splice(sessions.indexOf(session), 1);
      if (sessions.length === 0) this.#attached.delete(nodeId);
    });
  }

  /** The attached node with an id, if there is one. */
  find(nodeId: bigint): RemotePeer | undefined {
    return this.#attached.get(nodeId)?.at(-1)?.remote;
  }

  /**
   * Passes on a packet that an attached node sent, or drops it.
   *
   * @param from Its sender.
   * @param nodeId The node it is for.
   * @param packet Copied.
   * @returns Whether it was passed on.
   */
  forward(from: RelayedSession, nodeId: bigint, packet: Uint8Array): boolean {
    const target = this.#attached.get(nodeId)?.at(-1);
    if (
      target === undefined || target === from || !this.#isAttached(from) ||
      packet.length === 0 || packet.length > RELAYED_DATAGRAM_MAX ||
      !this.#charge(from, packet.length)
    ) {
      this.stats.dropped++;
      return false;
    }
    this.stats.forwarded++;
    target.sendRelay(from.remote.nodeId, packet.slice());
    return true;
  }

  /** A session that was not taken in is for something else. */
  #isAttached(session: RelayedSession): boolean {
    return this.#attached.get(session.remote.nodeId)?.includes(session) ??
      false;
  }

  /** Takes a packet off what a node may send; false when that is used up. */
  #charge(session: RelayedSession, length: number): boolean {
    const now = this.#now();
    const allowance = this.#allowances.get(session) ??
      { bytes: RELAY_BURST, since: now };
    this.#allowances.set(session, allowance);
    const earned = (now - allowance.since) * RELAY_RATE / 1000;
    allowance.bytes = Math.min(RELAY_BURST, allowance.bytes + earned);
    allowance.since = now;
    const cost = Math.max(length, RELAY_PACKET_COST_MIN);
    if (allowance.bytes < cost) return false;
    allowance.bytes -= cost;
    return true;
  }
}
