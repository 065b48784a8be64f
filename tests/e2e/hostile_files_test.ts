/**
 * Files of the program's own that were cut, changed, exchanged or given to
 * somebody else between two runs: the next one says so by their names, or does
 * without them; nothing else is touched, and nobody waits.
 *
 * Each test tries some damages: `FAULT_RUNS=N` tries so many, `FAULT_SEED=N` the
 * same ones again.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Random } from "../../lib/wire/testing/random.ts";
import { type Finished, words } from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { damagesTo, Victims } from "../attacks/support/damages.ts";
import { failureOf, runCli, SOME_KEY, startHolder } from "../support/cli.ts";
import { onWindows, unless } from "../support/unless.ts";

const SEED = Number(Deno.env.get("FAULT_SEED") ?? Date.now() % 1e9);
const RUNS = Number(Deno.env.get("FAULT_RUNS") ?? 2);

/** A file, who makes it, and who reads it. */
interface OwnFile {
  readonly name: string;
  /** Makes it; gives its path. */
  make(home: TempDir): Promise<string>;
  /** A run that reads it. */
  use(home: TempDir): Promise<Finished>;
  /** Kinds of errors that refuse it. */
  readonly refusals: readonly string[];
  /** Whether a pipe is waited for, as the user has named it. */
  readonly isNamed?: boolean;
}

const SEED_LINE = `seed_hex = "${SOME_KEY}"\nnote = "11"\n`;

function show(home: TempDir): Promise<Finished> {
  const line = words`identity show ${home.at("node.toml")} --output json`;
  return runCli(line, { home: home.path });
}

/** A fetch that never comes to attach. */
function tryFetch(home: TempDir, ...more: string[]): Promise<Finished> {
  const line = words`recv-blob --blob-ref ${SOME_KEY} --dry-run
    --out ${home.at("out")} --node-addr 127.0.0.1:9 --connect-timeout 50ms
    --node-pubkey ${SOME_KEY} ${more} --output json`;
  return runCli(line, { home: home.path });
}

const FILES: OwnFile[] = [
  {
    name: "an identity",
    make: (home) => home.write("node.toml", SEED_LINE, { mode: 0o600 }),
    use: show,
    refusals: ["config", "io", "permission"],
    isNamed: true,
  },
  {
    name: "a pre-shared key",
    make: (home) => home.write("psk", `${SOME_KEY}\n`, { mode: 0o600 }),
    use: (home) => tryFetch(home, "--psk-file", home.at("psk")),
    // It is right, and nobody answers.
    refusals: ["config", "io", "permission", "usage", "handshake", "timeout"],
    isNamed: true,
  },
  {
    name: "a configuration",
    make: (home) =>
      home.write(
        ".config/net-mesh/config.toml",
        `[default]\npsk_hex = "${SOME_KEY}"\n[profiles.p1]\nendpoint = "h1"\n`,
        { mode: 0o600 },
      ),
    use: (home) => tryFetch(home),
    refusals: ["config", "io", "permission", "usage", "handshake", "timeout"],
    isNamed: true,
  },
];

async function tryOne(file: OwnFile, index: number): Promise<void> {
  const about = `FAULT_SEED=${SEED} FAULT_RUNS=${RUNS}: ${file.name}`;
  await using home = await TempDir.make();
  const victims = await Victims.make(home);
  const path = await file.make(home);
  const random = new Random(SEED + index);
  const damage = random.pick(
    damagesTo(path, random).filter(({ name }) =>
      !(file.isNamed && name === "a pipe")
    ),
  );
  damage.apply(path, victims);
  const before = victims.state();
  const run = await file.use(home);
  const what = `${about}, ${damage.name}: ${run.stderr}`;
  assertEquals(victims.state(), before, what);
  if (run.code === 0) return;
  const { kind, message, hint = "" } = failureOf(run);
  assert(file.refusals.includes(kind), what);
  if (["handshake", "timeout", "usage"].includes(kind)) return;
  assertStringIncludes(`${message} ${hint}`, home.path, what);
}

for (const file of FILES) {
  Deno.test({
    ...unless(
      onWindows,
      `${file.name} of which anything may have become is used or refused by its name`,
    ),
    async fn() {
      for (let run = 0; run < RUNS; run++) await tryOne(file, run);
    },
  });
}

Deno.test({
  ...unless(
    onWindows,
    "a note about a target of which anything may have become is no reason to replace anything, nor to wait",
  ),
  async fn() {
    await using dir = await TempDir.make();
    const tree = await dir.tree("tree", { a: "a" });
    await using holder = await startHolder(dir.path, [tree]);
    for (let run = 0; run < RUNS; run++) {
      await using home = await TempDir.make();
      const victims = await Victims.make(home);
      const line = words`recv-dir --remote-ref ${holder.refs[0].ref}
        --out ${home.at("out")} ${holder.attach()} --output json`;
      await Deno.mkdir(home.at(".config"));
      assertEquals((await runCli(line, { home: home.path })).code, 0);
      const notes = home.at(".config", "net-mesh", "fetched");
      const [{ name }] = [...Deno.readDirSync(notes)];
      const random = new Random(SEED + run);
      const damage = random.pick(damagesTo(`${notes}/${name}`, random));
      damage.apply(`${notes}/${name}`, victims);
      await home.write("out/mine", "mine");
      const before = victims.state();
      const next = await runCli(line, { home: home.path });
      const what = `FAULT_SEED=${SEED}: ${damage.name}: ${next.stderr}`;
      assertEquals(victims.state(), before, what);
      if (next.code === 0) continue;
      assertEquals(failureOf(next).kind, "exists", what);
      assertEquals(await Deno.readTextFile(home.at("out", "mine")), "mine");
    }
  },
});
