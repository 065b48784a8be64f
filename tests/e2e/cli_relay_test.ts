/** Starts a relay with nothing to serve. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { exists } from "@std/fs";
import { decodeTicket, encodeTicket } from "../../lib/mesh/mod.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  assertSameTree,
  cli,
  failureOf,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";

function startRelay(dir: TempDir, ...flags: string[]): Promise<HolderProcess> {
  const args = words`--store ${dir.at("empty")} -vvv ${flags}`;
  return startHolder(dir.at("relay"), args);
}

test(
  "a tree is fetched from a holder behind a relay, which serves and reads nothing",
  async (dir) => {
    const tree = await dir.tree("tree", {
      "a.txt": "hello\n",
      "sub/big.bin": noise(5_000_000, 1),
    });
    // Each end attaches to the relay with the relay's key; only they know the
    // other one.
    await using relay = await startRelay(dir, "--relay", "--ticket-psk");
    const via = await dir.write("relay.ticket", relay.ready.ticket, {
      mode: 0o600,
    });
    await using holder = await startHolder(
      dir.at("holder"),
      words`${tree} --via @${via} --ticket-psk`,
    );
    const from = encodeTicket({
      ...decodeTicket(holder.ready.ticket),
      addresses: ["192.0.2.1:9"],
    });
    const [{ ref }] = holder.refs;
    const got = await cli`recv-dir --remote-ref ${ref} --out ${dir.at("got")}
    --from ${from} ${relay.attach()}`;
    assertEquals([got.code, got.stderr], [0, ""]);
    assertMatch(got.stdout, new RegExp(`"peer": ${holder.id},`));
    await assertSameTree(tree, dir.at("got"));
    const requests = (await relay.stop()).stderr.split("\n").filter((line) =>
      /\brequest\b/.test(line)
    );
    assertEquals(requests.length, 1, requests.join("\n"));
    assertStringIncludes(requests[0], "rpc");
  },
);

test(
  "a source is named by its key, or by its id with a warning",
  async (dir) => {
    const file = await dir.write("a.txt", "hello\n");
    await using relay = await startRelay(dir, "--relay");
    await using holder = await startHolder(
      dir.at("holder"),
      words`${file} --psk-file ${relay.pskFile}
        --via ${relay.address}#${relay.ready.node_pubkey}`,
    );
    const [{ ref }] = holder.refs;
    const hexId = `0x${BigInt(holder.id).toString(16)}`;
    for (const from of [holder.ready.node_pubkey, hexId]) {
      const { code, stdout, stderr } = await cli`recv-blob --blob-ref ${ref}
      --out - --from ${from} ${relay.attach()}`;
      assertEquals([code, stdout], [0, "hello\n"], stderr);
      assertStringIncludes(stderr, `"peer": ${holder.id}`);
      const warned = stderr.includes("known from the relay alone");
      assertEquals(warned, from === hexId, stderr);
    }
  },
);

test(
  "a source that is not attached is not a node that does not relay",
  async (dir) => {
    const cases: [string[], kind: string, message: RegExp][] = [
      [["--relay"], "not_found", /node 5 is not/],
      [[], "permission", /does not relay/],
    ];
    for (const [flags, kind, message] of cases) {
      await using relay = await startRelay(dir, ...flags);
      const out = dir.at("out");
      const { hint = "", ...failure } = failureOf(
        await cli`recv-blob --blob-ref ${SOME_KEY} --out ${out} --from 5
        --output json ${relay.attach()}`,
      );
      assertEquals([failure.kind, failure.exit_code], [kind, 3]);
      assertMatch(failure.message, message);
      assertStringIncludes(hint, "node 5,");
      assertStringIncludes(hint, `node ${relay.id}:`);
      assert(!await exists(out) && !await exists(`${out}.partial`));
    }
  },
);
