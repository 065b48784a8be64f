import { assertEquals } from "@std/assert";
import { formatAddress, isLoopback, withoutMapping } from "./format_address.ts";

Deno.test("formatAddress puts IPv6 into brackets and unmaps IPv4", () => {
  const cases: [string, string][] = [
    ["192.0.2.1", "192.0.2.1:7700"],
    ["::1", "[::1]:7700"],
    ["2001:db8::1", "[2001:db8::1]:7700"],
    ["::ffff:192.0.2.1", "192.0.2.1:7700"],
    ["::FFFF:192.0.2.1", "192.0.2.1:7700"],
    ["node.example", "node.example:7700"],
  ];
  for (const [hostname, expected] of cases) {
    assertEquals(formatAddress(hostname, 7700), expected);
  }
});

Deno.test("withoutMapping leaves every other literal alone", () => {
  for (const literal of ["::1", "::ffff:1", "192.0.2.1", "64:ff9b::1.2.3.4"]) {
    assertEquals(withoutMapping(literal), literal);
  }
});

Deno.test("isLoopback knows 127.0.0.0/8, ::1 and the mapped ones, nothing else", () => {
  for (
    const literal of ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"]
  ) {
    assertEquals(isLoopback(literal), true, literal);
  }
  const others = ["0.0.0.0", "::", "128.0.0.1", "10.127.0.1", "127.example"];
  for (const literal of others) {
    assertEquals(isLoopback(literal), false, literal);
  }
});

Deno.test("formatAddress leaves what is no host name as it is", () => {
  assertEquals(
    formatAddress("node 1 behind relay 2", 0),
    "node 1 behind relay 2",
  );
});
