import { assertEquals } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { samplesOf, WantedContent } from "./wanted_content.ts";

const hashOf = (byte: number) => blake3(Uint8Array.of(byte));

Deno.test("a short file is looked into for its length alone, a long one for its name or after a try", () => {
  const wanted = new WantedContent();
  wanted.add("d/short", 1000, { hash: hashOf(1), size: 1000 });
  assertEquals(wanted.useOf("other", 1000), "likely");
  assertEquals(wanted.useOf("d/short", 1001), undefined);
  // Nothing of several chunks is wanted.
  assertEquals(wanted.useOf("d/short", CHUNK_SIZE + 1), undefined);
  const size = CHUNK_SIZE;
  wanted.add("d/long", 2 * CHUNK_SIZE, { hash: hashOf(2), size });
  assertEquals(wanted.useOf("elsewhere/long", 9 * CHUNK_SIZE), "likely");
  assertEquals(wanted.useOf("d/other", 2 * CHUNK_SIZE), "possible");
  assertEquals(wanted.useOf("d/long", 2000), undefined);
});

Deno.test("what is found is wanted no more, and zeros and nothing never are", () => {
  const wanted = new WantedContent();
  const zeros = new Uint8Array(CHUNK_SIZE);
  wanted.add("a", CHUNK_SIZE, { hash: blake3(zeros), size: CHUNK_SIZE });
  wanted.add("b", 0, { hash: blake3(new Uint8Array()), size: 0 });
  assertEquals(wanted.isEmpty, true);
  wanted.add("c", 1, { hash: hashOf(1), size: 1 });
  assertEquals([wanted.has(hashOf(1)), wanted.has(hashOf(2))], [true, false]);
  wanted.found(hashOf(1));
  assertEquals([wanted.has(hashOf(1)), wanted.isEmpty], [false, true]);
});

Deno.test("of a long file the first and the last full chunk are tried, and some between", () => {
  assertEquals(samplesOf(CHUNK_SIZE + 1), [0]);
  assertEquals(samplesOf(2 * CHUNK_SIZE), [0, 1]);
  assertEquals(samplesOf(3 * CHUNK_SIZE + 7), [0, 1, 2]);
  assertEquals(samplesOf(100 * CHUNK_SIZE + 7), [0, 33, 66, 99]);
});
