import { assert, assertEquals, assertRejects } from "@std/assert";
import { HandshakeError } from "../errors.ts";
import { formatAddress } from "./address.ts";
import { byTurns, resolveHost } from "./resolve_host.ts";

const timeoutMs = Infinity;

Deno.test("an IP literal needs no lookup", async () => {
  for (const hostname of ["192.0.2.1", "2001:db8::1"]) {
    const address = { hostname, port: 9 };
    const text = formatAddress(address);
    assertEquals(await resolveHost(text, { timeoutMs: 0 }), [address]);
  }
});

Deno.test("a name becomes each of its addresses once", async () => {
  const found = await resolveHost("localhost:7700", { timeoutMs });
  const names = found.map(({ hostname }) => hostname);
  assert(names.length > 0);
  assertEquals(new Set(names).size, names.length);
  for (const { hostname, port } of found) {
    assert(["127.0.0.1", "::1"].includes(hostname), hostname);
    assertEquals(port, 7700);
  }
});

Deno.test("the families of a name's addresses are tried by turns, none is left out", () => {
  const [a, b, c, d] = [
    "2001:db8::1",
    "2001:db8::2",
    "2001:db8::3",
    "192.0.2.1",
  ];
  assertEquals(byTurns([a, b, c, d]), [a, d, b, c]);
  assertEquals(byTurns([d, a, b]), [d, a, b]);
  assertEquals(byTurns([a, b]), [a, b]);
  assertEquals(byTurns([]), []);
});

Deno.test("a link-local literal keeps its zone", async () => {
  const found = await resolveHost("[fe80::1%some0]:7", { timeoutMs });
  assertEquals(found, [{ hostname: "fe80::1%some0", port: 7 }]);
});

Deno.test("a name without addresses is a handshake error that names it", async () => {
  await assertRejects(
    () => resolveHost("no-such-host.invalid:7700", { timeoutMs }),
    HandshakeError,
    "cannot resolve no-such-host.invalid",
  );
});

Deno.test("after an abort no lookup begins", async () => {
  const signal = AbortSignal.abort(new Error("changed my mind"));
  await assertRejects(
    () => resolveHost("localhost:1", { signal, timeoutMs }),
    Error,
    "changed my mind",
  );
});

Deno.test({
  name: "an abort ends a lookup with its reason",
  // The system's lookup cannot be stopped: it may end after the test.
  sanitizeOps: false,
  async fn() {
    const abort = new AbortController();
    const looking = resolveHost("localhost:1", {
      signal: abort.signal,
      timeoutMs,
    });
    abort.abort(new Error("changed my mind"));
    await assertRejects(() => looking, Error, "changed my mind");
  },
});
