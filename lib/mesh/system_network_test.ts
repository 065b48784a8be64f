import { assertEquals } from "@std/assert";
import { SystemNetwork } from "./system_network.ts";

const IPV4_ROUTES =
  `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU
eth0	00000000	010200C0	0003	0	0	0	00000000	0
wg0	0000120A	00000000	0001	0	0	0	0000FFFF	0
`;
const ANY = "0".repeat(32);
const ipv6Route = (to: string, length: string, device: string) =>
  `${to} ${length} ${ANY} 00 ${ANY} 00000100 00000001 00000000 00000001 ${device}\n`;
const IPV6_ROUTES = ipv6Route(ANY, "00", "eth0") +
  ipv6Route(`fd52${"0".repeat(28)}`, "10", "wg0");

const FILES: Readonly<Record<string, string>> = {
  "/proc/sys/net/ipv4/ip_no_pmtu_disc": "0\n",
  "/proc/net/fib_trie": "Main:\n  +-- 0.0.0.0/0\nLocal:\n",
  "/proc/net/route": IPV4_ROUTES,
  "/proc/net/ipv6_route": IPV6_ROUTES,
  "/proc/net/dev":
    "Inter-|   Receive\n face |bytes\n    lo: 1 2\n  eth0: 3 4\n   wg0: 5 6\n  old0: 7\n",
  "/sys/class/net/lo/flags": "0x9\n",
  "/sys/class/net/eth0/flags": "0x1003\n",
  "/sys/class/net/wg0/flags": "0x91\n",
  "/sys/class/net/old0/flags": "0x1002\n",
  "/sys/class/net/lo/mtu": "65536\n",
  "/sys/class/net/eth0/mtu": "1500\n",
  "/sys/class/net/wg0/mtu": "1420\n",
  "/sys/class/net/old0/mtu": "576\n",
  "/sys/class/net/eth0/ifindex": "2\n",
  "/sys/class/net/wg0/ifindex": "7\n",
  "/proc/sys/net/ipv6/conf/eth0/mtu": "1480\n",
  "/proc/sys/net/ipv6/conf/wg0/mtu": "1420\n",
  "/proc/net/snmp":
    "Ip: Forwarding FragOKs FragFails FragCreates\nIp: 1 21 0 42\nIcmp: InMsgs FragCreates InDestUnreachs\nIcmp: 9 9 3\n",
  "/proc/net/snmp6":
    "Ip6FragOKs 1\nIp6FragCreates                  \t7\nIcmp6InDestUnreachs             \t2\nIcmp6InPktTooBigs               \t5\n",
};

/** A network that these files tell of, and others instead of some of them. */
function network(
  others: Record<string, string | undefined> = {},
  clock = { now: 0 },
): SystemNetwork {
  return new SystemNetwork({
    read: (path) => path in others ? others[path] : FILES[path],
    now: () => clock.now,
  });
}

Deno.test("the MTU is that of the interface which the route names", () => {
  for (
    const [hostname, mtu] of [
      ["192.0.2.9", 1500],
      ["::ffff:192.0.2.9", 1500],
      ["10.18.0.1", 1420],
      ["2001:db8::1", 1480], // what a router announced is less
      ["fd52::1", 1420],
      ["fe80::1%wg0", 1420],
      ["fe80::1%2", 1480],
    ] as const
  ) assertEquals(network().mtuTowards(hostname), mtu, hostname);
});

Deno.test("the machine itself is reached by the loopback interface, whatever the routes", () => {
  const files = { "/proc/sys/net/ipv6/conf/lo/mtu": "65536\n" };
  for (const hostname of ["127.0.0.1", "::ffff:127.0.0.1", "::1"]) {
    assertEquals(network(files).mtuTowards(hostname), 65_536, hostname);
  }
});

Deno.test("where rules may choose another table, the smallest interface that is up counts", () => {
  const tables = { "/proc/net/fib_trie": "Main:\nId 52:\n" };
  assertEquals(network(tables).mtuTowards("192.0.2.9"), 1420);
  const routes = {
    "/proc/net/ipv6_route": IPV6_ROUTES.replace("fd52", "0000"),
  };
  assertEquals(network(routes).mtuTowards("::2"), 1420);
});

Deno.test("nothing is known without a route, an MTU or the files, nor where routers may cut", () => {
  const unknown: [
    hostname: string,
    files: Record<string, string | undefined>,
  ][] = [
    ["192.0.2.9", { "/proc/net/route": "" }],
    ["192.0.2.9", { "/proc/net/route": undefined }],
    ["192.0.2.9", { "/proc/net/fib_trie": undefined }],
    ["192.0.2.9", { "/sys/class/net/eth0/mtu": undefined }],
    ["192.0.2.9", { "/sys/class/net/eth0/mtu": "much\n" }],
    ["192.0.2.9", { "/proc/sys/net/ipv4/ip_no_pmtu_disc": "1\n" }],
    ["2001:db8::1", { "/proc/net/ipv6_route": undefined }],
    ["fe80::1%wlan0", {}],
  ];
  for (const [hostname, files] of unknown) {
    assertEquals(network(files).mtuTowards(hostname), undefined, hostname);
  }
  const nothing = new SystemNetwork({ read: () => undefined });
  assertEquals(nothing.mtuTowards("192.0.2.9"), undefined);
  assertEquals(nothing.sizeCounts("192.0.2.9"), undefined);
  assertEquals(nothing.sizeCounts("2001:db8::1"), undefined);
});

Deno.test("fragments, and what routers said of packets that did not arrive, are counted for each family", () => {
  for (
    const [hostname, fragments, tooBig, unreachables] of [
      ["192.0.2.9", 42, 3, 3],
      ["::ffff:192.0.2.9", 42, 3, 3],
      ["2001:db8::1", 7, 5, 2],
      ["fe80::1%eth0", 7, 5, 2],
    ] as const
  ) {
    const counts = { fragments, tooBig, unreachables };
    assertEquals(network().sizeCounts(hostname), counts);
  }
});

Deno.test("an MTU is read again after a while, and at once when fragments were made", () => {
  const clock = { now: 1000 };
  const files: Record<string, string> = {};
  const changing = network(files, clock);
  const mtu = () => changing.mtuTowards("192.0.2.9");
  assertEquals(changing.sizeCounts("192.0.2.9")?.fragments, 42);
  assertEquals(mtu(), 1500);
  files["/sys/class/net/eth0/mtu"] = "1400\n";
  assertEquals(mtu(), 1500);
  clock.now += 200;
  assertEquals(mtu(), 1400);
  files["/sys/class/net/eth0/mtu"] = "1300\n";
  assertEquals(changing.sizeCounts("192.0.2.9")?.fragments, 42);
  assertEquals(mtu(), 1400);
  files["/proc/net/snmp"] =
    "Ip: FragCreates\nIp: 44\nIcmp: InDestUnreachs\nIcmp: 3\n";
  assertEquals(changing.sizeCounts("192.0.2.9")?.fragments, 44);
  assertEquals(mtu(), 1300);
});
