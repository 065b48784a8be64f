import { assertEquals } from "@std/assert";
import { ipBytes } from "./ip_bytes.ts";
import {
  bestRoutes,
  hasPolicyTables,
  parseIpv4Routes,
  parseIpv6Routes,
  routesTo,
} from "./routes.ts";

const IPV4 =
  `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT                                                       
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0                                                                               
wlan0	00000000	010200C0	0003	0	0	600	00000000	0	0	0                                                                              
wg0	000012C6	00000000	0001	0	0	0	0000FEFF	0	0	0                                                                                 
eth0	000112C6	00000000	0001	0	0	0	00FFFFFF	0	0	0                                                                                
eth1	000212C6	00000000	0000	0	0	0	00FFFFFF	0	0	0                                                                                
*	0000640A	00000000	0205	0	0	0	0000FFFF	0	0	0                                                                                   
`;

const IPV6 =
  `fd0000f1000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001       v0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd0000f1000000000000000000000002 00000400 00000003 00000000 00000003      wg0
fd0000f1000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000004 00000000 80200001       v0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

const ipv4 = (address: string) =>
  routesTo(parseIpv4Routes(IPV4), ipBytes(address));
const ipv6 = (address: string) =>
  routesTo(parseIpv6Routes(IPV6), ipBytes(address));

Deno.test("an IPv4 packet takes the longest prefix of the table, then the smallest metric", () => {
  for (
    const [address, device] of [
      ["198.18.1.7", "eth0"],
      ["198.18.2.7", "wg0"], // its own route is not up
      ["198.19.255.255", "wg0"],
      ["198.20.0.1", "eth0"],
      ["10.100.0.1", "eth0"], // a route that refuses is none
    ]
  ) {
    const devices = bestRoutes(ipv4(address)).map((route) => route.device);
    assertEquals(devices, [device], address);
  }
});

Deno.test("all IPv6 routes to an address are found, without those that refuse", () => {
  const devices = (address: string) =>
    ipv6(address).map((route) => route.device);
  assertEquals(devices("fd00:f1::9"), ["v0", "wg0"]);
  assertEquals(devices("fd00:f1::1"), ["v0", "wg0", "v0"]);
  assertEquals(devices("2001:db8::1"), ["wg0"]);
});

Deno.test("tables that are none have no routes, and none of them is the best", () => {
  for (
    const text of ["", "\n\n", "eth0", IPV4.split("\n")[0], "eth0\tzz\tzz"]
  ) {
    assertEquals(parseIpv4Routes(text), []);
    assertEquals(parseIpv6Routes(text), []);
  }
  assertEquals(bestRoutes([]), []);
});

Deno.test("a table beside Main and Local means that rules choose among tables", () => {
  assertEquals(hasPolicyTables("Main:\n  +-- 0.0.0.0/0\nLocal:\n"), false);
  assertEquals(hasPolicyTables("Id 52:\n  +-- 100.64.0.0/10\nMain:\n"), true);
});

Deno.test("ipBytes gives the bytes of a literal in network order", () => {
  assertEquals([...ipBytes("192.0.2.1")], [192, 0, 2, 1]);
  assertEquals([...ipBytes("::")], Array(16).fill(0));
  assertEquals(
    [...ipBytes("fe80::1:2")],
    [0xfe, 0x80, ...Array(11).fill(0), 1, 0, 2],
  );
});
