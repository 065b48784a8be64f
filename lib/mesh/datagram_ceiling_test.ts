import { assertEquals } from "@std/assert";
import { datagramCeiling } from "./datagram_ceiling.ts";

Deno.test("a datagram to another machine is probed up to what Ethernet carries whole", () => {
  assertEquals(datagramCeiling("192.0.2.1"), 1472);
  assertEquals(datagramCeiling("::ffff:192.0.2.1"), 1472);
  assertEquals(datagramCeiling("2001:db8::1"), 1452);
});

Deno.test("a datagram to this machine may fill the loopback interface's packet", () => {
  for (const hostname of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
    assertEquals(datagramCeiling(hostname), 65_536 - 40 - 8);
  }
});
