import { assertEquals } from "@std/assert";
import { DIRECT_ADDRESSES_MAX } from "../limits.ts";
import {
  hostAddressOf,
  mayProbe,
  ownAddresses,
  remoteAddressOf,
} from "./direct_addresses.ts";
import { formatAddress } from "./address.ts";

/** As it travels, with port 7700 unless there is another one. */
function address(hostname: string, port = 7700) {
  return hostAddressOf({ hostname, port })!;
}

function texts(...given: Parameters<typeof ownAddresses>): string[] {
  return ownAddresses(...given).map((one) =>
    formatAddress(remoteAddressOf(one, false))
  );
}

const interfaces = [
  "127.0.0.1",
  "::1",
  "192.168.1.5",
  "169.254.7.7",
  "fe80::1",
  "fd00::5",
  "2001:db8::5",
].map((address) => ({ address }));

Deno.test("what is no address is none that could be told", () => {
  for (
    const hostname of ["node 5 behind relay 7", "fe80::1%eth0", "example.org"]
  ) {
    assertEquals(hostAddressOf({ hostname, port: 1 }), undefined);
  }
  assertEquals(hostAddressOf({ hostname: "192.0.2.1", port: 0 }), undefined);
});

Deno.test("a mapped IPv4 address is one of IPv4, and mapped again where the socket needs it", () => {
  const mapped = address("::ffff:192.0.2.1");
  assertEquals(mapped, address("192.0.2.1"));
  assertEquals(remoteAddressOf(mapped, true).hostname, "::ffff:192.0.2.1");
  assertEquals(remoteAddressOf(mapped, false).hostname, "192.0.2.1");
  const ipv6 = address("2001:DB8:0::0:5");
  assertEquals(remoteAddressOf(ipv6, true).hostname, "2001:db8::5");
});

Deno.test("a node tells where the relay sees it, then where it is, by the ports of its sockets", () => {
  assertEquals(
    texts(interfaces, { ipv4: 4, ipv6: 6 }, address("198.51.100.1", 999)),
    [
      "198.51.100.1:999",
      "[2001:db8::5]:6",
      "192.168.1.5:4",
      "[fd00::5]:6",
    ],
  );
  assertEquals(texts(interfaces, { ipv4: 4 }, undefined), ["192.168.1.5:4"]);
});

Deno.test("what the relay sees is not told twice", () => {
  const seen = address("192.168.1.5", 4);
  assertEquals(texts(interfaces, { ipv4: 4 }, seen), ["192.168.1.5:4"]);
});

Deno.test("no more addresses are told than a peer takes", () => {
  const many = Array.from({ length: 50 }, (_, i) => ({
    address: `10.0.0.${i + 1}`,
  }));
  const told = ownAddresses(many, { ipv4: 4 }, undefined);
  assertEquals(told.length, DIRECT_ADDRESSES_MAX);
});

Deno.test("only addresses of one machine, at ports of nodes, are probed", () => {
  for (
    const hostname of [
      "0.0.0.0",
      "0.1.2.3",
      "127.0.0.1",
      "169.254.1.1",
      "224.0.0.251",
      "239.1.2.3",
      "255.255.255.255",
      "::",
      "::1",
      "::7f00:1",
      "fe80::1",
      "febf::1",
      "ff02::fb",
    ]
  ) {
    assertEquals(mayProbe(address(hostname), false), false, hostname);
  }
  for (const hostname of ["192.0.2.1", "10.0.0.1", "2001:db8::1", "fd00::1"]) {
    assertEquals(mayProbe(address(hostname), false), true, hostname);
    assertEquals(mayProbe(address(hostname, 53), false), false, hostname);
  }
});

Deno.test("this machine itself is probed only when the relay is on it", () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    assertEquals(mayProbe(address(hostname), true), true, hostname);
  }
  assertEquals(mayProbe(address("::7f00:1"), true), false);
  assertEquals(mayProbe(address("224.0.0.1"), true), false);
});
