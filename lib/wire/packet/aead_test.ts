import { assertEquals, assertNotEquals } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { testProvider } from "../testing/crypto.ts";
import { rekey, REKEY_COUNTER, writeNonce } from "./aead.ts";

const { chacha20Poly1305 } = testProvider();

function nonce(counter: number, littleEndian: boolean): string {
  const bytes = new Uint8Array(12);
  writeNonce(bytes, counter, littleEndian);
  return encodeHex(bytes);
}

Deno.test("writeNonce puts the counter behind 32 zero bits, the rekey counter as 2^64 - 1", () => {
  assertEquals(nonce(0x0102030405060, true), "000000006050403020100000");
  assertEquals(nonce(0x0102030405060, false), "000000000000102030405060");
  for (const littleEndian of [true, false]) {
    assertEquals(
      nonce(REKEY_COUNTER, littleEndian),
      "00000000ffffffffffffffff",
    );
  }
});

Deno.test("rekey is the block function at the reserved nonce", () => {
  const key = new Uint8Array(32).fill(9);
  const next = rekey(chacha20Poly1305, key);
  assertEquals(next.length, 32);
  const [zeros, sealed] = [new Uint8Array(32), new Uint8Array(48)];
  chacha20Poly1305(key).seal(-1, new Uint8Array(0), zeros, sealed);
  assertEquals(next, sealed.subarray(0, 32));
  assertNotEquals(next, rekey(chacha20Poly1305, next));
});
