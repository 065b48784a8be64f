/**
 * Kills fetches (SIGKILL) at random times, and looks what the next run makes of
 * it: the target must be right, nothing else may be left, and nothing that was
 * on the disk may be fetched again.
 *
 * ```sh
 * deno run -A scripts/kill_fetches.ts [RUNS] [SEED]
 * ```
 */

import { join } from "@std/path";
import { seededRandom } from "../lib/wire/testing/random.ts";
import { HolderProcess } from "./holder_process.ts";
import { noise } from "./make_tree.ts";
import { runProgram, signal, sourceProgram, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

/** What is compared at once, and fetched: the length of a chunk. */
const CHUNK = 4 * 2 ** 20;

/** What the runs came to. */
export interface KilledFetches {
  runs: number;
  /** Runs that were over before they were killed. */
  over: number;
  /** Runs that left something which the next one went on with. */
  resumed: number;
  /** Bytes that were on the disk, and bytes that were not fetched again. */
  there: number;
  reused: number;
}

function* filesOf(dir: string, below = ""): Generator<string, void, void> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(dir)) {
    const path = join(below, name);
    if (isDirectory) yield* filesOf(join(dir, name), path);
    if (isFile) yield path;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Bytes of chunks of a file that are those of another one at the same place. */
function rightBytes(left: string, source: string): number {
  const [found, wanted] = [Deno.readFileSync(left), Deno.readFileSync(source)];
  let right = 0;
  for (let at = 0; at < wanted.length; at += CHUNK) {
    const chunk = wanted.subarray(at, at + CHUNK);
    const there = found.subarray(at, at + chunk.length);
    if (sameBytes(chunk, there)) right += chunk.length;
  }
  return right;
}

/** Bytes that a killed run has left beside the target. */
function bytesLeft(dir: string, source: string): number {
  let bytes = 0;
  for (const { name } of Deno.readDirSync(dir)) {
    const path = join(dir, name);
    if (name === "out.partial") bytes += rightBytes(path, source);
    if (!/^\.out\.(?:fetch|moved)_[0-9a-f]{16}$/.test(name)) continue;
    for (const file of filesOf(path)) {
      bytes += rightBytes(join(path, file), join(source, file));
    }
  }
  return bytes;
}

/** Throws unless two files or trees are the same. */
function requireSame(out: string, source: string): void {
  if (Deno.statSync(source).isFile) {
    const [found, wanted] = [Deno.readFileSync(out), Deno.readFileSync(source)];
    if (!sameBytes(found, wanted)) {
      throw new Error(`${out} is not as published`);
    }
    return;
  }
  const [found, wanted] = [[...filesOf(out)], [...filesOf(source)]];
  if (found.sort().join() !== wanted.sort().join()) {
    throw new Error(`${out} has other files: ${found}`);
  }
  for (const file of wanted) requireSame(join(out, file), join(source, file));
}

/**
 * Kills fetches of a file and of a tree by turns.
 *
 * @param runs How many.
 * @param seed When each is killed.
 * @throws {Error} When a run after one that was killed is not as it must be.
 */
export async function killFetches(
  runs: number,
  seed: number,
): Promise<KilledFetches> {
  await using dir = await TempDir.make();
  const random = seededRandom(seed);
  const blob = await dir.write("blob", noise(5 * CHUNK + 9, 1));
  const tree = dir.at("tree");
  for (let i = 0; i < 30; i++) {
    await dir.write(`tree/d${i % 4}/f${i}`, noise(40_000 * (i + 1), i + 2));
  }
  await dir.write("tree/large", noise(3 * CHUNK + 1, 99));
  await using holder = await HolderProcess.start(
    [blob, tree, "--limit-rate", "24M"],
    { program: sourceProgram(), keys: dir.path },
  );
  const total: KilledFetches = {
    runs,
    over: 0,
    resumed: 0,
    there: 0,
    reused: 0,
  };
  const kinds = [
    { source: blob, verb: "recv-blob", to: "--blob-ref", lastMs: 0 },
    { source: tree, verb: "recv-dir", to: "--remote-ref", lastMs: 0 },
  ];
  for (const [at, kind] of kinds.entries()) {
    await using place = await TempDir.make(dir.path);
    const line = lineOf(holder, at, kind, place);
    kind.lastMs = await runKilled(place.path, line, Infinity) ?? 0;
  }
  for (let run = 0; run < runs; run++) {
    const at = run % 2;
    const { source, lastMs } = kinds[at];
    await using place = await TempDir.make(dir.path);
    const line = lineOf(holder, at, kinds[at], place);
    const about = `run ${run} of seed ${seed}`;
    const over = await runKilled(place.path, line, random() * lastMs);
    if (over !== undefined) total.over++;
    const there = bytesLeft(place.path, source);
    const { code, stdout, stderr } = await runProgram(sourceProgram(), line);
    if (code !== 0) throw new Error(`${about}: exit ${code}: ${stderr}`);
    const result = JSON.parse(stdout);
    requireSame(place.at("out"), source);
    const names = [...Deno.readDirSync(place.path)].map(({ name }) => name);
    if (names.join() !== "out") throw new Error(`${about}: left ${names}`);
    if (result.bytes_reused < there) {
      throw new Error(
        `${about}: ${there} bytes were there, ${result.bytes_reused} used`,
      );
    }
    if (result.resumed) total.resumed++;
    total.there += there;
    total.reused += result.bytes_reused;
  }
  return total;
}

function lineOf(
  holder: HolderProcess,
  at: number,
  { verb, to }: { verb: string; to: string },
  place: TempDir,
): string[] {
  return words`${verb} ${to} ${holder.ready.refs[at].ref} --out
    ${place.at("out")} --no-hash-cache --output json
    ${holder.ready.attach.split(" ")}`;
}

/**
 * Runs the program and kills it some time after it touched a directory: to
 * start takes as long as to fetch.
 *
 * @returns For how long it ran from then on, if it was over before that.
 */
async function runKilled(
  dir: string,
  line: readonly string[],
  afterMs: number,
): Promise<number | undefined> {
  const [program, ...args] = [...sourceProgram(), ...line];
  const quiet = { stdout: "null", stderr: "null" } as const;
  const child = new Deno.Command(program, { args, ...quiet }).spawn();
  let isOver = false;
  const ended = child.status.then(() => isOver = true);
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
  while (!isOver && Deno.readDirSync(dir)[Symbol.iterator]().next().done) {
    await pause(2);
  }
  const since = performance.now();
  while (!isOver && performance.now() - since < afterMs) await pause(2);
  const lasted = performance.now() - since;
  if (isOver) return lasted;
  signal(child, "SIGKILL");
  await ended;
  return undefined;
}

if (import.meta.main) {
  const [runs = "100", seed = String(Date.now() % 1e9)] = Deno.args;
  console.log(`seed ${seed}`);
  console.log(await killFetches(Number(runs), Number(seed)));
}
