import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../errors.ts";
import {
  formatAddress,
  isHostName,
  isIpv4,
  isIpv6,
  isLinkLocal,
  isLoopback,
  parseHostPort,
  parseListenAddress,
  withoutMapping,
  zoneOf,
} from "./address.ts";

Deno.test("a host is an IPv4 literal, an IPv6 literal or a name, never two of them", () => {
  const hosts: [string, "ipv4" | "ipv6" | "name" | undefined][] = [
    ["192.0.2.1", "ipv4"],
    ["2001:db8::1", "ipv6"],
    ["::", "ipv6"],
    ["::ffff:192.0.2.1", "ipv6"],
    ["files.example", "name"],
    ["localhost", "name"],
    ["a_b.example.", "name"],
    ["", undefined],
    ["192.0.2.256", undefined],
    ["192.0.2.01", undefined],
    ["1.2.3", undefined],
    ["fe80::1%eth0", "ipv6"],
    ["FEBF::1%7", "ipv6"],
    ["fe80::1%", undefined],
    ["fe80::1%25eth0", undefined], // as in a URI
    ["fe80::1%eth0%1", undefined],
    ["fe80::1%a b", undefined],
    ["2001:db8::1%eth0", undefined],
    ["1:2", undefined],
    ["-a", undefined],
    ["a..b", undefined],
    ["a b", undefined],
    ["ü.example", undefined],
    [`${"a".repeat(64)}.example`, undefined],
    ["a.".repeat(127), undefined],
  ];
  for (const [host, kind] of hosts) {
    assertEquals(isIpv4(host), kind === "ipv4", host);
    assertEquals(isIpv6(host), kind === "ipv6", host);
    assertEquals(isHostName(host), kind === "name", host);
  }
  assert(isHostName("a.".repeat(126)));
});

Deno.test("parseHostPort splits names, IPv4 and bracketed IPv6", () => {
  const addresses: [string, string, number][] = [
    ["node.example:7700", "node.example", 7700],
    ["192.0.2.1:1", "192.0.2.1", 1],
    ["[2001:db8::1]:65535", "2001:db8::1", 65_535],
    ["[fe80::1%eth0]:1", "fe80::1%eth0", 1],
  ];
  for (const [text, hostname, port] of addresses) {
    assertEquals(parseHostPort(text), { hostname, port });
    assertEquals(formatAddress({ hostname, port }), text);
  }
});

Deno.test("what is not host and port is refused, and the message says what is", () => {
  const wrong = [
    "",
    ":7700",
    "node.example",
    "node.example:",
    "node.example:65536",
    "node.example:-1",
    "node.example:7700x",
    "2001:db8::1:7700",
    "[2001:db8::1]",
    "[node.example]:7700",
    "two words:7700",
    "[::1]7700",
    "[192.0.2.1]:1",
    "[fe80::1%25eth0]:1",
    "[2001:db8::1%eth0]:1",
    "192.0.2.256:1",
    "1.2.3:1",
    " 192.0.2.1:1",
    "a..b:1",
  ];
  const toListenOn = "expected IP:port or [IPv6]:port";
  for (const text of wrong) {
    assertThrows(() => parseHostPort(text), UsageError, "expected host:port");
    assertThrows(() => parseListenAddress(text), UsageError, toListenOn);
  }
  assertThrows(() => parseHostPort("a:0"), UsageError, "expected host:port");
  assertThrows(() => parseListenAddress("a:7700"), UsageError, toListenOn);
});

Deno.test("an address to listen on may have port 0", () => {
  for (const hostname of ["127.0.0.1", "::"]) {
    const address = { hostname, port: 0 };
    assertEquals(parseListenAddress(formatAddress(address)), address);
  }
});

Deno.test("formatAddress unmaps IPv4 and leaves what is not an address of a network as it is", () => {
  for (const prefix of ["::ffff:", "::FFFF:"]) {
    const hostname = `${prefix}192.0.2.1`;
    assertEquals(formatAddress({ hostname, port: 1 }), "192.0.2.1:1");
  }
  const relayed = "node 1 behind relay 2";
  assertEquals(formatAddress({ hostname: relayed, port: 0 }), relayed);
  for (const literal of ["::1", "::ffff:1", "192.0.2.1", "64:ff9b::1.2.3.4"]) {
    assertEquals(withoutMapping(literal), literal);
  }
});

Deno.test("isLoopback knows 127.0.0.0/8, ::1 and the mapped ones, nothing else", () => {
  const inside = ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"];
  const outside = ["0.0.0.0", "::", "128.0.0.1", "10.127.0.1", "127.example"];
  for (const literal of [...inside, ...outside]) {
    assertEquals(isLoopback(literal), inside.includes(literal), literal);
  }
});

Deno.test("link-local addresses are those of fe80::/10, and may name their interface", () => {
  for (const literal of ["fe80::1", "FE80::1%eth0", "febf:ffff::1"]) {
    assert(isLinkLocal(literal), literal);
  }
  for (const literal of ["fec0::1", "fe7f::1", "2001:db8::1", "192.0.2.1"]) {
    assert(!isLinkLocal(literal), literal);
  }
  assertEquals(zoneOf("fe80::1%eth0"), "eth0");
  assertEquals(zoneOf("fe80::1"), undefined);
});
