import { assert, assertEquals, assertThrows } from "@std/assert";
import { SEND_RETAINED_MAX } from "../../limits.ts";
import type { SentFrame } from "./sent_frame.ts";
import type { Stream } from "./stream.ts";
import type { StreamLimits } from "./stream_limits.ts";
import { Streams } from "./streams.ts";
import { WireWriter } from "../packet/wire_buffer.ts";
import { assertTransportError } from "../testing/assert_transport_error.ts";
import { decodeFrames, type Frame } from "../testing/frames.ts";

const LIMITS: StreamLimits = {
  initialMaxData: 10_000,
  initialMaxStreamData: 4000,
  initialMaxStreamsBidi: 4,
};

const UNLIMITED = { initialMaxData: 2 ** 40, initialMaxStreamData: 2 ** 40 };

/** One end of a connection without packets: frames go over as they are. */
class Side {
  readonly streams: Streams;
  readonly incoming: Stream[] = [];
  /** How often the peer has allowed more streams. */
  available = 0;

  constructor(initiator: boolean, limits: StreamLimits, accept: boolean) {
    this.streams = new Streams(initiator, limits, limits, {
      onStream: (stream) => {
        this.incoming.push(stream);
        if (accept) this.streams.accept(stream);
      },
      onStreamsAvailable: () => this.available++,
    });
  }

  /** Opens a stream and writes `length` bytes. */
  open(length = 0): Stream {
    const stream = this.streams.openStream()!;
    this.streams.write(stream, new Uint8Array(length));
    return stream;
  }

  /** Takes a STREAM frame of zeros. */
  receive(id: number, offset: number, length: number, fin = false): void {
    this.streams.onStream(id, offset, new Uint8Array(length), fin, true);
  }

  /** Reads all there is and returns its length. */
  read(stream: Stream): number {
    const target = new Uint8Array(stream.receive.available);
    return this.streams.read(stream, target);
  }

  acked(frames: readonly SentFrame[]): void {
    for (const frame of frames) this.streams.onFrameAcked(frame);
  }

  lost(frames: readonly SentFrame[]): void {
    for (const frame of frames) this.streams.onFrameLost(frame);
  }

  take(frame: Frame): void {
    const { streams } = this;
    if (frame.type === "reset_stream") {
      streams.onReset(frame.id, frame.code, frame.finalSize);
    } else if (frame.type === "stop_sending") {
      streams.onStopSending(frame.id, frame.code);
    } else if (frame.type === "stream") {
      streams.onStream(frame.id, frame.offset, frame.data, frame.fin, true);
    } else if (frame.type === "max_data") streams.onMaxData(frame.limit);
    else if (frame.type === "max_stream_data") {
      streams.onMaxStreamData(frame.id, frame.limit);
    } else if (frame.type === "max_streams") streams.onMaxStreams(frame.limit);
  }
}

function pair(limits: Partial<StreamLimits> = {}, accept = true): [Side, Side] {
  const all = { ...LIMITS, ...limits };
  return [new Side(true, all, accept), new Side(false, all, accept)];
}

/** Moves one packet's worth of frames; returns what was sent. */
function packet(from: Side, to?: Side, size = 1200): SentFrame[] {
  const writer = new WireWriter(new Uint8Array(size));
  const sent: SentFrame[] = [];
  from.streams.writeControl(writer, sent, 0, Infinity);
  from.streams.writeData(writer, sent);
  if (to === undefined || writer.offset === 0) return sent;
  for (const frame of decodeFrames(writer.written()).frames) to.take(frame);
  return sent;
}

function hasPending({ hasControl, hasData }: Streams): boolean {
  return hasControl || hasData;
}

/** Moves and acknowledges packets both ways until there are none. */
function settle(a: Side, b: Side): void {
  for (let i = 0; i < 1000; i++) {
    if (!hasPending(a.streams) && !hasPending(b.streams)) return;
    for (const [from, to] of [[a, b], [b, a]]) from.acked(packet(from, to));
  }
  throw new Error("it never settles");
}

function assertOver(...sides: Side[]): void {
  assertEquals(sides.map(({ streams }) => streams.open), sides.map(() => 0));
}

Deno.test("a stream opens all lower ones of its kind, in order", () => {
  const [, b] = pair();
  b.receive(12, 0, 1);
  assertEquals(b.incoming.map(({ id }) => id), [0, 4, 8, 12]);
});

Deno.test("every frame that names a stream which cannot exist is an error", () => {
  const [, b] = pair();
  const frames = [
    () => b.receive(1, 0, 1),
    () => b.streams.onReset(1, 0, 0),
    () => b.streams.onStopSending(1, 0),
    () => b.streams.onMaxStreamData(1, 100),
  ];
  for (const act of frames) assertTransportError("STREAM_STATE_ERROR", act);
  assertTransportError("STREAM_LIMIT_ERROR", () => b.receive(16, 0, 1));
  assertEquals(b.incoming.length, 0);
});

Deno.test("frames for a stream that is over are ignored", () => {
  const [a, b] = pair();
  const stream = a.open();
  a.streams.finish(stream);
  settle(a, b);
  b.streams.finish(b.incoming[0]);
  b.read(b.incoming[0]);
  settle(a, b);
  a.read(stream);
  assertOver(a, b);
  for (const side of [a, b]) {
    side.receive(0, 0, 1);
    side.streams.onReset(0, 1, 5);
    side.streams.onStopSending(0, 1);
    side.streams.onMaxStreamData(0, 1_000_000);
    assertEquals(hasPending(side.streams), false);
  }
  assertEquals(b.incoming.length, 1);
});

Deno.test("a stream ends only when both halves have", () => {
  const [a, b] = pair();
  const stream = a.open(100);
  a.streams.finish(stream);
  settle(a, b);
  assertEquals(b.read(b.incoming[0]), 100);
  assertEquals(b.streams.open, 1);
  b.streams.write(b.incoming[0], new Uint8Array(1));
  b.streams.finish(b.incoming[0]);
  settle(a, b);
  assertEquals(a.streams.open, 1);
  assertEquals(a.read(stream), 1);
  assertOver(a, b);
});

Deno.test("the peer's limit on streams rises as streams end", () => {
  const [a, b] = pair();
  const opened = [1, 2, 3, 4].map(() => a.open());
  assertEquals(a.streams.openStream(), undefined);
  for (const stream of opened) a.streams.finish(stream);
  settle(a, b);
  for (const stream of b.incoming) {
    b.read(stream);
    b.streams.finish(stream);
  }
  settle(a, b);
  assert(a.available > 0);
  assertEquals(a.streams.openStream()?.id, 16);
});

Deno.test("one stream stops at its own limit, all together at the connection's", () => {
  const [a, b] = pair();
  a.open(5000);
  settle(a, b);
  assertEquals(b.incoming[0].receive.available, 4000);
  a.open(4000);
  a.open(4000);
  settle(a, b);
  const total = b.incoming.reduce((sum, s) => sum + s.receive.available, 0);
  assertEquals(total, 10_000);
  assertEquals(a.streams.hasData, false);
});

Deno.test("a FIN without data needs no credit", () => {
  const [a, b] = pair({ initialMaxData: 4000 });
  a.open(4000);
  settle(a, b);
  a.streams.finish(a.open());
  settle(a, b);
  assert(b.incoming[1].receive.complete);
});

Deno.test("reading gives credit back: everything arrives through small windows", () => {
  const [a, b] = pair();
  a.streams.finish(a.open(100_000));
  let read = 0;
  for (let i = 0; i < 1000 && read < 100_000; i++) {
    settle(a, b);
    read += b.read(b.incoming[0]);
  }
  assertEquals(read, 100_000);
  assert(b.incoming[0].receive.done);
});

Deno.test("a stream that is stopped or reset gives its credit back to the others", () => {
  for (const end of ["stop", "reset"]) {
    const [a, b] = pair();
    for (let i = 0; i < 20; i++) {
      const stream = a.open(4000);
      settle(a, b);
      const incoming = b.incoming.at(-1)!;
      assertEquals(incoming.receive.available, 4000, `${end} ${i}`);
      if (end === "stop") b.streams.stop(incoming, 1);
      else a.streams.reset(stream, 1);
      b.streams.finish(incoming);
      settle(a, b);
      a.read(stream);
      settle(a, b);
    }
    assertOver(a, b);
  }
});

Deno.test("more data on all streams than was allowed is a flow control error", () => {
  const [, b] = pair({ initialMaxStreamData: 9000 });
  b.receive(0, 0, 9000);
  assertTransportError("FLOW_CONTROL_ERROR", () => b.receive(4, 1000, 1));
  // The final size of a reset counts as if all of it had come and been read.
  const [, c] = pair({ initialMaxStreamData: 9000 });
  c.streams.onReset(0, 1, 9000);
  c.streams.onReset(4, 1, 1000);
  const reset = () => c.streams.onReset(8, 1, 9001);
  assertTransportError("FLOW_CONTROL_ERROR", reset);
});

Deno.test("what was lost goes out again before what is new", () => {
  const [a] = pair();
  a.open(3000);
  const lost = packet(a);
  packet(a);
  a.lost(lost);
  const [{ offset, length }] = packet(a);
  assertEquals([offset, length], [0, lost[0].length]);
});

Deno.test("a writer is woken as soon as what it wrote has been sent, not acknowledged", () => {
  const [a, b] = pair(UNLIMITED);
  const stream = a.open();
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
  const [, b] = pair();
  b.receive(0, 0, 1);
  const { receive } = b.incoming[0];
  const told: string[] = [];
  const take = (what: string, offset: number, length: number, fin = false) => {
    receive.onReadable = () => told.push(what);
    b.receive(0, offset, length, fin);
  };
  take("again", 0, 1);
  take("behind a gap", 20, 10);
  take("the gap", 1, 19);
  take("the end", 30, 0, true);
  assertEquals(told, ["the gap", "the end"]);
});

Deno.test("a stream that was given up is over when its end arrives, not before", () => {
  const [a, b] = pair();
  const { id } = a.open(10);
  settle(a, b);
  const [incoming] = b.incoming;
  b.streams.stop(incoming, 5);
  b.streams.reset(incoming, 5);
  b.acked(packet(b));
  assertEquals(b.streams.open, 1);
  b.receive(id, 10, 90, true);
  assertEquals([b.streams.open, hasPending(b.streams)], [0, false]);
});

Deno.test("STOP_SENDING is answered by a reset with its code", () => {
  const [a, b] = pair();
  const stream = a.open(9000);
  let woken = 0;
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
  const stream = a.open();
  a.streams.onMaxData(1);
  a.streams.onMaxStreamData(stream.id, 1);
  a.streams.onMaxStreams(1);
  a.streams.write(stream, new Uint8Array(4000));
  settle(a, b);
  assertEquals(b.incoming[0].receive.available, 4000);
  assert(a.streams.openStream() !== undefined);
  assertEquals(a.available, 0);
});

Deno.test("interactive data goes out ahead of bulk data that was there first", () => {
  const [a, b] = pair();
  a.streams.setClass(a.open(4000), "bulk");
  const urgent = a.open(100);
  assertEquals(packet(a, b)[0].stream, urgent);
});

Deno.test("streams that end before they are taken still count against the limit", () => {
  const [a, b] = pair({}, false);
  for (let i = 0; i < 4; i++) {
    const stream = a.open();
    a.streams.reset(stream, 1);
    a.streams.stop(stream, 1);
  }
  settle(a, b);
  assertOver(a, b);
  assertEquals(a.streams.openStream(), undefined);
  for (const stream of b.incoming) b.streams.accept(stream);
  b.streams.accept(b.incoming[0]);
  settle(a, b);
  let more = 0;
  while (a.streams.openStream() !== undefined) more++;
  assertEquals(more, 4);
});

Deno.test("a peer that never acknowledges the start of a stream stops its writer", () => {
  const [a] = pair(UNLIMITED);
  const [stream, other] = [a.open(), a.open()];
  const size = 1 << 20;
  let woken = 0;
  other.send.onWritable = () => woken++;
  const late: SentFrame[] = [];
  while (a.streams.wantsMore(stream)) {
    a.streams.write(stream, new Uint8Array(size));
    while (hasPending(a.streams)) {
      const sent = packet(a, undefined, 65_507);
      late.push(...sent.filter(({ offset }) => offset === 0));
      a.acked(sent.filter(({ offset }) => offset > 0));
    }
  }
  const kept = stream.send.retained;
  assert(kept <= SEND_RETAINED_MAX + size, `${kept} bytes kept`);
  assertEquals([a.streams.wantsMore(other), woken], [false, 0]);
  a.acked(late);
  assertEquals(stream.send.retained, 0);
  assertEquals([a.streams.wantsMore(stream), woken], [true, 1]);
});

Deno.test("a reset gives up what was kept, and later writes are dropped", () => {
  const [a] = pair();
  const stream = a.open(5000);
  packet(a);
  a.streams.reset(stream, 1);
  assertEquals(stream.send.retained, 0);
  a.streams.write(stream, new Uint8Array(5000));
  assertEquals(stream.send.retained, 0);
});

Deno.test("nothing can be written after the end", () => {
  const [a] = pair();
  const stream = a.open();
  a.streams.finish(stream);
  assertThrows(() => a.streams.write(stream, new Uint8Array(1)), TypeError);
});
