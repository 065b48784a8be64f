import { assertEquals, assertThrows } from "@std/assert";
import { ADVERTISED_ADDRESS, DIAL_ADDRESS, LISTEN_ADDRESS } from "./address.ts";

Deno.test("an address to dial is a literal or a host name, and a port", () => {
  const { hostname, port } = DIAL_ADDRESS.parse("[2001:db8::1]:7700");
  assertEquals([hostname, port], ["2001:db8::1", 7700]);
  assertEquals(DIAL_ADDRESS.parse("files.example:1").hostname, "files.example");
  for (
    const text of ["", "192.0.2.1", "192.0.2.1:65536", "[fe80::1%25eth0]:1"]
  ) {
    assertThrows(() => DIAL_ADDRESS.parse(text), RangeError, undefined, text);
  }
});

Deno.test("only a local literal can be listened on, only a port above 0 dialled", () => {
  assertEquals(LISTEN_ADDRESS.parse("[::]:0").port, 0);
  assertThrows(() => LISTEN_ADDRESS.parse("example:1"), RangeError);
  assertThrows(() => DIAL_ADDRESS.parse("192.0.2.1:0"), RangeError);
  for (const text of ["0.0.0.0:7700", "[::]:7700", "192.0.2.1:0"]) {
    assertThrows(() => ADVERTISED_ADDRESS.parse(text), RangeError);
  }
  assertEquals(ADVERTISED_ADDRESS.parse("10.0.0.1:1").hostname, "10.0.0.1");
});
