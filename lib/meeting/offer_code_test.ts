/** Both ends of a code, on loopback. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  NotFoundError,
  PeerClosedError,
  ProtocolError,
  TransferError,
  UsageError,
} from "../errors.ts";
import { CODE_CANDIDATES_MAX, CODE_TRIES_MAX } from "../limits.ts";
import {
  ephemeralIdentity,
  formatAddress,
  Keyring,
  Node,
} from "../mesh/mod.ts";
import { callRpc } from "../transfer/mod.ts";
import { parseCode } from "./code.ts";
import { CodeRefusedError } from "./code_refused.ts";
import { type FindEvent, findTicket } from "./find_ticket.ts";
import type { MeetingPlace } from "./meeting_place.ts";
import { meetingPsk } from "./meeting_secrets.ts";
import { offerCode } from "./offer_code.ts";
import { MemoryPlace, Sharer, tellOf } from "./testing/memory_place.ts";
import { WORDS } from "./words.ts";

/** Long enough for the slowest machine. */
const PATIENCE_MS = 60_000;

function find(
  code: string,
  place: MeetingPlace,
  onEvent?: (event: FindEvent) => void,
  timeoutMs = PATIENCE_MS,
) {
  return findTicket(code, { places: [place], onEvent, timeoutMs });
}

/** The code with another last word. */
function wrongCode(code: string): string {
  const words = code.split("-");
  const last = words.pop();
  return [...words, WORDS.find((word) => word !== last)].join("-");
}

Deno.test("who knows the code gets the ticket, once", async () => {
  const place = new MemoryPlace();
  await using sharer = await Sharer.at(place);
  const { offer, ticket } = sharer;
  assertEquals(await find(offer.code, place), ticket);
  assertEquals(await offer.ended, "taken");
  assertEquals(place.offered, [], "it is not announced any more");
  assertEquals(sharer.events.map(({ type }) => type), ["begun", "over"]);
});

Deno.test("a code with a wrong word is refused, and the right one still good", async () => {
  const place = new MemoryPlace();
  await using sharer = await Sharer.at(place);
  const { code } = sharer.offer;
  const error = await assertRejects(
    () => find(wrongCode(code), place),
    CodeRefusedError,
  );
  assertEquals(error.message, "the code is wrong");
  assertEquals(await find(code, place), sharer.ticket);
});

Deno.test("after three wrong tries there is nothing to find, nor to attach to", async () => {
  const place = new MemoryPlace();
  await using sharer = await Sharer.at(place);
  const { code } = sharer.offer;
  for (let i = 0; i < CODE_TRIES_MAX; i++) {
    await assertRejects(() => find(wrongCode(code), place), CodeRefusedError);
  }
  assertEquals(await sharer.offer.ended, "wrong");
  await assertRejects(
    () => find(code, place, undefined, 10),
    NotFoundError,
    "no share with the number",
  );
  assertEquals(sharer.events.at(-1), { type: "over", why: "wrong" });
});

Deno.test("a session of a meeting reaches the exchange and nothing else", async () => {
  const place = new MemoryPlace();
  await using sharer = await Sharer.at(place);
  const { node, offer } = sharer;
  const psk = meetingPsk(parseCode(offer.code));
  await using session = await Node.attach({
    address: formatAddress(node.address),
    publicKey: node.publicKey,
    psk,
    connections: 1,
    keepMs: 0,
  });
  for (const name of ["blob.transfers", "path.probe", "relay.resolve"]) {
    await assertRejects(
      () => callRpc(session, name, new Uint8Array()),
      TransferError,
      name,
    );
  }
});

Deno.test("who begins and leaves has used a try", async () => {
  const place = new MemoryPlace();
  await using sharer = await Sharer.at(place);
  const { node, offer } = sharer;
  for (let i = 0; i < CODE_TRIES_MAX; i++) {
    const session = await Node.attach({
      address: formatAddress(node.address),
      publicKey: node.publicKey,
      psk: meetingPsk(parseCode(offer.code)),
      connections: 1,
      keepMs: 0,
    });
    await callRpc(session, "meeting.begin", new Uint8Array(32).fill(9));
    await session.close();
  }
  assertEquals(await offer.ended, "wrong");
});

Deno.test("of two shares with one number each gives its own ticket, and the getter is told", async () => {
  const place = new MemoryPlace();
  // Neither sees the other.
  await using first = await Sharer.at(new MemoryPlace(7));
  await using second = await Sharer.at(new MemoryPlace(7));
  for (const sharer of [first, second]) tellOf(sharer, place);
  const events: FindEvent[] = [];
  const ticket = await find(
    second.offer.code,
    place,
    (event) => void events.push(event),
  );
  assertEquals(ticket, second.ticket);
  assertEquals(events[0], { type: "several", count: 2 });
  assertEquals(first.offer.code.split("-")[0], "7");
  // The other has lost a try, and is still there.
  assertEquals(first.events.at(-1), { type: "wrong", left: 2 });
  assertEquals(await find(first.offer.code, place), first.ticket);
});

Deno.test("where several have the number and none knows the code, it is said how many", async () => {
  const place = new MemoryPlace();
  await using first = await Sharer.at(new MemoryPlace(7));
  await using second = await Sharer.at(new MemoryPlace(7));
  for (const sharer of [first, second]) tellOf(sharer, place);
  const error = await assertRejects(
    () => find(wrongCode(first.offer.code), place),
    TransferError,
    "2 shares answer to the number 7, and 2 were tried",
  );
  assertEquals(error.kind, "permission");
});

Deno.test("a number that is taken at a place is not used", async () => {
  const place = new MemoryPlace();
  for (let number = 1; number <= 98; number++) {
    place.offered.push({
      number,
      publicKey: new Uint8Array(32),
      address: { hostname: "127.0.0.1", port: 9 },
    });
  }
  place.refused.add(99);
  await using sharer = await Sharer.at(place);
  const [number] = sharer.parts;
  assert(number > 99, String(number));
});

Deno.test("a place that cannot be used is told of, and the last one fails the offer", async () => {
  const broken: MeetingPlace = {
    name: "nowhere",
    taken: () => Promise.reject(new PeerClosedError("gone")),
    announce: () => Promise.reject(new PeerClosedError("gone")),
    find: () => Promise.reject(new PeerClosedError("gone")),
  };
  const place = new MemoryPlace();
  await using sharer = await Sharer.at(broken, place);
  assertEquals(sharer.offer.places, ["memory"]);
  assertEquals(sharer.events[0].type, "nowhere");
  await assertRejects(() => Sharer.at(broken), PeerClosedError, "gone");
  await assertRejects(() => find(sharer.offer.code, broken), PeerClosedError);
  const { node, ticket } = sharer;
  await assertRejects(
    () => offerCode({ node, ticket, keyring: new Keyring(), places: [] }),
    UsageError,
  );
});

Deno.test("who announces itself under a number and does not know the code gets one guess, and no more", async () => {
  const place = new MemoryPlace();
  // A hostile share: it goes through the exchange with a code that it guesses.
  await using hostile = await Sharer.at(place);
  const [number, ...words] = hostile.parts;
  const asked = [number, ...words.slice(0, 2), WORDS[0]].join("-");
  const error = await assertRejects(() => find(asked, place), CodeRefusedError);
  assertEquals(error.why, "wrong");
  // What it has seen is one confirmation that is not its own.
  assertEquals(hostile.events.filter(({ type }) => type === "begun").length, 1);
});

Deno.test("of many that announce themselves a few are tried", async () => {
  const place = new MemoryPlace();
  await using stack = new AsyncDisposableStack();
  for (let i = 0; i < CODE_CANDIDATES_MAX + 3; i++) {
    tellOf(stack.use(await Sharer.at(new MemoryPlace(7))), place);
  }
  const events: FindEvent[] = [];
  const error = await assertRejects(
    () => find("7-topic-lemon-cargo", place, (e) => void events.push(e)),
    TransferError,
  );
  assert(error.message.startsWith("more than 3 shares answer"), error.message);
  assertEquals(
    events.filter(({ type }) => type === "trying").length,
    CODE_CANDIDATES_MAX,
  );
});

Deno.test("what is no code is refused before anything is looked for", async () => {
  const place = new MemoryPlace();
  place.find = () => Promise.reject(new Error("looked for"));
  await assertRejects(() => find("7-topic-lemno-cargo", place), UsageError);
});

Deno.test("a peer that gives another node's ticket is a liar", async () => {
  const place = new MemoryPlace();
  await using keyring = keyringStack();
  const identity = ephemeralIdentity();
  await using node = await Node.listen({
    address: "127.0.0.1:0",
    psk: keyring.keyring,
    identity,
  });
  const ticket = {
    publicKey: ephemeralIdentity().x25519Public,
    addresses: ["127.0.0.1:9"],
  };
  await using offer = await offerCode({
    node,
    keyring: keyring.keyring,
    ticket,
    places: [place],
  });
  await assertRejects(
    () => find(offer.code, place),
    ProtocolError,
    "not its own",
  );
});

function keyringStack(): AsyncDisposable & { keyring: Keyring } {
  const keyring = new Keyring();
  return {
    keyring,
    [Symbol.asyncDispose]: () => {
      keyring[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}
