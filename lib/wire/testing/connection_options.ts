/** What the two ends of a connection under test are made of. End 0 began it. */

import type { ConnectionOptions } from "../connection_options.ts";
import type { TransportParameters } from "../handshake/transport_parameters.ts";
import type { AeadName } from "../packet/aead.ts";
import {
  type KeyLimits,
  PacketProtection,
} from "../packet/packet_protection.ts";
import { testProvider } from "./crypto.ts";

/** One of the two ends. */
export type EndIndex = 0 | 1;

/** Transport parameters of both ends unless told otherwise. */
export const TEST_PARAMETERS: TransportParameters = {
  maxIdleTimeoutMs: 30_000,
  initialMaxData: 1 << 20,
  initialMaxStreamData: 1 << 18,
  initialMaxStreamsBidi: 16,
  maxAckDelayMs: 25,
  maxDatagramSize: 65_507,
  receiveBufferBytes: 212_992,
};
/** What the ends seal with. */
const KEYS = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
/** What packets to the ends carry. */
export const TEST_IDS: readonly Uint8Array[] = [
  new Uint8Array(8).fill(0xc1),
  new Uint8Array(8).fill(0x5e),
];

/** The packet keys of one end, which fit those of the other. */
export function testProtection(
  end: EndIndex,
  limits: KeyLimits = {},
  keys: readonly Uint8Array[] = KEYS,
  aead: AeadName = "chacha20-poly1305",
): PacketProtection {
  return new PacketProtection({
    aead,
    provider: testProvider({ aes: true }),
    sendKey: keys[end],
    receiveKey: keys[1 - end],
    limits,
  });
}

/** The options of one end on an ordinary path. */
export function testConnectionOptions(
  end: EndIndex,
): Omit<ConnectionOptions, "handler" | "address"> {
  const provider = testProvider();
  return {
    initiator: end === 0,
    remoteId: TEST_IDS[1 - end],
    protection: testProtection(end),
    local: TEST_PARAMETERS,
    peer: TEST_PARAMETERS,
    datagramCeiling: () => 1472,
    keepAlive: false,
    randomBytes: (target) => provider.randomBytes(target),
  };
}
