/** Nodes that are attached to by way of the relay that their ticket names. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { TimeoutError } from "../errors.ts";
import { pattern } from "../wire/testing/bytes.ts";
import { formatAddress } from "./address.ts";
import { ephemeralIdentity } from "./identity.ts";
import { type ListenOptions, Node } from "./node.ts";
import { Relay } from "./relay.ts";
import {
  attachOptions,
  echo,
  exchange,
  listen,
  plainSocket,
  PSK,
} from "./testing/echo_node.ts";
import {
  attachOptionsOf,
  decodeTicket,
  encodeTicket,
  type Ticket,
} from "./ticket.ts";

const BYTES = pattern(300_000);

const listenRelay = (options: Partial<ListenOptions> = {}) =>
  listen(echo, { relay: new Relay(), ...options });

/** A node that is attached to `relay`. */
async function listenVia(
  relay: Node,
  options: Partial<ListenOptions> = {},
): Promise<Node> {
  const node = await listen(echo, { ...options, via: attachOptions(relay) });
  await node.viaTried;
  return node;
}

/** A relay, a node that is attached to it, and a ticket of that one. */
async function ticketedVia() {
  const [relayPsk, psk] = [PSK, new Uint8Array(32).fill(4)];
  const relay = new Relay();
  const relayNode = await listenRelay({ relay });
  const holder = await listenVia(relayNode, { psk });
  const ticket: Ticket = {
    publicKey: holder.publicKey,
    addresses: [],
    psk,
    relay: {
      publicKey: relayNode.publicKey,
      addresses: [formatAddress(relayNode.address)],
      psk: relayPsk,
    },
  };
  return { relay, relayNode, holder, ticket };
}

Deno.test("a ticket with a relay attaches by way of it, several times at once", async () => {
  const { relay, relayNode, holder, ticket } = await ticketedVia();
  await using _relay = relayNode;
  await using _holder = holder;
  const options = attachOptionsOf(decodeTicket(encodeTicket(ticket)));
  const identity = ephemeralIdentity();
  const attach = () => Node.attach({ ...options, identity });
  await using first = await attach();
  await using second = await attach();
  for (const session of [first, second, first]) {
    assertEquals(session.carrier, undefined);
    assertEquals(session.remote.nodeId, holder.nodeId);
    assertEquals(await exchange(session, BYTES), BYTES);
  }
  assert(relay.stats.forwarded > 0);
});

Deno.test("a node with a relay is attached to directly where an address answers, and by way of the relay where none does", async () => {
  const { relayNode, holder, ticket } = await ticketedVia();
  await using _relay = relayNode;
  await using _holder = holder;
  const { socket, address } = plainSocket();
  const silent = formatAddress(address);
  const own = formatAddress(holder.address);
  const relay = { ...ticket.relay!, addresses: [silent] };
  const ways = {
    direct: { ...ticket, addresses: [silent, own], relay },
    relayed: { ...ticket, addresses: [silent, silent] },
  };
  for (const [way, ticket] of Object.entries(ways)) {
    await using session = await Node.attach(attachOptionsOf(ticket));
    assertEquals(await exchange(session, BYTES), BYTES);
    assertEquals(session.carrier === undefined, way === "relayed", way);
  }
  socket.close();
});

Deno.test("an attach by way of a relay says whether the relay or the node does not answer", async () => {
  const { relayNode, holder, ticket } = await ticketedVia();
  await using _relay = relayNode;
  await holder.close();
  const attach = (ticket: Ticket) =>
    Node.attach({ ...attachOptionsOf(ticket), connectTimeoutMs: 600 });
  const gone = await assertRejects(() => attach(ticket), TimeoutError);
  assert(gone.message.includes(`node ${holder.nodeId} behind relay`));
  assert(gone.hint?.includes("the relay answers, but not the node"), gone.hint);
  const relay = { ...ticket.relay!, psk: new Uint8Array(32) };
  const shut = await assertRejects(
    () => attach({ ...ticket, relay }),
    TimeoutError,
  );
  assert(shut.message.includes(relay.addresses[0]), shut.message);
});

Deno.test("a session by way of a relay goes on when the relay has come back", async () => {
  const identity = ephemeralIdentity();
  const first = await listenRelay({ identity });
  const address = formatAddress(first.address);
  await using holder = await listenVia(first);
  const { publicKey } = holder;
  await using session = await Node.attach({
    address: [],
    publicKey,
    psk: PSK,
    relay: { address, publicKey: identity.x25519Public, psk: PSK },
  });
  assertEquals(await exchange(session, BYTES), BYTES);
  await first.close();
  await using _second = await listenRelay({ identity, address });
  // A stream of before is lost with the session that it was on.
  const again = () => exchange(session, BYTES);
  assertEquals(await again().catch(again), BYTES);
});
