import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeRateQuery,
  decodeRates,
  encodeRateQuery,
  encodeRates,
} from "./rate_query.ts";
import { ProtocolError } from "../../errors.ts";

Deno.test("queries of rates are read as they were written", () => {
  const changes = [
    {},
    { total: 1 },
    { session: 2 ** 53 - 1 },
    { total: Infinity, session: 1000 },
  ];
  for (const change of changes) {
    assertEquals(decodeRateQuery(encodeRateQuery(change)), change);
  }
});

Deno.test("rates are read as they were written", () => {
  const rates = { total: 10_000_000, session: Infinity };
  assertEquals(decodeRates(encodeRates(rates)), rates);
});

Deno.test("a rate that is none, a message that is cut or goes on is refused", () => {
  const huge = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0];
  for (const bytes of [[], [0], [2, 0], [1, 5], [0, 0, 0], huge]) {
    assertThrows(() => decodeRateQuery(new Uint8Array(bytes)), ProtocolError);
  }
  for (const bytes of [[], [1], [1, 1, 1]]) {
    assertThrows(() => decodeRates(new Uint8Array(bytes)), ProtocolError);
  }
});
