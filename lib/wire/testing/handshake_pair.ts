/** Two ends that are about to shake hands, for tests. */

import { assertEquals } from "@std/assert";
import { Acceptor, type AcceptorOptions } from "../handshake/acceptor.ts";
import type { AcceptResult } from "../handshake/accept_result.ts";
import type { Established, HandshakeConfig } from "../handshake/handshake.ts";
import { encodeInitial } from "../handshake/handshake_packet.ts";
import { Initiator, type InitiatorConfig } from "../handshake/initiator.ts";
import { mac1Key } from "../handshake/mac.ts";
import { type DhKeyPair, dhKeyPair } from "../handshake/noise.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";
import { TEST_PARAMETERS } from "./connection_options.ts";
import { testProvider } from "./crypto.ts";

/** The pre-shared key of both ends. */
export const TEST_PSK = new Uint8Array(32).fill(0x33);
/** Where Initials come from. */
export const TEST_ADDRESS: RemoteAddress = {
  hostname: "192.0.2.1",
  port: 4000,
};

/** The port that the responder has again after a restart. */
export const TEST_RESET_PORT = 7700;

const initiatorKeys: DhKeyPair = dhKeyPair(new Uint8Array(32).fill(0x11));
const responderKeys: DhKeyPair = dhKeyPair(new Uint8Array(32).fill(0x22));

/** An acceptor, its options changed by `options`. */
export function testAcceptor(
  handshake: Partial<HandshakeConfig> = {},
  options: Partial<AcceptorOptions> = {},
): Acceptor {
  return new Acceptor({
    handshake: {
      provider: testProvider({ seed: 2 }),
      staticKeys: responderKeys,
      parameters: TEST_PARAMETERS,
      ...handshake,
    },
    psks: [{ name: "test", secret: TEST_PSK }],
    resetPort: TEST_RESET_PORT,
    inUse: () => false,
    ...options,
  });
}

/** An initiator towards {@linkcode testAcceptor}, its Initial ready. */
export function testInitiator(
  options: Partial<InitiatorConfig> = {},
): Initiator {
  return new Initiator({
    provider: testProvider({ seed: 1 }),
    staticKeys: initiatorKeys,
    psk: TEST_PSK,
    parameters: TEST_PARAMETERS,
    responderPublicKey: responderKeys.public,
    ...options,
  });
}

/** Makes two ends that know each other's keys; the Initial is ready. */
export function handshakePair(
  initiator?: Partial<InitiatorConfig>,
  responder?: Partial<HandshakeConfig>,
) {
  return {
    initiator: testInitiator(initiator),
    responder: testAcceptor(responder),
    initiatorKeys,
    responderKeys,
  };
}

/**
 * Narrows a result to one kind.
 *
 * @throws {Error} When it is of another.
 */
export function only<T extends { kind: string }, K extends T["kind"]>(
  result: T | undefined,
  kind: K,
): Extract<T, { kind: K }> {
  if (result?.kind !== kind) {
    throw new Error(`expected ${kind}, not ${result?.kind}`);
  }
  return result as Extract<T, { kind: K }>;
}

/** The responder's answer to an Initial that it must accept. */
export function acceptInitial(
  responder: Acceptor,
  packet: Uint8Array,
): Extract<AcceptResult, { kind: "accepted" }> {
  return only(responder.onInitial(0, packet, TEST_ADDRESS), "accepted");
}

/**
 * Runs a whole handshake.
 *
 * @returns Its result as each end sees it.
 */
export function shakeHands(
  pair = handshakePair(),
): { initiator: Established; responder: Established } {
  const accepted = acceptInitial(pair.responder, pair.initiator.packet());
  const result = only(pair.initiator.receive(accepted.packet), "established");
  return { initiator: result.established, responder: accepted.established };
}

/** Gives the initiator forged packets, none of which it may take. */
export function assertIgnored(
  initiator: Initiator,
  forged: Iterable<[packet: Uint8Array, index: number]>,
): void {
  for (const [packet, i] of forged) {
    assertEquals(initiator.receive(packet).kind, "ignored", `byte ${i}`);
  }
}

const noise = testProvider({ seed: 4 });

/**
 * An Initial with a valid mac1 and noise instead of a message: what a holder
 * of the pre-shared key can make without any work.
 */
export function hollowInitial(index: number): Uint8Array {
  const message = noise.randomBytes(new Uint8Array(200));
  message[31] &= 0x7f;
  return encodeInitial({
    version: 1,
    destinationId: new Uint8Array(8).fill(index),
    sourceId: new Uint8Array(8).fill(index + 1),
    noise: message,
    mac1Key: mac1Key(responderKeys.public, TEST_PSK),
    size: 1200,
  });
}

/**
 * Lets so many forged handshakes come at `now` that sources must prove their
 * addresses.
 */
export function makeBusy(responder: Acceptor, now = 0): void {
  for (let i = 0; i < 80; i++) {
    responder.onInitial(now, hollowInitial(i), TEST_ADDRESS);
  }
}
