/** A meeting point between two ends on loopback. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ExistsError, NotFoundError, PermissionError } from "../errors.ts";
import {
  ephemeralIdentity,
  formatAddress,
  Keyring,
  Node,
  Relay,
} from "../mesh/mod.ts";
import { serveNode } from "../transfer/mod.ts";
import { CodeRefusedError } from "./code_refused.ts";
import { findTicket } from "./find_ticket.ts";
import { MeetingPoint, type MeetingPointOptions } from "./meeting_point.ts";
import {
  announceNumber,
  findNumber,
  meetingPointProcedures,
} from "./meeting_point_rpc.ts";
import { MeetingTags } from "./meeting_tags.ts";
import { offerCode } from "./offer_code.ts";

const PATIENCE_MS = 60_000;
const PSK = new Uint8Array(32).fill(5);
const NOTHING = {
  has: () => Promise.resolve(false),
  get: () => Promise.resolve(undefined),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** A node that relays, and is a meeting point unless it is told not to be. */
async function meetingPoint(
  isOne = true,
): Promise<AsyncDisposable & { options: MeetingPointOptions }> {
  const node = await Node.listen({
    address: "127.0.0.1:0",
    psk: PSK,
    identity: ephemeralIdentity(),
    relay: new Relay(),
  });
  const serving = serveNode(node, NOTHING, {
    rpc: isOne ? meetingPointProcedures(new MeetingTags()) : {},
  });
  return {
    options: {
      address: formatAddress(node.address),
      publicKey: node.publicKey,
      psk: PSK,
    },
    async [Symbol.asyncDispose]() {
      await node.close();
      await serving;
    },
  };
}

/** A node that shares by way of it. */
async function sharer(options: MeetingPointOptions) {
  const stack = new AsyncDisposableStack();
  const place = new MeetingPoint(options);
  const keyring = stack.use(new Keyring());
  const node = stack.use(
    await Node.listen({
      address: "127.0.0.1:0",
      psk: keyring,
      identity: ephemeralIdentity(),
      via: { ...options, onSession: place.onSession },
    }),
  );
  const ticket = { publicKey: node.publicKey, addresses: ["192.0.2.1:9"] };
  return { stack, place, keyring, node, ticket };
}

Deno.test("two ends meet at a node that both reach", async () => {
  await using point = await meetingPoint();
  const { stack, place, ...share } = await sharer(point.options);
  await using _stack = stack;
  await using offer = await offerCode({ ...share, places: [place] });
  assertEquals(offer.places, [place.name]);
  const looking = new MeetingPoint(point.options);
  const ticket = await findTicket(offer.code, {
    places: [looking],
    timeoutMs: PATIENCE_MS,
  });
  assertEquals(ticket, share.ticket);
  assertEquals(await offer.ended, "taken");
  await assertRejects(
    () => findTicket(offer.code, { places: [looking], timeoutMs: 1 }),
    NotFoundError,
  );
});

Deno.test("a wrong code is refused there as well", async () => {
  await using point = await meetingPoint();
  const { stack, place, ...share } = await sharer(point.options);
  await using _stack = stack;
  await using offer = await offerCode({ ...share, places: [place] });
  const [number] = offer.code.split("-");
  const wrong = `${number}-topic-lemon-cargo`;
  await assertRejects(
    () =>
      findTicket(wrong, {
        places: [new MeetingPoint(point.options)],
        timeoutMs: PATIENCE_MS,
      }),
    CodeRefusedError,
  );
});

Deno.test("a node that is no meeting point says so at both ends", async () => {
  await using point = await meetingPoint(false);
  const { stack, place, ...share } = await sharer(point.options);
  await using _stack = stack;
  const isNone = "the node is no meeting point";
  await assertRejects(
    () => offerCode({ ...share, places: [place] }),
    PermissionError,
    isNone,
  );
  await assertRejects(
    () => findTicket("7-topic-lemon-cargo", { places: [place] }),
    PermissionError,
    isNone,
  );
});

Deno.test("two shares at one meeting point get different numbers", async () => {
  await using point = await meetingPoint();
  const attach = () =>
    Node.attach({ ...point.options, connections: 1, keepMs: 0 });
  await using one = await attach();
  await using two = await attach();
  await announceNumber(one, 7);
  await assertRejects(() => announceNumber(two, 7), ExistsError);
  const key = await findNumber(two, 7);
  assert(key !== undefined);
  await one.close();
});

Deno.test("a share is found again after its session with the meeting point was lost", async () => {
  await using point = await meetingPoint();
  const stack = new AsyncDisposableStack();
  await using _stack = stack;
  const place = new MeetingPoint(point.options);
  const keyring = stack.use(new Keyring());
  let lose = () => Promise.resolve();
  const node = stack.use(
    await Node.listen({
      address: "127.0.0.1:0",
      psk: keyring,
      identity: ephemeralIdentity(),
      via: {
        ...point.options,
        onSession(session) {
          lose = () => session.close();
          place.onSession(session);
        },
      },
    }),
  );
  const ticket = { publicKey: node.publicKey, addresses: ["192.0.2.1:9"] };
  await using offer = await offerCode({
    node,
    keyring,
    ticket,
    places: [place],
  });
  await lose();
  const found = await findTicket(offer.code, {
    places: [new MeetingPoint(point.options)],
    timeoutMs: PATIENCE_MS,
  });
  assertEquals(found, ticket);
});
