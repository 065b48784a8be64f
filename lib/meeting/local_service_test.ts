/** Multicast on loopback, on a port of the test's own. */

import { assert, assertEquals } from "@std/assert";
import { freePort } from "../../tests/support/free_port.ts";
import { unless } from "../../tests/support/unless.ts";
import { browse, type LocalNode, LocalService } from "./local_service.ts";
import type { Announcement } from "./mdns_packet.ts";
import { decodeMdns, encodeMdnsQuery } from "./mdns_packet.ts";
import { AskingSockets, openGroup } from "./multicast_sockets.ts";
import { loopbackSettings, noLoopbackMulticast } from "./testing/loopback.ts";

const obstacle = await noLoopbackMulticast();

const ANNOUNCEMENT: Announcement = {
  instance: "0123456789abcdef",
  port: 7700,
  publicKey: new Uint8Array(32).fill(0xab),
};

/** The first node that answers. */
async function firstFound(
  settings: { port: number; interfaces: string[] },
): Promise<LocalNode> {
  const stop = new AbortController();
  const first = Promise.withResolvers<LocalNode>();
  const browsing = browse(first.resolve, stop.signal, settings);
  browsing.catch(first.reject);
  const node = await first.promise;
  stop.abort();
  await browsing;
  return node;
}

Deno.test(
  unless(obstacle, "who asks is told who is there, and at which address"),
  async () => {
    const settings = loopbackSettings(freePort());
    await using _service = await LocalService.start(ANNOUNCEMENT, settings);
    const found = await firstFound(settings);
    assertEquals(found, { ...ANNOUNCEMENT, address: "127.0.0.1:7700" });
  },
);

Deno.test(
  unless(obstacle, "who asked before there was anybody is told later"),
  async () => {
    const settings = loopbackSettings(freePort());
    const found = firstFound(settings);
    await using _service = await LocalService.start(ANNOUNCEMENT, settings);
    assertEquals((await found).publicKey, ANNOUNCEMENT.publicKey);
  },
);

Deno.test(
  unless(obstacle, "a node that comes and goes tells all"),
  async () => {
    const settings = loopbackSettings(freePort());
    const ttls = new Set<number>();
    const gone = Promise.withResolvers<void>();
    using group = await openGroup(settings);
    const hearing = group.receive(({ bytes }) => {
      for (const { ttl } of decodeMdns(bytes)?.announced ?? []) {
        ttls.add(ttl);
        if (ttl === 0) gone.resolve();
      }
    });
    const service = await LocalService.start(ANNOUNCEMENT, settings);
    await service[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
    await gone.promise;
    assertEquals([...ttls], [120, 0]);
    group[Symbol.dispose]();
    await hearing;
  },
);

Deno.test(
  unless(obstacle, "answers to questions without end are bounded"),
  async () => {
    const settings = loopbackSettings(freePort());
    await using _service = await LocalService.start(ANNOUNCEMENT, settings);
    using asking = await AskingSockets.open(encodeMdnsQuery(5), settings);
    let answers = 0;
    const some = Promise.withResolvers<void>();
    const receiving = asking.receive(() => {
      answers++;
      some.resolve();
    });
    const asked = 300;
    const before = performance.now();
    for (let i = 0; i < asked; i++) await asking.ask();
    await some.promise;
    const seconds = Math.ceil((performance.now() - before) / 1000) + 1;
    assert(answers <= 20 * seconds, `${answers} in ${seconds} s`);
    asking[Symbol.dispose]();
    await receiving;
  },
);
