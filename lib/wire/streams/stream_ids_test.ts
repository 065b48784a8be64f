import { assertEquals } from "@std/assert";
import { StreamIds } from "./stream_ids.ts";
import { assertTransportError } from "../testing/assert_transport_error.ts";

Deno.test("both ends number from bit 0, four apart, as far as the other lets them", () => {
  for (const [initiator, first] of [[true, 0], [false, 1]] as const) {
    const ids = new StreamIds(initiator, 8, 2);
    assertEquals(
      [ids.open(), ids.open(), ids.open()],
      [first, first + 4, undefined],
    );
    assertEquals(ids.canOpen, false);
    assertEquals([ids.onMaxStreams(2), ids.onMaxStreams(1)], [false, false]);
    assertEquals(ids.open(), undefined);
    assertEquals(ids.onMaxStreams(3), true);
    assertEquals(ids.open(), first + 8);
    assertEquals([ids.isLocal(first), ids.isLocal(1 - first)], [true, false]);
  }
});

Deno.test("a frame opens a stream once; afterwards it is late", () => {
  const ids = new StreamIds(true, 2, 2);
  assertEquals(ids.isNew(5), true, "and all below it");
  assertEquals([ids.openRemote(), ids.openRemote()], [1, 5]);
  assertEquals([ids.isNew(1), ids.isNew(5)], [false, false]);
  ids.open();
  assertEquals(ids.isNew(0), false);
});

Deno.test("a stream past the limit, of our own making or of no kind is refused", () => {
  const ids = new StreamIds(true, 2, 2);
  for (const id of [9, 2 ** 53 - 3]) {
    assertTransportError("STREAM_LIMIT_ERROR", () => ids.isNew(id));
  }
  for (const id of [0, 4, 2, 3, 2 ** 40 + 2]) {
    assertTransportError("STREAM_STATE_ERROR", () => ids.isNew(id));
  }
});

Deno.test("a new limit is owed once half of the streams are over", () => {
  const ids = new StreamIds(true, 4, 0);
  ids.onRemoteOver();
  assertEquals(ids.owesLimit, false);
  ids.onRemoteOver();
  assertEquals([ids.owesLimit, ids.nextLimit], [true, 6]);
  assertTransportError("STREAM_LIMIT_ERROR", () => ids.isNew(17));
  ids.raiseLimit();
  assertEquals([ids.owesLimit, ids.isNew(21)], [false, true]);
  assertTransportError("STREAM_LIMIT_ERROR", () => ids.isNew(25));
});
