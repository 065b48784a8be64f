import { assert, assertEquals } from "@std/assert";
import { TAG_LENGTH } from "./aead.ts";
import { FrameType } from "./frame_type.ts";
import { decodePacketHeader, PACKET_HEADER_MAX } from "./packet_header.ts";
import { PacketReader } from "./packet_reader.ts";
import { PacketWriter } from "./packet_writer.ts";
import { testProtection } from "../testing/connection_options.ts";

const ID = new Uint8Array(8).fill(0xab);
const PTO = 100;
const FROM = { hostname: "192.0.2.1", port: 1 };

/** A writer and the reader of what it writes. */
function pair() {
  const writer = new PacketWriter(testProtection(0), ID);
  return { writer, reader: new PacketReader(testProtection(1)) };
}

/** Writes a packet of one PING, padded to `size` when given. */
function ping(writer: PacketWriter, size?: number): Uint8Array {
  const out = new Uint8Array(2000);
  writer.begin(0, out, size ?? 1200, -1, PTO).u8(FrameType.PING);
  if (size !== undefined) writer.pad();
  return out.slice(0, writer.seal(0));
}

function open(reader: PacketReader, packet: Uint8Array) {
  return reader.open(5, decodePacketHeader(packet)!, packet, FROM);
}

Deno.test("a packet carries its frames to the reader, numbers count up", () => {
  const { writer, reader } = pair();
  for (let number = 0; number < 3; number++) {
    assertEquals(writer.number, number);
    const packet = ping(writer);
    assertEquals(packet.subarray(1, 9), ID);
    assertEquals(open(reader, packet), {
      now: 5,
      from: FROM,
      size: packet.length,
      number,
      newest: true,
      payload: Uint8Array.of(FrameType.PING),
    });
  }
});

Deno.test("frames have what the header and the seal leave, padding fills all of it", () => {
  const { writer, reader } = pair();
  const out = new Uint8Array(1500).fill(0xee);
  const frames = writer.begin(0, out, 1200, -1, PTO);
  assert(writer.empty);
  assert(frames.remaining >= 1200 - PACKET_HEADER_MAX - TAG_LENGTH);
  const packet = ping(writer, 1200);
  assertEquals(packet.length, 1200);
  const { payload } = open(reader, packet)!;
  assertEquals(payload[0], FrameType.PING);
  assert(payload.subarray(1).every((byte) => byte === FrameType.PADDING));
});

Deno.test("a packet that is begun and not sealed never was", () => {
  const { writer, reader } = pair();
  writer.begin(0, new Uint8Array(1200), 1200, -1, PTO).u8(FrameType.PING);
  assertEquals(writer.number, 0);
  assertEquals(open(reader, ping(writer))?.number, 0);
});

Deno.test("a packet opens once, in any order, and only as it was", () => {
  const { writer, reader } = pair();
  const [first, second] = [ping(writer), ping(writer)];
  const forged = second.slice();
  forged[forged.length - 1] ^= 1;
  assertEquals(open(reader, forged), undefined);
  for (const [packet, number] of [[second, 1], [first, 0]] as const) {
    const opened = open(reader, packet)!;
    assertEquals([opened.number, opened.newest], [number, number === 1]);
  }
  assertEquals(open(reader, first), undefined);
  assertEquals(open(reader, second), undefined);
});
