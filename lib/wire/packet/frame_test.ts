import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { CLOSE_REASON_MAX } from "../../limits.ts";
import {
  ACK_DELAY_UNIT_MS,
  RATE_NONE,
  streamHeaderLength,
  writeAck,
  writeStreamHeader,
  writeVarintFrame,
} from "./frame.ts";
import { FrameType } from "./frame_type.ts";
import { assertTransportError } from "../testing/assert_transport_error.ts";
import { decodeFrames, encodeFrames, type Frame } from "../testing/frames.ts";
import { TransportError } from "./transport_error.ts";
import { WireWriter } from "./wire_buffer.ts";

const varint = fc.oneof(
  fc.nat({ max: 0x3f }),
  fc.nat({ max: 0x3fff }),
  fc.nat({ max: 0x3fff_ffff }),
  fc.maxSafeNat(),
);
const bytes = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: max });
/** Descending ranges, a gap between any two, delays as the wire carries them. */
const ack: fc.Arbitrary<Frame> = fc.tuple(
  fc.nat({ max: 2 ** 40 }),
  fc.array(fc.tuple(fc.nat({ max: 300 }), fc.nat({ max: 300 })), {
    minLength: 1,
    maxLength: 20,
  }),
  fc.nat({ max: 100_000 }),
).map(([first, lengths, delay]) => {
  let next = first;
  const ranges: { start: number; end: number }[] = [];
  for (const [gap, length] of lengths) {
    ranges.unshift({ start: next, end: next + length });
    next += length + 2 + gap;
  }
  return { type: "ack", ranges, delay: delay * 0.008 };
});
/** Frames of one type with any values in these fields. */
function frames(
  type: Frame["type"],
  fields: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Frame> {
  return fc.record(fields).map((values) => ({ ...values, type }) as Frame);
}
const frame: fc.Arbitrary<Frame> = fc.oneof(
  ack,
  frames("reset_stream", { id: varint, code: varint, finalSize: varint }),
  frames("stop_sending", { id: varint, code: varint }),
  frames("stream", {
    id: varint,
    offset: fc.nat({ max: 2 ** 52 }),
    data: bytes(0, 200),
    fin: fc.boolean(),
  }),
  frames("max_data", { limit: varint }),
  frames("max_stream_data", { id: varint, limit: varint }),
  frames("max_streams", { limit: varint }),
  frames("max_rate", {
    bytesPerSecond: varint.filter((rate) => rate > 0 && rate < RATE_NONE),
  }),
  frames("ack_frequency", {
    packets: varint.filter((packets) => packets > 0),
    delayMs: fc.nat({ max: 2 ** 40 }).map((units) => units * ACK_DELAY_UNIT_MS),
  }),
  frames("path_challenge", { data: bytes(8, 8) }),
  frames("path_response", { data: bytes(8, 8) }),
  frames("relay", {
    nodeId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    payload: bytes(0, 200),
  }),
);
const close: fc.Arbitrary<Frame> = frames("close", {
  application: fc.boolean(),
  code: varint,
  reason: fc.string({ maxLength: 80, unit: "grapheme-ascii" }),
});

/** Reads a payload, which must be a frame encoding error. */
function assertRefused(payload: Uint8Array): void {
  assertTransportError("FRAME_ENCODING_ERROR", () => decodeFrames(payload));
}

/** Reads the one frame of a payload, which must be of `type`. */
function only<T extends Frame["type"]>(
  payload: Uint8Array,
  type: T,
): Extract<Frame, { type: T }> {
  const { frames } = decodeFrames(payload);
  assertEquals(frames.map((one) => one.type), [type]);
  return frames[0] as Extract<Frame, { type: T }>;
}

/** An ACK frame of these fields, whatever they are. */
function rawAck(...fields: number[]): Uint8Array {
  const writer = new WireWriter(new Uint8Array(8 * fields.length + 1));
  writeVarintFrame(writer, FrameType.ACK, ...fields);
  return writer.written();
}

/** A CLOSE frame of the application. */
function closeFrame(reason: string): Uint8Array {
  return encodeFrames({ type: "close", application: true, code: 1, reason });
}

Deno.test("every frame survives a round trip, alone and behind others", () => {
  fc.assert(fc.property(
    fc.array(frame, { minLength: 1, maxLength: 10 }),
    fc.option(close),
    (frames, last) => {
      const first = frames.findIndex(({ type }) => type === "ack");
      const all: Frame[] = frames
        .filter(({ type }, i) => type !== "ack" || i === first);
      if (last !== null) all.push(last);
      assertEquals(decodeFrames(encodeFrames(...all)).frames, all);
    },
  ));
});

Deno.test("a STREAM frame without a length runs to the end of the packet", () => {
  const data = Uint8Array.of(1, 2, 3);
  const payload = Uint8Array.of(FrameType.STREAM | 1, 4, ...data);
  assertEquals(decodeFrames(payload).frames, [
    { type: "stream", id: 4, offset: 0, data, fin: true },
  ]);
});

Deno.test("only ACK, PADDING and CLOSE need no acknowledgement", () => {
  const quiet = [
    encodeFrames({ type: "ack", ranges: [{ start: 0, end: 0 }], delay: 0 }),
    new Uint8Array(20),
    closeFrame(""),
  ];
  for (const payload of quiet) {
    assertEquals(decodeFrames(payload).ackEliciting, false);
  }
  fc.assert(fc.property(frame, (one) => {
    const { ackEliciting } = decodeFrames(encodeFrames(one));
    assertEquals(ackEliciting, one.type !== "ack");
  }));
  assert(decodeFrames(encodeFrames({ type: "ping" })).ackEliciting);
});

Deno.test("a frame cut at any byte is a frame encoding error", () => {
  fc.assert(fc.property(fc.oneof(frame, close), (one) => {
    const whole = encodeFrames(one);
    for (let length = 1; length < whole.length; length++) {
      assertRefused(whole.subarray(0, length));
    }
  }));
});

Deno.test("a frame type that does not exist is a frame encoding error", () => {
  const known = new Set<number>(Object.values(FrameType));
  for (let type = 0; type < 256; type++) {
    if (known.has(type) || (type & ~7) === FrameType.STREAM) continue;
    const payload = new Uint8Array(64);
    payload[0] = type;
    assertRefused(payload);
  }
});

Deno.test("a packet without frames is a protocol violation", () => {
  assertTransportError(
    "PROTOCOL_VIOLATION",
    () => decodeFrames(new Uint8Array(0)),
  );
});

const most = Number.MAX_SAFE_INTEGER;
const faultyAcks: Record<string, number[][]> = {
  "claims more ranges than it has": [1, 63, 64, 2 ** 30, most]
    .map((count) => [1000, 0, count, 0]),
  "has absurdly many ranges": [
    [1_000_000, 0, 10_000, 0, ...new Array<number>(20_000).fill(0)],
  ],
  "goes below packet number 0": [
    [0, 0, 0, 1],
    [5, 0, 1, 0, 4, 0],
    [5, 0, 1, 0, 3, 1],
    [5, 0, 2, 0, most, most, 0, 0],
  ],
};
for (const [fault, acks] of Object.entries(faultyAcks)) {
  Deno.test(`an ACK frame that ${fault} is refused`, () => {
    for (const fields of acks) assertRefused(rawAck(...fields));
  });
}

Deno.test("an ACK frame may reach down to packet number 0", () => {
  const ranges = [{ start: 5, end: 5 }, { start: 0, end: 0 }];
  const payload = rawAck(5, 0, 1, 0, 3, 0);
  assertEquals(only(payload, "ack"), { type: "ack", ranges, delay: 0 });
});

Deno.test("stream data past the largest offset is refused", () => {
  const writer = new WireWriter(new Uint8Array(64));
  writeStreamHeader(writer, 0, most, 2, false);
  writer.bytes(Uint8Array.of(1, 2));
  assertRefused(writer.written());
});

Deno.test("arbitrary bytes are frames or a transport error, never anything else", () => {
  // Valid starts get further than noise does.
  const noise = fc.tuple(fc.array(frame, { maxLength: 3 }), bytes(0, 300)).map(
    ([frames, rest]) => Uint8Array.of(...encodeFrames(...frames), ...rest),
  );
  fc.assert(
    fc.property(noise, (payload) => {
      try {
        const { frames } = decodeFrames(payload);
        // What is handed on is never more than what came in.
        let handed = 0;
        for (const one of frames) {
          if (one.type === "stream") handed += one.data.length;
          if (one.type === "relay") handed += one.payload.length;
          if (one.type === "ack") handed += one.ranges.length;
        }
        assert(handed <= payload.length, `${handed} of ${payload.length}`);
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("an ACK frame carries the newest ranges that fit", () => {
  const ranges = Array.from({ length: 64 }, (_, i) => ({
    start: 100_000 - i * 1000,
    end: 100_000 - i * 1000 + 3,
  }));
  for (let room = 1; room < 300; room++) {
    const writer = new WireWriter(new Uint8Array(room));
    if (!writeAck(writer, ranges, 3)) {
      assertEquals(writer.offset, 0);
      continue;
    }
    const read = only(writer.written(), "ack");
    assertEquals(read.ranges, ranges.slice(0, read.ranges.length));
  }
});

Deno.test("the announced length of a STREAM header is the one that is written", () => {
  fc.assert(fc.property(
    varint,
    varint,
    fc.nat({ max: 65_535 }),
    (id, offset, length) => {
      const writer = new WireWriter(new Uint8Array(64));
      writeStreamHeader(writer, id, offset, length, false);
      assertEquals(writer.offset, streamHeaderLength(id, offset, length));
    },
  ));
});

Deno.test("a control frame is written whole or not at all", () => {
  fc.assert(fc.property(varint, varint, (id, code) => {
    const frame = { type: "stop_sending" as const, id, code };
    const { length } = encodeFrames(frame);
    for (const room of [length - 1, length]) {
      const writer = new WireWriter(new Uint8Array(room));
      const fits = room === length;
      const wrote = writeVarintFrame(writer, FrameType.STOP_SENDING, id, code);
      assertEquals([wrote, writer.offset], [fits, fits ? length : 0]);
    }
  }));
});

Deno.test("a reason is cut to its bound, and broken text does no harm", () => {
  const long = only(closeFrame("ä".repeat(10_000)), "close");
  assertEquals(long.reason, "ä".repeat(CLOSE_REASON_MAX / 2));
  const [broken] = decodeFrames(
    Uint8Array.of(FrameType.CLOSE_TRANSPORT, 7, 2, 0xff, 0x41),
  ).frames;
  assertEquals(broken, {
    type: "close",
    application: false,
    code: 7,
    reason: "\ufffdA",
  });
});

Deno.test("a reason cannot steer the terminal it is printed on", () => {
  const close = only(
    closeFrame("\u001b[2Jgone\r\n\u009b1m\u202egnp.exe"),
    "close",
  );
  assertEquals(
    close.reason,
    String.raw`\u{1b}[2Jgone\r\n\u{9b}1m\u{202e}gnp.exe`,
  );
});

Deno.test("what follows a CLOSE frame is not looked at", () => {
  const payload = Uint8Array.of(
    ...closeFrame(""),
    ...encodeFrames({ type: "max_data", limit: 1 }),
    0xff,
  );
  only(payload, "close");
});

Deno.test("the largest MAX_RATE is no limit, and none at all is refused", () => {
  const rateOf = (bytesPerSecond: number) =>
    only(encodeFrames({ type: "max_rate", bytesPerSecond }), "max_rate");
  assertEquals(rateOf(RATE_NONE).bytesPerSecond, Infinity);
  assertEquals(rateOf(RATE_NONE - 1).bytesPerSecond, RATE_NONE - 1);
  assertThrows(() => rateOf(0), TransportError, "MAX_RATE");
});
