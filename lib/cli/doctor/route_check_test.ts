import { assertEquals } from "@std/assert";
import type { LocalAddress } from "../serving/dialable.ts";
import { isTranslated } from "./route_check.ts";

const OWN: LocalAddress[] = [
  { family: "IPv4", address: "127.0.0.1" },
  { family: "IPv4", address: "192.168.1.5" },
  { family: "IPv6", address: "2001:db8::5" },
];

Deno.test("an address of this machine comes through as it is, another is translated", () => {
  assertEquals(isTranslated("192.168.1.5:7700", OWN), false);
  assertEquals(isTranslated("[2001:db8::5]:40000", OWN), false);
  assertEquals(isTranslated("203.0.113.9:40000", OWN), true);
});

Deno.test("nothing is concluded without addresses, or of what is none", () => {
  assertEquals(isTranslated("203.0.113.9:40000", []), undefined);
  assertEquals(isTranslated("nonsense", OWN), undefined);
});
