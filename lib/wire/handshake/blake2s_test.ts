import { assertEquals } from "@std/assert";
import { blake2s as reference } from "@noble/hashes/blake2";
import { concat } from "@std/bytes/concat";
import { toHex } from "../../text/hex.ts";
import { pattern } from "../testing/bytes.ts";
import { blake2s, HmacBlake2s, keyedBlake2s } from "./blake2s.ts";

const encoder = new TextEncoder();

Deno.test("blake2s is that of RFC 7693", () => {
  assertEquals(
    toHex(blake2s(encoder.encode("abc"))),
    "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
  );
});

Deno.test("blake2s passes the self-test of RFC 7693 §E, keyed and of every length", () => {
  const sequence = (length: number, seed: number) => {
    let [a, b] = [Math.imul(0xDEAD4BAD, seed), 1];
    return Uint8Array.from({ length }, () => {
      [a, b] = [b, (a + b) | 0];
      return (b >>> 24) & 0xff;
    });
  };
  const digests: Uint8Array[] = [];
  for (const out of [16, 20, 28, 32]) {
    for (const length of [0, 3, 64, 65, 255, 1024]) {
      const input = sequence(length, length);
      // Shorter ones without a key are made by nobody here.
      const plain = new Uint8Array(reference(input, { dkLen: out }));
      if (out === 32) assertEquals(blake2s(input), plain);
      const key = sequence(out, out);
      digests.push(plain, keyedBlake2s(key, out, input));
    }
  }
  assertEquals(
    toHex(blake2s(...digests)),
    "6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe",
  );
});

Deno.test("blake2s takes any parts for the whole, and is what another implementation makes", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = pattern(length, length);
    const expected = reference(bytes);
    assertEquals(blake2s(bytes), expected, `${length} bytes`);
    const cut = length * 7 % (length + 1);
    const parts = [bytes.subarray(0, cut), bytes.subarray(cut)];
    assertEquals(blake2s(...parts), expected, `${length} bytes, cut`);
  }
});

Deno.test("HMAC over it is RFC 2104's, however often its key is used", () => {
  const key = pattern(32, 3);
  const pad = (byte: number) =>
    Uint8Array.from({ length: 64 }, (_, i) => (key[i] ?? 0) ^ byte);
  const hmac = new HmacBlake2s(key);
  for (const length of [0, 1, 32, 33, 64, 100]) {
    const message = pattern(length);
    const inner = reference(concat([pad(0x36), message]));
    const expected = reference(concat([pad(0x5c), inner]));
    assertEquals(hmac.of(message), expected);
    const parts = [message.subarray(0, 1), message.subarray(1)];
    assertEquals(hmac.of(...parts), expected);
  }
});
