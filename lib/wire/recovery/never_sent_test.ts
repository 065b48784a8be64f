import { assert, assertEquals, assertThrows } from "@std/assert";
import { TransportError } from "../packet/transport_error.ts";
import { NeverSent } from "./never_sent.ts";

function leftOut(...numbers: number[]): NeverSent {
  const never = new NeverSent();
  for (const number of numbers) never.add(number);
  return never;
}

Deno.test("numbers that were left out are counted between two that were sent", () => {
  const never = leftOut(10, 20, 30);
  assertEquals(never.countBetween(9, 31), 3);
  assertEquals(never.countBetween(11, 29), 1);
  assertEquals(never.countBetween(21, 29), 0);
  assertEquals(never.countBetween(31, 40), 0);
  assert(never.has(20) && !never.has(21));
});

Deno.test("an acknowledgement of one of them is refused, whichever range holds it", () => {
  const never = leftOut(10, 20);
  const around = [{ start: 21, end: 40 }, { start: 11, end: 19 }];
  never.refuseIn([...around, { start: 0, end: 9 }]);
  for (const number of [10, 20]) {
    const ranges = [{ start: 50, end: 60 }, { start: number, end: number }];
    const error = assertThrows(() => never.refuseIn(ranges), TransportError);
    assert(error.message.includes(`packet ${number},`));
  }
  assertThrows(() => never.refuseIn([{ start: 0, end: 40 }]), TransportError);
});

Deno.test("only the latest are remembered", () => {
  const never = leftOut(...Array.from({ length: 9 }, (_, i) => 10 * i));
  assert(!never.has(0) && never.has(10) && never.has(80));
});
