import { assertEquals } from "@std/assert";
import { isRoundingOf } from "./rounded_id.ts";

Deno.test("an id is known again in what tools make of it that keep 53 bits", () => {
  const id = 2n ** 61n + 1n;
  const made = [
    // A double, exactly; as JavaScript and jq print it; in 17 digits.
    BigInt(Number(id)),
    BigInt(JSON.stringify(JSON.parse(`${id}`))),
    BigInt(Number(id).toPrecision(17).replace(/\.|e.*/g, "").padEnd(19, "0")),
  ];
  for (const given of made) assertEquals(isRoundingOf(given, id), true);
});

Deno.test("an id is no rounding of itself, nor of one that is far from it", () => {
  const id = 2n ** 61n + 1n;
  for (const given of [id, 66n, id + 1024n, id - 1024n]) {
    assertEquals(isRoundingOf(given, id), false, `${given}`);
  }
});
