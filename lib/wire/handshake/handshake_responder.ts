/**
 * The responder's side of handshakes: first the checks that keep a port silent
 * and cheap, then Diffie-Hellman.
 *
 * @module
 */

import type { AeadName } from "../packet/aead.ts";
import {
  type Established,
  type HandshakeConfig,
  joinIds,
  prologue,
} from "./handshake.ts";
import {
  coveredByMac1,
  coveredByMac2,
  encodeCookieReply,
  encodeResponse,
  encodeStatelessReset,
  encodeVersionNegotiation,
  type InitialPacket,
  parseHandshakePacket,
  SUPPORTED_VERSIONS,
  type UnknownVersionPacket,
} from "./handshake_packet.ts";
import {
  COOKIE_NONCE_LENGTH,
  CookieJar,
  mac1,
  mac1Key,
  macsEqual,
  sealCookie,
} from "./mac.ts";
import { DH_LENGTH, NoiseResponder } from "./noise.ts";
import {
  CONNECTION_ID_LENGTH,
  isTransportPacket,
} from "../packet/packet_header.ts";
import { ResetTokens } from "./stateless_reset.ts";
import { TransportError } from "../packet/transport_error.ts";
import {
  decodeTransportParameters,
  encodeTransportParameters,
  type HandshakeParameters,
} from "./transport_parameters.ts";

/** Where and when a packet was received. */
export interface Arrival {
  /** Milliseconds. */
  readonly now: number;
  /** Source address and port, in any fixed encoding. */
  readonly address: Uint8Array;
  /** Whether the sender must prove its address first: the responder is busy. */
  readonly cookieRequired: boolean;
}

/** What {@linkcode Responder.screen} found. */
export type ScreenResult =
  /** Not for us, or forged: say nothing. */
  | { readonly kind: "drop"; readonly reason: string }
  /** Send `packet` back and forget it. */
  | {
    readonly kind: "reply";
    readonly reason: "cookie" | "version";
    readonly packet: Uint8Array;
  }
  /** Worth the Diffie-Hellman of {@linkcode Responder.accept}. */
  | {
    readonly kind: "initial";
    readonly initial: InitialPacket;
    /** The same for a repeated Initial: the key of the cache of answers. */
    readonly attempt: string;
  };

/** What {@linkcode Responder.accept} made of an Initial. */
export type AcceptResult =
  /** Forged, or not acceptable: say nothing. */
  | { readonly kind: "drop"; readonly reason: string }
  /** Send `packet` back; and again for each repetition of the Initial. */
  | {
    readonly kind: "accepted";
    readonly packet: Uint8Array;
    readonly established: Established;
  };

const drop = (
  reason: string,
): { readonly kind: "drop"; readonly reason: string } => ({
  kind: "drop",
  reason,
});

/** The responder's side of all handshakes of a listener. */
export class Responder {
  /** Issues the connection ids of this node. */
  readonly resetTokens: ResetTokens;

  readonly #config: HandshakeConfig;
  readonly #versions: readonly number[];
  readonly #mac1Key: Uint8Array;
  readonly #cookies: CookieJar;

  /** Derives the keys that all handshakes share. */
  constructor(config: HandshakeConfig) {
    this.#config = config;
    this.#versions = config.versions ?? SUPPORTED_VERSIONS;
    this.#mac1Key = mac1Key(config.staticKeys.public, config.psk);
    this.#cookies = new CookieJar(config.provider);
    this.resetTokens = new ResetTokens(config.staticKeys.secret);
  }

  /** The checks that cost a hash at most: layout, mac1, version, cookie. */
  screen(bytes: Uint8Array, arrival: Arrival): ScreenResult {
    const packet = parseHandshakePacket(bytes, this.#versions);
    if (packet?.kind !== "initial" && packet?.kind !== "unknownVersion") {
      return drop("not an Initial");
    }
    if (!macsEqual(mac1(this.#mac1Key, coveredByMac1(packet)), packet.mac1)) {
      return drop("mac1 is wrong");
    }
    if (packet.kind === "unknownVersion") return this.#versionReply(packet);
    if (arrival.cookieRequired) {
      const { now, address } = arrival;
      const covered = coveredByMac2(packet);
      if (!this.#cookies.verify(now, address, covered, packet.mac2)) {
        return this.#cookieReply(packet, arrival);
      }
    }
    const attempt = String.fromCharCode(...packet.noise.subarray(0, DH_LENGTH));
    return { kind: "initial", initial: packet, attempt };
  }

  /**
   * Runs the handshake for an Initial that passed {@linkcode Responder.screen}.
   *
   * @param connectionId This end's id for the connection, from
   * `resetTokens.newConnectionId`, not in use.
   */
  accept(initial: InitialPacket, connectionId: Uint8Array): AcceptResult {
    const { provider, staticKeys, psk } = this.#config;
    const noise = new NoiseResponder({
      aead: provider.chacha20Poly1305,
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
    const objection = this.#objection(initial, theirs);
    if (objection !== undefined) return drop(objection);
    const aead = provider.aes256Gcm && theirs.aeads?.includes("aes-256-gcm")
      ? "aes-256-gcm"
      : "chacha20-poly1305";
    const packet = this.#respond(noise, initial, connectionId, aead);
    return {
      kind: "accepted",
      packet,
      established: established(noise, {
        version: initial.version,
        localConnectionId: connectionId,
        remoteConnectionId: initial.sourceId.slice(),
        aead,
        peerParameters: theirs.transport,
      }),
    };
  }

  /**
   * The answer to a transport packet of no known connection.
   *
   * @returns `undefined` when this node never issued the id: say nothing.
   */
  statelessReset(bytes: Uint8Array): Uint8Array | undefined {
    if (!isTransportPacket(bytes)) return undefined;
    const connectionId = bytes.subarray(1, 1 + CONNECTION_ID_LENGTH);
    if (!this.resetTokens.isIssued(connectionId)) return undefined;
    const token = this.resetTokens.tokenOf(connectionId);
    return encodeStatelessReset(connectionId, token);
  }

  #versionReply(packet: UnknownVersionPacket): ScreenResult {
    const { staticKeys, psk } = this.#config;
    const reply = encodeVersionNegotiation(
      packet,
      this.#versions,
      staticKeys.public,
      psk,
    );
    return { kind: "reply", reason: "version", packet: reply };
  }

  #cookieReply(packet: InitialPacket, arrival: Arrival): ScreenResult {
    const { provider, staticKeys, psk } = this.#config;
    const nonce = provider.randomBytes(new Uint8Array(COOKIE_NONCE_LENGTH));
    const cookie = this.#cookies.cookieFor(arrival.now, arrival.address);
    const sealed = sealCookie({
      aead: provider.chacha20Poly1305,
      publicKey: staticKeys.public,
      psk,
      nonce,
      mac1: packet.mac1,
    }, cookie);
    return {
      kind: "reply",
      reason: "cookie",
      packet: encodeCookieReply(packet.sourceId, nonce, sealed),
    };
  }

  /** Why the parameters of an authentic Initial cannot be accepted. */
  #objection(
    initial: InitialPacket,
    parameters: HandshakeParameters,
  ): string | undefined {
    if (!macsEqual(parameters.connectionIds, joinIds(initial))) {
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

  #respond(
    noise: NoiseResponder,
    initial: InitialPacket,
    connectionId: Uint8Array,
    selectedAead: AeadName,
  ): Uint8Array {
    const ids = { destinationId: initial.sourceId, sourceId: connectionId };
    const payload = encodeTransportParameters({
      transport: this.#config.parameters,
      connectionIds: joinIds(ids),
      selectedAead,
      statelessResetToken: this.resetTokens.tokenOf(connectionId),
    });
    return encodeResponse({
      ...ids,
      version: initial.version,
      noise: noise.writeMessage(payload),
      mac1Key: mac1Key(noise.remoteStatic, this.#config.psk),
      size: initial.bytes.length,
    });
  }
}

function established(
  noise: NoiseResponder,
  rest: Pick<
    Established,
    | "version"
    | "localConnectionId"
    | "remoteConnectionId"
    | "aead"
    | "peerParameters"
  >,
): Established {
  const keys = noise.split();
  return {
    ...rest,
    role: "responder",
    sendKey: keys.send,
    receiveKey: keys.receive,
    peerPublicKey: noise.remoteStatic,
    handshakeHash: noise.handshakeHash,
  };
}
