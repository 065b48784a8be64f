import { assertEquals } from "@std/assert";
import { ApartPackets } from "./apart_packets.ts";

function apart(...numbers: number[]): ApartPackets {
  const packets = new ApartPackets();
  for (const number of numbers) packets.add(number);
  return packets;
}

Deno.test("packets that went apart are not counted between others", () => {
  const packets = apart(3, 5, 9);
  assertEquals(packets.countBetween(2, 6), 2);
  assertEquals(packets.countBetween(3, 9), 1);
  assertEquals(packets.countBetween(9, 20), 0);
});

Deno.test("the largest number of another packet is found in any range", () => {
  const packets = apart(3, 4, 8, 9);
  const largest = (...ranges: [number, number][]) =>
    packets.largestOther(ranges.map(([start, end]) => ({ start, end })));
  assertEquals(largest([5, 10]), 10);
  assertEquals(largest([6, 9]), 7);
  assertEquals(largest([8, 9], [2, 5]), 5);
  assertEquals(largest([9, 9], [2, 4]), 2);
  assertEquals(largest([8, 9], [3, 4]), -1);
  assertEquals(apart().largestOther([{ start: 0, end: 7 }]), 7);
});

Deno.test("only the latest are remembered", () => {
  const packets = apart(...Array.from({ length: 1000 }, (_, i) => i));
  assertEquals(packets.countBetween(-1, 1000), 256);
});
