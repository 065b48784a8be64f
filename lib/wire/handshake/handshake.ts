/**
 * What both sides of a handshake share: its configuration and its result. The
 * sides are `initiator.ts` and `acceptor.ts`, two small state machines: packets
 * in, packets and keys out. Timers and retransmission are their callers'
 * matter.
 */

import type { AeadName, CryptoProvider } from "../packet/aead.ts";
import type { AcceptedPsk } from "./accepted_psks.ts";
import type { DhKeyPair } from "./noise.ts";
import type { TransportParameters } from "./transport_parameters.ts";

const PROLOGUE = new TextEncoder().encode("net-transfer");

/** What a finished handshake hands to the connection. */
export interface Established {
  readonly role: "initiator" | "responder";
  readonly version: number;
  /** Id in the packets this end receives. */
  readonly localConnectionId: Uint8Array;
  /** Id in the packets this end sends. */
  readonly remoteConnectionId: Uint8Array;
  readonly aead: AeadName;
  /** First key of what this end sends. */
  readonly sendKey: Uint8Array;
  /** First key of what this end receives. */
  readonly receiveKey: Uint8Array;
  /** The peer's X25519 static key, authenticated. */
  readonly peerPublicKey: Uint8Array;
  /** What the peer says about itself. */
  readonly peerParameters: TransportParameters;
  /** Token in a stateless reset from the peer; the initiator has one. */
  readonly statelessResetToken?: Uint8Array;
  /** Noise handshake hash: names this connection, for channel binding. */
  readonly handshakeHash: Uint8Array;
  /** What the initiator has attached with; the responder has it. */
  readonly psk?: AcceptedPsk;
}

/** Overwrites the keys of a handshake that nobody makes a connection of. */
export function eraseEstablished(
  { sendKey, receiveKey, statelessResetToken }: Established,
): void {
  sendKey.fill(0);
  receiveKey.fill(0);
  statelessResetToken?.fill(0);
}

/** What both sides of a handshake are configured with. */
export interface HandshakeConfig {
  readonly provider: CryptoProvider;
  readonly staticKeys: DhKeyPair;
  readonly parameters: TransportParameters;
  /** Versions to speak, preferred first. @default {SUPPORTED_VERSIONS} */
  readonly versions?: readonly number[];
}

/** The Noise prologue of a protocol version. */
export function prologue(version: number): Uint8Array {
  return Uint8Array.of(...PROLOGUE, version);
}

/** The ids in a header as `connectionIds` repeats them. */
export function joinIds(
  packet: {
    readonly destinationId: Uint8Array;
    readonly sourceId: Uint8Array;
  },
): Uint8Array {
  return Uint8Array.of(...packet.destinationId, ...packet.sourceId);
}

/** The packet AEADs a machine has. */
export function offeredAeads(provider: CryptoProvider): AeadName[] {
  return provider.aes256Gcm
    ? ["chacha20-poly1305", "aes-256-gcm"]
    : ["chacha20-poly1305"];
}
