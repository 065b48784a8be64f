import { assert, assertEquals } from "@std/assert";
import { isHostName, isIpv4, isIpv6 } from "./host_name.ts";

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
    ["fe80::1%eth0", undefined],
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
