import { assertEquals } from "@std/assert";
import { copiesFor, Repeats } from "./repeats.ts";
import { ReceiveStream } from "./receive_stream.ts";
import { SendStream } from "./send_stream.ts";
import { sentControl, type SentFrame } from "./sent_frame.ts";
import type { Stream } from "./stream.ts";

const RTT = 80;

function streamOf(bytes: number): Stream {
  const send = new SendStream(1e9);
  send.write(new Uint8Array(bytes));
  return {
    id: 0,
    send,
    receive: new ReceiveStream(1e9),
    accepted: true,
    copies: 0,
    schedulingClass: "interactive",
    deficit: 0,
    scheduled: false,
  };
}

function frameOf(stream: Stream, length = stream.send.written): SentFrame {
  return { kind: "stream", stream, offset: 0, length, fin: true };
}

/** Sends a frame, then each copy as it is due; returns when the copies went. */
function copyTimes(repeats: Repeats, frame: SentFrame, loss: number): number[] {
  const times: number[] = [];
  let now = 1000;
  repeats.onSent([frame], 1200, now, loss, RTT);
  while (repeats.deadline < Infinity) {
    now = repeats.deadline;
    assertEquals(repeats.takeDue(now - 0.1), undefined, "none before its time");
    assertEquals(repeats.takeDue(now), frame);
    times.push(now - 1000);
    repeats.onSent([frame], 1200, now, loss, RTT);
  }
  return times;
}

Deno.test("the more gets lost, the more copies go out, up to five", () => {
  const losses = [0, 0.003, 0.005, 0.02, 0.06, 0.1, 0.2, 0.3, 0.5, 1];
  assertEquals(
    losses.map((loss) => copiesFor(loss, 1024)),
    [0, 0, 1, 1, 1, 2, 3, 4, 5, 5],
  );
});

Deno.test("what is tiny is copied once more, since that costs nothing", () => {
  const losses = [0, 0.003, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];
  assertEquals(
    losses.map((loss) => copiesFor(loss, 128)),
    [0, 0, 1, 1, 2, 3, 4, 5, 5],
  );
});

Deno.test("copies of something small follow each other at a small part of a round trip", () => {
  const frame = frameOf(streamOf(1024));
  assertEquals(copyTimes(new Repeats(), frame, 0.2), [2.5, 5, 7.5]);
});

Deno.test("nothing is copied on a path that loses nothing, or is not measured yet", () => {
  const repeats = new Repeats();
  const frame = frameOf(streamOf(1024));
  repeats.onSent([frame], 1200, 0, 0.001, RTT);
  repeats.onSent([frame], 1200, 0, 0.2, Infinity);
  assertEquals(repeats.deadline, Infinity);
  assertEquals(repeats.takeDue(Infinity), undefined);
});

Deno.test("large streams, bulk data and control frames are not copied", () => {
  const repeats = new Repeats();
  const bulk = streamOf(1024);
  bulk.schedulingClass = "bulk";
  const frames = [
    frameOf(streamOf(2049), 1000),
    frameOf(bulk),
    sentControl("max_data", undefined),
    sentControl("max_stream_data", streamOf(10)),
  ];
  repeats.onSent(frames, 1200, 0, 0.2, RTT);
  assertEquals(repeats.deadline, Infinity);
});

Deno.test("a stream of the largest size that counts as small is copied", () => {
  assertEquals(
    copyTimes(new Repeats(), frameOf(streamOf(2048)), 0.02),
    [2.5],
  );
});

Deno.test("copies take a sixteenth of what is sent, and what was saved of it", () => {
  const repeats = new Repeats();
  const copied = () => {
    const frame = frameOf(streamOf(960));
    repeats.onSent([frame], 1024, 0, 0.02, RTT);
    let count = 0;
    while (repeats.takeDue(Infinity) !== undefined) count++;
    return count;
  };
  const first = Array.from({ length: 16 }, copied);
  assertEquals(first.reduce((a, b) => a + b), 16, "from what is saved");
  const later = Array.from({ length: 1600 }, copied);
  assertEquals(later.reduce((a, b) => a + b), 100);
});

Deno.test("a path of no length still leaves time between copies", () => {
  const repeats = new Repeats();
  repeats.onSent([frameOf(streamOf(10))], 100, 5, 0.02, 0.1);
  assertEquals(repeats.deadline, 6);
});

Deno.test("no more than 256 copies wait", () => {
  const repeats = new Repeats();
  for (let i = 0; i < 300; i++) {
    repeats.onSent([frameOf(streamOf(1))], 64 * 1024, 0, 0.02, RTT);
  }
  let count = 0;
  while (repeats.takeDue(Infinity) !== undefined) count++;
  assertEquals(count, 256);
});
