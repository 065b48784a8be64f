import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../errors.ts";
import { encodeTicket, nodeIdOf, type Ticket } from "../../mesh/mod.ts";
import { dialSource, NODE_SOURCE, TICKET } from "./named_node.ts";
import { REFERENCE } from "./reference.ts";

const KEY = new Uint8Array(32).fill(0xab);
const NODE: Ticket = {
  publicKey: KEY,
  addresses: ["192.0.2.1:7700", "node.example:1"],
  psk: new Uint8Array(32).fill(1),
};

Deno.test("a ticket is checked while parsing and never repeated", () => {
  const text = encodeTicket(NODE);
  assertEquals(TICKET.parse(text), NODE);
  const error = assertThrows(
    () => TICKET.parse(text.replace("nt1a", "nt1b")),
    UsageError,
    "the ticket cannot be used",
  );
  assert(!error.message.includes("nt1b"));
  assertThrows(() => TICKET.parse("@"), RangeError);
  assertThrows(() => REFERENCE.parse("@"), RangeError);
});

Deno.test("--from takes an id, a key, a ticket or a file of one", () => {
  assertEquals(NODE_SOURCE.parse(" 42 "), { nodeId: 42n });
  assertEquals(NODE_SOURCE.parse("0x2A"), { nodeId: 42n });
  // All decimal digits may be a key, too: an id is never that long.
  for (const byte of [0xab, 0x11]) {
    const publicKey = new Uint8Array(32).fill(byte);
    assertEquals(
      NODE_SOURCE.parse(byte.toString(16).repeat(32)),
      { nodeId: nodeIdOf(publicKey), publicKey },
    );
  }
  assertEquals(NODE_SOURCE.parse("@peer.ticket"), { file: "peer.ticket" });
  assertEquals(NODE_SOURCE.parse(encodeTicket(NODE)), NODE);
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

Deno.test("--via takes an address with a key, or a ticket", () => {
  const kind = dialSource("RELAY");
  assertEquals(kind.parse(`[::1]:7700#${"ab".repeat(32)}`), {
    addresses: ["[::1]:7700"],
    publicKey: KEY,
  });
  assertEquals(kind.parse(encodeTicket(NODE)), NODE);
  for (const text of ["192.0.2.1:7700", "192.0.2.1:7700#ab", "a:1#b#c"]) {
    assertThrows(() => kind.parse(text), RangeError);
  }
});
