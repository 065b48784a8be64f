import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { HALF_OPEN_MAX, HALF_OPEN_MS } from "../../limits.ts";
import { mac1, mac1Key, openCookie } from "./mac.ts";
import { setMac2 } from "./handshake_packet.ts";
import { connectionIdKey } from "../packet/packet_header.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";
import type { Acceptor } from "./acceptor.ts";
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
  // Every field but type, version and length: ids, and some of the message.
  const offsets = [2, 9, 10, 17, 20, 51, 52, 99, 100, 115, 116, 150];
  for (const offset of offsets) {
    const forged = initial.slice();
    forged[offset] ^= 1;
    const end = 20 + ((forged[18] << 8) | forged[19]);
    forged.set(mac1(key, forged.subarray(0, end)), forged.length - 32);
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

/** Sends hollow Initials with the cookie of their address, one a millisecond. */
function floodWithCookie(
  acceptor: Acceptor,
  from: RemoteAddress,
  count: number,
  start = 0,
): Record<string, number> {
  let cookie: Uint8Array | undefined;
  const kinds: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const packet = hollowInitial(i);
    if (cookie !== undefined) setMac2(packet, cookie);
    const result = acceptor.onInitial(start + i, packet, from);
    if (result.kind === "reply") cookie = cookieIn(result.packet, packet);
    const kind = result.kind === "drop" ? result.reason : result.kind;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

/** Attaches from an address that must prove itself, and tells how it went. */
function attachFrom(acceptor: Acceptor, from: RemoteAddress, now: number) {
  const initiator = testInitiator({ provider: clients });
  const first = acceptor.onInitial(now, initiator.packet(), from);
  if (first.kind !== "reply") return first;
  initiator.receive(first.packet);
  return acceptor.onInitial(now, initiator.packet(), from);
}

Deno.test("forged handshakes cost no more Diffie-Hellman than a flood is granted", () => {
  const acceptor = testAcceptor();
  const kinds = Array.from(
    { length: 500 },
    (_, i) => acceptor.onInitial(i, hollowInitial(i), FROM).kind,
  );
  // A product each; from then on they get cookies, which cost a hash, and few.
  assertEquals(kinds.indexOf("reply"), 80);
  assertEquals(kinds.filter((kind) => kind === "reply").length, 32);
  assert(!kinds.includes("accepted"));
});

Deno.test("an address that never finishes a handshake has a few tries, then as many as it is forgiven", () => {
  const acceptor = testAcceptor();
  makeBusy(acceptor);
  const { "not authentic": tries } = floodWithCookie(acceptor, FROM, 900);
  assert(tries >= 20 && tries <= 64, `${tries} tries`);
  let later = 0;
  for (let second = 1; second <= 10; second++) {
    makeBusy(acceptor, 1000 * second);
    const kinds = floodWithCookie(acceptor, FROM, 900, 1000 * second);
    later += kinds["not authentic"] ?? 0;
  }
  assert(later <= 100, `${later} tries in ten seconds`);
});

Deno.test("a flood from many addresses leaves room for new ones, and those known most", () => {
  const acceptor = testAcceptor();
  const known = { hostname: "198.51.100.1", port: 1 };
  const { established } = only(
    acceptor.onInitial(0, newInitial(), known),
    "accepted",
  );
  acceptor.onOpened(0, connectionIdKey(established.localConnectionId, 0));
  makeBusy(acceptor);
  for (let second = 0; second < 5; second++) {
    const now = 1000 * second;
    makeBusy(acceptor, now);
    for (let i = 1; i <= 16; i++) {
      floodWithCookie(acceptor, { hostname: `127.0.0.${i}`, port: 9 }, 50, now);
    }
    const fresh = { hostname: `203.0.113.${second}`, port: 1 };
    only(attachFrom(acceptor, fresh, now + 900), "accepted");
  }
  // More fresh addresses than the node has handshakes in a second.
  makeBusy(acceptor, 6000);
  for (let i = 0; i < 100; i++) {
    const from = { hostname: `192.0.2.${i}`, port: 9 };
    floodWithCookie(acceptor, from, 9, 6000);
  }
  only(
    attachFrom(acceptor, { hostname: "203.0.113.99", port: 1 }, 6500),
    "drop",
  );
  only(attachFrom(acceptor, known, 6500), "accepted");
});

Deno.test("connections that have opened make room for others, at any rate", () => {
  const provider = { ...testProvider({ seed: 2 }), handshakesPerSecond: 1000 };
  const acceptor = testAcceptor({ provider });
  // More in the time of a half-open one than make sources prove their addresses.
  for (let i = 0; i < HALF_OPEN_MAX / 4; i++) {
    const now = HALF_OPEN_MS / HALF_OPEN_MAX * 5 * i;
    const result = acceptor.onInitial(now, newInitial(), FROM);
    const { established } = only(result, "accepted");
    acceptor.onOpened(now, connectionIdKey(established.localConnectionId, 0));
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
  acceptor.onOpened(2, "some other");
  only(acceptor.onInitial(2, initial, FROM), "reply");
  acceptor.onOpened(0, connectionIdKey(established.localConnectionId, 0));
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
  const reset = restarted.statelessReset(0, packet, FROM)!;
  assertEquals(reset, Uint8Array.of(5, ...id, ...token!));
  const another = { ...FROM, port: 4001 };
  assertNotEquals(restarted.statelessReset(0, packet, another), reset);
  assertEquals(elsewhere.statelessReset(0, packet, FROM), undefined);
  assertEquals(behindRelay.statelessReset(0, packet, FROM), undefined);
  packet[3] ^= 1;
  assertEquals(restarted.statelessReset(0, packet, FROM), undefined);
  assertEquals(restarted.statelessReset(0, reset, FROM), undefined);
});
