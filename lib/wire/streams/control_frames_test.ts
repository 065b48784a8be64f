import { assertEquals } from "@std/assert";
import { FlowControl } from "./flow_control.ts";
import { ReceiveStream } from "./receive_stream.ts";
import { SendStream } from "./send_stream.ts";
import type { SentFrame } from "./sent_frame.ts";
import type { Stream } from "./stream.ts";
import { ControlFrames } from "./control_frames.ts";
import { StreamIds } from "./stream_ids.ts";
import { decodeFrames } from "../testing/frames.ts";
import { WireWriter } from "../packet/wire_buffer.ts";

function setUp() {
  const flow = new FlowControl(1000, 1000);
  const ids = new StreamIds(true, 4, 4);
  const stream: Stream = {
    id: 4,
    send: new SendStream(1000),
    receive: new ReceiveStream(1000),
    accepted: true,
    schedulingClass: "interactive",
    deficit: 0,
    copies: 0,
    scheduled: false,
  };
  const control = new ControlFrames(flow, ids);
  /** Owes one frame of each kind. */
  const oweAll = () => {
    flow.owesLimit = ids.owesLimit = true;
    control.resets.add(stream);
    control.stops.add(stream);
    control.limits.add(stream);
  };
  /** Writes a packet of `size` bytes. */
  const write = (size: number) => {
    const writer = new WireWriter(new Uint8Array(size));
    const sent: SentFrame[] = [];
    control.write(writer, sent, 0, Infinity);
    return { bytes: writer.written().slice(), sent };
  };
  return { flow, ids, stream, control, oweAll, write };
}

const KINDS = ["max_data", "max_streams", "reset", "stop", "max_stream_data"];

Deno.test("everything owed goes out once, limits of the connection first", () => {
  const { stream, control, oweAll, write } = setUp();
  stream.send.write(new Uint8Array(10));
  stream.send.reset(7);
  stream.receive.stop(8);
  oweAll();
  const { bytes, sent } = write(100);
  assertEquals(sent.map(({ kind }) => kind), KINDS);
  assertEquals(decodeFrames(bytes).frames, [
    { type: "max_data", limit: 1000 },
    { type: "max_streams", limit: 4 },
    { type: "reset_stream", id: 4, code: 7, finalSize: 0 },
    { type: "stop_sending", id: 4, code: 8 },
    { type: "max_stream_data", id: 4, limit: 1000 },
  ]);
  assertEquals(control.pending, false);
  assertEquals(write(100).bytes.length, 0);
});

Deno.test("what does not fit waits for the next packet, and nothing is written in part", () => {
  const { control, oweAll, write } = setUp();
  oweAll();
  const kinds: string[] = [];
  for (let size = 0; control.pending; size++) {
    const { bytes, sent } = write(size);
    const frames = bytes.length > 0 ? decodeFrames(bytes).frames : [];
    assertEquals(frames.length, sent.length);
    kinds.push(...sent.map(({ kind }) => kind));
  }
  assertEquals(kinds, KINDS);
});

Deno.test("a lost frame goes out again with the values of then", () => {
  const { flow, control, oweAll, write } = setUp();
  oweAll();
  const { sent } = write(100);
  flow.onConsumed(300);
  for (const frame of sent) control.onLost(frame);
  const again = write(100);
  assertEquals(again.sent.map(({ kind }) => kind), KINDS);
  assertEquals(decodeFrames(again.bytes).frames[0], {
    type: "max_data",
    limit: 1300,
  });
});

Deno.test("a lost frame of a stream that needs it no more stays lost", () => {
  const { stream, control, oweAll, write } = setUp();
  stream.send.reset(7);
  oweAll();
  const { sent } = write(100);
  stream.send.onResetAcked();
  stream.receive.reset(1, 0);
  for (const frame of sent.slice(2)) control.onLost(frame);
  assertEquals(control.pending, false);
});

Deno.test("nothing is owed for a stream that is over", () => {
  const { flow, ids, stream, control, oweAll } = setUp();
  oweAll();
  flow.owesLimit = ids.owesLimit = false;
  control.forget(stream);
  assertEquals(control.pending, false);
});
