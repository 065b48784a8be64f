import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { HALF_OPEN_MAX, HALF_OPEN_MS } from "../../limits.ts";
import { mac1, mac1Key, openCookie } from "./mac.ts";
import { setMac2 } from "./handshake_packet.ts";
import { connectionIdKey } from "../packet/packet_header.ts";
import { forgeries } from "../testing/bytes.ts";
import { testProvider } from "../testing/crypto.ts";
import {
  acceptInitial,
  assertIgnored,
  handshakePair,
  hollowInitial,
  makeBusy,
  only,
  shakeHands,
  TEST_ADDRESS as FROM,
  TEST_PSK,
  testAcceptor,
  testInitiator,
} from "../testing/handshake_pair.ts";

const ELSEWHERE = { hostname: "198.51.100.1", port: 1 };
const { initiatorKeys, responderKeys } = handshakePair();
const clients = testProvider({ seed: 1 });

/** An Initial whose ephemeral key is different from every other's. */
function newInitial(): Uint8Array {
  return testInitiator({ provider: clients }).packet();
}

Deno.test("a repeated Initial gets the same Response, wherever it comes from", () => {
  const acceptor = testAcceptor();
  const initial = newInitial();
  const { packet } = acceptInitial(acceptor, initial);
  for (const from of [FROM, ELSEWHERE]) {
    assertEquals(acceptor.onInitial(500, initial, from), {
      kind: "reply",
      packet,
    });
  }
  acceptInitial(acceptor, newInitial());
});

Deno.test("a Response is remembered as long as its connection may be half-open", () => {
  const acceptor = testAcceptor();
  const initial = newInitial();
  acceptInitial(acceptor, initial);
  only(acceptor.onInitial(HALF_OPEN_MS - 1, initial, FROM), "reply");
  only(acceptor.onInitial(HALF_OPEN_MS, initial, FROM), "accepted");
});

Deno.test("a connection id that is taken is not given again", () => {
  const initial = newInitial();
  const first = acceptInitial(testAcceptor(), initial).established;
  const taken = connectionIdKey(first.localConnectionId, 0);
  const acceptor = testAcceptor({}, { inUse: (key) => key === taken });
  const second = acceptInitial(acceptor, initial).established;
  assertNotEquals(second.localConnectionId, first.localConnectionId);
});

Deno.test("a key that is not allowed meets silence and leaves no trace", () => {
  const asked: Uint8Array[] = [];
  const acceptor = testAcceptor({}, { allow: (key) => asked.push(key) > 1 });
  const initial = newInitial();
  assertEquals(acceptor.onInitial(0, initial, FROM).kind, "drop");
  acceptInitial(acceptor, initial);
  assertEquals(asked, [initiatorKeys.public, initiatorKeys.public]);
});

Deno.test("what is no Initial, or has any byte changed, meets silence", () => {
  const acceptor = testAcceptor();
  const initial = newInitial();
  for (const bytes of [new Uint8Array(0), initial.subarray(0, 1000)]) {
    assertEquals(acceptor.onInitial(0, bytes, FROM).kind, "drop");
  }
  for (const [forged, i] of forgeries(initial)) {
    if (i >= initial.length - 16) break; // mac2 proves an address only
    const { kind } = acceptor.onInitial(0, forged, FROM);
    assertEquals(kind, "drop", `byte ${i}`);
  }
});

Deno.test("what a holder of the pre-shared key changes in an Initial is noticed", () => {
  const acceptor = testAcceptor();
  const initial = newInitial();
  const key = mac1Key(responderKeys.public, TEST_PSK);
  // Every field but type and version: ids, length, and some of the message.
  const offsets = [2, 9, 10, 17, 18, 19, 20, 51, 52, 99, 100, 115, 116, 180];
  for (const offset of offsets) {
    const forged = initial.slice();
    forged[offset] ^= 1;
    forged.set(mac1(key, forged.subarray(0, -32)), forged.length - 32);
    const { reason } = only(acceptor.onInitial(0, forged, FROM), "drop");
    assertNotEquals(reason, "mac1 is wrong", `byte ${offset}`);
  }
});

Deno.test("an initiator without the pre-shared key or the right node key meets silence", () => {
  const initiators = [
    testInitiator({ psk: new Uint8Array(32).fill(0x34) }),
    testInitiator({ responderPublicKey: initiatorKeys.public }),
  ];
  for (const initiator of initiators) {
    assertEquals(testAcceptor().onInitial(0, initiator.packet(), FROM), {
      kind: "drop",
      reason: "mac1 is wrong",
    });
  }
  const forged = testInitiator({ versions: [9] }).packet();
  forged[forged.length - 32] ^= 1;
  assertEquals(testAcceptor().onInitial(0, forged, FROM).kind, "drop");
});

Deno.test("another node with the same pre-shared key cannot answer for the responder", () => {
  const impostor = testAcceptor({
    staticKeys: { ...responderKeys, secret: new Uint8Array(32).fill(0x66) },
  });
  assertEquals(impostor.onInitial(0, newInitial(), FROM), {
    kind: "drop",
    reason: "not authentic",
  });
});

Deno.test("a busy responder requires a cookie and takes it from that address alone", () => {
  const { initiator, responder } = handshakePair();
  makeBusy(responder);
  const plain = initiator.packet();
  const { packet } = only(responder.onInitial(0, plain, FROM), "reply");
  assert(packet.length < plain.length);
  assertIgnored(initiator, forgeries(packet));
  assertEquals(initiator.receive(packet), { kind: "retry" });
  const proved = initiator.packet();
  // The same attempt but for mac2.
  assertEquals(proved.subarray(0, -16), plain.subarray(0, -16));
  const neighbour = { ...FROM, port: FROM.port + 1 };
  for (const from of [ELSEWHERE, neighbour]) {
    assertEquals(responder.onInitial(0, proved, from).kind, "reply");
  }
  for (const [mac2, i] of forgeries(proved.subarray(-16))) {
    const forged = concat([proved.subarray(0, -16), mac2]);
    const { kind } = responder.onInitial(0, forged, FROM);
    assertEquals(kind, "reply", `byte ${i}`);
  }
  assertEquals(initiator.receive(packet).kind, "ignored");
  const accepted = acceptInitial(responder, initiator.packet());
  assertEquals(initiator.receive(accepted.packet).kind, "established");
});

Deno.test("a burst of handshakes makes sources prove their addresses, and passes", () => {
  const acceptor = testAcceptor();
  for (let i = 0; i < 25; i++) {
    const answer = acceptor.onInitial(0, newInitial(), FROM);
    only(answer, i < 20 ? "accepted" : "reply");
  }
  only(acceptor.onInitial(999, newInitial(), FROM), "reply");
  only(acceptor.onInitial(1000, newInitial(), FROM), "accepted");
});

Deno.test("many half-open connections make sources prove their addresses, however slowly they came", () => {
  const acceptor = testAcceptor();
  const interval = 60; // 16 in a second, all of them within HALF_OPEN_MS
  let accepted = 0;
  const attach = () =>
    acceptor.onInitial(interval * accepted, newInitial(), FROM);
  while (attach().kind === "accepted") accepted++;
  assertEquals(accepted, HALF_OPEN_MAX / 8);
});

Deno.test("forged handshakes cost no more Diffie-Hellman than a flood is granted", () => {
  const acceptor = testAcceptor();
  const kinds = Array.from(
    { length: 500 },
    (_, i) => acceptor.onInitial(i, hollowInitial(i), FROM).kind,
  );
  // From then on they get cookies, which cost a hash.
  assertEquals(kinds.lastIndexOf("drop"), 19);
  assert(!kinds.includes("accepted"));
});

Deno.test("a proved address does not lift the bound on handshakes in a second", () => {
  const acceptor = testAcceptor();
  let cookie: Uint8Array | undefined;
  const reasons: string[] = [];
  for (let i = 0; i < 300; i++) {
    const packet = hollowInitial(i);
    if (cookie !== undefined) setMac2(packet, cookie);
    const result = acceptor.onInitial(i, packet, FROM);
    if (result.kind === "reply") cookie = cookieIn(result.packet, packet);
    if (result.kind === "drop") reasons.push(result.reason);
  }
  const tried = reasons.filter((reason) => reason === "not authentic").length;
  assertEquals(tried, 100);
  assert(reasons.includes("too many handshakes at once"));
  only(acceptor.onInitial(1000, newInitial(), FROM), "accepted");
});

Deno.test("connections that have opened make room for others, at any rate", () => {
  const acceptor = testAcceptor();
  for (let i = 0; i < 2 * HALF_OPEN_MAX; i++) {
    const now = 60 * i;
    const result = acceptor.onInitial(now, newInitial(), FROM);
    const { established } = only(result, "accepted");
    acceptor.onOpened(connectionIdKey(established.localConnectionId, 0));
  }
});

Deno.test("a repeated Initial gets the same Response until the connection opens", () => {
  const acceptor = testAcceptor();
  const initial = newInitial();
  const { packet, established } = only(
    acceptor.onInitial(0, initial, FROM),
    "accepted",
  );
  assertEquals(
    only(acceptor.onInitial(1, initial, FROM), "reply").packet,
    packet,
  );
  acceptor.onOpened("some other");
  only(acceptor.onInitial(2, initial, FROM), "reply");
  acceptor.onOpened(connectionIdKey(established.localConnectionId, 0));
  only(acceptor.onInitial(3, initial, FROM), "accepted");
});

/** The cookie a reply carries for the sender of `initial`. */
function cookieIn(reply: Uint8Array, initial: Uint8Array): Uint8Array {
  return openCookie({
    aead: clients.chacha20Poly1305,
    publicKey: responderKeys.public,
    psk: TEST_PSK,
    nonce: reply.subarray(9, 25),
    mac1: initial.subarray(-32, -16),
  }, reply.subarray(25))!;
}

Deno.test("a restarted node answers its own ids with the announced token, and none from elsewhere", () => {
  const { initiator } = shakeHands();
  const restarted = testAcceptor();
  const elsewhere = testAcceptor({}, { resetPort: 7701 });
  const behindRelay = testAcceptor({}, { resetPort: undefined });
  const { remoteConnectionId: id, statelessResetToken: token } = initiator;
  const packet = new Uint8Array(40);
  packet[0] = 0x40;
  packet.set(id, 1);
  const reset = restarted.statelessReset(packet, FROM)!;
  assertEquals(reset, Uint8Array.of(5, ...id, ...token!));
  const another = { ...FROM, port: 4001 };
  assertNotEquals(restarted.statelessReset(packet, another), reset);
  assertEquals(elsewhere.statelessReset(packet, FROM), undefined);
  assertEquals(behindRelay.statelessReset(packet, FROM), undefined);
  packet[3] ^= 1;
  assertEquals(restarted.statelessReset(packet, FROM), undefined);
  assertEquals(restarted.statelessReset(reset, FROM), undefined);
});
