/**
 * The responder's side of the handshakes of one socket: first the checks that
 * keep a port silent and cheap, then Diffie-Hellman. Remembers the Initials it
 * answered, within bounds.
 */

import { equals } from "@std/bytes/equals";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { HALF_OPEN_MAX, HALF_OPEN_MS } from "../../limits.ts";
import {
  type Established,
  type HandshakeConfig,
  joinIds,
  prologue,
} from "./handshake.ts";
import {
  coveredByLastMac,
  coveredByMac1,
  encodeCookieReply,
  encodeResponse,
  encodeStatelessReset,
  encodeVersionNegotiation,
  type InitialPacket,
  parseHandshakePacket,
  SUPPORTED_VERSIONS,
} from "./handshake_packet.ts";
import {
  COOKIE_NONCE_LENGTH,
  CookieJar,
  mac1,
  mac1Key,
  sealCookie,
} from "./mac.ts";
import { DH_LENGTH, NoiseResponder } from "./noise.ts";
import {
  CONNECTION_ID_LENGTH,
  connectionIdKey,
  isTransportPacket,
} from "../packet/packet_header.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";
import { ResetTokens } from "./stateless_reset.ts";
import { TransportError } from "../packet/transport_error.ts";
import {
  decodeTransportParameters,
  encodeTransportParameters,
  type HandshakeParameters,
} from "./transport_parameters.ts";

/** Half-open connections from which on a source must prove its address first. */
const COOKIE_THRESHOLD = HALF_OPEN_MAX / 8;
/**
 * Share of the handshakes that may be tried in one second from which on a source
 * must prove its address first: each costs Diffie-Hellman, also one that fails.
 */
const COOKIE_SHARE = 0.2;

/** Options of {@linkcode Acceptor}. */
export interface AcceptorOptions {
  /** Keys, PSK and parameters of this node. */
  handshake: HandshakeConfig;
  /**
   * Announces another largest datagram to the initiator at an address. @default
   * {that of the parameters}
   */
  maxDatagramSize?: (to: RemoteAddress) => number;
  /**
   * Port that the node has again after a restart, and resets connections of its
   * earlier life from. @default {none, and nothing is reset}
   */
  resetPort?: number;
  /** Whether a connection id is taken; the argument is a `connectionIdKey`. */
  inUse: (key: string) => boolean;
  /** Whether a peer with this static key may attach. @default {everyone} */
  allow?: (publicKey: Uint8Array) => boolean;
}

/** An Initial that was accepted and whose connection is half-open. */
interface Answered {
  /** The Response. */
  readonly packet: Uint8Array;
  readonly until: number;
  /** The connection, as a `connectionIdKey`. */
  readonly key: string;
}

/** What to do about an Initial. */
export type AcceptResult =
  /** Say nothing: it is forged, not for us, or one too many. */
  | { readonly kind: "drop"; readonly reason: string }
  /** Send `packet` back and forget it. */
  | { readonly kind: "reply"; readonly packet: Uint8Array }
  /** Make a half-open connection of `established`, then send `packet` back. */
  | {
    readonly kind: "accepted";
    readonly packet: Uint8Array;
    readonly established: Established;
  };

const drop = (reason: string): AcceptResult => ({ kind: "drop", reason });
const reply = (packet: Uint8Array): AcceptResult => ({ kind: "reply", packet });

/** The responder's side of all handshakes of one socket. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #config: HandshakeConfig;
  readonly #versions: readonly number[];
  readonly #mac1Key: Uint8Array;
  readonly #cookies: CookieJar;
  readonly #resetTokens: ResetTokens | undefined;
  /** By ephemeral key, oldest first: a repeated Initial gets the same Response. */
  readonly #answered = new Map<string, Answered>();
  /** Which of them led to the half-open connection with this key. */
  readonly #attempts = new Map<string, string>();
  /** Handshakes tried since `#triedSince`, which is at most a second ago. */
  #tried = 0;
  #triedSince = -Infinity;

  constructor(options: AcceptorOptions) {
    const config = options.handshake;
    this.#options = options;
    this.#config = config;
    this.#versions = config.versions ?? SUPPORTED_VERSIONS;
    this.#mac1Key = mac1Key(config.staticKeys.public, config.psk);
    this.#cookies = new CookieJar(config.provider);
    if (options.resetPort !== undefined) {
      const { secret } = config.staticKeys;
      this.#resetTokens = new ResetTokens(secret, options.resetPort);
    }
  }

  onInitial(now: number, bytes: Uint8Array, from: RemoteAddress): AcceptResult {
    this.#expire(now);
    const packet = parseHandshakePacket(bytes, this.#versions);
    if (packet?.kind !== "initial" && packet?.kind !== "unknownVersion") {
      return drop("not an Initial");
    }
    if (
      !timingSafeEqual(mac1(this.#mac1Key, coveredByMac1(packet)), packet.mac1)
    ) {
      return drop("mac1 is wrong");
    }
    if (packet.kind === "unknownVersion") {
      const { staticKeys, psk } = this.#config;
      const { public: key } = staticKeys;
      return reply(encodeVersionNegotiation(packet, this.#versions, key, psk));
    }
    const cookieReply = this.#requireCookie(now, packet, from);
    if (cookieReply !== undefined) return reply(cookieReply);
    const attempt = String.fromCharCode(...packet.noise.subarray(0, DH_LENGTH));
    const answered = this.#answered.get(attempt);
    if (answered !== undefined) return reply(answered.packet);
    const { handshakesPerSecond } = this.#config.provider;
    if (
      this.#tried >= handshakesPerSecond ||
      this.#answered.size >= HALF_OPEN_MAX
    ) {
      return drop("too many handshakes at once");
    }
    this.#tried++;
    const result = this.#accept(packet, from);
    if (result.kind === "accepted") {
      const until = now + HALF_OPEN_MS;
      const key = connectionIdKey(result.established.localConnectionId, 0);
      this.#answered.set(attempt, { packet: result.packet, until, key });
      this.#attempts.set(key, attempt);
    }
    return result;
  }

  /**
   * The connection with this `connectionIdKey` is open: the initiator has its
   * Response and makes room for others.
   */
  onOpened(key: string): void {
    const attempt = this.#attempts.get(key);
    if (attempt === undefined) return;
    this.#attempts.delete(key);
    this.#answered.delete(attempt);
  }

  /**
   * The Stateless Reset for a transport packet of no known connection.
   *
   * @returns `undefined` when this node never issued the id: say nothing.
   */
  statelessReset(
    bytes: Uint8Array,
    from: RemoteAddress,
  ): Uint8Array | undefined {
    const tokens = this.#resetTokens;
    if (tokens === undefined || !isTransportPacket(bytes)) return undefined;
    const connectionId = bytes.subarray(1, 1 + CONNECTION_ID_LENGTH);
    if (!tokens.isIssued(connectionId)) return undefined;
    const token = tokens.tokenOf(connectionId, from);
    return encodeStatelessReset(connectionId, token);
  }

  #expire(now: number): void {
    if (now - this.#triedSince >= 1000) {
      this.#triedSince = now;
      this.#tried = 0;
    }
    for (const { until, key } of this.#answered.values()) {
      if (until > now) return;
      this.onOpened(key);
    }
  }

  /** The Cookie Reply for a source that must prove its address first and has not. */
  #requireCookie(
    now: number,
    packet: InitialPacket,
    from: RemoteAddress,
  ): Uint8Array | undefined {
    const { provider, staticKeys, psk } = this.#config;
    if (
      this.#answered.size < COOKIE_THRESHOLD &&
      this.#tried < COOKIE_SHARE * provider.handshakesPerSecond
    ) return undefined;
    const address = new TextEncoder().encode(`${from.hostname} ${from.port}`);
    const covered = coveredByLastMac(packet);
    if (this.#cookies.verify(now, address, covered, packet.mac2)) {
      return undefined;
    }
    const nonce = provider.randomBytes(new Uint8Array(COOKIE_NONCE_LENGTH));
    const sealed = sealCookie({
      aead: provider.chacha20Poly1305,
      publicKey: staticKeys.public,
      psk,
      nonce,
      mac1: packet.mac1,
    }, this.#cookies.cookieFor(now, address));
    return encodeCookieReply(packet.sourceId, nonce, sealed);
  }

  /** Runs the handshake for an Initial that passed the cheap checks. */
  #accept(initial: InitialPacket, from: RemoteAddress): AcceptResult {
    const { provider, staticKeys, psk, parameters } = this.#config;
    const { maxDatagramSize } = this.#options;
    const noise = new NoiseResponder({
      aead: provider.chacha20Poly1305,
      x25519: provider.x25519,
      prologue: prologue(initial.version),
      psk,
      staticKeys,
      ephemeralSecret: provider.randomBytes(new Uint8Array(DH_LENGTH)),
    });
    const payload = noise.readMessage(initial.noise);
    if (payload === undefined) return drop("not authentic");
    let theirs: HandshakeParameters;
    try {
      theirs = decodeTransportParameters(payload, "initiator");
    } catch (error) {
      if (error instanceof TransportError) return drop(error.message);
      throw error;
    }
    const objection = this.#objection(initial, theirs, noise.remoteStatic);
    if (objection !== undefined) return drop(objection);
    const aead = provider.aes256Gcm && theirs.aeads?.includes("aes-256-gcm")
      ? "aes-256-gcm"
      : "chacha20-poly1305";
    const connectionId = this.#newConnectionId();
    const ids = { destinationId: initial.sourceId, sourceId: connectionId };
    const message = noise.writeMessage(encodeTransportParameters({
      transport: {
        ...parameters,
        ...(maxDatagramSize && { maxDatagramSize: maxDatagramSize(from) }),
      },
      connectionIds: joinIds(ids),
      selectedAead: aead,
      statelessResetToken: this.#resetTokens?.tokenOf(connectionId, from),
    }));
    const keys = noise.split();
    return {
      kind: "accepted",
      packet: encodeResponse({
        ...ids,
        version: initial.version,
        noise: message,
        mac1Key: mac1Key(noise.remoteStatic, psk),
        size: initial.bytes.length,
      }),
      established: {
        role: "responder",
        version: initial.version,
        localConnectionId: connectionId,
        remoteConnectionId: initial.sourceId.slice(),
        aead,
        sendKey: keys.send,
        receiveKey: keys.receive,
        peerPublicKey: noise.remoteStatic,
        peerParameters: theirs.transport,
        handshakeHash: noise.handshakeHash,
      },
    };
  }

  /** Why an authentic Initial cannot be accepted. */
  #objection(
    initial: InitialPacket,
    parameters: HandshakeParameters,
    publicKey: Uint8Array,
  ): string | undefined {
    if (!equals(parameters.connectionIds, joinIds(initial))) {
      return "the connection ids were changed on the way";
    }
    if (!parameters.aeads?.includes("chacha20-poly1305")) {
      return "the initiator does not offer chacha20-poly1305";
    }
    const { versions } = parameters;
    if (versions !== undefined && versions.join() !== this.#versions.join()) {
      return "the version list the initiator was given is not ours";
    }
    if (this.#options.allow?.(publicKey) === false) {
      return "the peer's key is not allowed";
    }
    return undefined;
  }

  #newConnectionId(): Uint8Array {
    for (;;) {
      const { provider } = this.#config;
      const id = this.#resetTokens?.newConnectionId(provider) ??
        provider.randomBytes(new Uint8Array(CONNECTION_ID_LENGTH));
      if (!this.#options.inUse(connectionIdKey(id, 0))) return id;
    }
  }
}
