import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { startInitiator } from "./handshake_initiator.ts";
import { Responder } from "./handshake_responder.ts";
import {
  encodeVersionNegotiation,
  parseHandshakePacket,
  type UnknownVersionPacket,
} from "./handshake_packet.ts";
import { dhKeyPair } from "./noise.ts";
import { PacketProtection } from "../packet/packet_protection.ts";
import { testProvider } from "../testing/crypto.ts";
import {
  acceptInitial,
  handshakePair,
  shakeHands,
  TEST_ARRIVAL,
  TEST_PARAMETERS,
} from "../testing/handshake_pair.ts";

const MACS = 32;

/** Narrows a result to one kind; anything else fails the test. */
function only<T extends { kind: string }, K extends T["kind"]>(
  result: T | undefined,
  kind: K,
): Extract<T, { kind: K }> {
  if (result?.kind !== kind) {
    throw new Error(`expected ${kind}, not ${JSON.stringify(result)}`);
  }
  return result as Extract<T, { kind: K }>;
}

Deno.test("a handshake gives both ends the same keys and each other's facts", () => {
  const parameters = { ...TEST_PARAMETERS, maxIdleTimeoutMs: 5000 };
  const pair = handshakePair({ initiator: { parameters } });
  const { initiator, responder } = shakeHands(pair);
  assertEquals(initiator.sendKey, responder.receiveKey);
  assertEquals(initiator.receiveKey, responder.sendKey);
  assertNotEquals(initiator.sendKey, initiator.receiveKey);
  assertEquals(initiator.handshakeHash, responder.handshakeHash);
  assertEquals(initiator.localConnectionId, responder.remoteConnectionId);
  assertEquals(initiator.remoteConnectionId, responder.localConnectionId);
  assertEquals(initiator.peerPublicKey, pair.responderKeys.public);
  assertEquals(responder.peerPublicKey, pair.initiatorKeys.public);
  assertEquals(initiator.peerParameters, TEST_PARAMETERS);
  assertEquals(responder.peerParameters, parameters);
  assertEquals([initiator.role, responder.role], ["initiator", "responder"]);
  assertEquals(
    initiator.statelessResetToken,
    pair.responder.resetTokens.tokenOf(responder.localConnectionId),
  );
  assertEquals(responder.statelessResetToken, undefined);
});

Deno.test("the agreed keys carry packets both ways", () => {
  const { initiator, responder } = shakeHands();
  const provider = testProvider();
  const a = new PacketProtection({ ...initiator, provider });
  const b = new PacketProtection({ ...responder, provider });
  const header = Uint8Array.of(0x40, 1);
  for (const [from, to] of [[a, b], [b, a]]) {
    const out = new Uint8Array(3 + 16);
    from.seal(0, 0, header, Uint8Array.of(1, 2, 3), out);
    assertEquals(to.open(0, 0, 0, header, out), Uint8Array.of(1, 2, 3));
  }
});

Deno.test("AES-256-GCM is chosen only where both ends have it", () => {
  for (const aes of [[true, true], [true, false], [false, true]]) {
    const { initiator, responder } = shakeHands(handshakePair({
      initiator: { provider: testProvider({ seed: 1, aes: aes[0] }) },
      responder: { provider: testProvider({ seed: 2, aes: aes[1] }) },
    }));
    const expected = aes[0] && aes[1] ? "aes-256-gcm" : "chacha20-poly1305";
    assertEquals([initiator.aead, responder.aead], [expected, expected]);
  }
});

Deno.test("the smaller packets of a relayed connection are answered in kind", () => {
  const pair = handshakePair({ initiator: { datagramSize: 1100 } });
  assertEquals(pair.initiator.packet().length, 1100);
  const { packet } = acceptInitial(pair.responder, pair.initiator.packet());
  assertEquals(packet.length, 1100);
  assertEquals(pair.initiator.receive(packet).kind, "established");
});

Deno.test("an Initial with any byte changed meets silence", () => {
  const { initiator, responder } = handshakePair();
  const packet = initiator.packet();
  for (let i = 0; i < packet.length - 16; i++) {
    const forged = packet.slice();
    forged[i] ^= 1;
    assertEquals(
      responder.screen(forged, TEST_ARRIVAL).kind,
      "drop",
      `byte ${i}`,
    );
  }
});

Deno.test("what a holder of the pre-shared key changes in an Initial is noticed", () => {
  const { initiator, responder } = handshakePair();
  const packet = initiator.packet();
  // Every field but the type: version, ids, length, and some of the message.
  const offsets = [2, 9, 10, 17, 18, 19, 20, 51, 52, 99, 100, 115, 116, 180];
  for (const offset of offsets) {
    const forged = packet.slice();
    forged[offset] ^= 1;
    const parsed = parseHandshakePacket(forged);
    if (parsed === undefined) continue;
    const result = responder.accept(only(parsed, "initial"), new Uint8Array(8));
    assertEquals(result.kind, "drop", `byte ${offset}`);
  }
});

Deno.test("a Response with any byte changed is ignored, the true one is not", () => {
  const { initiator, responder } = handshakePair();
  const { packet } = acceptInitial(responder, initiator.packet());
  for (let i = 0; i < packet.length; i++) {
    const forged = packet.slice();
    forged[i] ^= 1;
    assertEquals(initiator.receive(forged).kind, "ignored", `byte ${i}`);
  }
  assertEquals(initiator.receive(packet).kind, "established");
  assertEquals(initiator.receive(packet).kind, "ignored");
});

Deno.test("whoever lacks the pre-shared key or the right node key meets silence", () => {
  const wrongPsk = handshakePair({
    initiator: { psk: new Uint8Array(32).fill(0x34) },
  });
  assertEquals(
    wrongPsk.responder.screen(wrongPsk.initiator.packet(), TEST_ARRIVAL),
    { kind: "drop", reason: "mac1 is wrong" },
  );
  const other = dhKeyPair(new Uint8Array(32).fill(0x55));
  const wrongKey = handshakePair({
    initiator: { responderPublicKey: other.public },
  });
  assertEquals(
    wrongKey.responder.screen(wrongKey.initiator.packet(), TEST_ARRIVAL).kind,
    "drop",
  );
});

Deno.test("another node with the same pre-shared key cannot answer for the responder", () => {
  const pair = handshakePair();
  const impostor = new Responder({
    provider: testProvider({ seed: 7 }),
    staticKeys: {
      secret: new Uint8Array(32).fill(0x66),
      public: pair.responderKeys.public,
    },
    psk: new Uint8Array(32).fill(0x33),
    parameters: TEST_PARAMETERS,
  });
  const screened = only(
    impostor.screen(pair.initiator.packet(), TEST_ARRIVAL),
    "initial",
  );
  assertEquals(impostor.accept(screened.initial, new Uint8Array(8)), {
    kind: "drop",
    reason: "not authentic",
  });
});

Deno.test("a repeated Initial is the same attempt, another Initial is not", () => {
  const { initiator, responder } = handshakePair();
  const other = handshakePair({
    initiator: { provider: testProvider({ seed: 9 }) },
  });
  const attempt = (packet: Uint8Array): string => {
    const screened = only(responder.screen(packet, TEST_ARRIVAL), "initial");
    return screened.attempt;
  };
  assertEquals(attempt(initiator.packet()), attempt(initiator.packet()));
  assertNotEquals(
    attempt(initiator.packet()),
    attempt(other.initiator.packet()),
  );
});

Deno.test("a Response to an earlier attempt does not fit a new one", () => {
  const first = handshakePair();
  const { packet } = acceptInitial(first.responder, first.initiator.packet());
  const second = handshakePair({
    initiator: {
      provider: testProvider({ seed: 9 }),
      connectionId: first.initiator.connectionId,
    },
  });
  assertEquals(second.initiator.receive(packet), {
    kind: "ignored",
    reason: "not authentic",
  });
});

Deno.test("a busy responder asks for a cookie and takes it from that address alone", () => {
  const { initiator, responder } = handshakePair();
  const busy = { ...TEST_ARRIVAL, cookieRequired: true };
  const screened = only(responder.screen(initiator.packet(), busy), "reply");
  assertEquals(screened.reason, "cookie");
  assert(screened.packet.length < initiator.packet().length);

  for (let i = 0; i < screened.packet.length; i++) {
    const forged = screened.packet.slice();
    forged[i] ^= 1;
    assertEquals(initiator.receive(forged).kind, "ignored", `byte ${i}`);
  }
  assertEquals(initiator.receive(screened.packet), { kind: "retry" });
  assertEquals(responder.screen(initiator.packet(), busy).kind, "initial");
  const elsewhere = { ...busy, address: Uint8Array.of(192, 0, 2, 2, 0, 1) };
  assertEquals(responder.screen(initiator.packet(), elsewhere).kind, "reply");
  for (let i = 1; i <= 16; i++) {
    const forged = initiator.packet().slice();
    forged[forged.length - i] ^= 1;
    assertEquals(responder.screen(forged, busy).kind, "reply");
  }
  assertEquals(initiator.receive(screened.packet).kind, "ignored");
  const { packet } = acceptInitial(responder, initiator.packet(), busy);
  assertEquals(initiator.receive(packet).kind, "established");
});

Deno.test("an Initial with a cookie is the same attempt as without", () => {
  const { initiator, responder } = handshakePair();
  const before = initiator.packet();
  const reply = only(
    responder.screen(before, {
      ...TEST_ARRIVAL,
      cookieRequired: true,
    }),
    "reply",
  );
  initiator.receive(reply.packet);
  assertEquals(initiator.packet().subarray(0, -16), before.subarray(0, -16));
  assertNotEquals(initiator.packet(), before);
});

Deno.test("ends without the same first version agree through an authentic list", () => {
  const { initiator, responder } = handshakePair({
    initiator: { versions: [3, 2, 1] },
    responder: { versions: [1, 2] },
  });
  const screened = only(
    responder.screen(initiator.packet(), TEST_ARRIVAL),
    "reply",
  );
  assertEquals(screened.reason, "version");
  for (let i = 0; i < screened.packet.length; i++) {
    const forged = screened.packet.slice();
    forged[i] ^= 1;
    assertEquals(initiator.receive(forged).kind, "ignored", `byte ${i}`);
  }
  assertEquals(initiator.receive(screened.packet), { kind: "retry" });
  assertEquals(initiator.packet()[1], 2);
  assertEquals(initiator.receive(screened.packet).kind, "ignored");
  const { packet, established } = acceptInitial(responder, initiator.packet());
  assertEquals(established.version, 2);
  assertEquals(initiator.receive(packet).kind, "established");
});

Deno.test("a version list made up to force an older version is found out", () => {
  // Somebody with the pre-shared key claims that the responder speaks 1 alone.
  const { initiator, responder, responderKeys } = handshakePair({
    initiator: { versions: [2, 1] },
    responder: { versions: [2, 1] },
  });
  const liar = new Responder({
    provider: testProvider({ seed: 5 }),
    staticKeys: responderKeys,
    psk: new Uint8Array(32).fill(0x33),
    parameters: TEST_PARAMETERS,
    versions: [1],
  });
  const lie = only(liar.screen(initiator.packet(), TEST_ARRIVAL), "reply");
  assertEquals(initiator.receive(lie.packet), { kind: "retry" });
  const screened = only(
    responder.screen(initiator.packet(), TEST_ARRIVAL),
    "initial",
  );
  assertEquals(responder.accept(screened.initial, new Uint8Array(8)), {
    kind: "drop",
    reason: "the version list the initiator was given is not ours",
  });
});

Deno.test("an authentic version list is followed once, and only for a reason", () => {
  const { initiator, responderKeys } = handshakePair({
    initiator: { versions: [3, 2, 1] },
  });
  /** Made by somebody with the pre-shared key, for the Initial of now. */
  const list = (...versions: number[]) => {
    const packet = initiator.packet();
    const unknown = parseHandshakePacket(packet, []) as UnknownVersionPacket;
    const psk = new Uint8Array(32).fill(0x33);
    const { public: key } = responderKeys;
    return encodeVersionNegotiation(unknown, versions, key, psk);
  };
  const first = initiator.packet();
  assertEquals(initiator.receive(list(2, 3)).kind, "ignored");
  assertEquals(initiator.packet(), first);
  assertEquals(initiator.receive(list(2)).kind, "retry");
  const second = initiator.packet();
  assertEquals(second[1], 2);
  for (const versions of [[1], [3], [2, 1], [9]]) {
    assertEquals(initiator.receive(list(...versions)).kind, "ignored");
    assertEquals(initiator.packet(), second);
  }
});

Deno.test("ends without a common version fail at once and say so", () => {
  const { initiator, responder } = handshakePair({
    initiator: { versions: [1] },
    responder: { versions: [4, 5] },
  });
  const screened = only(
    responder.screen(initiator.packet(), TEST_ARRIVAL),
    "reply",
  );
  assertEquals(initiator.receive(screened.packet), {
    kind: "failed",
    reason: "no common protocol version: this end speaks 1, the peer 4, 5",
  });
});

Deno.test("an Initial of an unknown version without the pre-shared key meets silence", () => {
  const { initiator, responder } = handshakePair({
    initiator: { versions: [9] },
  });
  const forged = initiator.packet().slice();
  forged[forged.length - MACS] ^= 1;
  assertEquals(responder.screen(forged, TEST_ARRIVAL).kind, "drop");
});

Deno.test("a restarted node answers its own ids with the announced token", () => {
  const pair = handshakePair();
  const { initiator } = shakeHands(pair);
  const restarted = handshakePair().responder;
  const packet = new Uint8Array(40);
  packet[0] = 0x40;
  packet.set(initiator.remoteConnectionId, 1);
  const reset = restarted.statelessReset(packet) ?? new Uint8Array(0);
  assert(reset.length < packet.length);
  assertEquals(parseHandshakePacket(reset), {
    kind: "statelessReset",
    connectionId: initiator.remoteConnectionId,
    token: initiator.statelessResetToken ?? new Uint8Array(0),
  });
  packet[3] ^= 1;
  assertEquals(restarted.statelessReset(packet), undefined);
  assertEquals(restarted.statelessReset(reset), undefined);
});

Deno.test("an initiator refuses to start towards a key that is none", () => {
  let message = "";
  try {
    startInitiator({
      provider: testProvider(),
      staticKeys: dhKeyPair(new Uint8Array(32).fill(1)),
      psk: new Uint8Array(32),
      parameters: TEST_PARAMETERS,
      responderPublicKey: new Uint8Array(32),
    });
  } catch (error) {
    message = error instanceof RangeError ? error.message : String(error);
  }
  assertEquals(
    message,
    "the responder's public key is not a usable X25519 key",
  );
});
