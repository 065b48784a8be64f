import { assert, assertEquals } from "@std/assert";
import { CHUNK_SIZE, CONNECTIONS_MAX, REQUEST_MAX } from "../limits.ts";
import { datagramCeiling, localParameters } from "./transport_limits.ts";

Deno.test("a node that attaches may receive two chunks on a stream without a pause", () => {
  const { initialMaxStreamData, initialMaxData } = localParameters(false, 0);
  assert(initialMaxStreamData >= 2 * CHUNK_SIZE);
  assert(initialMaxData > initialMaxStreamData);
});

Deno.test("a node that listens gives credit for requests, a few GB for all peers together", () => {
  const parameters = localParameters(true, 212_992);
  const { initialMaxStreamData, initialMaxData } = parameters;
  assert(initialMaxStreamData >= REQUEST_MAX);
  assert(initialMaxData * CONNECTIONS_MAX <= 2 ** 31);
  assertEquals(parameters.receiveBufferBytes, 212_992);
});

Deno.test("a datagram to another machine is probed up to what Ethernet carries whole", () => {
  assertEquals(datagramCeiling("192.0.2.1"), 1472);
  assertEquals(datagramCeiling("::ffff:192.0.2.1"), 1472);
  assertEquals(datagramCeiling("2001:db8::1"), 1452);
});

Deno.test("a datagram to this machine may be far larger, up to the loopback interface's packet", () => {
  for (const hostname of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
    const ceiling = datagramCeiling(hostname);
    assert(ceiling > 16_384 && ceiling <= 65_536 - 40 - 8, `${ceiling}`);
  }
});
