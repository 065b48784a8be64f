import { assertEquals, assertThrows } from "@std/assert";
import {
  ADVERTISED_ADDRESS,
  DIAL_ADDRESS,
  formatHostPort,
  LISTEN_ADDRESS,
  parseHostPort,
} from "./address.ts";

Deno.test("parseHostPort takes literals and host names", () => {
  const cases: [text: string, host: string, port: number][] = [
    ["192.0.2.1:7700", "192.0.2.1", 7700],
    ["[2001:db8::1]:7700", "2001:db8::1", 7700],
    ["[fe80::1%eth0]:1", "fe80::1%eth0", 1],
    ["files.example:65535", "files.example", 65_535],
    ["localhost:0", "localhost", 0],
  ];
  for (const [text, host, port] of cases) {
    const address = parseHostPort(text);
    assertEquals(address, { host, port });
    assertEquals(formatHostPort(address), text);
  }
});

Deno.test("parseHostPort refuses what cannot be reached", () => {
  const texts =
    "|192.0.2.1|192.0.2.256:1|192.0.2.1:70000|192.0.2.1:65536| 192.0.2.1:1|2001:db8::1:7700|[192.0.2.1]:1|[::1]|:1|a b:1|-a:1|a..b:1|1.2.3:1|[fe80::1%e%f]:1";
  for (const text of texts.split("|")) {
    assertThrows(() => parseHostPort(text), RangeError, undefined, text);
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
