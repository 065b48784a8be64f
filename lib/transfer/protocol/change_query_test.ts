import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { blake3, makeSmall } from "../../content/mod.ts";
import { GET_MANY_MAX } from "../../limits.ts";
import {
  type ChangeQuery,
  type ContentChanges,
  decodeChangeQuery,
  decodeContentChanges,
  encodeChangeQuery,
  encodeContentChanges,
} from "./change_query.ts";
import { ProtocolError } from "../../errors.ts";

const hash = (seed: number) => blake3(new Uint8Array([seed]));

Deno.test("a query of changes and its answer are decoded as they were encoded", () => {
  for (const count of [0, 1, GET_MANY_MAX]) {
    const hashes = Array.from({ length: count }, (_, i) => hash(i & 0xff));
    const query: ChangeQuery = { ref: hash(7), hashes };
    assertEquals(decodeChangeQuery(encodeChangeQuery(query)), query);
  }
  const states = ["gone", "held", "unknown", "changed"] as const;
  const successor = makeSmall("mesh://x", hash(1), 5);
  for (const changes of [{ states }, { states, successor }]) {
    const decoded = decodeContentChanges(encodeContentChanges(changes), 4);
    assertEquals(decoded, changes as ContentChanges);
  }
});

Deno.test("a query for too many chunks, and an answer about others, break the protocol", () => {
  const hashes = Array.from({ length: GET_MANY_MAX + 1 }, () => hash(1));
  const long = encodeChangeQuery({ ref: hash(7), hashes });
  assertThrows(() => decodeChangeQuery(long), ProtocolError);
  const answer = encodeContentChanges({ states: ["held"] });
  assertThrows(() => decodeContentChanges(answer, 2), ProtocolError);
});

Deno.test("decoding changes throws nothing but a broken protocol, whatever comes", () => {
  const property = fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    for (const decode of [decodeChangeQuery, decodeContentChanges]) {
      try {
        decode(bytes, 1);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }
  });
  fc.assert(property, { numRuns: 500 });
});
