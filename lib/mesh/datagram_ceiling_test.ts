import { assert, assertEquals } from "@std/assert";
import { datagramCeiling } from "./datagram_ceiling.ts";

Deno.test("a datagram to another machine is probed up to what Ethernet carries whole", () => {
  assertEquals(datagramCeiling("192.0.2.1"), 1472);
  assertEquals(datagramCeiling("::ffff:192.0.2.1"), 1472);
  assertEquals(datagramCeiling("2001:db8::1"), 1452);
});

Deno.test("a datagram to this machine may be far larger, up to the loopback interface's packet", () => {
  for (const hostname of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
    const ceiling = datagramCeiling(hostname);
    assert(ceiling > 16_384 && ceiling <= 65_536 - 40 - 8, `${ceiling}`);
  }
});
