import { assertEquals, assertThrows } from "@std/assert";
import { HashMismatchError } from "../errors.ts";
import { toHex } from "../text/hex.ts";
import { blake3 } from "./hash.ts";
import { hasHash, verifyHash } from "./verify_hash.ts";

Deno.test("verifyHash refuses bytes under any hash but their own", () => {
  const bytes = new TextEncoder().encode("chunk");
  const hash = blake3(bytes);
  verifyHash(bytes, hash);
  assertEquals(hasHash(bytes, hash), true);
  const others = [
    ...[0, 15, 31].map((at) => hash.map((byte, i) => byte ^ Number(i === at))),
    hash.subarray(0, 31),
    new Uint8Array([...hash, 0]),
    new Uint8Array(),
  ];
  for (const other of others) {
    assertEquals(hasHash(bytes, other), false);
    const error = assertThrows(
      () => verifyHash(bytes, other, { chunk: 3 }),
      HashMismatchError,
    );
    assertEquals(error.fields, {
      chunk: 3,
      expected: toHex(other),
      actual: toHex(hash),
    });
  }
});
