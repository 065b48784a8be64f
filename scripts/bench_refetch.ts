/**
 * Measures what is fetched again: a tree that has not changed, against rsync over
 * ssh, and a file of which half was there, against the whole of it.
 *
 * ```sh
 * deno run -A --config deno.dev.json scripts/bench_refetch.ts [--quick] [--runs N] [--program PATH] [--dir DIR]
 * ```
 *
 * 30 000 files of 537 MB together, and one of 1 GiB; `--quick` takes a tenth and
 * an eighth of that. The tools take turns in each run, times are of the fetching
 * process from its start to its end, and ratios are of the medians.
 */

import { parseArgs } from "@std/cli/parse-args";
import { isInstalled, SshServer } from "./bench_service.ts";
import { HolderProcess } from "./holder_process.ts";
import { makeTree, MANY_FILES, noise } from "./make_tree.ts";
import { type Program, runProgram, sourceProgram, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

const MIB = 2 ** 20;
/** Bytes written at once. */
const BLOCK = 16 * MIB;

/** Something that is measured by turns with others. */
interface Way {
  readonly name: string;
  /** What is not measured. */
  prepare?(): Promise<void>;
  run(): Promise<void>;
}

/** A ratio that is to hold. */
interface Goal {
  readonly one: string;
  readonly other: string;
  readonly atMost: number;
}

/** Lets ways take turns; prints and gives their medians in seconds. */
async function takeTurns(
  ways: readonly Way[],
  runs: number,
  goals: readonly Goal[],
): Promise<void> {
  const seconds = new Map<string, number[]>();
  for (let run = 0; run < runs; run++) {
    for (const { name, prepare, run } of ways) {
      await prepare?.();
      const since = performance.now();
      await run();
      const took = (performance.now() - since) / 1000;
      seconds.set(name, [...seconds.get(name) ?? [], took]);
    }
  }
  for (const [name, took] of seconds) {
    const all = took.map((each) => each.toFixed(2)).join(" ");
    console.log(`  ${name}: ${median(took).toFixed(2)} s (${all})`);
  }
  for (const { one, other, atMost } of goals) {
    const [a, b] = [one, other].map((name) => seconds.get(name));
    if (a === undefined || b === undefined) continue;
    const ratio = median(a) / median(b);
    const verdict = ratio <= atMost ? "holds" : "MISSED";
    console.log(
      `  ${one} / ${other}: ${ratio.toFixed(2)} (goal ${atMost}: ${verdict})`,
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Where notes and hashes go that are not the user's. */
const OWN = ["XDG_CACHE_HOME", "XDG_CONFIG_HOME"];

async function runWell(command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(command, []);
  if (code === 0) return stdout;
  throw new Error(`${command[0]} failed with ${code}: ${stderr}`);
}

/** Runs the program, which is to have come by nothing over the network. */
async function fetchNothing(command: readonly string[]): Promise<void> {
  const result = JSON.parse(await runWell([...command, "--output", "json"]));
  if (result.bytes_fetched !== 0) throw new Error("something was fetched");
}

/** An unchanged tree, fetched again. */
async function refetch(
  scratch: TempDir,
  program: Program,
  runs: number,
  quick: boolean,
): Promise<void> {
  const part = quick ? 10 : 1;
  const files = MANY_FILES.files / part;
  const tree = scratch.at("tree");
  await makeTree(tree, { files, bytes: MANY_FILES.bytes / part });
  console.log(`an unchanged tree of ${files} files again`);
  await using holder = await HolderProcess.start([tree], {
    program,
    keys: scratch.path,
  });
  const line = words`${program} recv-dir --remote-ref ${holder.refs[0].ref}
    --out ${scratch.at("ours")} ${holder.attach()}`;
  await runWell(line);
  const ways: Way[] = [
    { name: "ours, cache warm", run: () => fetchNothing(line) },
    {
      name: "ours, without cache",
      run: () => fetchNothing([...line, "--no-hash-cache"]),
    },
  ];
  await using stack = new AsyncDisposableStack();
  if (await isInstalled("rsync") && await isInstalled("/usr/sbin/sshd")) {
    const server = stack.use(await SshServer.start(scratch.path));
    const shell = words`ssh -p ${server.port} ${server.options}`.join(" ");
    const rsync = (flags: string) =>
      words`rsync ${flags} -e ${shell} 127.0.0.1:${tree}/
        ${scratch.at("theirs")}`;
    await runWell(rsync("-a"));
    for (const flags of ["-a", "-ac"]) {
      const run = () => runWell(rsync(flags)).then(() => {});
      ways.push({ name: `rsync ${flags}`, run });
    }
  } else console.log("  without rsync and sshd, which are not installed here");
  // What was written a moment ago is not remembered: git has the same rule.
  await new Promise((done) => setTimeout(done, 2500));
  await fetchNothing(line);
  await takeTurns(ways, runs, [
    { one: "ours, cache warm", other: "rsync -a", atMost: 0.5 },
    { one: "ours, without cache", other: "rsync -ac", atMost: 1.5 },
  ]);
}

/** A file of which an earlier run had half. */
async function resume(
  scratch: TempDir,
  program: Program,
  runs: number,
  quick: boolean,
): Promise<void> {
  const bytes = (quick ? 128 : 1024) * MIB;
  const path = scratch.at("file");
  await writeNoise(path, bytes);
  console.log(`a file of ${bytes / MIB} MiB, of which half is there`);
  await using holder = await HolderProcess.start([path], {
    program,
    keys: scratch.path,
  });
  const out = scratch.at("out");
  const line = words`${program} recv-blob --blob-ref ${holder.refs[0].ref}
    --no-fsync --no-hash-cache --out ${out} --output json ${holder.attach()}`;
  const remove = () => Deno.remove(out).catch(() => {});
  const run = async (reused: number) => {
    const result = JSON.parse(await runWell(line));
    if (result.bytes_reused === reused) return;
    throw new Error(`${result.bytes_reused} bytes were used, not ${reused}`);
  };
  const halve = async () => {
    await remove();
    await Deno.copyFile(path, `${out}.partial`);
    await Deno.truncate(`${out}.partial`, bytes / 2);
  };
  await takeTurns(
    [
      { name: "fresh", prepare: remove, run: () => run(0) },
      { name: "resumed", prepare: halve, run: () => run(bytes / 2) },
    ],
    runs,
    [{ one: "resumed", other: "fresh", atMost: 0.6 }],
  );
}

async function writeNoise(path: string, bytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let at = 0; at < bytes; at += BLOCK) {
    await file.write(noise(Math.min(BLOCK, bytes - at), at + 1));
  }
}

if (import.meta.main) {
  const { quick, runs = "5", program, dir } = parseArgs(Deno.args, {
    boolean: ["quick"],
    string: ["runs", "program", "dir"],
  });
  const command = program === undefined ? sourceProgram() : [program];
  await using scratch = await TempDir.make(dir);
  for (const name of OWN) {
    await Deno.mkdir(scratch.at(name));
    Deno.env.set(name, scratch.at(name));
  }
  await refetch(scratch, command, Number(runs), quick);
  await resume(scratch, command, Number(runs), quick);
}
