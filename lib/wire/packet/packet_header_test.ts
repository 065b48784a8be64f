import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { TAG_LENGTH } from "./aead.ts";
import {
  connectionIdKey,
  decodePacketHeader,
  isTransportPacket,
  type KeyPhase,
  PACKET_HEADER_MAX,
  TRANSPORT_PACKET_MIN,
  writePacketHeader,
} from "./packet_header.ts";
import type { PacketNumberLength } from "./packet_number.ts";
import { WireWriter } from "./wire_buffer.ts";
import { forgeries } from "../testing/bytes.ts";

const id = Uint8Array.of(0xff, 1, 2, 3, 4, 5, 6, 0xfe);

Deno.test("a header survives encoding and decoding", () => {
  fc.assert(fc.property(
    fc.constantFrom<KeyPhase>(0, 1),
    fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    fc.constantFrom<PacketNumberLength>(1, 2, 3, 4),
    (keyPhase, packetNumber, packetNumberLength) => {
      const packet = new Uint8Array(PACKET_HEADER_MAX + TAG_LENGTH);
      const writer = new WireWriter(packet);
      writePacketHeader(writer, id, keyPhase, packetNumber, packetNumberLength);
      const length = 9 + packetNumberLength;
      assertEquals(writer.offset, length);
      assertEquals(decodePacketHeader(packet.subarray(0, length + 16)), {
        keyPhase,
        packetNumberLength,
        truncated: packetNumber % 2 ** (8 * packetNumberLength),
        length,
      });
      assertEquals(connectionIdKey(packet), connectionIdKey(id, 0));
    },
  ));
});

Deno.test("only the transport first bytes make a transport packet", () => {
  const packet = new Uint8Array(100);
  for (let first = 0; first < 256; first++) {
    packet[0] = first;
    const expected = first >= 0x40 && first <= 0x47;
    assertEquals(isTransportPacket(packet), expected);
    assertEquals(decodePacketHeader(packet) !== undefined, expected);
  }
});

Deno.test("a packet too short for its header and a tag is refused", () => {
  const packet = new Uint8Array(TRANSPORT_PACKET_MIN).fill(0x40, 0, 1);
  assertNotEquals(decodePacketHeader(packet), undefined);
  assertEquals(decodePacketHeader(packet.subarray(1)), undefined);
  assertEquals(decodePacketHeader(packet.subarray(0, -1)), undefined);
  packet[0] = 0x43;
  assertEquals(decodePacketHeader(packet), undefined);
  assertEquals(decodePacketHeader(new Uint8Array(0)), undefined);
});

Deno.test("connectionIdKey tells every byte apart", () => {
  const keys = new Set([connectionIdKey(id, 0)]);
  for (const [other] of forgeries(id)) keys.add(connectionIdKey(other, 0));
  assertEquals(keys.size, 9);
});
