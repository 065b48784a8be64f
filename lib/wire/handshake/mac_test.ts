import { createHash } from "node:crypto";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { blake2s } from "@noble/hashes/blake2";
import { COOKIE_SECRET_MS } from "../../limits.ts";
import {
  CookieJar,
  mac1,
  mac1Key,
  mac2,
  openCookie,
  sealCookie,
} from "./mac.ts";
import { testProvider } from "../testing/crypto.ts";

const publicKey = new Uint8Array(32).fill(5);
const psk = new Uint8Array(32).fill(6);
const provider = testProvider();
const ADDRESS = Uint8Array.of(1, 2, 3, 4, 0, 80);
const COVERED = Uint8Array.of(1, 2, 3);

Deno.test("the key of mac1 is BLAKE2s of its label, the receiver's key and the pre-shared key", () => {
  const hash = createHash("blake2s256")
    .update("net-transfer mac1").update(publicKey).update(psk).digest();
  const key = mac1Key(publicKey, psk);
  assertEquals(key, new Uint8Array(hash));
  assertNotEquals(mac1(key, COVERED), mac1(mac1Key(psk, psk), COVERED));
});

Deno.test("a cookie opens for its own Initial alone", () => {
  const cookie = new Uint8Array(16).fill(7);
  const context = {
    aead: provider.chacha20Poly1305,
    publicKey,
    psk,
    nonce: new Uint8Array(16).fill(8),
    mac1: new Uint8Array(16).fill(9),
  };
  const sealed = sealCookie(context, cookie);
  assertEquals(openCookie(context, sealed), cookie);
  const others = [
    { publicKey: psk },
    { psk: publicKey },
    { nonce: context.mac1 },
    { mac1: context.nonce },
  ];
  for (const change of others) {
    assertEquals(openCookie({ ...context, ...change }, sealed), undefined);
  }
});

Deno.test("a cookie proves one address for at least one period of the secret", () => {
  const jar = new CookieJar(provider);
  const forged = mac2(blake2s(ADDRESS, { dkLen: 16 }), COVERED);
  assert(!jar.verify(0, ADDRESS, COVERED, forged), "made without the secret");
  const late = COOKIE_SECRET_MS - 1;
  const mac = mac2(jar.cookieFor(late, ADDRESS), COVERED);
  assert(jar.verify(late, ADDRESS, COVERED, mac));
  assert(!jar.verify(late, Uint8Array.of(1, 2, 3, 4, 0, 81), COVERED, mac));
  assert(!jar.verify(late, ADDRESS, Uint8Array.of(1, 2), mac));
  assert(!jar.verify(late, ADDRESS, COVERED, new Uint8Array(16)));
  const end = 2 * COOKIE_SECRET_MS;
  assert(jar.verify(end - 1, ADDRESS, COVERED, mac));
  assert(!jar.verify(end, ADDRESS, COVERED, mac));
});

Deno.test("after a quiet time old cookies are void at once", () => {
  const jar = new CookieJar(provider);
  const mac = mac2(jar.cookieFor(0, ADDRESS), COVERED);
  assert(!jar.verify(2 * COOKIE_SECRET_MS, ADDRESS, COVERED, mac));
});
