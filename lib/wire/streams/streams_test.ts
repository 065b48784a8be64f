import { assert, assertEquals, assertThrows } from "@std/assert";
import { SEND_RETAINED_MAX } from "../../limits.ts";
import { readFrames } from "../packet/frame.ts";
import type { SentFrame } from "./sent_frame.ts";
import type { Stream } from "./stream.ts";
import { type StreamLimits, Streams } from "./streams.ts";
import { TransportErrorCode } from "../packet/transport_error.ts";
import { assertTransportError } from "../testing/assert_transport_error.ts";
import { WireWriter } from "../packet/wire_buffer.ts";

const LIMITS: StreamLimits = {
  initialMaxData: 10_000,
  initialMaxStreamData: 4000,
  initialMaxStreamsBidi: 4,
};

interface Side {
  streams: Streams;
  incoming: Stream[];
  available: number;
}

/** Both ends of a connection without packets: frames go over as they are. */
function pair(
  limits: Partial<StreamLimits> = {},
  accept = true,
): [Side, Side] {
  const all = { ...LIMITS, ...limits };
  const side = (initiator: boolean): Side => {
    const incoming: Stream[] = [];
    const made: Side = {
      streams: new Streams(initiator, all, all, {
        onStream: (stream) => {
          incoming.push(stream);
          if (accept) made.streams.accept(stream);
        },
        onStreamsAvailable: () => made.available++,
      }),
      incoming,
      available: 0,
    };
    return made;
  };
  return [side(true), side(false)];
}

/** Moves one packet's worth of frames; returns what was sent. */
function packet(from: Side, to: Side | undefined, size = 1200): SentFrame[] {
  const writer = new WireWriter(new Uint8Array(size));
  const sent: SentFrame[] = [];
  from.streams.writeControl(writer, sent);
  from.streams.writeData(writer, sent);
  if (to === undefined || writer.offset === 0) return sent;
  const ignore = () => {};
  const { streams } = to;
  readFrames({ payload: writer.written() }, {
    onAck: ignore,
    onResetStream: (id, code, end) => streams.onReset(id, code, end),
    onStopSending: (id, code) => streams.onStopSending(id, code),
    onStream: (id, offset, data, fin) =>
      streams.onStream(id, offset, data, fin, true),
    onMaxData: (limit) => streams.onMaxData(limit),
    onMaxStreamData: (id, limit) => streams.onMaxStreamData(id, limit),
    onMaxStreams: (limit) => streams.onMaxStreams(limit),
    onPathChallenge: ignore,
    onPathResponse: ignore,
    onClose: ignore,
    onRelay: ignore,
  });
  return sent;
}

/** Moves and acknowledges packets both ways until there are none. */
function settle(a: Side, b: Side): void {
  for (let i = 0; i < 1000; i++) {
    if (!a.streams.hasPending && !b.streams.hasPending) return;
    for (const [from, to] of [[a, b], [b, a]]) {
      for (const frame of packet(from, to)) from.streams.onFrameAcked(frame);
    }
  }
  throw new Error("it never settles");
}

function readAll(side: Side, stream: Stream): number {
  return side.streams.read(stream, new Uint8Array(stream.receive.available));
}

Deno.test("a stream opens all lower ones of its kind, in order", () => {
  const [, b] = pair();
  b.streams.onStream(12, 0, Uint8Array.of(1), false, true);
  assertEquals(b.incoming.map(({ id }) => id), [0, 4, 8, 12]);
});

Deno.test("every frame that names a stream of ours which does not exist is an error", () => {
  const [, { incoming, streams }] = pair();
  const acts = [
    () => streams.onStream(1, 0, Uint8Array.of(1), false, true),
    () => streams.onReset(1, 0, 0),
    () => streams.onStopSending(1, 0),
    () => streams.onMaxStreamData(1, 100),
  ];
  for (const act of acts) {
    assertTransportError(TransportErrorCode.STREAM_STATE_ERROR, act);
  }
  assertTransportError(
    TransportErrorCode.STREAM_LIMIT_ERROR,
    () => streams.onStream(16, 0, Uint8Array.of(1), false, true),
  );
  assertEquals(incoming.length, 0);
});

Deno.test("frames for a stream that is over are ignored", () => {
  const [a, b] = pair();
  const stream = a.streams.openStream()!;
  a.streams.finish(stream);
  settle(a, b);
  b.streams.finish(b.incoming[0]);
  readAll(b, b.incoming[0]);
  settle(a, b);
  readAll(a, stream);
  assertEquals([a.streams.open, b.streams.open], [0, 0]);
  for (const side of [a, b]) {
    side.streams.onStream(0, 0, Uint8Array.of(1), false, true);
    side.streams.onReset(0, 1, 5);
    side.streams.onStopSending(0, 1);
    side.streams.onMaxStreamData(0, 1_000_000);
    assertEquals(side.streams.hasPending, false);
  }
  assertEquals(b.incoming.length, 1);
});

Deno.test("a stream ends only when both halves have", () => {
  const [a, b] = pair();
  const stream = a.streams.openStream()!;
  a.streams.write(stream, new Uint8Array(100));
  a.streams.finish(stream);
  settle(a, b);
  assertEquals(readAll(b, b.incoming[0]), 100);
  assertEquals(b.streams.open, 1);
  b.streams.write(b.incoming[0], new Uint8Array(1));
  b.streams.finish(b.incoming[0]);
  settle(a, b);
  assertEquals(a.streams.open, 1);
  assertEquals(readAll(a, stream), 1);
  assertEquals([a.streams.open, b.streams.open], [0, 0]);
});

Deno.test("the peer's limit on streams holds and rises as streams end", () => {
  const [a, b] = pair();
  const opened: Stream[] = [];
  for (let i = 0; i < 4; i++) opened.push(a.streams.openStream()!);
  assertEquals(a.streams.canOpen, false);
  assertEquals(a.streams.openStream(), undefined);
  for (const stream of opened) a.streams.finish(stream);
  settle(a, b);
  for (const stream of b.incoming) {
    readAll(b, stream);
    b.streams.finish(stream);
  }
  settle(a, b);
  assert(a.available > 0);
  assertEquals(a.streams.openStream()?.id, 16);
});

Deno.test("one stream stops at its own limit, all together at the connection's", () => {
  const [a, b] = pair();
  const streams = [0, 1, 2].map(() => a.streams.openStream()!);
  a.streams.write(streams[0], new Uint8Array(5000));
  settle(a, b);
  assertEquals(b.incoming[0].receive.available, 4000);
  a.streams.write(streams[1], new Uint8Array(4000));
  a.streams.write(streams[2], new Uint8Array(4000));
  settle(a, b);
  const total = b.incoming.reduce((sum, s) => sum + s.receive.available, 0);
  assertEquals(total, 10_000);
  assertEquals(a.streams.hasData, false);
});

Deno.test("a FIN without data needs no credit", () => {
  const [a, b] = pair({ initialMaxData: 4000 });
  const full = a.streams.openStream()!;
  a.streams.write(full, new Uint8Array(4000));
  settle(a, b);
  const empty = a.streams.openStream()!;
  a.streams.finish(empty);
  settle(a, b);
  assert(b.incoming[1].receive.complete);
});

Deno.test("reading gives credit back: everything arrives through small windows", () => {
  const [a, b] = pair();
  const stream = a.streams.openStream()!;
  a.streams.write(stream, new Uint8Array(100_000));
  a.streams.finish(stream);
  let read = 0;
  for (let i = 0; i < 1000 && read < 100_000; i++) {
    settle(a, b);
    read += readAll(b, b.incoming[0]);
  }
  assertEquals(read, 100_000);
  assert(b.incoming[0].receive.done);
});

Deno.test("a stream that is stopped or reset gives its credit back to the others", () => {
  for (const end of ["stop", "reset"]) {
    const [a, b] = pair();
    for (let i = 0; i < 20; i++) {
      const stream = a.streams.openStream();
      assert(stream !== undefined, `${end} ${i}`);
      a.streams.write(stream!, new Uint8Array(4000));
      settle(a, b);
      const incoming = b.incoming.at(-1)!;
      assertEquals(incoming.receive.available, 4000, `${end} ${i}`);
      if (end === "stop") b.streams.stop(incoming, 1);
      else a.streams.reset(stream!, 1);
      b.streams.finish(incoming);
      settle(a, b);
      readAll(a, stream!);
      settle(a, b);
    }
    assertEquals([a.streams.open, b.streams.open], [0, 0]);
  }
});

Deno.test("more data on all streams than was allowed is a flow control error", () => {
  const [, b] = pair({ initialMaxStreamData: 9000 });
  b.streams.onStream(0, 0, new Uint8Array(9000), false, true);
  assertTransportError(
    TransportErrorCode.FLOW_CONTROL_ERROR,
    () => b.streams.onStream(4, 1000, new Uint8Array(1), false, true),
  );
});

Deno.test("the final size of a reset counts as if all of it had come", () => {
  const [, b] = pair({ initialMaxStreamData: 9000 });
  b.streams.onReset(0, 1, 9000);
  // It is consumed at once: the next stream has the same credit again.
  b.streams.onReset(4, 1, 1000);
  assertTransportError(
    TransportErrorCode.FLOW_CONTROL_ERROR,
    () => b.streams.onReset(8, 1, 9001),
  );
});

Deno.test("what was lost goes out again before what is new", () => {
  const [a] = pair();
  const stream = a.streams.openStream()!;
  a.streams.write(stream, new Uint8Array(3000));
  const lost = packet(a, undefined);
  packet(a, undefined);
  for (const frame of lost) a.streams.onFrameLost(frame);
  const again = packet(a, undefined);
  assertEquals(again[0].offset, 0);
  assertEquals(again[0].length, lost[0].length);
});

Deno.test("lost control frames go out again while they matter, and not after", () => {
  const [a, b] = pair();
  const stream = a.streams.openStream()!;
  a.streams.write(stream, new Uint8Array(4000));
  settle(a, b);
  const incoming = b.incoming[0];
  readAll(b, incoming);
  const limits = packet(b, undefined);
  assertEquals(limits.map(({ kind }) => kind), ["max_stream_data"]);
  for (const frame of limits) b.streams.onFrameLost(frame);
  assert(b.streams.hasControl);
  a.streams.finish(stream);
  settle(a, b);
  readAll(b, incoming);
  for (const frame of limits) b.streams.onFrameLost(frame);
  assertEquals(b.streams.hasControl, false);
});

Deno.test("a writer is woken as soon as what it wrote has been sent, not acknowledged", () => {
  const [a, b] = pair({
    initialMaxData: 1 << 24,
    initialMaxStreamData: 1 << 24,
  });
  const stream = a.streams.openStream()!;
  let woken = 0;
  stream.send.onWritable = () => woken++;
  while (a.streams.wantsMore(stream)) {
    a.streams.write(stream, new Uint8Array(10_000));
  }
  assertEquals(woken, 0);
  while (!a.streams.wantsMore(stream)) packet(a, b);
  assertEquals(woken, 1);
});

Deno.test("a reader is told of new bytes in order and of the end, not of what it knows or cannot read", () => {
  const [a, b] = pair();
  const stream = a.streams.openStream()!;
  a.streams.write(stream, new Uint8Array(1));
  settle(a, b);
  const { receive } = b.incoming[0];
  const told: string[] = [];
  const arrive = (
    what: string,
    offset: number,
    length: number,
    fin = false,
  ) => {
    receive.onReadable = () => told.push(what);
    b.streams.onStream(stream.id, offset, new Uint8Array(length), fin, true);
  };
  arrive("again", 0, 1);
  arrive("behind a gap", 20, 10);
  arrive("the gap", 1, 19);
  arrive("the end", 30, 0, true);
  assertEquals(told, ["the gap", "the end"]);
});

Deno.test("a stream that was given up is over when its end arrives, not before", () => {
  const [a, b] = pair();
  const stream = a.streams.openStream()!;
  a.streams.write(stream, new Uint8Array(10));
  settle(a, b);
  const [incoming] = b.incoming;
  b.streams.stop(incoming, 5);
  b.streams.reset(incoming, 5);
  for (const frame of packet(b, undefined)) b.streams.onFrameAcked(frame);
  assertEquals(b.streams.open, 1);
  b.streams.onStream(stream.id, 10, new Uint8Array(90), true, true);
  assertEquals([b.streams.open, b.streams.hasPending], [0, false]);
});

Deno.test("STOP_SENDING is answered by a reset with its code", () => {
  const [a, b] = pair();
  const stream = a.streams.openStream()!;
  let woken = 0;
  a.streams.write(stream, new Uint8Array(9000));
  settle(a, b);
  stream.send.onWritable = () => woken++;
  b.streams.stop(b.incoming[0], 77);
  settle(a, b);
  assertEquals([stream.send.stopCode, stream.send.resetCode], [77, 77]);
  assertEquals(b.incoming[0].receive.resetCode, 77);
  assertEquals(woken, 1);
});

Deno.test("limits never go down, whatever the peer says", () => {
  const [a, b] = pair();
  const stream = a.streams.openStream()!;
  a.streams.onMaxData(1);
  a.streams.onMaxStreamData(stream.id, 1);
  a.streams.onMaxStreams(1);
  a.streams.write(stream, new Uint8Array(4000));
  settle(a, b);
  assertEquals(b.incoming[0].receive.available, 4000);
  assert(a.streams.canOpen);
  assertEquals(a.available, 0);
});

Deno.test("interactive data goes out ahead of bulk data that was there first", () => {
  const [a, b] = pair();
  const bulk = a.streams.openStream()!;
  a.streams.setClass(bulk, "bulk");
  a.streams.write(bulk, new Uint8Array(4000));
  const urgent = a.streams.openStream()!;
  a.streams.write(urgent, new Uint8Array(100));
  const sent = packet(a, b);
  assertEquals(sent[0].stream, urgent);
});

Deno.test("streams that end before they are taken still count against the limit", () => {
  const [a, b] = pair({}, false);
  for (let i = 0; i < 4; i++) {
    const stream = a.streams.openStream()!;
    a.streams.reset(stream, 1);
    a.streams.stop(stream, 1);
  }
  settle(a, b);
  assertEquals([a.streams.open, b.streams.open], [0, 0]);
  assertEquals(a.streams.canOpen, false);
  for (const stream of b.incoming) b.streams.accept(stream);
  b.streams.accept(b.incoming[0]);
  settle(a, b);
  let more = 0;
  while (a.streams.openStream() !== undefined) more++;
  assertEquals(more, 4);
});

Deno.test("a peer that never acknowledges the start of a stream stops its writer", () => {
  const [a, b] = pair({
    initialMaxData: 2 ** 40,
    initialMaxStreamData: 2 ** 40,
  });
  const [stream, other] = [a.streams.openStream()!, a.streams.openStream()!];
  const piece = new Uint8Array(1 << 20);
  let woken = 0;
  other.send.onWritable = () => woken++;
  const held: SentFrame[] = [];
  while (a.streams.wantsMore(stream)) {
    a.streams.write(stream, piece);
    while (a.streams.hasPending) {
      for (const frame of packet(a, undefined, 65_507)) {
        if (frame.offset === 0) held.push(frame);
        else a.streams.onFrameAcked(frame);
      }
    }
  }
  const kept = stream.send.retained;
  assert(kept <= SEND_RETAINED_MAX + piece.length, `${kept} bytes kept`);
  assertEquals(a.streams.wantsMore(other), false);
  assertEquals(woken, 0);
  for (const frame of held) a.streams.onFrameAcked(frame);
  assertEquals(stream.send.retained, 0);
  assertEquals([a.streams.wantsMore(stream), woken], [true, 1]);
  assertEquals(b.incoming.length, 0);
});

Deno.test("a reset gives up what was kept, and later writes are dropped", () => {
  const [a] = pair();
  const stream = a.streams.openStream()!;
  a.streams.write(stream, new Uint8Array(5000));
  packet(a, undefined);
  a.streams.reset(stream, 1);
  assertEquals(stream.send.retained, 0);
  a.streams.write(stream, new Uint8Array(5000));
  assertEquals(stream.send.retained, 0);
});

Deno.test("nothing can be written after the end", () => {
  const [a] = pair();
  const stream = a.streams.openStream()!;
  a.streams.finish(stream);
  assertThrows(() => a.streams.write(stream, new Uint8Array(1)), TypeError);
});
