/** `--limit-rate`, and `limit`, which changes it. */

import { assert, assertEquals } from "@std/assert";
import { loadIdentity } from "../../lib/mesh/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import {
  cli,
  failureOf,
  resultOf,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";

const SIZE = 200_000;

test("a fetch is no faster than its limit, or that of the holder", async (dir) => {
  const file = dir.at("file");
  await Deno.writeFile(file, noise(SIZE, 1));
  const rateWith = async (serving: string[], fetching: string[]) => {
    const home = await Deno.makeTempDir({ dir: dir.path });
    await using holder = await startHolder(home, [file, ...serving]);
    const [{ ref }] = holder.refs;
    const { duration_secs: seconds, limit_rate: limit } = await resultOf(
      cli`recv-blob --blob-ref ${ref} --out ${home}/out ${holder.attach()}
        ${fetching}`,
    );
    return [SIZE / seconds, limit];
  };
  const [asked, told] = await rateWith([], words`--limit-rate 100KB`);
  assert(asked <= 105_000, `${asked} bytes per second`);
  assertEquals(told, 100_000);
  for (const flag of ["--limit-rate", "--limit-rate-session"]) {
    const [rate, told] = await rateWith([flag, "100KB"], []);
    assert(rate <= 105_000, `${flag}: ${rate} bytes per second`);
    assertEquals(told, undefined);
  }
});

test("limits are changed by those that may, and told to all", async (dir) => {
  const identity = dir.at("id.toml");
  await Deno.writeTextFile(identity, `seed_hex = "${SOME_KEY}"\n`);
  await Deno.chmod(identity, 0o600);
  const { x25519Public } = await loadIdentity(identity);
  const file = dir.at("file");
  await Deno.writeFile(file, noise(10, 1));
  const flags = words`--limit-rate 1M --admin-limit ${toHex(x25519Public)}`;
  await using holder = await startHolder(dir.path, [file, ...flags, "-v"]);
  assertEquals(holder.ready.limit_rate, 1 << 20);
  const limits = (...more: string[]) =>
    resultOf(cli`limit ${more} ${holder.attach()} --output json`);
  const before = { limit_rate: 1 << 20, limit_rate_session: null };
  assertEquals(await limits(), before);
  const refused = failureOf(
    await cli`limit 5M ${holder.attach()} --output json`,
  );
  assertEquals([refused.kind, refused.exit_code], ["permission", 3]);
  assertEquals(await limits(), before);
  const changed = await limits(
    ...words`none --session 2K --identity ${identity}`,
  );
  assertEquals(changed, { limit_rate: null, limit_rate_session: 2048 });
  const { stderr } = await holder.stop();
  assert(stderr.includes("limits changed"), stderr);
});
