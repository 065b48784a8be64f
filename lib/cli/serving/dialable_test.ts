import { assertEquals } from "@std/assert";
import { dialableAddresses, type LocalAddress } from "./dialable.ts";

const INTERFACES: LocalAddress[] = [
  { family: "IPv4", address: "127.0.0.1" },
  { family: "IPv6", address: "::1" },
  { family: "IPv6", address: "fe80::1" },
  { family: "IPv6", address: "2001:db8::5" },
  { family: "IPv4", address: "192.0.2.5" },
];

Deno.test("dialableAddresses expands a wildcard, the most useful first", () => {
  assertEquals(dialableAddresses({ hostname: "::", port: 7700 }, INTERFACES), [
    "192.0.2.5:7700",
    "[2001:db8::5]:7700",
    "127.0.0.1:7700",
    "[::1]:7700",
  ]);
  assertEquals(
    dialableAddresses({ hostname: "0.0.0.0", port: 1 }, INTERFACES),
    [
      "192.0.2.5:1",
      "127.0.0.1:1",
    ],
  );
});

Deno.test("dialableAddresses keeps an address that is not a wildcard", () => {
  assertEquals(dialableAddresses({ hostname: "::1", port: 1 }, INTERFACES), [
    "[::1]:1",
  ]);
});
