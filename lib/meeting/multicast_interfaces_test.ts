import { assertEquals } from "@std/assert";
import { MDNS_INTERFACES_MAX } from "../limits.ts";
import { interfaceOf, multicastInterfaces } from "./multicast_interfaces.ts";

const INFOS = [
  { name: "lo", address: "127.0.0.1", cidr: "127.0.0.1/8", scopeid: null },
  { name: "eth0", address: "192.0.2.2", cidr: "192.0.2.2/24", scopeid: null },
  { name: "wlan0", address: "fe80::2", cidr: "fe80::2/64", scopeid: 5 },
  { name: "lo", address: "::1", cidr: "::1/128", scopeid: 0 },
  { name: "eth0", address: "fd00::2", cidr: "fd00::2/64", scopeid: 0 },
  { name: "eth0", address: "fe80::1", cidr: "fe80::1/64", scopeid: 4 },
  { name: "tun0", address: "2001:db8::1", cidr: "2001:db8::1/128", scopeid: 0 },
];

Deno.test("each interface with IPv4 or a link-local address is spoken on, loopback last", () => {
  const interfaces = multicastInterfaces(INFOS);
  assertEquals(
    interfaces.map(({ name, ipv4, ipv6, index }) => [name, ipv4, ipv6, index]),
    [
      ["eth0", "192.0.2.2", ["fe80::1%eth0"], 4],
      ["wlan0", undefined, ["fe80::2%wlan0"], 5],
      ["lo", "127.0.0.1", [], undefined],
    ],
  );
  assertEquals(interfaces[0].addresses, ["192.0.2.2", "fd00::2", "fe80::1"]);
});

Deno.test("of very many interfaces some are spoken on", () => {
  const many = Array.from({ length: 100 }, (_, i) => ({
    name: `veth${i}`,
    address: `10.0.${i}.1`,
    cidr: `10.0.${i}.1/24`,
  }));
  assertEquals(multicastInterfaces(many).length, MDNS_INTERFACES_MAX);
});

Deno.test("an address belongs to the interface whose network it is in", () => {
  const interfaces = multicastInterfaces(INFOS);
  const name = (address: string) => interfaceOf(address, interfaces)?.name;
  assertEquals(name("192.0.2.77"), "eth0");
  assertEquals(name("127.0.0.1"), "lo");
  assertEquals(name("192.0.3.1"), undefined);
  assertEquals(name("fe80::1"), undefined);
});
