import { assert, assertEquals } from "@std/assert";
import { ACK_RANGES_MAX } from "../limits.ts";
import { TransportErrorCode } from "./packet/transport_error.ts";
import { concat } from "@std/bytes/concat";
import { forgeries } from "./testing/bytes.ts";
import { testProtection } from "./testing/connection_options.ts";
import { encodeFrames, type Frame } from "./testing/frames.ts";
import { HostilePeer, PEER_ADDRESS } from "./testing/hostile_peer.ts";

function data(id: number, offset: number, length: number, fin = false): Frame {
  const data = new Uint8Array(length).fill(7);
  return { type: "stream", id, offset, data, fin };
}

/** A peer whose first packet has been answered. */
function greeted(): HostilePeer {
  const peer = new HostilePeer();
  ping(peer);
  peer.take();
  return peer;
}

/** Sends a PING and lets the connection answer within `ms`. */
function ping(peer: HostilePeer, ms = 0): void {
  peer.send({ type: "ping" });
  peer.listen();
  peer.wait(ms);
}

const ELSEWHERE = { hostname: "203.0.113.1", port: 99 };

Deno.test("rules that a peer breaks close the connection with their code", () => {
  const { FLOW_CONTROL_ERROR, STREAM_STATE_ERROR, ...codes } =
    TransportErrorCode;
  const farAck = { ranges: [{ start: 0, end: 1000 }], delay: 0 };
  const cases: [code: number, ...Frame[]][] = [
    [FLOW_CONTROL_ERROR, data(0, 1 << 18, 1)],
    [
      FLOW_CONTROL_ERROR,
      { type: "reset_stream", id: 0, code: 1, finalSize: 2 ** 40 },
    ],
    [codes.STREAM_LIMIT_ERROR, data(16 * 4, 0, 1)],
    [STREAM_STATE_ERROR, data(1, 0, 1)],
    [STREAM_STATE_ERROR, data(2, 0, 1)],
    [STREAM_STATE_ERROR, { type: "stop_sending", id: 5, code: 1 }],
    [codes.FINAL_SIZE_ERROR, data(0, 0, 5, true), data(0, 5, 1)],
    [codes.PROTOCOL_VIOLATION, { type: "ack", ...farAck }],
  ];
  for (const [code, ...frames] of cases) {
    const peer = new HostilePeer();
    peer.send(...frames);
    assertEquals([peer.closed?.by, peer.closed?.code], ["error", code]);
    peer.listen();
    const said = peer.take().map((frame) =>
      frame.type === "close" ? frame.code : frame.type
    );
    assertEquals(said, [code]);
  }
});

Deno.test("an address that has not proved itself gets no more than three times what came from it", () => {
  const ping = encodeFrames({ type: "ping" });
  // As short as a packet can be, and so long that one challenge may be padded.
  const cases = [[0, 0], [400, 1200]];
  for (const [padding, least] of cases) {
    const payload = concat([ping, new Uint8Array(padding)]);
    const peer = greeted();
    for (let packets = 1; packets <= 3; packets++) {
      peer.sendPayload(payload, ELSEWHERE);
      peer.listen();
      const came = packets * (payload.length + 29);
      for (let tries = 0; tries < 5; tries++) {
        peer.wait(1500);
        const went = peer.bytesTo.get(99) ?? 0;
        assert(went <= 3 * came, `${went} bytes for ${came}`);
      }
    }
    assert(peer.bytesTo.get(99)! > least);
    assertEquals(peer.victim.address, PEER_ADDRESS);
  }
});

Deno.test("a peer that acknowledges nothing wears out the key, and that ends the connection", () => {
  const peer = new HostilePeer({
    protection: testProtection(1, { keyPackets: 50 }),
  });
  for (let i = 0; i < 1000 && peer.closed === undefined; i++) {
    ping(peer, 30);
  }
  assertEquals(
    [peer.closed?.by, peer.closed?.code],
    ["error", TransportErrorCode.AEAD_LIMIT_REACHED],
  );
  assert(peer.victim.finished);
});

Deno.test("a peer that acknowledges late on purpose does not keep the connection for hours", () => {
  const peer = new HostilePeer();
  peer.send(data(0, 0, 1));
  peer.listen();
  const stream = peer.streams[0];
  for (let i = 0; i < 30; i++) {
    peer.victim.streams.write(stream, new Uint8Array(10));
    peer.listen();
    const late = peer.ack();
    for (let s = 0; s < 600; s += 20) {
      peer.wait(20_000);
      peer.send({ type: "ping" });
    }
    if (late !== undefined) peer.send(late);
  }
  assertEquals(peer.closed, undefined);
  peer.wait(61_000);
  assert(peer.closed !== undefined);
});

Deno.test("ranges whose ACK has been acknowledged are not sent again", () => {
  const peer = new HostilePeer();
  for (let i = 0; i < 20; i++) {
    peer.nextNumber += 2;
    ping(peer, 30);
  }
  const ranges = () =>
    peer.take().flatMap((frame) => frame.type === "ack" ? frame.ranges : []);
  assert(ranges().some(({ start }) => start === 2));
  peer.send(peer.ack()!, { type: "ping" });
  peer.wait(30);
  peer.take();
  peer.nextNumber += 2;
  ping(peer, 30);
  const later = ranges();
  assert(later.length > 0 && later.length <= 4, `${later.length} ranges`);
});

Deno.test("a stateless reset counts with the token of the handshake alone, from the peer's address, and once", () => {
  const token = new Uint8Array(16).fill(5);
  const reset = (
    { victim }: HostilePeer,
    given: Uint8Array,
    from = PEER_ADDRESS,
  ) => victim.onStatelessReset(0, given, from);
  assert(!reset(new HostilePeer(), token));
  const peer = new HostilePeer({ resetToken: token });
  for (const [wrong] of [...forgeries(token), [token.subarray(0, 15)]]) {
    assert(!reset(peer, wrong));
  }
  assert(!reset(peer, token, ELSEWHERE));
  assert(!reset(peer, token, { ...PEER_ADDRESS, port: 2 }));
  assertEquals(peer.victim.closed, false);
  assert(reset(peer, token));
  assertEquals(peer.victim.closed, true);
  assert(!reset(peer, token));
});

Deno.test("packet numbers may jump to the end of their range, and no further", () => {
  const peer = new HostilePeer();
  peer.send({ type: "ping" });
  const step = 2 ** 31 - 2;
  for (let i = 0; i < 100; i++) {
    peer.nextNumber += step;
    ping(peer, 30);
  }
  assertEquals(peer.closed, undefined);
  const acks = peer.take().filter(({ type }) => type === "ack");
  assert(acks.length > 50);
});

Deno.test("an acknowledgement of a number that was left out ends the connection", () => {
  const peer = new HostilePeer();
  peer.send(data(0, 0, 1));
  peer.listen();
  for (let i = 0; i < 2000 && peer.closed === undefined; i++) {
    peer.victim.streams.write(peer.streams[0], new Uint8Array(50));
    peer.listen();
    // It has received them all, and claims so without looking.
    const { end } = peer.received.ranges()[0];
    peer.send({ type: "ack", ranges: [{ start: 0, end }], delay: 0 });
    peer.now++;
    peer.wait(1);
  }
  assertEquals(
    [peer.closed?.by, peer.closed?.code],
    ["error", TransportErrorCode.PROTOCOL_VIOLATION],
  );
});

Deno.test("acknowledgements of what was received end nothing, whatever was left out", () => {
  const peer = new HostilePeer();
  peer.send(data(0, 0, 1));
  peer.listen();
  for (let i = 0; i < 4000; i++) {
    peer.victim.streams.write(peer.streams[0], new Uint8Array(50));
    peer.listen();
    peer.send(peer.ack()!);
    peer.now++;
    peer.wait(1);
  }
  assertEquals(peer.closed, undefined);
  assert(peer.received.ranges().length > 1, "none was left out");
  assertEquals(peer.victim.stats.packetsLost, 0);
});

Deno.test("a packet with two ACK frames ends the connection, as does one with too many ranges", () => {
  const ack = (count: number): Frame => ({
    type: "ack",
    ranges: Array.from(
      { length: count },
      (_, i) => ({ start: 2 * (count - i), end: 2 * (count - i) }),
    ),
    delay: 0,
  });
  const peer = greeted();
  peer.send({ type: "ack", ranges: [{ start: 0, end: 0 }], delay: 0 });
  assertEquals(peer.closed, undefined);
  const one: Frame = { type: "ack", ranges: [{ start: 0, end: 0 }], delay: 0 };
  peer.send(one, one);
  assertEquals(peer.closed?.code, TransportErrorCode.PROTOCOL_VIOLATION);
  const other = greeted();
  const payload = encodeFrames(ack(ACK_RANGES_MAX));
  const at = 1 + 2 + 1; // type, largest, delay
  payload[at] = 0x40;
  other.sendPayload(concat([
    payload.subarray(0, at),
    Uint8Array.of(0x40, ACK_RANGES_MAX),
    new Uint8Array(2 * ACK_RANGES_MAX + 1),
  ]));
  assertEquals(other.closed?.code, TransportErrorCode.FRAME_ENCODING_ERROR);
});
