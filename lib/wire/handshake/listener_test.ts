import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { HALF_OPEN_MAX, HALF_OPEN_MS } from "../../limits.ts";
import type { CryptoProvider } from "../packet/aead.ts";
import {
  type InitiatorHandshake,
  startInitiator,
} from "./handshake_initiator.ts";
import { encodeInitial, setMac2 } from "./handshake_packet.ts";
import {
  Listener,
  type ListenerOptions,
  type ListenerResult,
} from "./listener.ts";
import { mac1Key, openCookie } from "./mac.ts";
import { dhKeyPair } from "./noise.ts";
import { connectionIdKey } from "../packet/packet_header.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";
import { testProvider } from "../testing/crypto.ts";
import { TEST_PARAMETERS } from "../testing/handshake_pair.ts";

const PSK = new Uint8Array(32).fill(0x33);
const NODE = dhKeyPair(new Uint8Array(32).fill(0x22));
const PEER = dhKeyPair(new Uint8Array(32).fill(0x11));
const FROM: RemoteAddress = { hostname: "192.0.2.1", port: 4000 };

function listener(options: Partial<ListenerOptions> = {}): Listener {
  return new Listener({
    handshake: {
      provider: testProvider({ seed: 2 }),
      staticKeys: NODE,
      psk: PSK,
      parameters: TEST_PARAMETERS,
    },
    inUse: () => false,
    ...options,
  });
}

const clients: CryptoProvider = testProvider({ seed: 1 });

/** A client about to attach, its keys different from every other's. */
function initiator(): InitiatorHandshake {
  return startInitiator({
    provider: clients,
    staticKeys: PEER,
    psk: PSK,
    parameters: TEST_PARAMETERS,
    responderPublicKey: NODE.public,
  });
}

/**
 * An Initial with a valid mac1 and noise instead of a message: what a holder
 * of the pre-shared key can make without any work.
 */
function hollowInitial(index: number): Uint8Array {
  const noise = clients.randomBytes(new Uint8Array(200));
  noise[31] &= 0x7f;
  return encodeInitial({
    version: 1,
    destinationId: new Uint8Array(8).fill(index),
    sourceId: new Uint8Array(8).fill(index + 1),
    noise,
    mac1Key: mac1Key(NODE.public, PSK),
    size: 1200,
  });
}

/** Narrows a result to one kind; anything else fails the test. */
function only<K extends ListenerResult["kind"]>(
  result: ListenerResult,
  kind: K,
): Extract<ListenerResult, { kind: K }> {
  assertEquals(result.kind, kind);
  return result as Extract<ListenerResult, { kind: K }>;
}

Deno.test("an Initial is accepted and its answer completes the handshake", () => {
  const client = initiator();
  const result = only(
    listener().onInitial(0, client.packet(), FROM),
    "accepted",
  );
  assertEquals(result.established.peerPublicKey, PEER.public);
  assertEquals(client.receive(result.packet).kind, "established");
});

Deno.test("a repeated Initial gets the same answer, wherever it comes from", () => {
  const door = listener();
  const client = initiator();
  const first = only(door.onInitial(0, client.packet(), FROM), "accepted");
  const elsewhere = { hostname: "198.51.100.1", port: 1 };
  for (const from of [FROM, elsewhere]) {
    const again = only(door.onInitial(500, client.packet(), from), "reply");
    assertEquals(again.packet, first.packet);
  }
  assertEquals(door.recent, 1);
});

Deno.test("an answer is remembered as long as its connection may be half-open", () => {
  const door = listener();
  const client = initiator();
  door.onInitial(0, client.packet(), FROM);
  const last = HALF_OPEN_MS - 1;
  assertEquals(door.onInitial(last, client.packet(), FROM).kind, "reply");
  const later = HALF_OPEN_MS;
  assertEquals(door.onInitial(later, client.packet(), FROM).kind, "accepted");
  assertEquals(door.recent, 1);
});

Deno.test("a connection id that is taken is not given again", () => {
  const taken = new Set<string>();
  const door = listener({ inUse: (key) => taken.has(key) });
  const same = listener();
  const packet = initiator().packet();
  const first = only(same.onInitial(0, packet, FROM), "accepted");
  taken.add(connectionIdKey(first.established.localConnectionId, 0));
  const second = only(door.onInitial(0, packet, FROM), "accepted");
  assertNotEquals(
    second.established.localConnectionId,
    first.established.localConnectionId,
  );
});

Deno.test("a key that is not allowed meets silence and leaves no trace", () => {
  const asked: Uint8Array[] = [];
  const door = listener({
    allow: (key) => {
      asked.push(key);
      return false;
    },
  });
  assertEquals(door.onInitial(0, initiator().packet(), FROM).kind, "drop");
  assertEquals(asked, [PEER.public]);
  assertEquals(door.recent, 0);
});

Deno.test("what is no Initial, or not for this node, meets silence", () => {
  const door = listener();
  const packet = initiator().packet();
  const forged = packet.slice();
  forged[300] ^= 1;
  for (const bytes of [new Uint8Array(0), packet.subarray(0, 1000), forged]) {
    assertEquals(door.onInitial(0, bytes, FROM).kind, "drop");
  }
});

Deno.test("a burst of handshakes makes sources prove their addresses, and passes", () => {
  const door = listener();
  let accepted = 0;
  for (let i = 0; i < 100; i++) {
    const client = initiator();
    const result = door.onInitial(0, client.packet(), FROM);
    if (result.kind === "accepted") accepted++;
    else {
      const cookie = only(result, "reply").packet;
      assert(cookie.length < client.packet().length);
      assertEquals(client.receive(cookie), { kind: "retry" });
      const elsewhere = { hostname: "198.51.100.1", port: i };
      assertEquals(door.onInitial(0, client.packet(), elsewhere).kind, "reply");
      const proved = door.onInitial(0, client.packet(), FROM);
      assertEquals(proved.kind, "accepted");
      break;
    }
  }
  assert(accepted >= 10, `${accepted} without a cookie`);
  assertEquals(
    door.onInitial(1001, initiator().packet(), FROM).kind,
    "accepted",
  );
});

Deno.test("many half-open connections make sources prove their addresses, however slowly they came", () => {
  const door = listener();
  let now = 0;
  while (door.recent < HALF_OPEN_MAX / 8) {
    now += 60; // 16 in a second, all of them within HALF_OPEN_MS
    only(door.onInitial(now, initiator().packet(), FROM), "accepted");
  }
  now += 1000;
  only(door.onInitial(now, initiator().packet(), FROM), "reply");
  assertEquals(door.recent, HALF_OPEN_MAX / 8);
});

Deno.test("forged handshakes cost no more Diffie-Hellman than a flood is granted", () => {
  const door = listener();
  const tried: number[] = [];
  for (let i = 0; i < 500; i++) {
    const result = door.onInitial(i, hollowInitial(i), FROM);
    assertNotEquals(result.kind, "accepted");
    if (result.kind === "drop") tried.push(i);
  }
  // From then on they get cookies, which cost a hash.
  assert(tried.length <= 20, `${tried.length} tried`);
  assertEquals(door.recent, 0);
});

Deno.test("a proved address does not lift the bound on handshakes in a second", () => {
  const door = listener();
  let cookie: Uint8Array | undefined;
  const results: string[] = [];
  for (let i = 0; i < 300; i++) {
    const packet = hollowInitial(i);
    if (cookie !== undefined) setMac2(packet, cookie);
    const result = door.onInitial(i, packet, FROM);
    if (result.kind === "reply") cookie = cookieIn(result.packet, packet);
    if (result.kind === "drop") results.push(result.reason);
  }
  const tried = results.filter((reason) => reason === "not authentic").length;
  assertEquals(tried, 100);
  assert(results.includes("too many handshakes at once"));
  // Nor may a second's worth, kept for its whole life, pass the bound on memory.
  assert(tried * HALF_OPEN_MS / 1000 <= HALF_OPEN_MAX);
  assertEquals(
    door.onInitial(1000, initiator().packet(), FROM).kind,
    "accepted",
  );
});

/** The cookie a reply carries for the sender of `initial`. */
function cookieIn(reply: Uint8Array, initial: Uint8Array): Uint8Array {
  const context = {
    aead: clients.chacha20Poly1305,
    publicKey: NODE.public,
    psk: PSK,
    nonce: reply.subarray(9, 25),
    mac1: initial.subarray(-32, -16),
  };
  return openCookie(context, reply.subarray(25))!;
}
