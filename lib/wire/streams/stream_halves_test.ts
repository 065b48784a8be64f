import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import { ReceiveStream } from "./receive_stream.ts";
import { type SendRange, SendStream } from "./send_stream.ts";
import { pattern } from "../testing/bytes.ts";
import { assertTransportError } from "../testing/assert_transport_error.ts";

/** A stream that has received `length` bytes of a window of 100. */
function received(length: number, fin = false): ReceiveStream {
  const receive = new ReceiveStream(100);
  receive.receive(0, pattern(length), fin, true);
  return receive;
}

function emptyRange(): SendRange {
  return { offset: 0, length: 0, fin: false, fresh: 0 };
}

function readAll(stream: ReceiveStream): Uint8Array {
  const target = new Uint8Array(stream.available);
  assertEquals(stream.read(target), target.length);
  return target;
}

Deno.test("a stream arrives whole whatever is lost, reordered or repeated", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 8 }),
    fc.infiniteStream(fc.constantFrom("deliver", "lose", "twice", "late")),
    fc.integer({ min: 20, max: 700 }),
    (writes, fates, space) => {
      const data = pattern(writes.reduce((sum, n) => sum + n, 0));
      const send = new SendStream(1 << 20);
      let at = 0;
      for (const n of writes) send.write(data.subarray(at, at += n));
      send.finish();
      const receive = new ReceiveStream(1 << 20);
      const late: (() => void)[] = [];
      const parts: Uint8Array[] = [];
      const range = emptyRange();
      for (let round = 0; !send.done && round < 10_000; round++) {
        if (!(send.hasLost || send.hasNew)) {
          late.splice(0).forEach((deliver) => deliver());
          continue;
        }
        assert(send.take(space, Infinity, range));
        const { offset, length, fin } = range;
        const bytes = new Uint8Array(length);
        send.copy(offset, length, bytes, 0);
        const deliver = () => {
          receive.receive(offset, bytes, fin, true);
          send.onAcked(offset, length, fin);
          if (receive.available > 500) parts.push(readAll(receive));
        };
        const fate = round > 5_000 ? "deliver" : fates.next().value;
        if (fate === "lose") send.onLost(offset, length, fin);
        else if (fate === "late") {
          late.push(deliver);
          send.onLost(offset, length, fin);
        } else {
          deliver();
          if (fate === "twice") deliver();
        }
      }
      assert(send.done, "sender never finished");
      parts.push(readAll(receive));
      assert(receive.done, "receiver never finished");
      assertEquals(concat(parts), data);
    },
  ));
});

Deno.test("an empty stream is a FIN alone", () => {
  const send = new SendStream(100);
  send.finish();
  const range = emptyRange();
  assert(send.take(10, 10, range));
  assertEquals(range, { offset: 0, length: 0, fin: true, fresh: 0 });
  assert(received(0, true).done);
  send.onAcked(0, 0, true);
  assert(send.done);
});

Deno.test("the sender stops at the stream's limit and at the connection's credit", () => {
  const send = new SendStream(10);
  send.write(pattern(100));
  const range = emptyRange();
  assert(send.take(50, 7, range));
  assertEquals(range.length, 7);
  assert(send.take(50, 50, range));
  assertEquals(range.length, 3);
  assertEquals(send.hasNew, false);
  send.maxData = 100;
  assertEquals(send.hasNew, true);
});

Deno.test("what is taken back leaves a copy of what comes next, and the stream goes on from there", () => {
  const send = new SendStream(1000);
  const range: SendRange = { offset: 0, length: 0, fin: false, fresh: 0 };
  const bytes = pattern(100);
  send.write(bytes);
  send.finish();
  send.take(30, 1000, range);
  send.onAcked(0, 10, false);
  send.retract(20);
  bytes.fill(0);
  assertEquals([send.written, send.ended, send.retained], [50, false, 40]);
  send.write(pattern(100).subarray(50));
  send.finish();
  send.onLost(10, 20, false);
  const target = new Uint8Array(100);
  let hasEnded = false;
  while (send.take(7, 1000, range)) {
    send.copy(range.offset, range.length, target, range.offset);
    hasEnded ||= range.fin;
  }
  assert(hasEnded);
  assertEquals(target.subarray(10), pattern(100).subarray(10));
});

Deno.test("data beyond the window is a flow control error", () => {
  const receive = received(100);
  assertTransportError(
    "FLOW_CONTROL_ERROR",
    () => receive.receive(100, pattern(1), false, true),
    "passes the limit",
  );
});

Deno.test("the final size cannot change, and nothing may lie beyond it", () => {
  const receive = new ReceiveStream(100);
  receive.receive(5, pattern(5), true, true);
  const open = received(8);
  const acts = [
    () => receive.receive(9, pattern(2), false, true),
    () => receive.receive(0, pattern(9), true, true),
    () => receive.reset(1, 11),
    () => open.reset(1, 7),
  ];
  for (const act of acts) assertTransportError("FINAL_SIZE_ERROR", act);
});

Deno.test("stopping gives the credit of unread and future bytes back", () => {
  const receive = received(40);
  receive.stop(3);
  assertEquals(receive.consumed, 40);
  receive.receive(40, pattern(10), false, true);
  assertEquals(receive.consumed, 50);
  assertEquals(receive.available, 0);
});

Deno.test("a reset after everything arrived loses nothing", () => {
  const receive = received(40, true);
  receive.reset(9, 40);
  assertEquals(receive.resetCode, undefined);
  assertEquals(readAll(receive), pattern(40));
});

Deno.test("tiny segments cost no more memory than large ones, owned or not", () => {
  const data = pattern(100_000);
  for (const owned of [true, false]) {
    for (const size of [1, 3, 100, 1023, 1024, 1500]) {
      const receive = new ReceiveStream(1 << 20);
      for (let at = 0; at < data.length; at += size) {
        receive.receive(at, data.subarray(at, at + size), false, owned);
      }
      assert(receive.segments <= 110, `${receive.segments} of ${size} bytes`);
      assertEquals(readAll(receive), data);
    }
  }
});

Deno.test("reading between short and long segments keeps them in order", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 2500 }), { maxLength: 40 }),
    fc.infiniteStream(fc.integer({ min: 0, max: 3000 })),
    (sizes, reads) => {
      const data = pattern(sizes.reduce((sum, n) => sum + n, 0));
      const receive = new ReceiveStream(1 << 20);
      let at = 0;
      let read = 0;
      for (const size of sizes) {
        const segment = data.slice(at, at + size);
        receive.receive(at, segment, false, size % 2 === 0);
        at += size;
        const target = new Uint8Array(reads.next().value);
        const count = receive.read(target);
        const expected = data.subarray(read, read += count);
        assertEquals(target.subarray(0, count), expected);
      }
      assertEquals(readAll(receive), data.subarray(read));
    },
  ));
});

Deno.test("a window of full packets may arrive behind one gap", () => {
  const receive = new ReceiveStream(8 << 20);
  const size = 1150;
  let end = 1;
  while (end + size <= 8 << 20) {
    receive.receive(end, new Uint8Array(size), false, true);
    end += size;
  }
  receive.receive(0, new Uint8Array(1), false, false);
  assertEquals(receive.available, end);
});

/** How many single bytes with gaps between them a stream takes from `offset` on. */
function tinySegments(receive: ReceiveStream, offset: number): number {
  let taken = 0;
  const flood = () => {
    for (; taken < 10_000; taken++) {
      receive.receive(offset + 2 * taken, pattern(1), false, false);
    }
  };
  assertTransportError("INTERNAL_ERROR", flood, "out-of-order");
  return taken;
}

Deno.test("a flood of tiny out-of-order segments ends the connection; only bytes that wait now allow more", () => {
  const fresh = tinySegments(new ReceiveStream(1 << 24), 1);
  assert(fresh < 600, `${fresh}`);
  const part = pattern(1200);

  const drained = new ReceiveStream(1 << 24);
  let offset = 0;
  for (let i = 0; i < 1000; i++, offset += 2400) {
    drained.receive(offset + 1200, part, false, true);
    drained.receive(offset, part, false, true);
  }
  assertEquals(drained.available, offset);
  assertEquals(tinySegments(drained, offset + 1), fresh);

  const covered = new ReceiveStream(1 << 24);
  for (let end = 2400; end <= 240_000; end += 1200) {
    covered.receive(1, pattern(end), false, true);
  }
  covered.receive(0, part, false, true);
  assertEquals(tinySegments(covered, 240_002), fresh);
});

Deno.test("what was dropped by a reset takes no memory and cannot come back", () => {
  const receive = new ReceiveStream(1 << 20);
  receive.receive(0, pattern(100), false, false);
  receive.receive(200, pattern(100), false, false);
  assertEquals(receive.reset(7, 5000), 4700);
  assertEquals([receive.available, receive.segments], [0, 0]);
  assertEquals(receive.receive(0, pattern(300), false, false), 0);
  assertEquals(receive.receive(4000, pattern(1000), true, false), 0);
  assertEquals([receive.available, receive.segments], [0, 0]);
  assertEquals(receive.consumed, 5000);
});
