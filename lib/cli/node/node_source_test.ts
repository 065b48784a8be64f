import { assertEquals, assertThrows } from "@std/assert";
import { encodeTicket } from "../../mesh/mod.ts";
import {
  dialSource,
  NODE_SOURCE,
  readDialSource,
  readNodeSource,
} from "./node_source.ts";

const KEY = new Uint8Array(32).fill(0xab);
const PSK = new Uint8Array(32).fill(1);
const TICKET = encodeTicket({
  publicKey: KEY,
  addresses: ["192.0.2.1:7700", "node.example:1"],
  psk: PSK,
});

Deno.test("--from takes an id, a key, a ticket or a file of one", async () => {
  assertEquals(NODE_SOURCE.parse(" 42 "), { nodeId: 42n });
  assertEquals(NODE_SOURCE.parse("0x2A"), { nodeId: 42n });
  assertEquals(NODE_SOURCE.parse("ab".repeat(32)), { publicKey: KEY });
  // All decimal digits, and still a key: an id is never that long.
  assertEquals(NODE_SOURCE.parse("1".repeat(64)), {
    publicKey: new Uint8Array(32).fill(0x11),
  });
  assertEquals(NODE_SOURCE.parse("@peer.ticket"), {
    ticket: { file: "peer.ticket" },
  });
  const named = await readNodeSource(NODE_SOURCE.parse(TICKET), false);
  assertEquals([named.publicKey, named.psk], [KEY, PSK]);
});

Deno.test("--from refuses everything else without repeating it", () => {
  for (
    const text of ["", "node", "-1", "ab".repeat(31), "99999999999999999999"]
  ) {
    assertThrows(
      () => NODE_SOURCE.parse(text),
      RangeError,
      "expected a node id",
    );
  }
});

Deno.test("--via takes an address with a key, or a ticket with all its addresses", async () => {
  const kind = dialSource("RELAY");
  assertEquals(kind.parse(`[::1]:7700#${"ab".repeat(32)}`), {
    address: "[::1]:7700",
    publicKey: KEY,
  });
  assertEquals(await readDialSource(kind.parse(TICKET), false), {
    address: ["192.0.2.1:7700", "node.example:1"],
    publicKey: KEY,
    psk: PSK,
  });
  for (const text of ["192.0.2.1:7700", "192.0.2.1:7700#ab", "a:1#b#c"]) {
    assertThrows(() => kind.parse(text), RangeError);
  }
});
