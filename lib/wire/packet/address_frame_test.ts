import { assertEquals, assertThrows } from "@std/assert";
import { DIRECT_ADDRESSES_MAX } from "../../limits.ts";
import { decodeFrames, encodeFrames, type Frame } from "../testing/frames.ts";
import { writeAddresses, writeObserved } from "./address_frame.ts";
import { TransportError } from "./transport_error.ts";
import { WireWriter } from "./wire_buffer.ts";

const IPV4 = { host: Uint8Array.of(192, 0, 2, 1), port: 7700 };
const IPV6 = { host: new Uint8Array(16).fill(0x20), port: 65_535 };

Deno.test("addresses are read as they were written, and are to be acknowledged", () => {
  const frames: Frame[] = [
    { type: "addresses", round: 70, addresses: [IPV4, IPV6] },
    { type: "addresses", round: 1, addresses: [] },
    { type: "observed", address: IPV6 },
  ];
  assertEquals(decodeFrames(encodeFrames(...frames)), {
    frames,
    ackEliciting: true,
  });
});

for (
  const [name, bytes] of Object.entries({
    "too many addresses": [0x33, 1, DIRECT_ADDRESSES_MAX + 1],
    "an address of 5 bytes": [0x34, 5, 1, 2, 3, 4, 5, 30, 20],
    "an address without a port": [0x34, 4, 192, 0, 2, 1, 0, 0],
    "an address that is cut": [0x34, 16, 192, 0, 2, 1, 0, 7],
    "fewer addresses than are told": [0x33, 1, 2, 4, 192, 0, 2, 1, 30, 20],
  })
) {
  Deno.test(`a frame with ${name} is refused`, () => {
    assertThrows(() => decodeFrames(Uint8Array.from(bytes)), TransportError);
  });
}

Deno.test("what does not fit is not written in part", () => {
  for (let room = 0; room < 11; room++) {
    const writer = new WireWriter(new Uint8Array(room));
    const frame = { round: 1, addresses: [IPV4, IPV6] };
    assertEquals(writeAddresses(writer, frame), false);
    assertEquals(writeObserved(writer, IPV4), room >= 8);
    assertEquals(writer.offset, room >= 8 ? 8 : 0);
  }
});
