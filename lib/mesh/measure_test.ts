import { assert, assertEquals } from "@std/assert";
import { measureAead } from "./measure_aead.ts";
import { measureSocket } from "./measure_socket.ts";

Deno.test("sealing and opening packets are measured, and what does it is named", async () => {
  const { sealRate, openRate, backends } = await measureAead(20, 1472);
  assert(sealRate > 0 && openRate > 0);
  assertEquals(backends.short, "libsodium");
  assert(["libsodium", "node:crypto"].includes(backends.long));
});

Deno.test("sending and receiving datagrams are measured", async () => {
  for (const bytes of [1472, 61_440]) {
    const figures = await measureSocket(20, bytes);
    const { sendRate, receiveRate, datagrams, drops } = figures;
    assert(sendRate > 0 && receiveRate > 0 && datagrams > 0);
    assertEquals(drops ?? 0, 0);
  }
});
