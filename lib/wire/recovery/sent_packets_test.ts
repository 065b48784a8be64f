import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type SentPacket, SentPackets } from "./sent_packets.ts";
import { testPacket } from "../testing/sent_packet.ts";

const packet = (number: number) => testPacket(number, number);

Deno.test("SentPackets agrees with a map, with skipped numbers and removal in any order", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ skip: fc.nat({ max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.nat({ max: 400 }) }) },
    { weight: 1, arbitrary: fc.record({ removeOldest: fc.constant(true) }) },
  );
  const steps = fc.array(step, { maxLength: 600, size: "max" });
  fc.assert(
    fc.property(steps, (list) => {
      const packets = new SentPackets<null>();
      const model = new Map<number, SentPacket<null>>();
      let next = 0;
      for (const step of list) {
        if ("skip" in step) {
          const added = packet(next + step.skip);
          next = added.number + 1;
          packets.add(added);
          model.set(added.number, added);
        } else {
          const number = "remove" in step ? step.remove : packets.first;
          assertEquals(packets.get(number), model.get(number));
          assertEquals(packets.remove(number), model.get(number));
          model.delete(number);
        }
        assertEquals(packets.next, next);
        assertEquals(
          packets.first,
          model.size === 0 ? next : Math.min(...model.keys()),
        );
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("SentPackets takes numbers past 32 bits", () => {
  const packets = new SentPackets<null>();
  const start = 2 ** 40;
  for (let i = 0; i < 200; i++) packets.add(packet(start + i));
  assertEquals(packets.first, start);
  assertEquals(packets.get(start + 150)?.number, start + 150);
  assertEquals(packets.remove(start)?.number, start);
  assertEquals(packets.first, start + 1);
});

Deno.test("SentPackets refuses a number that is not larger than the last", () => {
  const packets = new SentPackets<null>();
  packets.add(packet(5));
  assertThrows(() => packets.add(packet(5)), RangeError);
  packets.remove(5);
  assertThrows(() => packets.add(packet(4)), RangeError);
});
