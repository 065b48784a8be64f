/** Tickets of a holder behind a relay: what `serve --via` prints is enough. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeTicket, encodeTicket } from "../../lib/mesh/mod.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  assertSameTree,
  cli,
  runCli,
  startHolder,
  test,
} from "../support/cli.ts";

/** Nothing listens there: who is told of it needs the relay. */
const NOWHERE = "127.0.0.1:9";

function startRelay(dir: TempDir, ...flags: string[]): Promise<HolderProcess> {
  return startHolder(dir.at("relay"), words`--relay ${flags}`);
}

/** A holder of `path` that can be reached by way of the relay alone. */
function startBehind(
  dir: TempDir,
  path: string,
  via: string,
  ...flags: string[]
): Promise<HolderProcess> {
  return startHolder(
    dir.at("holder"),
    words`${path} --via ${via} --advertise ${NOWHERE} ${flags}`,
  );
}

test(
  "a ticket of serve --via is fetched by as it is printed, and the result says that it was relayed",
  async (dir) => {
    const tree = await dir.tree("tree", {
      "a.txt": "hello\n",
      "sub/big.bin": noise(5_000_000, 1),
    });
    await using relay = await startRelay(dir);
    await using holder = await startBehind(
      dir,
      tree,
      `${relay.address}#${relay.ready.node_pubkey}`,
      ...words`--psk-file ${relay.pskFile} --ticket-psk`,
    );
    const [{ ticket }] = holder.refs;
    assertEquals(decodeTicket(ticket).relay?.psk, undefined);
    const got = await cli`recv-dir --ticket ${ticket} --out ${dir.at("got")} -v
      --output json --direct never`;
    assertEquals(got.code, 0, got.stderr);
    const { path, peer } = JSON.parse(got.stdout);
    assertEquals([path.direct, peer], [false, Number(holder.id)]);
    await assertSameTree(tree, dir.at("got"));
  },
);

test(
  "a relay's own key is in the tickets where --ticket-relay-psk allows it, and else taken from beside them",
  async (dir) => {
    const file = await dir.write("a.txt", "hello\n");
    await using relay = await startRelay(dir, "--ticket-psk");
    const via = await dir.write("relay.ticket", relay.ready.ticket, {
      mode: 0o600,
    });
    const fetch = (ticket: string, env = {}) =>
      runCli(
        words`recv-blob --ticket ${ticket} --out - --connect-timeout 20s`,
        { env },
      );
    {
      await using holder = await startBehind(
        dir,
        file,
        `@${via}`,
        ...words`--ticket-psk --ticket-relay-psk`,
      );
      const got = await fetch(holder.refs[0].ticket);
      assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
    }
    await using holder = await startBehind(
      dir,
      file,
      `@${via}`,
      "--ticket-psk",
    );
    const [{ ticket }] = holder.refs;
    const [own, theirs] = [relay, holder].map(({ pskFile }) =>
      Deno.readTextFileSync(pskFile).trim()
    );
    const decoded = decodeTicket(ticket);
    assert(decoded.relay !== undefined && decoded.relay.psk === undefined);
    assert(own !== theirs);
    const beside = await fetch(ticket, { NET_MESH_PSK_FILE: relay.pskFile });
    assertEquals([beside.code, beside.stdout], [0, "hello\n"], beside.stderr);
    const without = await cli`recv-blob --ticket ${ticket} --out -
      --connect-timeout 1s`;
    assertEquals(without.code, 6, without.stderr);
    assertStringIncludes(without.stderr, relay.address);
  },
);

test(
  "sources and an upstream are reached by way of the relay of their tickets",
  async (dir) => {
    const file = await dir.write("a.bin", noise(3_000_000, 2));
    await using relay = await startRelay(dir);
    const psk = words`--psk-file ${relay.pskFile}`;
    const via = `${relay.address}#${relay.ready.node_pubkey}`;
    await using holder = await startBehind(dir, file, via, ...psk);
    const [{ ticket, ref }] = holder.refs;
    const source = await cli`recv-blob --blob-ref ${ref} --source ${ticket}
      --out ${dir.at("one.bin")} ${psk}`;
    assertEquals(source.code, 0, source.stderr);
    // A cache that is attached to the same relay, and stays so.
    await using cache = await startHolder(
      dir.at("cache"),
      words`--store ${dir.at("store")} --upstream ${ticket} --via ${via}
        --advertise ${NOWHERE} ${psk}`,
    );
    const cached = await cli`recv-blob --blob-ref ${ref} ${psk}
      --ticket ${cache.ready.ticket} --out ${dir.at("two.bin")}`;
    assertEquals(cached.code, 0, cached.stderr);
    for (const name of ["one.bin", "two.bin"]) {
      assertEquals(
        await Deno.readFile(dir.at(name)),
        await Deno.readFile(file),
      );
    }
  },
);

test(
  "doctor and ls attach by way of the relay, and doctor says so",
  async (dir) => {
    const file = await dir.write("a.txt", "hello\n");
    await using relay = await startRelay(dir);
    const psk = words`--psk-file ${relay.pskFile}`;
    const via = `${relay.address}#${relay.ready.node_pubkey}`;
    await using holder = await startBehind(dir, file, via, ...psk);
    const { ticket } = holder.ready;
    const listed = await cli`ls --ticket ${ticket} ${psk}`;
    assertEquals(listed.code, 0, listed.stderr);
    const looked = await cli`doctor --ticket ${ticket} ${psk} --measure 100ms
      --out ${dir.at(".")} --output json --direct never`;
    assertEquals(looked.code, 0, looked.stderr);
    const { checks } = JSON.parse(looked.stdout);
    const of = (name: string) =>
      checks.find(({ check }: { check: string }) => check === name);
    assertStringIncludes(of("target").said, `by way of node ${relay.id}`);
    assertEquals(of("route").said, `relayed by node ${relay.id}`);
  },
);

test(
  "a relay is not reached by way of a relay, and has no key for tickets without --via",
  async (dir) => {
    await using relay = await startRelay(dir);
    const psk = words`--psk-file ${relay.pskFile}`;
    const via = `${relay.address}#${relay.ready.node_pubkey}`;
    const file = await dir.write("a.txt", "hello\n");
    await using holder = await startBehind(dir, file, via, ...psk);
    const { addresses, ...ticket } = decodeTicket(holder.ready.ticket);
    assertEquals(addresses, [NOWHERE]);
    const relayed = encodeTicket({ ...ticket, addresses: [] });
    const bad: [string[], string][] = [
      [words`--via ${relayed}`, "itself reached by way of a relay"],
      [["--ticket-relay-psk"], "needs a relay"],
    ];
    for (const [flags, message] of bad) {
      const { code, stderr } = await runCli(
        words`serve ${file} ${psk} ${flags} --listen 127.0.0.1:0`,
        { home: dir.path },
      );
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, message);
    }
  },
);
