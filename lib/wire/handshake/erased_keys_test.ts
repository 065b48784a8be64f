/**
 * When a handshake is over, well or not, no array that it has made holds a
 * secret: all but what has been on the wire, names, and public keys are zeros.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { HmacBlake2s, KeyedBlake2s } from "./blake2s.ts";
import { concat } from "@std/bytes/concat";
import { toHex } from "../../text/hex.ts";
import { eraseEstablished, joinIds } from "./handshake.ts";
import { encodeResponse, parseHandshakePacket } from "./handshake_packet.ts";
import type { Initiator } from "./initiator.ts";
import { CookieJar, mac1Key, versionListMac } from "./mac.ts";
import { dhKeyPair } from "./noise.ts";
import { ResetTokens } from "./stateless_reset.ts";
import { encodeTransportParameters } from "./transport_parameters.ts";
import { forgeries } from "../testing/bytes.ts";
import { TEST_PARAMETERS } from "../testing/connection_options.ts";
import { testProvider } from "../testing/crypto.ts";
import {
  acceptInitial,
  handshakePair,
  makeBusy,
  only,
  TEST_ADDRESS,
  TEST_PSK,
  testAcceptor,
  testInitiator,
} from "../testing/handshake_pair.ts";
import { RecordedMemory } from "../testing/recorded_memory.ts";

const { initiatorKeys, responderKeys } = handshakePair();
/** What need not be overwritten: public keys and what keys are made for. */
const PUBLIC = [
  initiatorKeys.public,
  responderKeys.public,
  ...[
    "net-transfer reset token of port 7700",
    "net-transfer connection id of port 7700",
  ].map((label) => new TextEncoder().encode(label)),
];

const OWN_PSK = { name: "own", secret: TEST_PSK };
const OTHER_PSK = { name: "other", secret: new Uint8Array(32).fill(5) };

/** What the token of a connection is made of. */
function namesOf(connectionId: Uint8Array): Uint8Array {
  const { hostname, port } = TEST_ADDRESS;
  const address = new TextEncoder().encode(` ${hostname} ${port}`);
  return concat([connectionId, address]);
}

/** What an Initial says about who sends it: nothing of it is a secret. */
function saidIn(initial: Uint8Array): Uint8Array {
  const packet = only(parseHandshakePacket(initial), "initial");
  return encodeTransportParameters({
    transport: TEST_PARAMETERS,
    connectionIds: joinIds(packet),
    aeads: ["chacha20-poly1305"],
  });
}

function watched(seed: number, memory: RecordedMemory) {
  return { provider: memory.watch(testProvider({ seed })) };
}

/** An initiator and what it may leave. */
function begin(memory: RecordedMemory): [Initiator, Uint8Array[]] {
  const initiator = memory.record(() => testInitiator(watched(1, memory)));
  const initial = initiator.packet();
  return [initiator, [...PUBLIC, initial, saidIn(initial)]];
}

Deno.test("a recording finds a secret wherever it is, and no other array", () => {
  const memory = new RecordedMemory();
  const secret = TEST_PSK.slice();
  const [kept] = memory.record(() => [
    new Uint8Array(secret),
    secret.slice(),
    Uint8Array.from(secret),
    new Int32Array(new Uint8Array(secret).buffer),
  ]);
  // The last one has two views of one buffer.
  assertEquals(memory.left().length, 5);
  kept.fill(0);
  assertEquals(memory.left().length, 4);
  assertEquals(memory.left(PUBLIC[0], secret), []);
});

Deno.test("a finished handshake leaves its two keys to whoever it gives them, and nothing else", () => {
  const [ours, theirs] = [new RecordedMemory(), new RecordedMemory()];
  const [initiator, allowed] = begin(ours);
  const responder = theirs.record(() => testAcceptor(watched(2, theirs)));
  const { packet, established: there } = theirs.record(() =>
    acceptInitial(responder, initiator.packet())
  );
  const { established: here } = ours.record(() =>
    only(initiator.receive(packet), "established")
  );
  const stays = [...allowed, packet, here.handshakeHash];
  const { sendKey, receiveKey, statelessResetToken } = here;
  assertEquals(
    ours.left(...stays).toSorted(),
    [sendKey, receiveKey].map(toHex).toSorted(),
  );
  eraseEstablished(here);
  assertEquals(ours.left(...stays), []);
  assertEquals(statelessResetToken, new Uint8Array(16));

  eraseEstablished(there);
  responder.erase();
  assertEquals(
    theirs.left(...stays, namesOf(there.localConnectionId)),
    [],
  );
});

Deno.test("an initiator that gives up leaves nothing, after whatever was forged", () => {
  const memory = new RecordedMemory();
  const [initiator, allowed] = begin(memory);
  const { packet } = acceptInitial(testAcceptor(), initiator.packet());
  const { destinationId, sourceId, noise } = only(
    parseHandshakePacket(packet),
    "response",
  );
  const forged = [
    ...Array.from(forgeries(packet, 97), ([forged]) => forged),
    // One of somebody who has the PSK and knows the initiator's key.
    encodeResponse({
      version: 1,
      destinationId,
      sourceId,
      noise: noise.with(50, noise[50] ^ 1),
      mac1Key: mac1Key(initiatorKeys.public, TEST_PSK),
      size: packet.length,
    }),
  ];
  memory.record(() => {
    for (const packet of forged) initiator.receive(packet);
    initiator.erase();
  });
  assertEquals(memory.left(...allowed, packet, ...forged), []);
  assertEquals(initiator.receive(packet).kind, "ignored");
});

Deno.test("an initiator that cannot begin leaves nothing", () => {
  const memory = new RecordedMemory();
  const responderPublicKey = new Uint8Array(32);
  memory.record(() =>
    assertThrows(
      () => testInitiator({ ...watched(1, memory), responderPublicKey }),
      RangeError,
    )
  );
  // The public part of the key it would have used, and what it would have said.
  const { randomBytes } = testProvider({ seed: 1 });
  const connectionId = randomBytes(new Uint8Array(8));
  const { public: unused } = dhKeyPair(randomBytes(new Uint8Array(32)));
  const said = encodeTransportParameters({
    transport: TEST_PARAMETERS,
    connectionIds: concat([randomBytes(new Uint8Array(8)), connectionId]),
    aeads: ["chacha20-poly1305"],
  });
  assertEquals(memory.left(...PUBLIC, unused, said), []);
});

Deno.test("a cookie leaves nothing, on either side", () => {
  const [ours, theirs] = [new RecordedMemory(), new RecordedMemory()];
  const [initiator, allowed] = begin(ours);
  const responder = theirs.record(() => testAcceptor(watched(2, theirs)));
  makeBusy(responder);
  const before = initiator.packet();
  const { packet } = theirs.record(() =>
    only(responder.onInitial(0, before, TEST_ADDRESS), "reply")
  );
  ours.record(() => {
    assertEquals(initiator.receive(packet).kind, "retry");
    initiator.erase();
  });
  assertEquals(ours.left(...allowed, packet, initiator.packet()), []);
  responder.erase();
  assertEquals(theirs.left(...PUBLIC, before, packet), []);
});

for (
  const [why, options] of [
    ["has another PSK", { psks: [OTHER_PSK] }],
    ["may not attach", { allow: () => false }],
    ["has one of many PSKs", {
      psks: [OTHER_PSK, OWN_PSK],
      allow: () => false,
    }],
  ] as const
) {
  Deno.test(`a responder keeps nothing of an initiator that ${why}`, () => {
    const memory = new RecordedMemory();
    const initiator = testInitiator();
    const initial = initiator.packet();
    const responder = memory.record(() =>
      testAcceptor(watched(2, memory), options)
    );
    memory.record(() => responder.onInitial(0, initial, TEST_ADDRESS));
    responder.erase();
    assertEquals(memory.left(...PUBLIC, initial, saidIn(initial)), []);
  });
}

Deno.test("keys that MACs are made with go when their users are erased", () => {
  const memory = new RecordedMemory();
  const key = TEST_PSK;
  const text = new Uint8Array(40).fill(9);
  memory.record(() => {
    const made = [
      new KeyedBlake2s(key, 16),
      new HmacBlake2s(key),
      new ResetTokens(key, 7700),
      new CookieJar(watched(3, memory).provider),
    ] as const;
    const [mac, hmac, tokens, cookies] = made;
    for (
      const result of [
        mac.of(text),
        hmac.of(text),
        hmac.of(),
        tokens.tokenOf(text.subarray(8), TEST_ADDRESS),
        cookies.cookieFor(0, text),
        cookies.cookieFor(1e9, text),
        versionListMac(PUBLIC[0], key, text, text),
      ]
    ) result.fill(0);
    for (const each of made) each.erase();
  });
  assertEquals(memory.left(...PUBLIC, namesOf(text.subarray(8))), []);
});
