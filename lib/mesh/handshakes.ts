import { abortable } from "@std/async";
import { ATTACH_BUDGET_MS } from "../limits.ts";
import {
  type AcceptedPsk,
  Acceptor,
  type AcceptorOptions,
  connectionIdKey,
  type HandshakeConfig,
  type InitiatorConfig,
  PacketType,
  parseHandshakePacket,
  type RemoteAddress,
} from "../wire/mod.ts";
import { type Attached, Attempt } from "./attempt.ts";

/** Stateless resets sent in one second: more would make us an amplifier of noise. */
const RESETS_PER_SECOND = 20;

/** The node to attach to. */
export interface ConnectOptions {
  /** Where the node is, in the terms of the socket. */
  address: RemoteAddress;
  /** The node's X25519 static key. */
  publicKey: Uint8Array;
  /** Pre-shared key, 32 bytes. */
  psk: Uint8Array;
  /** Gives up after this many milliseconds. @default {ATTACH_BUDGET_MS} */
  budgetMs?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}

/** What handshakes need of the endpoint that owns the socket. */
export interface HandshakesHandler {
  /** Whether a connection has this id, as a `connectionIdKey`. */
  isConnection(key: string): boolean;
  /** A peer has attached; its connection is half-open until it sends a packet. */
  onAccepted(accepted: Attached): void;
  /** A half-open connection with this key has to make room. */
  onDisplaced(key: string): void;
  /** A Stateless Reset came for the connection that has this id at the peer. */
  onStatelessReset(
    remoteId: Uint8Array,
    token: Uint8Array,
    from: RemoteAddress,
  ): void;
  /** Sends a packet; a promise tells that the system has taken or refused it. */
  send(packet: Uint8Array, to: RemoteAddress): Promise<void> | void;
  /** Why the system refused to send, the last time that it did. */
  readonly lastSendError: Error | undefined;
  /** {@linkcode Handshakes.onTimer} is due at `time`. */
  wakeAt(time: number): void;
}

interface HandshakesOptions {
  /** Keys and parameters of this node, and how long its Initial is. */
  config: HandshakeConfig & Pick<InitiatorConfig, "datagramSize">;
  /** Largest datagram to announce to a peer at an address. */
  maxDatagramSize: (to: RemoteAddress) => number;
  /** How often the system was told that something cannot be reached. */
  unreachables?: (to: RemoteAddress) => number | undefined;
  /** Answers Initials, of those that are allowed; without it there is silence. */
  accept?: Pick<AcceptorOptions, "allow" | "psks" | "resetPort">;
}

/**
 * What comes to a socket besides packets of its connections: Initials, answers,
 * unknown ones.
 */
export class Handshakes {
  readonly #options: HandshakesOptions;
  readonly #handler: HandshakesHandler;
  #acceptor: Acceptor | undefined;
  /** By the key of our connection id. */
  readonly #attempts = new Map<string, Attempt>();
  #resetsSince = 0;
  #resets = 0;

  constructor(options: HandshakesOptions, handler: HandshakesHandler) {
    this.#options = options;
    this.#handler = handler;
    if (options.accept !== undefined) {
      this.#acceptor = new Acceptor({
        handshake: options.config,
        psks: options.accept.psks,
        maxDatagramSize: options.maxDatagramSize,
        inUse: (key) => handler.isConnection(key) || this.#attempts.has(key),
        allow: options.accept.allow,
        resetPort: options.accept.resetPort,
      });
    }
  }

  async attach(options: ConnectOptions): Promise<Attached> {
    const { signal } = options;
    signal?.throwIfAborted();
    const now = performance.now();
    const { config, maxDatagramSize, unreachables } = this.#options;
    const attempt = new Attempt({
      config: {
        ...config,
        parameters: {
          ...config.parameters,
          maxDatagramSize: maxDatagramSize(options.address),
        },
        psk: options.psk,
        responderPublicKey: options.publicKey,
      },
      address: options.address,
      now,
      deadline: now + (options.budgetMs ?? ATTACH_BUDGET_MS),
      lastSendError: this.#handler.lastSendError,
      unreachables: unreachables && (() => unreachables(options.address)),
    });
    this.#attempts.set(attempt.key, attempt);
    this.#drive(attempt, now);
    try {
      const { done } = attempt;
      return await (signal === undefined ? done : abortable(done, signal));
    } catch (error) {
      attempt.giveUp();
      throw error;
    } finally {
      this.#attempts.delete(attempt.key);
    }
  }

  /** Nothing is sent or received any more: all attempts fail, all keys go. */
  end(error: Error): void {
    for (const attempt of this.#attempts.values()) attempt.fail(error);
    this.#acceptor?.erase();
    this.#acceptor = undefined;
  }

  /** Peers may attach with another pre-shared key. */
  addPsk(psk: AcceptedPsk): void {
    this.#acceptor?.addPsk(psk);
  }

  /** Nobody may attach with a pre-shared key any more. */
  removePsk(psk: AcceptedPsk): void {
    this.#acceptor?.removePsk(psk);
  }

  /** The connection with this key is open: its Initial does not come again. */
  onOpened(now: number, key: string): void {
    this.#acceptor?.onOpened(now, key);
  }

  /** Takes a packet that is no transport packet; `bytes` may change after the call. */
  onPacket(now: number, bytes: Uint8Array, from: RemoteAddress): void {
    if (bytes[0] === PacketType.INITIAL) {
      this.#onInitial(now, bytes, from);
      return;
    }
    const packet = parseHandshakePacket(bytes);
    if (packet === undefined) return;
    if (packet.kind === "statelessReset") {
      const { connectionId, token } = packet;
      this.#handler.onStatelessReset(connectionId, token, from);
    } else if ("destinationId" in packet) {
      const key = connectionIdKey(packet.destinationId, 0);
      const attempt = this.#attempts.get(key);
      if (attempt === undefined) return;
      attempt.receive(now, bytes.slice(), from);
      this.#drive(attempt, now);
    }
  }

  /**
   * Answers a packet of an unknown connection with a Stateless Reset, if its id
   * was one of ours.
   */
  onUnknownConnection(
    now: number,
    bytes: Uint8Array,
    from: RemoteAddress,
  ): void {
    if (this.#acceptor === undefined) return;
    if (now - this.#resetsSince >= 1000) {
      this.#resetsSince = now;
      this.#resets = 0;
    }
    if (this.#resets >= RESETS_PER_SECOND) return;
    const reset = this.#acceptor.statelessReset(now, bytes, from);
    if (reset === undefined) return;
    this.#resets++;
    this.#handler.send(reset, from);
  }

  /** Repeats Initials and ends attempts that are overdue. */
  onTimer(now: number): void {
    for (const attempt of this.#attempts.values()) this.#drive(attempt, now);
  }

  #onInitial(now: number, bytes: Uint8Array, from: RemoteAddress): void {
    if (this.#acceptor === undefined) return;
    const result = this.#acceptor.onInitial(now, bytes, from);
    if (result.kind === "drop") return;
    if (result.kind === "accepted") {
      if (result.displaced !== undefined) {
        this.#handler.onDisplaced(result.displaced);
      }
      this.#handler.onAccepted({ established: result.established, from });
    }
    this.#handler.send(result.packet, from);
  }

  #drive(attempt: Attempt, now: number): void {
    const packet = attempt.poll(now);
    if (packet !== undefined) this.#sendInitial(attempt, packet);
    this.#handler.wakeAt(attempt.nextTimeout());
  }

  #sendInitial(attempt: Attempt, packet: Uint8Array): void {
    const handler = this.#handler;
    const sending = handler.send(packet, attempt.address) ?? Promise.resolve();
    sending.then(() => {
      if (!this.#attempts.has(attempt.key)) return;
      attempt.onSent(performance.now(), handler.lastSendError);
      handler.wakeAt(attempt.nextTimeout());
    });
  }
}
