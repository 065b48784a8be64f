import { assert, assertEquals, assertRejects } from "@std/assert";
import { HandshakeError, TimeoutError, TransferError } from "../errors.ts";
import type { InitiatorConfig } from "../wire/mod.ts";
import { TEST_PARAMETERS } from "../wire/testing/connection_options.ts";
import {
  acceptInitial,
  handshakePair,
  makeBusy,
  only,
  TEST_ADDRESS,
} from "../wire/testing/handshake_pair.ts";
import { testProvider } from "../wire/testing/crypto.ts";
import { Attempt, PortClosedError } from "./attempt.ts";

const ADDRESS = { hostname: "192.0.2.9", port: 7700 };

/** An attempt that began at time 1000 and may take ten seconds. */
function attempt(
  config: Partial<InitiatorConfig> = {},
  lastSendError?: Error,
  unreachables?: () => number | undefined,
) {
  const pair = handshakePair();
  const made = new Attempt({
    config: {
      provider: testProvider({ seed: 1 }),
      staticKeys: pair.initiatorKeys,
      psk: new Uint8Array(32).fill(0x33),
      parameters: TEST_PARAMETERS,
      responderPublicKey: pair.responderKeys.public,
      ...config,
    },
    address: ADDRESS,
    now: 1000,
    deadline: 11_000,
    lastSendError,
    unreachables,
  });
  return { attempt: made, responder: pair.responder };
}

Deno.test("an attempt succeeds with the first answer and knows its round trip", async () => {
  const { attempt: one, responder } = attempt();
  const { packet } = acceptInitial(responder, one.poll(1000)!);
  one.receive(1030, packet, ADDRESS);
  const attached = await one.done;
  assertEquals([attached.from, attached.rtt], [ADDRESS, 30]);
  assertEquals(attached.established.role, "initiator");
  assertEquals(one.nextTimeout(), Infinity);
  assertEquals(one.poll(20_000), undefined);
});

Deno.test("a Response from elsewhere makes a session with where the Initial went", async () => {
  for (
    const from of [
      { hostname: "192.0.2.66", port: 7700 },
      { hostname: "192.0.2.9", port: 7701 },
      { hostname: "::1", port: 7700 },
      { hostname: "node 66 behind relay 1", port: 7700 },
    ]
  ) {
    const { attempt: one, responder } = attempt();
    const { packet } = acceptInitial(responder, one.poll(1000)!);
    one.receive(1030, packet, from);
    assertEquals((await one.done).from, ADDRESS);
  }
});

Deno.test("an answer after a retransmission tells what a round trip takes at most", async () => {
  const { attempt: one, responder } = attempt();
  const { packet } = acceptInitial(responder, one.poll(1000)!);
  assertEquals(one.poll(1249.9), undefined);
  assertEquals(one.nextTimeout(), 1250);
  assert(one.poll(1250) !== undefined);
  one.receive(1600, packet, ADDRESS);
  const { rtt, rttMax } = await one.done;
  assertEquals([rtt, rttMax], [undefined, 600]);
});

Deno.test("the round trip after a cookie is that of the Initial with it", async () => {
  const { attempt: one, responder } = attempt();
  makeBusy(responder);
  const initial = one.poll(1000)!;
  one.poll(1250);
  const reply = responder.onInitial(0, initial, TEST_ADDRESS);
  one.receive(1300, only(reply, "reply").packet, ADDRESS);
  const { packet } = acceptInitial(responder, one.poll(1300)!);
  one.receive(1600, packet, ADDRESS);
  const { rtt, rttMax } = await one.done;
  assertEquals([rtt, rttMax], [300, undefined]);
});

Deno.test("the Initial is repeated, ever more slowly, until the deadline", async () => {
  const { attempt: one } = attempt();
  const times: number[] = [];
  while (one.nextTimeout() !== Infinity) {
    const now = one.nextTimeout();
    if (one.poll(now) !== undefined) times.push(now - 1000);
    else assertEquals(now, 11_000);
  }
  assertEquals(times, [0, 250, 750, 1750, 3750, 5750, 7750, 9750]);
  const error: TimeoutError = await assertRejects(
    () => one.done,
    TimeoutError,
    "no answer from 192.0.2.9:7700 within 10.0 s",
  );
  assert(error.hint?.includes("PSK"));
});

Deno.test("a cookie is answered at once", () => {
  const { attempt: one, responder } = attempt();
  makeBusy(responder);
  const reply = responder.onInitial(0, one.poll(1000)!, TEST_ADDRESS);
  one.receive(1010, only(reply, "reply").packet, ADDRESS);
  assertEquals(one.nextTimeout(), 1010);
  acceptInitial(responder, one.poll(1010)!);
});

Deno.test("noise, and answers to others, change nothing", () => {
  const { attempt: one } = attempt();
  const stranger = handshakePair({ provider: testProvider({ seed: 9 }) });
  const { packet } = acceptInitial(
    stranger.responder,
    stranger.initiator.packet(),
  );
  one.poll(1000);
  for (const bytes of [new Uint8Array(0), new Uint8Array(1200), packet]) {
    one.receive(1001, bytes, ADDRESS);
  }
  assertEquals(one.nextTimeout(), 1250);
});

Deno.test("a claim that no version is common ends nothing, and explains the time-out", async () => {
  const { attempt: one, responder } = attempt({ versions: [9] });
  const reply = responder.onInitial(0, one.poll(1000)!, TEST_ADDRESS);
  one.receive(1010, only(reply, "reply").packet, ADDRESS);
  assert(one.poll(1250) !== undefined);
  for (let now = 1500; now < 17_000; now += 250) one.poll(now);
  await assertRejects(
    () => one.done,
    TimeoutError,
    "it seems to speak no common protocol version: this end speaks 9, the peer 1",
  );
});

Deno.test("an attempt that was ended from outside hears no more", async () => {
  const { attempt: one, responder } = attempt();
  const { packet } = acceptInitial(responder, one.poll(1000)!);
  const reason = new Error("changed my mind");
  one.fail(reason);
  one.receive(1010, packet, ADDRESS);
  assertEquals(await assertRejects(() => one.done), reason);
});

/** Polls an attempt whose Initials end as `onSent` says; returns when it ended. */
async function untilOver(
  one: Attempt,
  onSent: (now: number) => Error | undefined,
) {
  let now = 0;
  while (one.nextTimeout() !== Infinity) {
    now = one.nextTimeout();
    if (one.poll(now) !== undefined) one.onSent(now + 1, onSent(now));
  }
  const error: TransferError = await assertRejects(
    () => one.done,
    TransferError,
  );
  return { now, error };
}

Deno.test("an attempt that the system refuses to send is given up after two seconds", async () => {
  const { attempt: one } = attempt();
  const { now, error } = await untilOver(one, () => new Error("no route"));
  assertEquals(now, 3001);
  assert(error instanceof HandshakeError);
  assertEquals(
    error.message,
    "cannot send to 192.0.2.9:7700 for 2.0 s: no route",
  );
});

Deno.test("what to do about a refusal follows from its reason", async () => {
  for (
    const [said, hint] of [
      ["Operation not permitted (os error 1)", "a firewall or a route"],
      ["Permission denied (os error 13)", "a firewall or a route"],
      ["Invalid argument (os error 22)", "no packet can go to this address"],
      ["Network is unreachable (os error 101)", "check the address"],
      ["No route to host (os error 113)", "check the address"],
    ]
  ) {
    const { attempt: one } = attempt();
    const { now, error } = await untilOver(one, () => new Error(said));
    assertEquals(now, 3001);
    assert(error instanceof HandshakeError);
    assert(error.message.endsWith(said), error.message);
    assert(error.hint?.startsWith(hint), error.hint);
  }
});

Deno.test("a network that comes up within two seconds ends no attempt", async () => {
  const { attempt: one } = attempt();
  const refused = [new Error("no route"), new Error("no route")];
  const { now, error } = await untilOver(
    one,
    (now) => refused[now < 1250 ? 0 : 1],
  );
  assertEquals(now, 11_000);
  assert(error instanceof TimeoutError);
});

Deno.test("what the system refused before an attempt is not told of it", async () => {
  const earlier = new Error("no route");
  const { attempt: one } = attempt({}, earlier);
  const { now, error } = await untilOver(one, () => earlier);
  assertEquals(now, 11_000);
  assert(error instanceof TimeoutError);
});

/** What an attempt ends with when the system tells so of each of its Initials. */
async function endOf(unreachables: (initial: number) => number | undefined) {
  let sent = -1;
  const { attempt: one } = attempt({}, undefined, () => unreachables(++sent));
  return (await untilOver(one, () => undefined)).error;
}

Deno.test("a machine that answers each Initial with an error has nobody who listens", async () => {
  const error = await endOf((initial) => 40 + initial);
  assert(error instanceof PortClosedError);
  assertEquals(
    error.message,
    "no answer from 192.0.2.9:7700 within 10.0 s: the machine says that nothing listens there",
  );
});

Deno.test("silence, and errors now and then, are no sign that nobody listens", async () => {
  for (
    const unreachables of [
      () => undefined,
      () => 40,
      // A router tells of a machine that it does not find, in its own time.
      (initial: number) => 40 + 4 * Math.floor(initial / 2),
    ]
  ) {
    const error = await endOf(unreachables);
    assert(error instanceof TimeoutError);
    assert(!(error instanceof PortClosedError), error.message);
  }
});

Deno.test("an attempt that this process has overslept begins anew", async () => {
  const { attempt: one, responder } = attempt();
  one.poll(1000);
  const { packet } = acceptInitial(responder, one.poll(46_000)!);
  one.receive(46_030, packet, ADDRESS);
  assertEquals((await one.done).rtt, 30);

  const { attempt: silent } = attempt();
  silent.poll(1000);
  silent.poll(46_000);
  const { now, error } = await untilOver(silent, () => undefined);
  assertEquals(now, 56_000);
  assertEquals(
    error.message,
    "no answer from 192.0.2.9:7700 within 10.0 s",
  );
});
