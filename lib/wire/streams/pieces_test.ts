import { assert, assertEquals, assertThrows } from "@std/assert";
import { PIECE_COST, PIECES_FREE_BYTES } from "../../limits.ts";
import { TransportError } from "../packet/transport_error.ts";
import { Streams } from "./streams.ts";
import { UnreadBudget } from "./unread_budget.ts";

const LIMITS = {
  initialMaxData: 2 ** 21,
  initialMaxStreamData: 2 ** 16,
  initialMaxStreamsBidi: 256,
};
const HANDLER = { onStream() {}, onStreamsAvailable() {} };
const BYTE = Uint8Array.of(1);

Deno.test("one-byte pieces with gaps end a connection before they cost more than their credit and a little", () => {
  const streams = new Streams(false, LIMITS, LIMITS, HANDLER);
  let pieces = 0;
  assertThrows(() => {
    for (let offset = 1; offset < 1000; offset += 2) {
      for (let id = 0; id < 1024; id += 4) {
        streams.onStream(id, offset, BYTE, false, false);
        pieces++;
      }
    }
  }, TransportError);
  const credit = 2 * pieces + 1024;
  assert(pieces * PIECE_COST <= PIECES_FREE_BYTES + credit + PIECE_COST);
});

Deno.test("whole packets that come in any order do not end a connection", () => {
  const streams = new Streams(false, LIMITS, LIMITS, HANDLER);
  for (let id = 0; id < 128; id += 4) {
    for (let i = 49; i >= 0; i--) {
      streams.onStream(id, 1100 * i, new Uint8Array(1100), false, true);
    }
  }
});

Deno.test("what is kept for the application counts against what all may keep, until it is read or given up", () => {
  const budget = new UnreadBudget(20_000);
  const ended: string[] = [];
  const make = (name: string) =>
    new Streams(
      false,
      LIMITS,
      LIMITS,
      HANDLER,
      undefined,
      budget.join(name, () => ended.push(name)),
    );
  const [a, b] = [make("a"), make("b")];
  a.onStream(0, 0, new Uint8Array(3000), false, true);
  b.onStream(0, 0, new Uint8Array(5000), false, true);
  const [read, stopped] = [...a.all(), ...b.all()];
  a.read(read, new Uint8Array(1000));
  assertEquals(budget.total, 7000);
  a.onStream(0, 3000, new Uint8Array(4000), false, true);
  assertEquals(budget.total, 11_000);
  b.stop(stopped, 0);
  assertEquals(budget.total, 6000);
  a.end();
  assertEquals(budget.total, 0);
  assertEquals(ended, []);
});
