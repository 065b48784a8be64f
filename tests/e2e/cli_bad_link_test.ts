/** Transfers over links that lose, reorder, repeat and damage datagrams. */

import { assert, assertEquals } from "@std/assert";
import { equals } from "@std/bytes/equals";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import { runCli, startHolder, test } from "../support/cli.ts";
import { LinkProxy } from "../support/link_proxy.ts";

/** Whether to take the time for sizes and numbers that mean something. */
const FULL = Deno.env.has("LINK_FULL");
const BYTES = FULL ? 64 * 2 ** 20 : 3 * 2 ** 20;
const SEEDS = FULL ? 20 : 3;
const LINK = {
  delay: 5,
  loss: 0.05,
  reorder: 0.02,
  duplicate: 0.01,
  corrupt: 0.001,
  mtu: 1500,
};

test("a file arrives as it is on a link with 5 % loss and every other fault", async (dir) => {
  const content = noise(BYTES, 1);
  const path = await dir.write("blob", content);
  await using holder = await startHolder(dir.path, [path]);
  const [{ ref }] = holder.refs;
  const first = FULL ? 1 : Math.floor(Math.random() * 2 ** 31);
  const given = Deno.env.get("LINK_SEED");
  const seeds = given !== undefined
    ? [Number(given)]
    : Array.from({ length: SEEDS }, (_, i) => first + i);
  for (const seed of seeds) {
    await using proxy = new LinkProxy({
      to: holder.address,
      down: LINK,
      seed,
    });
    const out = dir.at(`out-${seed}`);
    const { code, stderr } = await runCli(
      words`recv-blob --blob-ref ${ref} --out ${out}
        ${holder.attach(undefined, proxy.address)}`,
    );
    assertEquals([code, stderr], [0, ""], proxy.describe());
    assert(equals(await Deno.readFile(out), content), proxy.describe());
    if (FULL) console.log(proxy.describe());
    await Deno.remove(out);
  }
});
