/** Sessions of real sockets that begin by way of a relay. */

import { delay } from "@std/async";
import { assert, assertEquals } from "@std/assert";
import { pattern } from "../wire/testing/bytes.ts";
import { attach, attachThrough } from "./attach.ts";
import type { DirectMode } from "./direct_socket.ts";
import type { Node } from "./node.ts";
import { Relay } from "./relay.ts";
import type { Session } from "./session.ts";
import {
  attachOptions,
  echo,
  exchange,
  listen,
  PSK,
} from "./testing/echo_node.ts";

const BYTES = pattern(2_000_000);

/** A relay, a holder behind it, and a session with that one. */
class Relayed implements AsyncDisposable {
  readonly #things = new AsyncDisposableStack();
  readonly relay = new Relay();
  /** The holder's session. */
  accepted!: Session;
  session!: Session;
  relayNode!: Node;

  static async of(
    modes: readonly [fetcher: DirectMode, holder: DirectMode] = [
      "auto",
      "auto",
    ],
  ): Promise<Relayed> {
    const made = new Relayed();
    const use = <T extends AsyncDisposable>(it: T) => made.#things.use(it);
    const { relay } = made;
    made.relayNode = use(await listen(echo, { relay }));
    const holder = use(
      await listen((session) => {
        made.accepted = session;
        return echo(session);
      }, { via: { ...attachOptions(made.relayNode), direct: modes[1] } }),
    );
    await holder.viaTried;
    const { publicKey } = holder;
    const outer = await attach(attachOptions(made.relayNode));
    made.session = use(
      await attachThrough(outer, { publicKey, psk: PSK, direct: modes[0] }),
    );
    return made;
  }

  async untilDirect(): Promise<void> {
    const { session } = this;
    while (session.route !== "direct" || this.accepted.route !== "direct") {
      await exchange(session, new Uint8Array(10));
      await delay(5);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#things.disposeAsync();
  }
}

Deno.test("a session goes on past the relay, with the same peer, and no byte passes it any more", async () => {
  await using relayed = await Relayed.of();
  const { session, relay } = relayed;
  const { publicKey } = session.remote;
  // A busy machine may pause for so long that it goes back for a while.
  for (let passed = Infinity; passed >= 10;) {
    await relayed.untilDirect();
    const { forwarded } = relay.stats;
    assertEquals(await exchange(session, BYTES), BYTES);
    passed = relay.stats.forwarded - forwarded;
  }
  assertEquals(session.remote.publicKey, publicKey);
  // It is no session that another could go inside of.
  assertEquals(session.carrier, undefined);
});

for (
  const modes of [["never", "auto"], ["auto", "never"]] as const
) {
  Deno.test(`a session stays relayed where one end wants that: ${modes}`, async () => {
    await using relayed = await Relayed.of(modes);
    const { session, relay } = relayed;
    assertEquals(await exchange(session, BYTES), BYTES);
    const routes = [session.route, relayed.accepted.route];
    assertEquals(routes, ["relayed", "relayed"]);
    assert(relay.stats.forwarded > 2 * BYTES.length / 1410);
  });
}

Deno.test("a session that is past the relay ends like any other", async () => {
  await using relayed = await Relayed.of();
  await relayed.untilDirect();
  await relayed.session.close(7, "enough");
  const { by, code, reason } = await relayed.accepted.closed;
  assertEquals([by, code, reason], ["peer", 7, "enough"]);
});
