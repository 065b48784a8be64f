/** Codes on the local network: multicast on loopback, on a port of the test's own. */

import { assertEquals, assertRejects } from "@std/assert";
import { freePort } from "../../tests/support/free_port.ts";
import { unless } from "../../tests/support/unless.ts";
import { NotFoundError } from "../errors.ts";
import { CodeRefusedError } from "./code_refused.ts";
import { findTicket } from "./find_ticket.ts";
import { LocalNetwork } from "./local_network.ts";
import { loopbackSettings, noLoopbackMulticast } from "./testing/loopback.ts";
import { MemoryPlace, Sharer } from "./testing/memory_place.ts";

const obstacle = await noLoopbackMulticast();
/** Long enough for the slowest machine. */
const PATIENCE_MS = 60_000;
const HERE = { hostname: "127.0.0.1", port: 1 };

/** A network where all numbers but one are taken. */
class OnlySeven extends LocalNetwork {
  override taken(): Promise<ReadonlySet<number>> {
    return new MemoryPlace(7).taken();
  }
}

function network(): LocalNetwork {
  return new LocalNetwork(loopbackSettings(freePort()));
}

Deno.test(
  unless(
    obstacle,
    "a share is found by its code, at the address that it answers from",
  ),
  async () => {
    const place = network();
    await using sharer = await Sharer.at(place);
    const ticket = await findTicket(sharer.offer.code, {
      places: [place],
      timeoutMs: PATIENCE_MS,
    });
    assertEquals(ticket, sharer.ticket);
    assertEquals(await sharer.offer.ended, "taken");
  },
);

Deno.test(
  unless(
    obstacle,
    "a share that comes later is found by who is looking already",
  ),
  async () => {
    const settings = loopbackSettings(freePort());
    const place = new LocalNetwork(settings);
    // The number is known before the share is there.
    const looking = findTicket("7-topic-lemon-cargo", {
      places: [place],
      timeoutMs: PATIENCE_MS,
    });
    const failing = assertRejects(() => looking, CodeRefusedError);
    await using _sharer = await Sharer.at(new OnlySeven(settings));
    await failing;
  },
);

Deno.test(
  unless(
    obstacle,
    "shares on one network have different numbers, and are told apart",
  ),
  async () => {
    const place = network();
    await using first = await Sharer.at(place);
    const [number] = first.parts;
    const { signal } = new AbortController();
    // It is looked for until it answers, as on a busy machine it may be late.
    while (!(await place.taken(HERE, signal)).has(number)) continue;
    await using second = await Sharer.at(place);
    for (const { offer, ticket } of [first, second]) {
      const found = await findTicket(offer.code, {
        places: [place],
        timeoutMs: PATIENCE_MS,
      });
      assertEquals(found, ticket);
    }
  },
);

Deno.test(
  unless(
    obstacle,
    "where nobody reaches a node, no number is taken and none is found",
  ),
  async () => {
    const place = network();
    await using sharer = await Sharer.at(place);
    const other = network();
    const { signal } = new AbortController();
    assertEquals([...await other.taken(HERE, signal)], []);
    await assertRejects(
      () => findTicket(sharer.offer.code, { places: [other], timeoutMs: 10 }),
      NotFoundError,
    );
  },
);
