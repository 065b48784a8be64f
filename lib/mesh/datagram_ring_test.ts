import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../wire/testing/random.ts";
import { DatagramRing, ringMemory } from "./datagram_ring.ts";

const SEED = Number(Deno.env.get("FUZZ_SEED") ?? Date.now() % 1e9);
const BUFFER = new Uint8Array(65_536);

/** Both ends of a ring. */
function ends(): { into: DatagramRing; outOf: DatagramRing } {
  const memory = ringMemory();
  return { into: new DatagramRing(memory), outOf: new DatagramRing(memory) };
}

function peer(hostname: string, port: number): Deno.NetAddr {
  return { transport: "udp", hostname, port };
}

const PEERS = [
  peer("192.0.2.1", 1),
  peer("192.0.2.1", 65_535),
  peer("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 7700),
  peer("0000:0000:0000:0000:0000:ffff:255.255.255.255", 7700),
];

Deno.test("datagrams come out as they went in, with their addresses, also round the end", () => {
  const random = seededRandom(SEED);
  const { into, outOf } = ends();
  const waiting: { bytes: Uint8Array; from: Deno.NetAddr }[] = [];
  let [put, taken] = [0, 0];
  // More than the ring holds, several times.
  while (put < 30_000_000) {
    const from = PEERS[Math.floor(random() ** 4 * PEERS.length)];
    const length = Math.floor(random() ** 3 * 65_508);
    const bytes = new Uint8Array(length).fill(put & 0xff);
    if (into.put(bytes, from)) {
      waiting.push({ bytes, from });
      put += length;
    }
    if (random() < 0.4) continue;
    outOf.takeAll(
      (bytes, segmentSize, from) => {
        const expected = waiting.shift();
        assertEquals(bytes, expected?.bytes, `FUZZ_SEED=${SEED}`);
        assertEquals(from, expected?.from, `FUZZ_SEED=${SEED}`);
        assertEquals(segmentSize, bytes.length);
        taken++;
      },
      BUFFER,
      Math.floor(random() * 5),
    );
  }
  assert(taken > 500, `FUZZ_SEED=${SEED}: ${taken}`);
});

Deno.test("a full ring takes nothing until there is room again, and forgets nothing", () => {
  const { into, outOf } = ends();
  const bytes = new Uint8Array(1400);
  let held = 0;
  while (into.put(bytes, PEERS[0])) held++;
  assert(held > 2500, `${held}`);
  assertEquals(into.put(bytes, PEERS[0]), false);
  let taken = 0;
  assertEquals(outOf.takeAll(() => taken++, BUFFER, 1), true);
  assertEquals(into.put(bytes, PEERS[0]), true);
  assertEquals(outOf.takeAll(() => taken++, BUFFER, 1e6), false);
  assertEquals(taken, held + 1);
  assert(outOf.empty);
});

Deno.test("who waits for a datagram is woken by it, or by hand", async () => {
  const { into, outOf } = ends();
  // Waiting for another thread does not keep the process alive.
  const alive = setInterval(() => {}, 1000);
  into.put(Uint8Array.of(1), PEERS[0]);
  await outOf.filled();
  outOf.takeAll(() => {}, BUFFER, 10);
  const filled = outOf.filled();
  into.put(Uint8Array.of(2), PEERS[0]);
  await filled;
  outOf.takeAll(() => {}, BUFFER, 10);
  const woken = outOf.filled();
  outOf.wake();
  await woken;
  clearInterval(alive);
});
