import { assertEquals, assertNotEquals } from "@std/assert";
import { addressGroups } from "./address_groups.ts";

Deno.test("an IPv4 address is a sender by itself, mapped into IPv6 or not", () => {
  assertEquals(addressGroups("192.0.2.7"), ["192.0.2.7"]);
  assertEquals(addressGroups("::ffff:192.0.2.7"), ["192.0.2.7"]);
});

Deno.test("IPv6 addresses of a network are one sender", () => {
  const [host, household] = addressGroups("2001:db8:0:a01::1");
  assertEquals(addressGroups("2001:db8:0:a01:ffff::2"), [host, household]);
  const [other, same] = addressGroups("2001:db8:0:aff::1");
  assertNotEquals(other, host);
  assertEquals(same, household);
  assertNotEquals(addressGroups("2001:db8:0:b01::1")[1], household);
  assertEquals(addressGroups("::1"), ["0:0:0:0/64", "0:0:0:0/56"]);
});

Deno.test("link-local addresses are a sender each", () => {
  assertEquals(addressGroups("fe80::1%eth0"), ["fe80::1%eth0"]);
  assertEquals(addressGroups("fe80::2%eth0"), ["fe80::2%eth0"]);
});
