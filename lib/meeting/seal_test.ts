import { assertEquals, assertRejects } from "@std/assert";
import { ProtocolError } from "../errors.ts";
import { seal, unseal } from "./seal.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);

Deno.test("a text comes out as it was sealed", async () => {
  for (const text of ["", "nt1abc", "ä".repeat(1000)]) {
    assertEquals(await unseal(KEY, await seal(KEY, text)), text);
  }
});

Deno.test("another key, one changed bit and one byte less open nothing", async () => {
  const sealed = await seal(KEY, "nt1abc");
  const changed = sealed.slice();
  changed[3] ^= 1;
  const attempts: [Uint8Array, Uint8Array][] = [
    [KEY.toReversed(), sealed],
    [KEY, changed],
    [KEY, sealed.subarray(1)],
    [KEY, new Uint8Array()],
  ];
  for (const [key, bytes] of attempts) {
    await assertRejects(() => unseal(key, bytes), ProtocolError);
  }
});
