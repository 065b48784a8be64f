/**
 * The responder's side of the handshakes of one socket: first the checks that
 * keep a port silent and cheap, then Diffie-Hellman. Remembers the Initials it
 * answered, within bounds.
 */

import { equals } from "@std/bytes/equals";
import { HALF_OPEN_MAX, UNKNOWN_IDS_MAX } from "../../limits.ts";
import { type HandshakeConfig, joinIds, prologue } from "./handshake.ts";
import { type AcceptResult, drop, reply } from "./accept_result.ts";
import { type AcceptedPsk, AcceptedPsks } from "./accepted_psks.ts";
import { addressGroups } from "./address_groups.ts";
import { HalfOpen } from "./half_open.ts";
import { HandshakeBudget } from "./handshake_budget.ts";
import {
  encodeCookieReply,
  encodeResponse,
  encodeStatelessReset,
  encodeVersionNegotiation,
  hasZeroPadding,
  type InitialPacket,
  parseHandshakePacket,
  SUPPORTED_VERSIONS,
} from "./handshake_packet.ts";
import { COOKIE_NONCE_LENGTH, CookieJar, mac1Key, sealCookie } from "./mac.ts";
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
/** Whose share of half-open handshakes those take that have proved no address. */
const UNPROVED = "";

/** Options of {@linkcode Acceptor}. */
export interface AcceptorOptions {
  /** Keys and parameters of this node. */
  handshake: HandshakeConfig;
  /** Pre-shared keys, with one of which peers attach. */
  psks: Iterable<AcceptedPsk>;
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

/** The responder's side of all handshakes of one socket. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #config: HandshakeConfig;
  readonly #versions: readonly number[];
  readonly #psks: AcceptedPsks;
  readonly #cookies: CookieJar;
  readonly #resetTokens: ResetTokens | undefined;
  readonly #halfOpen = new HalfOpen();
  readonly #budget: HandshakeBudget;
  #unknownSince = -Infinity;
  #unknown = 0;

  constructor(options: AcceptorOptions) {
    const config = options.handshake;
    this.#options = options;
    this.#config = config;
    this.#versions = config.versions ?? SUPPORTED_VERSIONS;
    this.#psks = new AcceptedPsks(config.staticKeys.public, options.psks);
    this.#cookies = new CookieJar(config.provider);
    this.#budget = new HandshakeBudget(config.provider.handshakesPerSecond);
    if (options.resetPort !== undefined) {
      const { secret } = config.staticKeys;
      this.#resetTokens = new ResetTokens(secret, options.resetPort);
    }
  }

  /** Overwrites its keys: it takes no Initial and signs no reset any more. */
  erase(): void {
    this.#psks.erase();
    this.#cookies.erase();
    this.#resetTokens?.erase();
  }

  /** Takes another pre-shared key. */
  addPsk(psk: AcceptedPsk): void {
    this.#psks.add(psk);
  }

  /** Takes a pre-shared key no more. What was accepted with it is its caller's matter. */
  removePsk(psk: AcceptedPsk): void {
    this.#psks.delete(psk);
  }

  onInitial(now: number, bytes: Uint8Array, from: RemoteAddress): AcceptResult {
    const budget = this.#budget;
    budget.update(now);
    this.#halfOpen.expire(now);
    const packet = parseHandshakePacket(bytes, this.#versions);
    if (packet?.kind !== "initial" && packet?.kind !== "unknownVersion") {
      return drop("not an Initial");
    }
    if (!budget.mayLook(from.hostname)) return drop("too many forged ones");
    const psk = this.#psks.find(packet.covered, packet.mac1);
    if (psk === undefined || !hasZeroPadding(packet)) {
      const { length } = packet.covered;
      budget.onForged(from.hostname, length, this.#psks.size);
      return drop("mac1 is wrong");
    }
    if (packet.kind === "unknownVersion") {
      if (!budget.mayTellCookie(from.hostname)) {
        return drop("told often enough");
      }
      const { public: key } = this.#config.staticKeys;
      const versions = this.#versions;
      return reply(
        encodeVersionNegotiation(packet, versions, key, psk.secret),
      );
    }
    const isBusy = budget.isBusy ||
      this.#halfOpen.size >= COOKIE_THRESHOLD;
    if (isBusy && !this.#provesAddress(now, packet, from)) {
      if (!budget.mayTellCookie(from.hostname)) {
        return drop("told often enough");
      }
      return reply(this.#cookieReply(now, packet, psk, from));
    }
    const attempt = nameOf(packet.noise.subarray(0, DH_LENGTH));
    if (this.#halfOpen.has(attempt)) {
      const answer = this.#halfOpen.repeat(attempt);
      return answer === undefined
        ? drop("answered often enough")
        : reply(answer);
    }
    const source = isBusy ? addressGroups(from.hostname)[0] : UNPROVED;
    if (
      !this.#halfOpen.hasRoom(source) ||
      !budget.mayTry(now, isBusy ? from.hostname : undefined)
    ) {
      return drop("too many handshakes at once");
    }
    const result = this.#accept(
      packet,
      psk,
      from,
      (key) => !isBusy || budget.mayFinish(now, nameOf(key)),
    );
    if (result.kind !== "accepted") return result;
    const displaced = this.#halfOpen.add({
      attempt,
      packet: result.packet,
      key: connectionIdKey(result.established.localConnectionId, 0),
      hostname: from.hostname,
      source,
      peer: nameOf(result.established.peerPublicKey),
    }, now);
    return { ...result, displaced };
  }

  /**
   * The connection with this `connectionIdKey` is open: the initiator has its
   * Response and makes room for others.
   */
  onOpened(now: number, key: string): void {
    const opened = this.#halfOpen.take(key);
    if (opened === undefined) return;
    this.#budget.update(now);
    this.#budget.onOpened(now, opened.hostname, opened.peer);
  }

  /**
   * The Stateless Reset for a transport packet of no known connection.
   *
   * @returns `undefined` when this node never issued the id: say nothing.
   */
  statelessReset(
    now: number,
    bytes: Uint8Array,
    from: RemoteAddress,
  ): Uint8Array | undefined {
    const tokens = this.#resetTokens;
    if (tokens === undefined || !isTransportPacket(bytes)) return undefined;
    if (now - this.#unknownSince >= 1000) {
      this.#unknownSince = now;
      this.#unknown = 0;
    }
    if (this.#unknown++ >= UNKNOWN_IDS_MAX) return undefined;
    const connectionId = bytes.subarray(1, 1 + CONNECTION_ID_LENGTH);
    if (!tokens.isIssued(connectionId)) return undefined;
    const token = tokens.tokenOf(connectionId, from);
    return encodeStatelessReset(connectionId, token);
  }

  /** Whether an Initial shows the cookie of the address that it came from. */
  #provesAddress(
    now: number,
    { mac1, mac2 }: InitialPacket,
    from: RemoteAddress,
  ): boolean {
    // Without one it has zeros there: a third of the cost of looking.
    if (mac2.every((byte) => byte === 0)) return false;
    return this.#cookies.verify(now, addressBytes(from), mac1, mac2);
  }

  #cookieReply(
    now: number,
    packet: InitialPacket,
    psk: AcceptedPsk,
    from: RemoteAddress,
  ): Uint8Array {
    const { provider, staticKeys } = this.#config;
    const nonce = provider.randomBytes(new Uint8Array(COOKIE_NONCE_LENGTH));
    const sealed = sealCookie({
      aead: provider.chacha20Poly1305,
      publicKey: staticKeys.public,
      psk: psk.secret,
      nonce,
      mac1: packet.mac1,
    }, this.#cookies.cookieFor(now, addressBytes(from)));
    return encodeCookieReply(packet.sourceId, nonce, sealed);
  }

  /** Runs the handshake for an Initial that passed the cheap checks. */
  #accept(
    initial: InitialPacket,
    psk: AcceptedPsk,
    from: RemoteAddress,
    mayFinish: (key: Uint8Array) => boolean,
  ): AcceptResult {
    const { provider, staticKeys } = this.#config;
    const noise = new NoiseResponder({
      aead: provider.chacha20Poly1305,
      x25519: provider.x25519,
      prologue: prologue(initial.version),
      psk: psk.secret,
      staticKeys,
      ephemeralSecret: provider.randomBytes(new Uint8Array(DH_LENGTH)),
    });
    try {
      return this.#read(noise, initial, psk, from, mayFinish);
    } finally {
      noise.erase();
    }
  }

  #read(
    noise: NoiseResponder,
    initial: InitialPacket,
    psk: AcceptedPsk,
    from: RemoteAddress,
    mayFinish: (key: Uint8Array) => boolean,
  ): AcceptResult {
    this.#budget.onFirstPart();
    const claimed = noise.readStatic(initial.noise);
    if (claimed === undefined) return drop("not authentic");
    // Whose key it claims to be from is enough to refuse, and saves the rest.
    if (this.#options.allow?.(claimed) === false) {
      return drop("the peer's key is not allowed");
    }
    this.#budget.onProof();
    const payload = noise.readPayload();
    if (payload === undefined) return drop("not authentic");
    // What is left is half of it, and the session.
    if (!mayFinish(claimed)) return drop("the peer's key attaches too often");
    this.#budget.onRest();
    let theirs: HandshakeParameters;
    try {
      theirs = decodeTransportParameters(payload, "initiator");
    } catch (error) {
      if (error instanceof TransportError) return drop(error.message);
      throw error;
    }
    const objection = this.#objection(initial, theirs);
    if (objection !== undefined) return drop(objection);
    return this.#respond(noise, initial, psk, theirs, from);
  }

  /** Writes the Response to an Initial that was read and has nothing against it. */
  #respond(
    noise: NoiseResponder,
    initial: InitialPacket,
    psk: AcceptedPsk,
    theirs: HandshakeParameters,
    from: RemoteAddress,
  ): AcceptResult {
    const { provider, parameters } = this.#config;
    const { maxDatagramSize } = this.#options;
    const aead = provider.aes256Gcm && theirs.aeads?.includes("aes-256-gcm")
      ? "aes-256-gcm"
      : "chacha20-poly1305";
    const connectionId = this.#newConnectionId();
    const ids = { destinationId: initial.sourceId, sourceId: connectionId };
    const token = this.#resetTokens?.tokenOf(connectionId, from);
    const payload = encodeTransportParameters({
      transport: {
        ...parameters,
        ...(maxDatagramSize && { maxDatagramSize: maxDatagramSize(from) }),
      },
      connectionIds: joinIds(ids),
      selectedAead: aead,
      statelessResetToken: token,
    });
    const message = noise.writeMessage(payload);
    payload.fill(0);
    token?.fill(0);
    const keys = noise.split();
    const peerMac1Key = mac1Key(noise.remoteStatic, psk.secret);
    const packet = encodeResponse({
      ...ids,
      version: initial.version,
      noise: message,
      mac1Key: peerMac1Key,
      size: initial.bytes.length,
    });
    peerMac1Key.fill(0);
    return {
      kind: "accepted",
      packet,
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
        psk,
      },
    };
  }

  /** Why an authentic Initial cannot be accepted. */
  #objection(
    initial: InitialPacket,
    parameters: HandshakeParameters,
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

/** A public key as the key of a map. */
function nameOf(key: Uint8Array): string {
  return String.fromCharCode(...key);
}

function addressBytes({ hostname, port }: RemoteAddress): Uint8Array {
  return new TextEncoder().encode(`${hostname} ${port}`);
}
