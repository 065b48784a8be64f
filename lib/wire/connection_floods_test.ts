/** What a peer that has attached can make a connection do with floods of frames. */

import { assert, assertEquals } from "@std/assert";
import {
  EMPTY_PACKETS_MAX,
  KEY_CHANGES_MAX,
  PATH_EVENTS_MAX,
} from "../limits.ts";
import { TransportErrorCode } from "./packet/transport_error.ts";
import { encodeFrames, type Frame } from "./testing/frames.ts";
import { HostilePeer } from "./testing/hostile_peer.ts";

const CHALLENGE: Frame = { type: "path_challenge", data: new Uint8Array(8) };

/** Sends packets of one frame until the connection ends, `max` at most. */
function flood(
  peer: HostilePeer,
  max: number,
  frame: (index: number) => Frame,
): number {
  let sent = 0;
  while (sent < max && peer.closed === undefined) {
    peer.send(frame(sent++));
    peer.listen();
    peer.take();
  }
  return sent;
}

Deno.test("challenges in ever new packets are answered some times in a second", () => {
  const peer = new HostilePeer();
  let responses = 0;
  const challenge = () => {
    peer.send(CHALLENGE);
    peer.listen();
    responses += peer.take().filter(({ type }) => type === "path_response")
      .length;
  };
  for (let i = 0; i < 500; i++) challenge();
  assertEquals(responses, PATH_EVENTS_MAX);
  peer.wait(1000);
  challenge();
  assertEquals(responses, PATH_EVENTS_MAX + 1);
});

Deno.test("a peer that is elsewhere with each packet is looked for some times in a second", () => {
  const peer = new HostilePeer();
  const ping = encodeFrames({ type: "ping" });
  peer.sendPayload(ping);
  peer.listen();
  for (let i = 0; i < 500; i++) {
    peer.sendPayload(ping, { hostname: "203.0.113.1", port: 100 + i });
    peer.listen();
  }
  const challenges =
    peer.take().filter(({ type }) => type === "path_challenge").length;
  assert(challenges <= PATH_EVENTS_MAX, `${challenges} challenges`);
  // Once it has settled it is followed.
  peer.wait(1000);
  peer.take();
  const home = { hostname: "203.0.113.1", port: 7 };
  const payload = new Uint8Array(1000);
  payload[0] = 1;
  peer.sendPayload(payload, home);
  peer.listen();
  const asked = peer.take().find((frame) => frame.type === "path_challenge");
  if (asked === undefined) throw new Error("nobody looks for it");
  peer.sendPayload(
    encodeFrames({ type: "path_response", data: asked.data }),
    home,
  );
  assertEquals(peer.victim.address, home);
});

Deno.test("a packet full of MAX_DATA concerns each stream once", () => {
  const peer = new HostilePeer();
  const data = Uint8Array.of(1);
  peer.send({ type: "stream", id: 4 * 15, offset: 0, data, fin: false });
  let looks = 0;
  for (const { send } of peer.streams) send.onProgress = () => looks++;
  const rising = Array.from(
    { length: 200 },
    (_, i): Frame => ({ type: "max_data", limit: 2 ** 24 + i }),
  );
  peer.send(...rising);
  assertEquals(looks, peer.streams.length);
  // What is no news concerns none.
  peer.send(...rising);
  assertEquals(looks, peer.streams.length);
});

Deno.test("a peer that stops a stream again and again gets one RESET_STREAM", () => {
  const peer = new HostilePeer();
  const data = Uint8Array.of(1);
  peer.send({ type: "stream", id: 0, offset: 0, data, fin: false });
  let resets = 0;
  for (let i = 0; i < 100; i++) {
    peer.send({ type: "stop_sending", id: 0, code: 1 });
    peer.listen();
    resets += peer.take().filter(({ type }) => type === "reset_stream").length;
  }
  assertEquals(resets, 1);
});

Deno.test("a peer that changes its key with each packet is closed with KEY_UPDATE_ERROR", () => {
  const peer = new HostilePeer();
  const sent = flood(peer, 100, () => {
    peer.changeKey();
    return { type: "ping" };
  });
  assertEquals(peer.closed?.code, TransportErrorCode.KEY_UPDATE_ERROR);
  // The first of them has the first key.
  assertEquals(sent, KEY_CHANGES_MAX + 2);
});

Deno.test("a peer that changes its key a few times in a row, and later again, is served", () => {
  const peer = new HostilePeer();
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < KEY_CHANGES_MAX; i++) {
      peer.changeKey();
      peer.send({ type: "ping" });
      peer.listen();
    }
    assertEquals(peer.closed, undefined);
    // As long as it takes to earn them again; it stays in touch.
    for (let i = 0; i < 6; i++) {
      peer.wait(10_000);
      peer.send({ type: "ping" });
      peer.listen();
    }
  }
});

Deno.test("packets that bring nothing end a connection when there are too many", () => {
  const data = Uint8Array.of(1);
  const kinds: ((index: number) => Frame)[] = [
    () => ({ type: "ping" }),
    () => ({ type: "stream", id: 0, offset: 0, data, fin: false }),
    (i) => ({ type: "max_data", limit: i }),
    () => ({ type: "relay", nodeId: 1n, payload: data }),
  ];
  for (const kind of kinds) {
    const peer = new HostilePeer();
    const sent = flood(peer, 2 * EMPTY_PACKETS_MAX, kind);
    assertEquals(peer.closed?.code, TransportErrorCode.PROTOCOL_VIOLATION);
    assert(sent <= EMPTY_PACKETS_MAX + 10, `${sent} packets`);
  }
});

Deno.test("packets that bring data, or news of what was sent, may be as many as they like", () => {
  const peer = new HostilePeer({}, { initialMaxStreamData: 2 ** 20 });
  const count = EMPTY_PACKETS_MAX + 500;
  const byte = new Uint8Array(1);
  for (let i = 0; i < count && peer.closed === undefined; i++) {
    peer.send({ type: "stream", id: 0, offset: i, data: byte, fin: false });
    const [stream] = peer.streams;
    peer.victim.streams.read(stream, byte);
    // A byte back, which the next packet acknowledges.
    peer.victim.streams.write(stream, byte);
    peer.listen();
    peer.take();
    peer.send(peer.ack()!);
    // A PING for each of them is not too much.
    peer.send({ type: "ping" });
    peer.wait(1);
  }
  assertEquals(peer.closed, undefined);
});

Deno.test("pings in a measure that keeps a session alive end nothing", () => {
  const peer = new HostilePeer();
  for (let second = 0; second < 100; second++) {
    for (let i = 0; i < 150; i++) peer.send({ type: "ping" });
    peer.listen();
    peer.wait(1000);
  }
  assertEquals(peer.closed, undefined);
});
