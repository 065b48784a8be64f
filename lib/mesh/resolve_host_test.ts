import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HandshakeError, UsageError } from "../errors.ts";
import { parseHostPort, resolveHost } from "./resolve_host.ts";

Deno.test("parseHostPort splits names, IPv4 and bracketed IPv6", () => {
  assertEquals(parseHostPort("node.example:7700"), {
    hostname: "node.example",
    port: 7700,
  });
  assertEquals(parseHostPort("192.0.2.1:1"), {
    hostname: "192.0.2.1",
    port: 1,
  });
  assertEquals(parseHostPort("[2001:db8::1]:65535"), {
    hostname: "2001:db8::1",
    port: 65_535,
  });
});

Deno.test("parseHostPort refuses what is no host and port, and says what is", () => {
  const wrong = [
    "",
    ":7700",
    "node.example",
    "node.example:",
    "node.example:0",
    "node.example:65536",
    "node.example:-1",
    "node.example:7700x",
    "2001:db8::1:7700",
    "[2001:db8::1]",
    "[node.example]:7700",
    "two words:7700",
    "[::1]7700",
  ];
  for (const text of wrong) {
    assertThrows(() => parseHostPort(text), UsageError, "expected host:port");
  }
});

Deno.test("an IP literal needs no lookup", async () => {
  for (const hostname of ["192.0.2.1", "2001:db8::1"]) {
    const text = hostname.includes(":") ? `[${hostname}]:9` : `${hostname}:9`;
    assertEquals(await resolveHost(text), [{ hostname, port: 9 }]);
  }
});

Deno.test("a name becomes each of its addresses once", async () => {
  const found = await resolveHost("localhost:7700");
  const names = found.map(({ hostname }) => hostname);
  assert(names.length > 0);
  assertEquals(new Set(names).size, names.length);
  for (const { hostname, port } of found) {
    assert(["127.0.0.1", "::1"].includes(hostname), hostname);
    assertEquals(port, 7700);
  }
});

Deno.test("a name without addresses is a handshake error that names it", async () => {
  await assertRejects(
    () => resolveHost("no-such-host.invalid:7700"),
    HandshakeError,
    "cannot resolve no-such-host.invalid",
  );
});
