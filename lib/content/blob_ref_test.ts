import { assertEquals } from "@std/assert";
import { encodeBlobRef, makeSmall } from "./blob_ref.ts";
import { decodeBlobRef } from "./decode_blob_ref.ts";
import { blake3 } from "./hash.ts";
import { toHex } from "./hex.ts";

Deno.test("encodeBlobRef gives the frame of a Small, and decodeBlobRef reads it", () => {
  const bytes = new TextEncoder().encode("hello\n");
  const ref = makeSmall("mesh://transfer", blake3(bytes), bytes.length);
  const frame = encodeBlobRef(ref);
  assertEquals(
    toHex(frame),
    "b0b1b2b3018e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a9906000000000000006d6573683a2f2f7472616e73666572",
  );
  assertEquals(decodeBlobRef(frame), ref);
});
