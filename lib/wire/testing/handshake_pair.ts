/**
 * Two ends that are about to shake hands, for tests.
 *
 * @module
 */

import type { Established } from "../handshake/handshake.ts";
import {
  type InitiatorConfig,
  type InitiatorHandshake,
  startInitiator,
} from "../handshake/handshake_initiator.ts";
import { type Arrival, Responder } from "../handshake/handshake_responder.ts";
import { type DhKeyPair, dhKeyPair } from "../handshake/noise.ts";
import type { TransportParameters } from "../handshake/transport_parameters.ts";
import { testProvider } from "./crypto.ts";

/** Parameters both ends announce unless told otherwise. */
export const TEST_PARAMETERS: TransportParameters = {
  maxIdleTimeoutMs: 30_000,
  initialMaxData: 16_777_216,
  initialMaxStreamData: 4_194_304,
  initialMaxStreamsBidi: 256,
  maxAckDelayMs: 25,
  maxDatagramSize: 65_507,
  receiveBufferBytes: 212_992,
};

/** An arrival from some address at time 0, with no load. */
export const TEST_ARRIVAL: Arrival = {
  now: 0,
  address: Uint8Array.of(192, 0, 2, 1, 0x1f, 0x90),
  cookieRequired: false,
};

/** How a {@linkcode HandshakePair} differs from the ordinary. */
export interface HandshakePairOptions {
  /** Changes to the initiator's configuration. */
  initiator?: Partial<InitiatorConfig>;
  /** Changes to the responder's configuration. */
  responder?: Partial<InitiatorConfig>;
}

/** Both ends and their keys. */
export interface HandshakePair {
  /** The initiator, its Initial ready. */
  initiator: InitiatorHandshake;
  /** The responder. */
  responder: Responder;
  /** The initiator's identity. */
  initiatorKeys: DhKeyPair;
  /** The responder's identity. */
  responderKeys: DhKeyPair;
}

/** Makes two ends that know each other's keys. */
export function handshakePair(
  options: HandshakePairOptions = {},
): HandshakePair {
  const initiatorKeys = dhKeyPair(new Uint8Array(32).fill(0x11));
  const responderKeys = dhKeyPair(new Uint8Array(32).fill(0x22));
  const common = {
    psk: new Uint8Array(32).fill(0x33),
    parameters: TEST_PARAMETERS,
  };
  return {
    initiator: startInitiator({
      ...common,
      provider: testProvider({ seed: 1 }),
      staticKeys: initiatorKeys,
      responderPublicKey: responderKeys.public,
      ...options.initiator,
    }),
    responder: new Responder({
      ...common,
      provider: testProvider({ seed: 2 }),
      staticKeys: responderKeys,
      ...options.responder,
    }),
    initiatorKeys,
    responderKeys,
  };
}

/**
 * The responder's answer to an Initial.
 *
 * @throws {Error} When the responder does not accept it.
 */
export function acceptInitial(
  responder: Responder,
  packet: Uint8Array,
  arrival: Arrival = TEST_ARRIVAL,
): { packet: Uint8Array; established: Established } {
  const screened = responder.screen(packet, arrival);
  if (screened.kind !== "initial") {
    throw new Error(`not accepted: ${screened.kind}, ${screened.reason}`);
  }
  const connectionId = responder.resetTokens.newConnectionId(
    testProvider({ seed: 3 }),
  );
  const accepted = responder.accept(screened.initial, connectionId);
  if (accepted.kind !== "accepted") {
    throw new Error(`not accepted: ${accepted.reason}`);
  }
  return accepted;
}

/**
 * Runs a whole handshake.
 *
 * @returns Its result as each end sees it.
 * @throws {Error} When it fails.
 */
export function shakeHands(
  pair: HandshakePair = handshakePair(),
): { initiator: Established; responder: Established } {
  const accepted = acceptInitial(pair.responder, pair.initiator.packet());
  const result = pair.initiator.receive(accepted.packet);
  if (result.kind !== "established") {
    throw new Error(`not established: ${result.kind}`);
  }
  return { initiator: result.established, responder: accepted.established };
}
