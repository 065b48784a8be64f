import { assertEquals, assertThrows } from "@std/assert";
import {
  ADVERTISED_ADDRESS,
  DIAL_ADDRESS,
  formatHostPort,
  LISTEN_ADDRESS,
  parseHostPort,
} from "./address.ts";

Deno.test("parseHostPort takes literals and host names", () => {
  assertEquals(parseHostPort("192.0.2.1:7700"), {
    host: "192.0.2.1",
    port: 7700,
  });
  assertEquals(parseHostPort("[2001:db8::1]:7700").host, "2001:db8::1");
  assertEquals(parseHostPort("[fe80::1%eth0]:1").host, "fe80::1%eth0");
  assertEquals(parseHostPort("files.example:7700").host, "files.example");
  assertEquals(parseHostPort("localhost:1").host, "localhost");
});

Deno.test("parseHostPort refuses what cannot be reached", () => {
  for (
    const text of [
      "",
      "192.0.2.1",
      "192.0.2.256:1",
      "192.0.2.1:70000",
      " 192.0.2.1:1",
      "2001:db8::1:7700",
      "[192.0.2.1]:1",
      "[::1]",
      ":1",
      "a b:1",
      "-a:1",
      "a..b:1",
      "1.2.3:1",
    ]
  ) assertThrows(() => parseHostPort(text), RangeError, undefined, text);
});

Deno.test("formatHostPort writes what parseHostPort reads", () => {
  for (const text of ["192.0.2.1:1", "[::1]:2", "a.example:3"]) {
    assertEquals(formatHostPort(parseHostPort(text)), text);
  }
});

Deno.test("only a local literal can be listened on, only a port above 0 dialled", () => {
  assertEquals(LISTEN_ADDRESS.parse("[::]:0").port, 0);
  assertThrows(() => LISTEN_ADDRESS.parse("example:1"), RangeError);
  assertThrows(() => DIAL_ADDRESS.parse("192.0.2.1:0"), RangeError);
  for (const text of ["0.0.0.0:7700", "[::]:7700", "192.0.2.1:0"]) {
    assertThrows(() => ADVERTISED_ADDRESS.parse(text), RangeError);
  }
  assertEquals(ADVERTISED_ADDRESS.parse("10.0.0.1:1").host, "10.0.0.1");
});
