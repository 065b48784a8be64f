import { assert, assertEquals } from "@std/assert";
import { CHUNK_SIZE, CONNECTIONS_MAX, REQUEST_MAX } from "../limits.ts";
import {
  announcedDatagramSize,
  datagramCeiling,
  localParameters,
  udpPayload,
} from "./transport_limits.ts";

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

Deno.test("a datagram to another machine is probed up to what the interface carries, Ethernet's at most", () => {
  for (
    const [hostname, carried, ceiling] of [
      ["192.0.2.1", 1252, 1252],
      ["192.0.2.1", 1472, 1472],
      ["192.0.2.1", 8972, 1472],
      ["::ffff:192.0.2.1", 8972, 1472],
      ["2001:db8::1", 1372, 1372],
      ["2001:db8::1", 8952, 1452],
    ] as const
  ) assertEquals(datagramCeiling(hostname, carried), ceiling);
});

Deno.test("a datagram to another machine is probed up to what every link carries where nothing is known", () => {
  assertEquals(datagramCeiling("192.0.2.1"), 1252);
  assertEquals(datagramCeiling("::ffff:192.0.2.1"), 1252);
  assertEquals(datagramCeiling("2001:db8::1"), 1232);
});

Deno.test("what the interface carries is announced, and no bound where it is not known", () => {
  const announced = [undefined, 1252, 1472, 70_000, 900].map((carried) =>
    announcedDatagramSize(carried)
  );
  assertEquals(announced, [65_507, 1252, 1472, 65_507, 1200]);
});

Deno.test("headers of IP and UDP are left out of a packet's bytes", () => {
  assertEquals(udpPayload("192.0.2.1", 1500), 1472);
  assertEquals(udpPayload("::ffff:192.0.2.1", 1500), 1472);
  assertEquals(udpPayload("fe80::1%eth0", 1500), 1452);
});

Deno.test("a datagram to this machine may be far larger, up to the loopback interface's packet", () => {
  for (const hostname of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
    const ceiling = datagramCeiling(hostname);
    assert(ceiling > 16_384 && ceiling <= 65_536 - 40 - 8, `${ceiling}`);
  }
});
