import { assertEquals } from "@std/assert";
import { dialableAddresses, type LocalAddress } from "./dialable.ts";

const INTERFACES: LocalAddress[] = [
  { family: "IPv4", address: "127.0.0.1" },
  { family: "IPv6", address: "::1" },
  { family: "IPv6", address: "fe80::1" },
  { family: "IPv6", address: "2001:db8::5" },
  { family: "IPv4", address: "192.0.2.5" },
];

const dialable = (hostname: string) =>
  dialableAddresses({ hostname, port: 7700 }, INTERFACES);

Deno.test("dialableAddresses expands a wildcard, the most useful first", () => {
  const ipv4 = ["192.0.2.5:7700", "127.0.0.1:7700"];
  assertEquals(dialable("0.0.0.0"), ipv4);
  assertEquals(
    dialable("::"),
    [ipv4[0], "[2001:db8::5]:7700", ipv4[1], "[::1]:7700"],
  );
});

Deno.test("dialableAddresses keeps an address that is not a wildcard", () => {
  assertEquals(dialable("::1"), ["[::1]:7700"]);
});
