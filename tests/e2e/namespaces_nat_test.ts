/** Two hosts behind NATs of the system, which meet by way of a relay. */

import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { noise } from "../../scripts/make_tree.ts";
import { runProgram, words } from "../../scripts/program.ts";
import { startHolder, test } from "../support/cli.ts";
import { NatHosts, noNats, RELAY_ADDRESS } from "../support/nat_hosts.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { unless } from "../support/unless.ts";

const BYTES = 24_000_000;
/** So that it takes longer than a path is looked for. */
const SLOWLY = words`--limit-rate 4M`;
/** Packets of a transfer, and more than probes. */
const MANY = 500;

const obstacle = await noNats();

/**
 * Fetches from one host to the other, by way of a relay to begin with.
 *
 * @param during Done meanwhile.
 * @returns The route at the end.
 */
async function fetchBehind(
  hosts: NatHosts,
  dir: TempDir,
  during?: () => Promise<void>,
): Promise<string> {
  const content = noise(BYTES, 1);
  const path = await dir.write("blob", content);
  await using relay = await startHolder(dir.at("relay"), ["--relay"], {
    program: hosts.at("relay", TEST_PROGRAM),
    listen: `${RELAY_ADDRESS}:0`,
  });
  const via = `${relay.address}#${relay.ready.node_pubkey}`;
  await using holder = await startHolder(
    dir.at("holder"),
    words`${path} --via ${via} --psk-file ${relay.pskFile}`,
    {
      program: hosts.at("holder", TEST_PROGRAM),
      listen: "10.77.2.2:0",
    },
  );
  const out = dir.at("out");
  const fetching = runProgram(
    hosts.at("fetcher", TEST_PROGRAM),
    words`recv-blob --blob-ref ${holder.refs[0].ref} --out ${out} -v
      --output json --from ${holder.ready.node_pubkey} ${relay.attach()}
      ${SLOWLY}`,
  );
  await during?.();
  const { code, stdout, stderr } = await fetching;
  assertEquals(code, 0, stderr);
  assertEquals(await Deno.readFile(out), content);
  const { route, path: figures } = JSON.parse(stdout);
  assertEquals(figures.direct, route === "direct");
  return route;
}

test(
  unless(obstacle, "two hosts behind NATs go on past the relay"),
  async (dir) => {
    await using hosts = await NatHosts.connect();
    assertEquals(await fetchBehind(hosts, dir), "direct");
    assert(await hosts.forwarded() > MANY);
  },
);

test(
  unless(obstacle, "behind two symmetric NATs all goes by way of the relay"),
  async (dir) => {
    await using hosts = await NatHosts.connect({ symmetric: true });
    assertEquals(await fetchBehind(hosts, dir), "relayed");
    assert(await hosts.forwarded() < MANY);
  },
);

test(
  unless(
    obstacle,
    "a fetch goes back to the relay when the way past it is cut",
  ),
  async (dir) => {
    await using hosts = await NatHosts.connect();
    const route = await fetchBehind(hosts, dir, async () => {
      while (await hosts.forwarded() < MANY) await delay(50);
      await hosts.cut();
    });
    assertEquals(route, "relayed");
  },
);

test(
  unless(obstacle, "where NATs leave no way there may be one by IPv6"),
  async (dir) => {
    await using hosts = await NatHosts.connect({ symmetric: true, ipv6: true });
    assertEquals(await fetchBehind(hosts, dir), "direct");
  },
);
