/**
 * The responder's door: which Initials get an answer, and the bounded memory
 * of those that did. Sans-IO as everything in this room.
 *
 * @module
 */

import { HALF_OPEN_MAX, HALF_OPEN_MS } from "../../limits.ts";
import type { Established, HandshakeConfig } from "./handshake.ts";
import { Responder } from "./handshake_responder.ts";
import { connectionIdKey } from "../packet/packet_header.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";

/** Half-open connections from which on a source must prove its address first. */
const COOKIE_THRESHOLD = HALF_OPEN_MAX / 8;
/**
 * Handshakes tried in one second from which on a source must prove its address
 * first: each takes some milliseconds of Diffie-Hellman, also one that fails.
 */
const COOKIE_RATE = 20;
/** Handshakes tried in one second at the very most: sessions need the processor too. */
const RATE_MAX = 100;

/** Options of {@linkcode Listener}. */
export interface ListenerOptions {
  /** Keys, PSK and parameters of this node. */
  handshake: HandshakeConfig;
  /** Whether a connection id is taken; the argument is a `connectionIdKey`. */
  inUse: (key: string) => boolean;
  /** Whether a peer with this static key may attach. @default {everyone} */
  allow?: (publicKey: Uint8Array) => boolean;
}

/** What to do about an Initial. */
export type ListenerResult =
  | { readonly kind: "drop"; readonly reason: string }
  /** Send `packet` back. */
  | { readonly kind: "reply"; readonly packet: Uint8Array }
  /** Make a half-open connection of `established`, then send `packet` back. */
  | {
    readonly kind: "accepted";
    readonly packet: Uint8Array;
    readonly established: Established;
  };

interface Answered {
  packet: Uint8Array;
  expires: number;
}

/** Decides about Initials and remembers the answers to those it accepted. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #responder: Responder;
  /** By attempt, oldest first: a repeated Initial gets the same answer. */
  readonly #answered = new Map<string, Answered>();
  /** Handshakes tried since `#triedSince`, which is at most a second ago. */
  #tried = 0;
  #triedSince = -Infinity;

  /** Opens the door. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#responder = new Responder(options.handshake);
  }

  /** Handshakes answered within the last `HALF_OPEN_MS`. */
  get recent(): number {
    return this.#answered.size;
  }

  /** Takes a packet that claims to be an Initial. */
  onInitial(
    now: number,
    bytes: Uint8Array,
    from: RemoteAddress,
  ): ListenerResult {
    this.#expire(now);
    const screened = this.#responder.screen(bytes, {
      now,
      address: new TextEncoder().encode(`${from.hostname} ${from.port}`),
      cookieRequired: this.#answered.size >= COOKIE_THRESHOLD ||
        this.#tried >= COOKIE_RATE,
    });
    if (screened.kind !== "initial") return screened;
    const known = this.#answered.get(screened.attempt);
    if (known !== undefined) return { kind: "reply", packet: known.packet };
    if (this.#tried >= RATE_MAX || this.#answered.size >= HALF_OPEN_MAX) {
      return { kind: "drop", reason: "too many handshakes at once" };
    }

    this.#tried++;
    const { resetTokens } = this.#responder;
    const provider = this.#options.handshake.provider;
    let id = resetTokens.newConnectionId(provider);
    while (this.#options.inUse(connectionIdKey(id, 0))) {
      id = resetTokens.newConnectionId(provider);
    }
    const result = this.#responder.accept(screened.initial, id);
    if (result.kind === "drop") return result;
    if (this.#options.allow?.(result.established.peerPublicKey) === false) {
      return { kind: "drop", reason: "the peer's key is not allowed" };
    }
    this.#answered.set(screened.attempt, {
      packet: result.packet,
      expires: now + HALF_OPEN_MS,
    });
    return result;
  }

  /** The stateless reset for a transport packet of no known connection, if it deserves one. */
  statelessReset(bytes: Uint8Array): Uint8Array | undefined {
    return this.#responder.statelessReset(bytes);
  }

  #expire(now: number): void {
    if (now - this.#triedSince >= 1000) {
      this.#triedSince = now;
      this.#tried = 0;
    }
    for (const [attempt, { expires }] of this.#answered) {
      if (expires > now) return;
      this.#answered.delete(attempt);
    }
  }
}
