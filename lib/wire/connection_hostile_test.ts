import { assert, assertEquals } from "@std/assert";
import { TransportErrorCode } from "./packet/transport_error.ts";
import { PacketProtection } from "./packet/packet_protection.ts";
import { concat } from "@std/bytes/concat";
import { testProvider } from "./testing/crypto.ts";
import { encodeFrames, type Frame } from "./testing/frames.ts";
import { HostilePeer, PEER_ADDRESS } from "./testing/hostile_peer.ts";
import { TEST_KEYS, TEST_PARAMETERS } from "./testing/simulation.ts";

const data = (
  id: number,
  offset: number,
  length: number,
  fin = false,
): Frame => ({
  type: "stream",
  id,
  offset,
  data: new Uint8Array(length).fill(7),
  fin,
});

/** Sends what `frame` gives, 100 frames a packet, until it ends or the peer is cut off. */
function flood(
  peer: HostilePeer,
  frame: (index: number) => Frame | undefined,
): number {
  for (let index = 0;;) {
    const frames: Frame[] = [];
    while (frames.length < 100) {
      const next = frame(index);
      if (next === undefined) break;
      frames.push(next);
      index++;
    }
    if (frames.length > 0) peer.send(...frames);
    if (frames.length < 100 || peer.closed !== undefined) return index;
  }
}

/** A peer whose first packet has been answered. */
function greeted(): HostilePeer {
  const peer = new HostilePeer();
  peer.send({ type: "ping" });
  peer.listen();
  peer.take();
  return peer;
}

const ELSEWHERE = { hostname: "203.0.113.1", port: 99 };

Deno.test("rules that a peer breaks close the connection with their code", () => {
  const codes = TransportErrorCode;
  const cases: [code: number, ...Frame[]][] = [
    [codes.FLOW_CONTROL_ERROR, data(0, 1 << 18, 1)],
    [codes.STREAM_LIMIT_ERROR, data(16 * 4, 0, 1)],
    [codes.STREAM_STATE_ERROR, data(1, 0, 1)],
    [codes.STREAM_STATE_ERROR, data(2, 0, 1)],
    [codes.FINAL_SIZE_ERROR, data(0, 0, 5, true), data(0, 5, 1)],
    [
      codes.PROTOCOL_VIOLATION,
      { type: "ack", ranges: [{ start: 0, end: 1000 }], delay: 0 },
    ],
    [codes.STREAM_STATE_ERROR, { type: "stop_sending", id: 5, code: 1 }],
    [
      codes.FLOW_CONTROL_ERROR,
      { type: "reset_stream", id: 0, code: 1, finalSize: 2 ** 40 },
    ],
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

Deno.test("a packet without frames, or with a broken one, closes the connection", () => {
  for (const payload of [[], [0xff], [0x02], [0x08, 0x40]]) {
    const peer = new HostilePeer();
    peer.sendPayload(Uint8Array.from(payload));
    assertEquals(peer.closed?.by, "error");
  }
});

Deno.test("a window full of tiny segments costs little more than their bytes", () => {
  const peer = new HostilePeer();
  let offset = 0;
  flood(peer, () => offset < 200_000 ? data(0, offset++, 1) : undefined);
  assertEquals(peer.streams[0].receive.available, 200_000);
  assert(peer.streams[0].receive.segments < 100);
  peer.victim.streams.stop(peer.streams[0], 1);
  // One to a packet: the packet is no reason to keep each.
  for (let at = 0; at < 3000; at += 3) peer.send(data(4, at, 3));
  assertEquals(peer.streams[1].receive.available, 3000);
  assert(peer.streams[1].receive.segments < 10);
});

Deno.test("tiny segments with gaps between them end the connection early", () => {
  const peer = new HostilePeer();
  const sent = flood(peer, (index) => data(0, 2 * index + 1, 1));
  assertEquals(peer.closed?.code, TransportErrorCode.INTERNAL_ERROR);
  assert(sent < 2000, `${sent} segments`);
});

Deno.test("streams opened and abandoned are no more than the limit until they are taken", () => {
  const peer = new HostilePeer();
  for (let i = 0; i < 1000 && peer.closed === undefined; i++) {
    peer.send(
      { type: "reset_stream", id: 4 * i, code: 1, finalSize: 0 },
      { type: "stop_sending", id: 4 * i, code: 1 },
    );
    peer.listen();
    const ack = peer.ack();
    if (ack !== undefined) peer.send(ack);
  }
  assertEquals(peer.closed?.code, TransportErrorCode.STREAM_LIMIT_ERROR);
  assertEquals(peer.streams.length, TEST_PARAMETERS.initialMaxStreamsBidi);
});

Deno.test("a flood of challenges draws no more than one response a packet", () => {
  const peer = greeted();
  const challenge: Frame = { type: "path_challenge", data: new Uint8Array(8) };
  const payload = encodeFrames(...new Array<Frame>(50).fill(challenge));
  const before = peer.bytesTo.get(PEER_ADDRESS.port) ?? 0;
  let sent = 0;
  for (let i = 0; i < 100; i++) {
    peer.sendPayload(payload, ELSEWHERE);
    sent += payload.length + 29;
    peer.listen();
  }
  assert(peer.bytesTo.get(99)! <= 3 * sent, `${peer.bytesTo.get(99)} bytes`);
  // What it says at home meanwhile are acknowledgements.
  const home = peer.bytesTo.get(PEER_ADDRESS.port)! - before;
  assert(home < 100 * 100, `${home} bytes`);
  const responses = peer.take().filter(({ type }) => type === "path_response");
  assert(responses.length <= 100, `${responses.length} responses`);
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

Deno.test("a packet that ends the connection opens no streams after that", () => {
  const peer = new HostilePeer();
  peer.send(
    { type: "ping" },
    { type: "close", application: true, code: 5, reason: "bye" },
    data(0, 0, 10),
  );
  assertEquals(peer.closed, { by: "peer", code: 5, reason: "bye" });
  assertEquals(peer.streams.length, 0);
});

Deno.test("a peer that acknowledges nothing wears out the key, and that ends the connection", () => {
  const peer = new HostilePeer({
    protection: new PacketProtection({
      aead: "chacha20-poly1305",
      provider: testProvider(),
      sendKey: TEST_KEYS[1],
      receiveKey: TEST_KEYS[0],
      limits: { keyPackets: 50 },
    }),
  });
  for (let i = 0; i < 1000 && peer.closed === undefined; i++) {
    peer.send({ type: "ping" });
    peer.listen();
    peer.wait(30);
  }
  assertEquals(
    [peer.closed?.by, peer.closed?.code],
    ["error", TransportErrorCode.AEAD_LIMIT_REACHED],
  );
  assert(peer.victim.finished);
});

Deno.test("a peer that acknowledges late on purpose does not hold the connection for hours", () => {
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
  const start = peer.now;
  while (peer.closed === undefined && peer.now < start + 3_600_000) {
    peer.wait(1000);
  }
  assert(peer.now - start <= 61_000, `${peer.now - start} ms`);
});

Deno.test("ranges whose ACK has been acknowledged are not sent again", () => {
  const peer = new HostilePeer();
  for (let i = 0; i < 20; i++) {
    peer.nextNumber += 2;
    peer.send({ type: "ping" });
    peer.listen();
    peer.wait(30);
  }
  const ranges = () =>
    peer.take().flatMap((frame) => frame.type === "ack" ? frame.ranges : []);
  assert(ranges().some(({ start }) => start === 2));
  peer.send(peer.ack()!, { type: "ping" });
  peer.wait(30);
  peer.take();
  peer.nextNumber += 2;
  peer.send({ type: "ping" });
  peer.wait(30);
  const later = ranges();
  assert(later.length > 0 && later.length <= 4, `${later.length} ranges`);
});

Deno.test("a stateless reset counts with the token of the handshake alone, and once", () => {
  const token = new Uint8Array(16).fill(5);
  const without = new HostilePeer();
  assertEquals(without.victim.onStatelessReset(token), false);
  const { victim } = new HostilePeer({ resetToken: token });
  for (let i = 0; i < token.length; i++) {
    const wrong = token.slice();
    wrong[i] ^= 1;
    assertEquals(victim.onStatelessReset(wrong), false);
  }
  assertEquals(victim.onStatelessReset(token.subarray(0, 15)), false);
  assertEquals(victim.closed, false);
  assertEquals(victim.onStatelessReset(token), true);
  assertEquals(victim.closed, true);
  assertEquals(victim.onStatelessReset(token), false);
});

Deno.test("late packets after the end draw few answers", () => {
  const peer = new HostilePeer();
  peer.send({ type: "ping" });
  peer.victim.close(peer.now, 0, "done");
  peer.listen();
  peer.take();
  for (let i = 0; i < 1000; i++) {
    peer.send({ type: "ping" });
    peer.listen();
  }
  assert(peer.take().length <= 10);
});

Deno.test("packet numbers may jump to the end of their range, and no further", () => {
  const peer = new HostilePeer();
  peer.send({ type: "ping" });
  const step = 2 ** 31 - 2;
  for (let i = 0; i < 100; i++) {
    peer.nextNumber += step;
    peer.send({ type: "ping" });
    peer.listen();
    peer.wait(30);
  }
  assertEquals(peer.closed, undefined);
  const acks = peer.take().filter(({ type }) => type === "ack");
  assert(acks.length > 50);
});
