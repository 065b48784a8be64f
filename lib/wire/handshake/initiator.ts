/** The initiator's side of a handshake. */

import { equals } from "@std/bytes/equals";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { DATAGRAM_MIN } from "../../limits.ts";
import {
  type Established,
  type HandshakeConfig,
  joinIds,
  offeredAeads,
  prologue,
} from "./handshake.ts";
import {
  type CookieReplyPacket,
  coveredByListMac,
  encodeInitial,
  isAuthentic,
  parseHandshakePacket,
  type ResponsePacket,
  setMac2,
  SUPPORTED_VERSIONS,
  type VersionNegotiationPacket,
} from "./handshake_packet.ts";
import {
  Mac1,
  mac1Key,
  MAC_LENGTH,
  openCookie,
  versionListMac,
} from "./mac.ts";
import { DH_LENGTH, NoiseInitiator } from "./noise.ts";
import { CONNECTION_ID_LENGTH } from "../packet/packet_header.ts";
import { TransportError } from "../packet/transport_error.ts";
import {
  decodeTransportParameters,
  encodeTransportParameters,
  type HandshakeParameters,
} from "./transport_parameters.ts";

/** Configuration of {@linkcode Initiator}. */
export interface InitiatorConfig extends HandshakeConfig {
  /** Pre-shared key, 32 bytes. */
  readonly psk: Uint8Array;
  /** X25519 static key of the node to reach. */
  readonly responderPublicKey: Uint8Array;
  /** This end's id, 8 bytes. @default {random} */
  readonly connectionId?: Uint8Array;
  /** Bytes of the Initial, from 1100 (inside a relay) to 1200. @default {1200} */
  readonly datagramSize?: number;
}

/** What a received packet did to an {@linkcode Initiator}. */
type InitiatorResult =
  /** Nothing: it was not for us, forged or superfluous. */
  | { readonly kind: "ignored"; readonly reason: string }
  /** The Initial changed: send it again at once. */
  | { readonly kind: "retry" }
  /** The handshake cannot succeed; the responder itself said so. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "established"; readonly established: Established };

function ignored(reason: string): InitiatorResult {
  return { kind: "ignored", reason };
}

function failed(reason: string): InitiatorResult {
  return { kind: "failed", reason };
}

/** An Initial of one version, and what its Response is read with. */
interface Offer {
  readonly version: number;
  readonly noise: NoiseInitiator;
  packet: Uint8Array;
  hasCookie: boolean;
}

/**
 * One attempt to reach a responder.
 *
 * A Version Negotiation proves no more than that its sender has the pre-shared
 * key, which is not the responder alone. So it ends nothing: another version is
 * tried beside the first one, and where there is none it is a
 * {@linkcode Initiator.hint}.
 */
export class Initiator {
  /** This end's id: answers carry it as their destination. */
  readonly connectionId: Uint8Array;

  readonly #config: InitiatorConfig;
  readonly #versions: readonly number[];
  readonly #responderMac1Key: Uint8Array;
  readonly #ownMac1: Mac1;
  /** One, or two after a Version Negotiation. */
  readonly #offers: Offer[] = [];
  /** Which of them is sent next. */
  #turn = 0;
  #over = false;
  /** Why there may never be an answer, if somebody with the pre-shared key has said so. */
  hint: string | undefined;

  /**
   * Draws keys and ids and builds the Initial.
   *
   * @throws {RangeError} When a key has the wrong length or
   * `responderPublicKey` is no usable X25519 key.
   */
  constructor(config: InitiatorConfig) {
    const { provider, psk } = config;
    this.#config = config;
    this.#versions = config.versions ?? SUPPORTED_VERSIONS;
    this.connectionId = config.connectionId ??
      provider.randomBytes(new Uint8Array(CONNECTION_ID_LENGTH));
    this.#responderMac1Key = mac1Key(config.responderPublicKey, psk);
    const ownMac1Key = mac1Key(config.staticKeys.public, psk);
    this.#ownMac1 = new Mac1(ownMac1Key);
    ownMac1Key.fill(0);
    try {
      this.#offers.push(this.#begin(this.#versions[0]));
    } catch (error) {
      this.erase();
      throw error;
    }
  }

  /** Overwrites all keys of the attempt, which is over. Those it has given stay. */
  erase(): void {
    this.#over = true;
    this.#responderMac1Key.fill(0);
    this.#ownMac1.erase();
    for (const { noise } of this.#offers) noise.erase();
  }

  /** The Initial to send, and to send again until an answer comes. */
  packet(): Uint8Array {
    return this.#offers[this.#turn].packet;
  }

  /** That was sent: the next one may be of another version. */
  onSent(): void {
    this.#turn = (this.#turn + 1) % this.#offers.length;
  }

  /** Takes a packet; when the handshake is over with it, its keys are erased. */
  receive(bytes: Uint8Array): InitiatorResult {
    if (this.#over) return ignored("the handshake is over");
    const result = this.#receive(bytes);
    if (this.#over) this.erase();
    return result;
  }

  #receive(bytes: Uint8Array): InitiatorResult {
    const packet = parseHandshakePacket(bytes, this.#versions);
    if (
      packet !== undefined && "destinationId" in packet &&
      !equals(packet.destinationId, this.connectionId)
    ) return ignored("for another connection id");
    switch (packet?.kind) {
      case "response":
        return this.#onResponse(packet);
      case "cookieReply":
        return this.#onCookieReply(packet);
      case "versionNegotiation":
        return this.#onVersionNegotiation(packet);
      default:
        return ignored("not an answer to an Initial");
    }
  }

  /** A new Initial with keys of its own. */
  #begin(
    version: number,
    versions?: readonly number[],
  ): Offer {
    const { provider, staticKeys, psk, parameters, responderPublicKey } =
      this.#config;
    const noise = new NoiseInitiator({
      aead: provider.chacha20Poly1305,
      x25519: provider.x25519,
      prologue: prologue(version),
      psk,
      staticKeys,
      ephemeralSecret: provider.randomBytes(new Uint8Array(DH_LENGTH)),
    }, responderPublicKey);
    const ids = {
      destinationId: provider.randomBytes(new Uint8Array(CONNECTION_ID_LENGTH)),
      sourceId: this.connectionId,
    };
    const payload = encodeTransportParameters({
      transport: parameters,
      connectionIds: joinIds(ids),
      aeads: offeredAeads(provider),
      versions,
    });
    let message: Uint8Array;
    try {
      message = noise.writeMessage(payload);
    } catch (error) {
      noise.erase();
      throw error;
    }
    const packet = encodeInitial({
      ...ids,
      version,
      noise: message,
      mac1Key: this.#responderMac1Key,
      size: this.#config.datagramSize ?? DATAGRAM_MIN,
    });
    return { version, noise, packet, hasCookie: false };
  }

  #onResponse(packet: ResponsePacket): InitiatorResult {
    const { version } = packet;
    const offer = this.#offers.find((offer) => offer.version === version);
    if (offer === undefined) return ignored("another version");
    if (!isAuthentic(packet, this.#ownMac1)) return ignored("mac1 is wrong");
    const payload = offer.noise.readMessage(packet.noise);
    if (payload === undefined) return ignored("not authentic");
    // From here on it is the responder itself that speaks.
    this.#over = true;
    let parameters: HandshakeParameters;
    try {
      parameters = decodeTransportParameters(payload, "responder");
    } catch (error) {
      if (error instanceof TransportError) return failed(error.message);
      throw error;
    } finally {
      // It has the token of a reset in it.
      payload.fill(0);
    }
    const { selectedAead, statelessResetToken } = parameters;
    if (!equals(parameters.connectionIds, joinIds(packet))) {
      return failed("the connection ids were changed on the way");
    }
    if (
      selectedAead === undefined ||
      !offeredAeads(this.#config.provider).includes(selectedAead)
    ) {
      return failed("the responder chose an AEAD that was not offered");
    }
    const keys = offer.noise.split();
    return {
      kind: "established",
      established: {
        role: "initiator",
        version,
        localConnectionId: this.connectionId,
        remoteConnectionId: packet.sourceId.slice(),
        aead: selectedAead,
        sendKey: keys.send,
        receiveKey: keys.receive,
        peerPublicKey: this.#config.responderPublicKey,
        peerParameters: parameters.transport,
        statelessResetToken,
        handshakeHash: offer.noise.handshakeHash,
      },
    };
  }

  #onCookieReply(packet: CookieReplyPacket): InitiatorResult {
    const { provider, responderPublicKey, psk } = this.#config;
    for (const [turn, offer] of this.#offers.entries()) {
      const cookie = openCookie({
        aead: provider.chacha20Poly1305,
        publicKey: responderPublicKey,
        psk,
        nonce: packet.nonce,
        mac1: mac1Of(offer),
      }, packet.sealed);
      if (cookie === undefined) continue;
      offer.packet = offer.packet.slice();
      setMac2(offer.packet, cookie);
      cookie.fill(0);
      // A second cookie waits for the retransmission timer: no ping-pong.
      if (offer.hasCookie) return ignored("a newer cookie, kept");
      offer.hasCookie = true;
      this.#turn = turn;
      return { kind: "retry" };
    }
    return ignored("the cookie is not authentic");
  }

  #onVersionNegotiation(packet: VersionNegotiationPacket): InitiatorResult {
    const { responderPublicKey, psk } = this.#config;
    const [first] = this.#offers;
    const expected = versionListMac(
      responderPublicKey,
      psk,
      coveredByListMac(packet),
      mac1Of(first),
    );
    if (!timingSafeEqual(expected, packet.mac)) {
      return ignored("its MAC is wrong");
    }
    const { versions } = packet;
    if (this.#offers.length > 1 || versions.includes(first.version)) {
      return ignored("a version list without a reason");
    }
    const version = this.#versions.find((v) => versions.includes(v));
    if (version === undefined) {
      this.hint =
        "it seems to speak no common protocol version: this end speaks " +
        `${this.#versions.join(", ")}, the peer ${versions.join(", ")}`;
      return ignored("no common version");
    }
    this.#turn = this.#offers.push(this.#begin(version, versions)) - 1;
    return { kind: "retry" };
  }
}

function mac1Of({ packet }: Offer): Uint8Array {
  return packet.subarray(-2 * MAC_LENGTH, -MAC_LENGTH);
}
