import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { indexOfNeedle } from "@std/bytes/index-of-needle";
import fc from "fast-check";
import sodium from "libsodium-wrappers";
import { rekey, REKEY_COUNTER, TAG_LENGTH } from "../wire/packet/aead.ts";
import { getCiphers } from "node:crypto";
import { nodeAead } from "./aead_node.ts";
import { loadSodiumAead } from "./aead_sodium.ts";
import { passesSelfTest, type RawAead } from "./raw_aead.ts";
import {
  ChaCha20Poly1305,
  cryptoProvider,
  nativeHandshakes,
} from "./aead_backend.ts";

const hasNodeAead = getCiphers().includes("chacha20-poly1305");
const sodiumAead = await loadSodiumAead();
const provider = await cryptoProvider();
const key = new Uint8Array(32).fill(7);
const only = (raw: RawAead) => (key: Uint8Array) =>
  new ChaCha20Poly1305(raw, raw, key);
const aad = Uint8Array.of(1, 2, 3);

Deno.test(
  `libsodium ${
    hasNodeAead ? "and node:crypto pass" : "passes"
  } the example of RFC 8439, an implementation that forgets the tag does not`,
  () => {
    assert(passesSelfTest(sodiumAead));
    assertEquals(passesSelfTest(nodeAead), hasNodeAead);
    assert(
      !passesSelfTest({
        ...sodiumAead,
        open: (_key, _nonce, _aad, sealed) => sealed.slice(0, -TAG_LENGTH),
      }),
    );
  },
);

Deno.test("every implementation opens what every other sealed", () => {
  const factories = [
    provider.chacha20Poly1305,
    only(sodiumAead),
    ...(hasNodeAead ? [only(nodeAead)] : []),
  ].map((factory) => factory(key));
  fc.assert(
    fc.property(
      fc.oneof(fc.constant(REKEY_COUNTER), fc.maxSafeNat()),
      fc.uint8Array({ maxLength: 32 }),
      fc.constantFrom(0, 1, 1200, 2031, 2032, 2047, 2048, 2049, 65_491),
      fc.nat({ max: 255 }),
      (counter, header, length, fill) => {
        const plaintext = new Uint8Array(length).fill(fill);
        let first: Uint8Array | undefined;
        for (const aead of factories) {
          const out = new Uint8Array(length + TAG_LENGTH);
          out.set(plaintext);
          aead.seal(counter, header, out.subarray(0, length), out);
          first ??= out;
          assertEquals(out, first);
          for (const other of factories) {
            assertEquals(other.open(counter, header, out), plaintext);
          }
        }
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("what was opened is the caller's to keep", () => {
  const aead = provider.chacha20Poly1305(key);
  for (const length of [10, 4000]) {
    const sealed = [1, 2].map((fill) => {
      const out = new Uint8Array(length + TAG_LENGTH);
      aead.seal(fill, aad, new Uint8Array(length).fill(fill), out);
      return out;
    });
    const [first, second] = sealed.map((out, i) => aead.open(i + 1, aad, out));
    assertEquals(first, new Uint8Array(length).fill(1));
    assertEquals(second, new Uint8Array(length).fill(2));
    assertEquals(first?.constructor, Uint8Array);
  }
});

Deno.test("a change in any input makes a packet a forgery", () => {
  const aead = provider.chacha20Poly1305(key);
  for (const length of [40, 3000]) {
    const out = new Uint8Array(length + TAG_LENGTH);
    aead.seal(5, aad, new Uint8Array(length), out);
    assertEquals(aead.open(6, aad, out), undefined);
    assertEquals(aead.open(5, Uint8Array.of(1, 2, 4), out), undefined);
    assertEquals(aead.open(5, aad, out.subarray(1)), undefined);
    assertEquals(aead.open(5, aad, new Uint8Array(TAG_LENGTH - 1)), undefined);
    for (let i = 0; i < out.length; i += 37) {
      const forged = out.slice();
      forged[i] ^= 1;
      assertEquals(aead.open(5, aad, forged), undefined);
    }
    const other = provider.chacha20Poly1305(new Uint8Array(32));
    assertEquals(other.open(5, aad, out), undefined);
    assertEquals(aead.open(5, aad, out), new Uint8Array(length));
  }
});

Deno.test("a key is copied, so its owner may erase it", () => {
  const own = key.slice();
  const aead = provider.chacha20Poly1305(own);
  own.fill(0);
  const out = new Uint8Array(1 + TAG_LENGTH);
  aead.seal(0, aad, Uint8Array.of(9), out);
  assertEquals(
    provider.chacha20Poly1305(key).open(0, aad, out),
    Uint8Array.of(9),
  );
});

Deno.test("an erased key is in no memory of libsodium's that we have filled", () => {
  const module = (sodium as unknown as { libsodium: { HEAPU8: Uint8Array } })
    .libsodium;
  const own = crypto.getRandomValues(new Uint8Array(32));
  const aead = provider.chacha20Poly1305(own);
  const out = new Uint8Array(1 + TAG_LENGTH);
  aead.seal(0, aad, Uint8Array.of(9), out);
  assert(indexOfNeedle(module.HEAPU8, own) >= 0);
  aead.erase();
  assertEquals(indexOfNeedle(module.HEAPU8, own), -1);
});

Deno.test("wrong lengths are refused", () => {
  assertThrows(
    () => provider.chacha20Poly1305(new Uint8Array(31)),
    RangeError,
    "a key of 31 bytes",
  );
  const aead = only(sodiumAead)(key);
  assertThrows(
    () => aead.seal(0, aad, new Uint8Array(65_508), new Uint8Array(65_524)),
    RangeError,
    "the plaintext has 65508 bytes",
  );
  assertThrows(
    () => aead.open(0, new Uint8Array(65), new Uint8Array(20)),
    RangeError,
    "the associated data has 65 bytes",
  );
});

Deno.test("rekeying works with the chosen implementation", () => {
  assertEquals(
    rekey(provider.chacha20Poly1305, key),
    rekey(only(sodiumAead), key),
  );
});

Deno.test("random bytes differ, and the provider is made once", async () => {
  const [a, b] = [1, 2].map(() => provider.randomBytes(new Uint8Array(16)));
  assertNotEquals(a, b);
  assertEquals(await cryptoProvider(), provider);
});

Deno.test("a slow machine tries fewer handshakes in a second, none more than a thousand or fewer than a hundred", () => {
  const counts = [0, 0.06, 0.125, 0.25, 5, Infinity].map(nativeHandshakes);
  assertEquals(counts, [1000, 1000, 500, 250, 100, 100]);
});
