import { assert, assertEquals, assertRejects } from "@std/assert";
import { PeerClosedError, TimeoutError } from "../errors.ts";
import {
  RELAY_QUEUE_MAX,
  RELAYED_DATAGRAM_MAX,
  RELAYED_DATAGRAM_MIN,
} from "../limits.ts";
import { pattern } from "../wire/testing/bytes.ts";
import { seededRandom } from "../wire/testing/random.ts";
import { ephemeralIdentity } from "./identity.ts";
import { RelaySocket } from "./relay_socket.ts";
import type { Session } from "./session.ts";
import { nextStream, readAll, send } from "./testing/echo_node.ts";
import {
  type HubPacket,
  MemoryCarrier,
  RelayedPair,
  RelayHub,
} from "./testing/relay_hub.ts";

/** Sends bytes through a new stream and reads them at the other end. */
async function transfer(from: Session, to: Session, bytes: Uint8Array) {
  const arrived = nextStream(to).then(readAll);
  await send(from, bytes);
  assertEquals(await arrived, bytes);
}

Deno.test("a session by way of a relay is with the node, and its packets fit", async () => {
  const hub = new RelayHub();
  const sizes: number[] = [];
  hub.treat = (packet) => {
    sizes.push(packet.bytes.length);
    return [packet];
  };
  await using pair = await RelayedPair.of(hub);
  const session = await pair.connect();
  assertEquals(session.remote.publicKey, pair.holder.x25519Public);
  assertEquals(
    session.remote.address,
    `node ${pair.holder.nodeId} behind relay 1`,
  );
  assertEquals(sizes[0], RELAYED_DATAGRAM_MIN);
  const accepted = await pair.accept();
  await transfer(session, accepted, pattern(300_000));
  assertEquals(accepted.remote.publicKey, pair.client.x25519Public);
  assert(Math.max(...sizes) <= RELAYED_DATAGRAM_MAX);
  assertEquals(session.stats.datagramSize, RELAYED_DATAGRAM_MAX);
});

Deno.test("a relay sees none of the bytes", async () => {
  const hub = new RelayHub();
  const secret = "a very recognisable secret of thirty-nine";
  let seen = "";
  hub.treat = (packet) => {
    seen += new TextDecoder("latin1").decode(packet.bytes);
    return [packet];
  };
  await using pair = await RelayedPair.of(hub);
  const session = await pair.connect();
  const bytes = new TextEncoder().encode(secret);
  await transfer(session, await pair.accept(), bytes);
  assert(seen.length > RELAYED_DATAGRAM_MIN && !seen.includes(secret));
});

for (
  const [name, treat] of Object.entries<
    (packet: HubPacket, random: () => number, held: HubPacket[]) => HubPacket[]
  >({
    "drops": (packet, random) => random() < 0.05 ? [] : [packet],
    "repeats": (packet, random) => random() < 0.3 ? [packet, packet] : [packet],
    "reorders": (packet, random, held) => {
      held.push(packet);
      return random() < 0.5 ? held.splice(0).reverse() : [];
    },
    "damages": (packet, random) => {
      if (random() > 0.05) return [packet];
      const bytes = packet.bytes.slice();
      bytes[Math.floor(random() * bytes.length)] ^= 0x40;
      return [packet, { ...packet, bytes }];
    },
    "invents": (packet, random) => {
      const bytes = Uint8Array.from(packet.bytes, (byte, i) =>
        // The header stays right.
        i < 9 ? byte : Math.floor(random() * 256));
      return [{ ...packet, bytes }, packet];
    },
    "sends back": (packet, random) =>
      random() < 0.2
        ? [{ ...packet, from: packet.to, to: packet.from }, packet]
        : [packet],
    "lies about the sender of": (packet, random) =>
      random() < 0.05 ? [{ ...packet, from: 77n }, packet] : [packet],
  })
) {
  Deno.test(`a relay that ${name} packets only slows the session down`, async () => {
    const hub = new RelayHub();
    const random = seededRandom(7);
    const held: HubPacket[] = [];
    hub.treat = (packet) => treat(packet, random, held);
    await using pair = await RelayedPair.of(hub);
    const session = await pair.connect();
    await transfer(session, await pair.accept(), pattern(200_000));
  });
}

Deno.test("a relay that leads to another node gets no session", async () => {
  const hub = new RelayHub();
  await using pair = await RelayedPair.of(hub);
  // The holder answers to its own key alone.
  const { x25519Public: publicKey } = ephemeralIdentity();
  await assertRejects(
    () => pair.connect({ publicKey, budgetMs: 300 }),
    TimeoutError,
    `node ${pair.holder.nodeId} behind relay 1`,
  );
  assertEquals(pair.accepted, 0);
});

Deno.test("a relay that forwards nothing makes the attach time out", async () => {
  const hub = new RelayHub();
  hub.treat = () => [];
  await using pair = await RelayedPair.of(hub);
  await assertRejects(() => pair.connect({ budgetMs: 300 }), TimeoutError);
});

Deno.test("sessions end when the one with the relay does, and say so", async () => {
  const hub = new RelayHub();
  await using pair = await RelayedPair.of(hub);
  const session = await pair.connect();
  const stream = await session.openStream();
  const reading = assertRejects(
    () => stream.read(new Uint8Array(10)),
    PeerClosedError,
    "the session with relay 1 ended: nothing heard for 30 s",
  );
  const reason = "nothing heard for 30 s";
  pair.carrier.end({ by: "timeout", code: 0, reason });
  await reading;
  assertEquals((await session.closed).by, "path");
});

Deno.test("packets that are not read are bounded, in number and size", async () => {
  const carrier = new MemoryCarrier(() => {});
  const socket = new RelaySocket(carrier);
  carrier.onRelayed?.(5n, new Uint8Array(RELAYED_DATAGRAM_MAX + 1));
  carrier.onRelayed?.(5n, new Uint8Array(0));
  for (let i = 0; i < 10_000; i++) {
    carrier.onRelayed?.(5n, new Uint8Array(RELAYED_DATAGRAM_MAX).fill(i));
  }
  const firsts: number[] = [];
  const received = socket.receive((bytes) => {
    assertEquals(bytes.length, RELAYED_DATAGRAM_MAX);
    firsts.push(bytes[0]);
  });
  // Time for more to come, if more had been kept.
  for (let i = 0; i < 2000; i++) await Promise.resolve();
  assertEquals(firsts, Array.from({ length: RELAY_QUEUE_MAX }, (_, i) => i));
  await socket.close();
  await received;
});
