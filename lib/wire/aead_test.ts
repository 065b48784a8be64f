import { assertEquals } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { REKEY_COUNTER, writeNonce } from "./aead.ts";

function nonce(counter: number, littleEndian: boolean): string {
  const bytes = new Uint8Array(12);
  writeNonce(bytes, counter, littleEndian);
  return encodeHex(bytes);
}

Deno.test("writeNonce puts the counter behind 32 zero bits", () => {
  assertEquals(nonce(0x0102030405060, true), "000000006050403020100000");
  assertEquals(nonce(0x0102030405060, false), "000000000000102030405060");
});

Deno.test("writeNonce turns the rekey counter into 2^64 - 1", () => {
  assertEquals(nonce(REKEY_COUNTER, true), "00000000ffffffffffffffff");
  assertEquals(nonce(REKEY_COUNTER, false), "00000000ffffffffffffffff");
});
