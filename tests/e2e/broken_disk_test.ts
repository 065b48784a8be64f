/**
 * The whole program on a disk of which one call fails, or writes are short: what
 * is there afterwards is the old or the new, what is said is true, and the next
 * run goes on.
 *
 * Each test tries some of the calls: `FAULT_RUNS=N` tries so many, `FAULT_SEED=N`
 * the same ones again.
 */

import { assert, assertEquals } from "@std/assert";
import { Random } from "../../lib/wire/testing/random.ts";
import { compareTrees } from "../../scripts/compare_trees.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { type Finished, words } from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import {
  BrokenDisk,
  type Fault,
  FAULTS,
  type Faults,
  noBrokenDisks,
} from "../support/broken_disk.ts";
import { failureOf, runCli, startHolder } from "../support/cli.ts";
import { unless } from "../support/unless.ts";

const SEED = Number(Deno.env.get("FAULT_SEED") ?? Date.now() % 1e9);
const RUNS = Number(Deno.env.get("FAULT_RUNS") ?? 1);
const MIB = 2 ** 20;

/** Something that is done in a directory, and is to be there then. */
interface Work {
  readonly name: string;
  /** Makes what is there before. */
  prepare(place: TempDir): Promise<unknown>;
  /** Its command line. */
  line(place: TempDir, source: Source): string[];
  /** Whether all of it is there. */
  isDone(place: TempDir, source: Source): Promise<boolean>;
  /** Whether what was there before is there. */
  isOld(place: TempDir): Promise<boolean>;
  /** Names that are there in the end. */
  readonly names: readonly string[];
}

/** What is fetched and stored. */
interface Source {
  readonly blob: string;
  readonly tree: string;
  readonly holder: HolderProcess;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([one, other].map((p) => Deno.readFile(p)));
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function isSameTree(one: string, other: string): Promise<boolean> {
  try {
    const { differences } = await compareTrees(one, other);
    // What is removed last may stay, and what the next run goes on with.
    return differences.every((text) =>
      /\.net-transfer\.(?:fetch|removing)_/.test(text)
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const OLD = { "d/old": "old", z: "old" };

async function isOldTree(place: TempDir): Promise<boolean> {
  await using old = await TempDir.make();
  return await isSameTree(await old.tree("old", OLD), place.at("in", "out"));
}

const WORKS: Work[] = [
  {
    name: "recv-blob over an old file",
    prepare: (place) => place.write("in/out", "old"),
    line: (place, { holder }) =>
      words`recv-blob --blob-ref ${holder.refs[0].ref} --replace
        --out ${place.at("in", "out")} ${holder.attach()}`,
    isDone: (place, { blob }) => isSameFile(blob, place.at("in", "out")),
    isOld: async (place) =>
      await Deno.readTextFile(place.at("in", "out")) === "old",
    names: ["out"],
  },
  {
    name: "recv-dir over an old tree",
    prepare: (place) => place.tree("in/out", OLD),
    line: (place, { holder }) =>
      words`recv-dir --remote-ref ${holder.refs[1].ref} --replace --fsync
        --out ${place.at("in", "out")} ${holder.attach()}`,
    isDone: (place, { tree }) => isSameTree(tree, place.at("in", "out")),
    isOld: isOldTree,
    names: ["out"],
  },
  {
    name: "recv-dir in place",
    prepare: (place) => place.tree("in/out", OLD),
    line: (place, { holder }) =>
      words`recv-dir --remote-ref ${holder.refs[1].ref} --replace --in-place
        --fsync --out ${place.at("in", "out")} ${holder.attach()}`,
    isDone: (place, { tree }) => isSameTree(tree, place.at("in", "out")),
    isOld: isOldTree,
    names: ["out"],
  },
  {
    name: "send-dir --store",
    prepare: (place) => place.mkdir("in"),
    line: (place, { tree }) =>
      words`send-dir ${tree} --store ${place.at("in", "store")}
        --no-hash-cache`,
    isDone: (place, { tree }) => isStored(place, tree),
    // A store has as much as there was time for, and all of it is right.
    isOld: (place) => isWholeStore(place.at("in", "store", "dataforts/blob")),
    names: ["store"],
  },
];

async function isStored(place: TempDir, tree: string): Promise<boolean> {
  await using holder = await startHolder(place.path, [
    "--store",
    place.at("in", "store"),
  ]);
  const [{ remote_ref: ref }] = await Promise.all([refOf(tree)]);
  const out = place.at("fetched");
  const { code } = await runCli(
    words`recv-dir --remote-ref ${ref} --out ${out} --replace
      ${holder.attach()}`,
  );
  return code === 0 && await isSameTree(tree, out);
}

async function refOf(tree: string): Promise<{ remote_ref: string }> {
  await using place = await TempDir.make();
  const { stdout } = await runCli(
    words`send-dir ${tree} --store ${place.at("store")} --output json`,
  );
  return JSON.parse(stdout);
}

/** Whether each chunk has all its files. */
async function isWholeStore(blobs: string): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(blobs)) {
      for (const file of ["manifest", "v0000000001/dat", "v0000000001/idx"]) {
        const { size } = await Deno.lstat(`${blobs}/${name}/${file}`);
        if (size === 0 && !file.endsWith("dat")) return false;
      }
    }
    return true;
  } catch (error) {
    // Nothing was stored at all.
    return error instanceof Deno.errors.NotFound &&
      !await exists(blobs);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with how a run ended. */
async function* faultsOf(
  work: Work,
  place: TempDir,
  source: Source,
  run: Finished,
  { failed, keeps }: Faults,
): AsyncGenerator<string, void, void> {
  const isDone = await work.isDone(place, source);
  if (run.code === 0) {
    if (!isDone) yield "said to be done, and is not";
    if (failed && keeps) yield "said to be done, though a write failed";
    return;
  }
  const { kind, path, message, exit_code } = failureOf(run);
  // The answer to the question whether the target can be renamed counts as one.
  if (kind === "exists" && exit_code === 2 && await work.isOld(place)) return;
  // 1 before there is anything to fetch, or to store.
  if (![1, 3].includes(exit_code)) yield `exit code ${exit_code}: ${message}`;
  if (!["io", "store"].includes(kind)) yield `${kind}: ${message}`;
  if (path === undefined) yield `no path: ${message}`;
  if (!isDone && !await work.isOld(place)) {
    yield `neither old nor new: ${message}`;
  }
}

async function tryOne(
  work: Work,
  source: Source,
  at: number | undefined,
  fault: Fault,
  isShort = false,
): Promise<number> {
  await using place = await TempDir.make();
  await work.prepare(place);
  const disk = await BrokenDisk.make(place, place.at("in"));
  const line = [...work.line(place, source), "--output", "json"];
  const env = disk.env(at, fault, isShort);
  const run = await runCli(line, { env });
  const { faults } = disk;
  const about = `FAULT_SEED=${SEED}: ${work.name}: ${fault} at ${at}`;
  const found = await Array.fromAsync(
    faultsOf(work, place, source, run, faults),
  );
  assertEquals(found, [], about);
  const next = await runCli(line);
  assertEquals(next.code, 0, `${about}: the next run: ${next.stderr}`);
  assert(await work.isDone(place, source), `${about}: not done then`);
  const names = [...Deno.readDirSync(place.at("in"))].map(({ name }) => name);
  assertEquals(names, work.names, about);
  return faults.calls;
}

async function withSource(use: (source: Source) => Promise<void>) {
  await using dir = await TempDir.make();
  const blob = await dir.write("blob", noise(5 * MIB, 1));
  const tree = await dir.tree("tree", {
    "d/small": noise(700, 2),
    "d/e/large": noise(5 * MIB + 1, 3),
    "d/link": { link: "small" },
    z: "new",
  });
  await using holder = await startHolder(dir.path, [blob, tree]);
  await use({ blob, tree, holder });
}

for (const work of WORKS) {
  Deno.test({
    ...unless(
      noBrokenDisks,
      `${work.name} on a disk of which one call fails leaves the old or the new, says so, and goes on`,
    ),
    fn: () =>
      withSource(async (source) => {
        const calls = await tryOne(work, source, undefined, "EIO", true);
        assert(calls > 10, "no call was counted");
        const random = new Random(SEED);
        for (let run = 0; run < RUNS; run++) {
          const fault = random.pick(FAULTS);
          await tryOne(work, source, random.below(calls), fault);
        }
      }),
  });
}
