import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { AMPLIFICATION_FACTOR } from "../limits.ts";
import { PathValidation } from "./path_validation.ts";
import type { ReceivedPacket } from "./packet/packet_reader.ts";
import type { RemoteAddress } from "./packet/remote_address.ts";

const HOME: RemoteAddress = { hostname: "192.0.2.1", port: 1000 };
const AWAY: RemoteAddress = { hostname: "192.0.2.1", port: 2000 };
const OTHER: RemoteAddress = { hostname: "203.0.113.5", port: 1000 };
const PTO = 100;

/**
 * A path on HOME whose challenges are numbered, and which these packets have
 * reached.
 */
function path(...packets: ReceivedPacket[]): PathValidation {
  let challenges = 0;
  const paths = new PathValidation(
    { ...HOME },
    (target) => target.fill(++challenges),
  );
  for (const packet of packets) paths.onPacket(packet);
  return paths;
}

/** A packet from somewhere, as it was opened. */
function packet(
  now: number,
  from: RemoteAddress,
  size = 1200,
  newest = true,
): ReceivedPacket {
  return { now, from, size, newest, number: 0, payload: new Uint8Array() };
}

Deno.test("packets from the address in use start nothing", () => {
  const paths = path(packet(0, { ...HOME }));
  assertEquals(paths.pending(0), false);
  assertEquals(paths.deadline, Infinity);
  assertEquals(paths.next(0, PTO), undefined);
});

Deno.test("a new address is challenged and followed once it answers", () => {
  const paths = path(packet(5, AWAY));
  assertEquals(paths.deadline, 5);
  assert(paths.pending(5));
  const challenge = paths.next(5, PTO)!;
  assertEquals([challenge.to, challenge.response], [AWAY, false]);
  assertEquals(challenge.limit, AMPLIFICATION_FACTOR * 1200);
  assertEquals(paths.current, HOME);
  assertEquals(paths.onResponse(45, new Uint8Array(8)), undefined);
  const change = paths.onResponse(45, challenge.data.slice());
  assertEquals(change, { rebound: true, rtt: 40 });
  assertEquals(paths.current, AWAY);
  assertEquals(paths.pending(1e9), false);
  assertEquals(paths.onResponse(50, challenge.data), undefined);
});

Deno.test("an answer that comes before the challenge has gone out validates nothing", () => {
  const paths = path(packet(0, AWAY));
  const unsent = new Uint8Array(8).fill(1);
  assertEquals(paths.onResponse(1, unsent), undefined);
});

Deno.test("an old packet from elsewhere does not show a move", () => {
  const paths = path(packet(0, AWAY, 1200, false));
  assertEquals(paths.deadline, Infinity);
});

Deno.test("a peer that is heard at home again is not followed away", () => {
  const paths = path(packet(0, AWAY));
  const { data } = paths.next(0, PTO)!;
  paths.onPacket(packet(1, HOME, 1200, false));
  assert(paths.deadline < Infinity);
  paths.onPacket(packet(2, HOME));
  assertEquals(paths.deadline, Infinity);
  assertEquals(paths.onResponse(3, data), undefined);
});

Deno.test("the newest address replaces the one under validation, with a challenge of its own", () => {
  const paths = path(packet(0, AWAY));
  const first = paths.next(0, PTO)!;
  paths.onPacket(packet(1, OTHER));
  const second = paths.next(1, PTO)!;
  assertNotEquals(first.data, second.data);
  assertEquals(paths.onResponse(31, first.data), undefined);
  const change = paths.onResponse(31, second.data);
  assertEquals(change, { rebound: false, rtt: 30 });
  assertEquals(paths.current, OTHER);
});

Deno.test("the round trip of a repeated challenge is counted from the first", () => {
  const paths = path(packet(5, AWAY));
  const { data } = paths.next(10, PTO)!;
  paths.next(110, PTO);
  assertEquals(paths.onResponse(130, data)!.rtt, 120);
});

Deno.test("packets go where the peer was heard last, as far as that has deserved them", () => {
  const paths = path();
  assertEquals(paths.destination(1200), HOME);
  paths.onPacket(packet(0, AWAY, 500));
  assertEquals(paths.destination(1501), HOME);
  assertEquals(paths.destination(1500), AWAY);
  paths.onSent(AWAY, 400);
  assertEquals(paths.destination(1200), HOME);
  assertEquals(paths.destination(1100), AWAY);
  const { data } = paths.next(0, PTO)!;
  paths.onResponse(10, data);
  assertEquals(paths.destination(1200), AWAY);
});

Deno.test("a challenge is repeated with back-off, then the address is given up", () => {
  const paths = path(packet(0, AWAY));
  const times: number[] = [];
  while (paths.deadline !== Infinity) {
    const now = paths.deadline;
    if (paths.next(now, PTO) !== undefined) times.push(now);
  }
  assertEquals(times, [0, 100, 300]);
});

Deno.test("an address that has not answered gets no more than three times what it sent", () => {
  const paths = path(packet(0, AWAY, 40));
  let received = 40;
  let sent = 0;
  for (let now = 0; now < 10_000; now += 10) {
    if (now % 500 === 0) {
      paths.onPacket(packet(now, AWAY, 40));
      paths.onChallenge(new Uint8Array(8), packet(0, AWAY, 40));
      received += 40;
    }
    const message = paths.pending(now) ? paths.next(now, PTO) : undefined;
    if (message === undefined) continue;
    const size = Math.min(1200, message.limit);
    if (size <= 0) continue;
    paths.onSent(AWAY, size);
    sent += size;
    assert(sent <= AMPLIFICATION_FACTOR * received, `${sent} for ${received}`);
  }
  assert(sent > 0);
});

Deno.test("what comes from an unproved address adds to what it may be sent", () => {
  const paths = path(packet(0, AWAY, 40));
  assertEquals(paths.next(0, PTO)!.limit, AMPLIFICATION_FACTOR * 40);
  paths.onSent(AWAY, 100);
  paths.onSent(OTHER, 1000);
  paths.onPacket(packet(1, AWAY, 60, false));
  const { limit } = paths.next(paths.deadline, PTO)!;
  assertEquals(limit, AMPLIFICATION_FACTOR * 100 - 100);
});

Deno.test("a challenge is answered to where it came from", () => {
  const paths = path();
  const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  paths.onChallenge(data, packet(0, { ...HOME }, 50));
  data.fill(0);
  const response = paths.next(0, PTO)!;
  assertEquals(response, {
    to: HOME,
    data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    response: true,
    limit: Infinity,
    apart: false,
  });
  paths.onChallenge(data, packet(0, OTHER, 50));
  assertEquals(paths.next(0, PTO)!.limit, AMPLIFICATION_FACTOR * 50);
});

Deno.test("a flood of challenges is owed one response per address, and few addresses", () => {
  const paths = path();
  for (let i = 0; i < 1000; i++) {
    paths.onChallenge(new Uint8Array(8).fill(i), packet(0, OTHER));
  }
  assertEquals(paths.next(0, PTO)!.data, new Uint8Array(8).fill(999 & 0xff));
  assertEquals(paths.pending(0), false);
  for (let port = 1; port < 1000; port++) {
    paths.onChallenge(new Uint8Array(8), packet(0, { ...OTHER, port }, 9));
  }
  let responses = 0;
  while (paths.next(0, PTO) !== undefined) responses++;
  assert(responses <= 4, `${responses}`);
});
