import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  encodeVersionNegotiation,
  isAuthentic,
  parseHandshakePacket,
} from "./handshake_packet.ts";
import { Mac1, mac1Key } from "./mac.ts";
import { dhKeyPair } from "./noise.ts";
import type { Acceptor } from "./acceptor.ts";
import type { Initiator } from "./initiator.ts";
import { ResetTokens } from "./stateless_reset.ts";
import { TEST_PARAMETERS } from "../testing/connection_options.ts";
import { forgeries } from "../testing/bytes.ts";
import { testProvider } from "../testing/crypto.ts";
import {
  acceptInitial,
  assertIgnored,
  handshakePair,
  only,
  shakeHands,
  TEST_ADDRESS,
  TEST_PSK,
  TEST_RESET_PORT,
  testAcceptor,
  testInitiator,
} from "../testing/handshake_pair.ts";

/** Two ends that speak these versions, the preferred one first. */
function speaking(initiator: number[], responder: number[]) {
  return handshakePair({ versions: initiator }, { versions: responder });
}

/** What the responder says to an Initial that it does not accept. */
function replyTo(initiator: Initiator, responder: Acceptor): Uint8Array {
  const initial = initiator.packet();
  return only(responder.onInitial(0, initial, TEST_ADDRESS), "reply").packet;
}

Deno.test("a handshake gives both ends the same keys and each other's facts", () => {
  const parameters = { ...TEST_PARAMETERS, maxIdleTimeoutMs: 5000 };
  const pair = handshakePair({ parameters });
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
    new ResetTokens(pair.responderKeys.secret, TEST_RESET_PORT)
      .tokenOf(responder.localConnectionId, TEST_ADDRESS),
  );
  assertEquals(responder.statelessResetToken, undefined);
});

Deno.test("AES-256-GCM is chosen only where both ends have it", () => {
  for (const aes of [[true, true], [true, false], [false, true]]) {
    const { initiator, responder } = shakeHands(handshakePair(
      { provider: testProvider({ seed: 1, aes: aes[0] }) },
      { provider: testProvider({ seed: 2, aes: aes[1] }) },
    ));
    const expected = aes[0] && aes[1] ? "aes-256-gcm" : "chacha20-poly1305";
    assertEquals([initiator.aead, responder.aead], [expected, expected]);
  }
});

Deno.test("the smaller packets of a relayed connection are answered in kind", () => {
  const pair = handshakePair({ datagramSize: 1100 });
  assertEquals(pair.initiator.packet().length, 1100);
  const { packet } = acceptInitial(pair.responder, pair.initiator.packet());
  assertEquals(packet.length, 1100);
  assertEquals(pair.initiator.receive(packet).kind, "established");
});

Deno.test("a Response with any byte changed is ignored, the true one is not", () => {
  const { initiator, responder } = handshakePair();
  const { packet } = acceptInitial(responder, initiator.packet());
  assertIgnored(initiator, forgeries(packet));
  assertEquals(initiator.receive(packet).kind, "established");
  assertEquals(initiator.receive(packet).kind, "ignored");
});

Deno.test("a Response to an earlier attempt does not fit a new one", () => {
  const first = handshakePair();
  const { packet } = acceptInitial(first.responder, first.initiator.packet());
  const second = testInitiator({
    provider: testProvider({ seed: 9 }),
    connectionId: first.initiator.connectionId,
  });
  assertEquals(second.receive(packet), {
    kind: "ignored",
    reason: "not authentic",
  });
});

Deno.test("ends without the same first version agree through an authentic list", () => {
  const { initiator, responder } = speaking([3, 2, 1], [1, 2]);
  const list = replyTo(initiator, responder);
  assertIgnored(initiator, forgeries(list));
  assertEquals(initiator.receive(list), { kind: "retry" });
  assertEquals(initiator.packet()[1], 2);
  assertEquals(initiator.receive(list).kind, "ignored");
  const { packet, established } = acceptInitial(responder, initiator.packet());
  assertEquals(established.version, 2);
  assertEquals(initiator.receive(packet).kind, "established");
});

Deno.test("a version list made up to force an older version is found out", () => {
  // A node with the pre-shared key claims that the responder speaks 1 alone.
  const { initiator, responder } = speaking([2, 1], [2, 1]);
  const liar = testAcceptor({ versions: [1] });
  const lie = replyTo(initiator, liar);
  assertEquals(initiator.receive(lie), { kind: "retry" });
  assertEquals(responder.onInitial(0, initiator.packet(), TEST_ADDRESS), {
    kind: "drop",
    reason: "the version list the initiator was given is not ours",
  });
  // Nor does the lie end the attempt: what was sent before is sent again.
  initiator.onSent();
  assertEquals(initiator.packet()[1], 2);
  const { packet } = acceptInitial(responder, initiator.packet());
  assertEquals(initiator.receive(packet).kind, "established");
});

Deno.test("an authentic version list is followed once, and only for a reason", () => {
  const { initiator, responderKeys } = speaking([3, 2, 1], [1]);
  /** Made by a node with the pre-shared key, for the Initial of now. */
  const list = (...versions: number[]) => {
    const packet = parseHandshakePacket(initiator.packet(), []);
    const unknown = only(packet, "unknownVersion");
    const { public: key } = responderKeys;
    return encodeVersionNegotiation(unknown, versions, key, TEST_PSK);
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

Deno.test("a version list without a common version is a hint, and ends nothing", () => {
  const { initiator, responder } = speaking([1], [1]);
  const liar = testAcceptor({ versions: [4, 5] });
  const first = initiator.packet();
  assertEquals(initiator.receive(replyTo(initiator, liar)).kind, "ignored");
  assertEquals(
    initiator.hint,
    "it seems to speak no common protocol version: this end speaks 1, the peer 4, 5",
  );
  assertEquals(initiator.packet(), first);
  const { packet } = acceptInitial(responder, first);
  assertEquals(initiator.receive(packet).kind, "established");
});

Deno.test("an initiator refuses to start towards an unusable key", () => {
  assertThrows(
    () => testInitiator({ responderPublicKey: new Uint8Array(32) }),
    RangeError,
    "the responder's public key is not a usable X25519 key",
  );
});

Deno.test("the PSK and a list of public keys tell to which node an Initial goes, and to whom a Response", () => {
  const { initiator, responder, initiatorKeys, responderKeys } =
    handshakePair();
  const initial = only(parseHandshakePacket(initiator.packet()), "initial");
  const { packet } = acceptInitial(responder, initiator.packet());
  const response = only(parseHandshakePacket(packet), "response");
  const others = [3, 4].map((fill) => dhKeyPair(new Uint8Array(32).fill(fill)));
  const list = [others[0], initiatorKeys, others[1], responderKeys];
  const receivers = (
    of: typeof initial | typeof response,
    psk: Uint8Array = TEST_PSK,
  ) =>
    list.filter((keys) => isAuthentic(of, new Mac1(mac1Key(keys.public, psk))));
  assertEquals(receivers(initial), [responderKeys]);
  assertEquals(receivers(response), [initiatorKeys]);
  // Without the PSK the list tells nothing.
  const guess = new Uint8Array(32).fill(9);
  assertEquals([receivers(initial, guess), receivers(response, guess)], [
    [],
    [],
  ]);
});
