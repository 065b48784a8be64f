import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { SymmetricState } from "./noise_symmetric_state.ts";
import { testProvider } from "../testing/crypto.ts";

const { chacha20Poly1305 } = testProvider();
const INPUT = new Uint8Array(32).fill(5);

/** A state with a key. */
function state(prologue = new Uint8Array()): SymmetricState {
  const made = new SymmetricState(chacha20Poly1305, prologue);
  made.mixKey(INPUT);
  return made;
}

Deno.test("two states that mixed the same things open what the other has sealed", () => {
  const [a, b] = [state(), state()];
  for (const length of [0, 1, 100]) {
    const plaintext = new Uint8Array(length).fill(length);
    assertEquals(b.decryptAndHash(a.encryptAndHash(plaintext)), plaintext);
    assertEquals(a.hash, b.hash);
  }
  assertEquals(a.split(), b.split());
});

Deno.test("states that differ in anything mixed before open nothing", () => {
  const sealed = state().encryptAndHash(INPUT);
  const others = [state(Uint8Array.of(1)), state(), state(), state()];
  others[1].mixHash(INPUT);
  others[2].mixKey(INPUT);
  others[3].mixKeyAndHash(INPUT);
  for (const other of others) {
    assertEquals(other.decryptAndHash(sealed), undefined);
  }
});

Deno.test("a forgery leaves the state as it was", () => {
  const [a, b] = [state(), state()];
  const sealed = a.encryptAndHash(INPUT);
  const forged = sealed.slice();
  forged[3] ^= 1;
  assertEquals(b.decryptAndHash(forged), undefined);
  assertEquals(b.decryptAndHash(sealed), INPUT);
});

Deno.test("a copy goes its own way", () => {
  const a = state();
  const copy = a.clone();
  const before = a.hash;
  const sealed = copy.encryptAndHash(INPUT);
  assertEquals(a.hash, before);
  assertNotEquals(copy.hash, before);
  assertEquals(a.decryptAndHash(sealed), INPUT);
});

Deno.test("nothing can be sealed or opened before a key was mixed in", () => {
  const bare = new SymmetricState(chacha20Poly1305, INPUT);
  assertThrows(() => bare.encryptAndHash(INPUT), Error, "no key");
  assertThrows(() => bare.decryptAndHash(INPUT), Error, "no key");
});
