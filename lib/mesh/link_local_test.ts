import { assertEquals } from "@std/assert";
import { withZones } from "./link_local.ts";

const INTERFACES = [
  { name: "lo", address: "::1" },
  { name: "eth0", address: "192.0.2.2" },
  { name: "eth0", address: "fe80::2" },
  { name: "wlan0", address: "fe80::3" },
  { name: "wlan0", address: "fe80::4" },
  { name: "tun0", address: "2001:db8::1" },
];

const zoned = (hostname: string, interfaces = INTERFACES) =>
  withZones({ hostname, port: 7700 }, interfaces).map((one) => one.hostname);

Deno.test("a link-local address without a zone is tried on each link", () => {
  assertEquals(zoned("fe80::9"), ["fe80::9%eth0", "fe80::9%wlan0"]);
  assertEquals(
    withZones({ hostname: "fe80::9", port: 7 }, INTERFACES)[0].port,
    7,
  );
});

Deno.test("an address with a zone, and any other, means itself", () => {
  for (const hostname of ["fe80::9%eth1", "2001:db8::9", "192.0.2.9"]) {
    assertEquals(zoned(hostname), [hostname]);
  }
  assertEquals(zoned("fe80::9", []), ["fe80::9"]);
});
