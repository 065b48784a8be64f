/**
 * Runs generated command lines, with names and values that are as bad as can
 * be, and looks at every line that is printed.
 *
 * `deno run -A scripts/check_outputs.ts [LINES [SEED]]`
 */

import { fromFileUrl } from "@std/path";
import { outputFaults } from "./clean_output.ts";
import {
  generateCommandLines,
  NASTY,
  type Surroundings,
} from "./generate_command_lines.ts";
import { HolderProcess } from "./holder_process.ts";
import { ROOT } from "./program.ts";
import { MARK } from "./run_command_lines.ts";
import { TempDir } from "./temp_dir.ts";

/** Command lines of one process. */
const BATCH = 500;

const RUNNER: string = fromFileUrl(
  new URL("./run_command_lines.ts", import.meta.url),
);

/** What has been looked at. */
export interface CheckedOutputs {
  readonly seed: number;
  readonly runs: number;
  readonly lines: number;
  /** Lines that no output may hold, with the command line before each. */
  readonly faults: readonly string[];
}

const isName = (text: string) =>
  !/[/\0]/.test(text) && text.isWellFormed() &&
  new TextEncoder().encode(text).length <= 255;

/** A directory of badly named files, a holder of it, and what fetches it. */
async function surround(
  dir: TempDir,
  holder: HolderProcess,
): Promise<Surroundings> {
  const names = NASTY.filter(isName);
  await dir.mkdir("work/store");
  return {
    paths: [
      ...names.map((name) => dir.at("tree", name)),
      ...names.map((name) => dir.at("work", name)),
      dir.at("tree"),
      dir.at("work", "store"),
      dir.at("work", "missing", "x"),
      `@${dir.at("ticket")}`,
      "/dev/null",
    ],
    attach: holder.attach(),
    references: holder.refs.map(({ ref }) => ref),
    tickets: [
      ...holder.refs.map(({ ticket }) => ticket),
      `@${dir.at("ticket")}`,
    ],
  };
}

class Checker {
  lines = 0;
  readonly faults: string[] = [];

  constructor(private readonly runs: readonly (readonly string[])[]) {}

  /** Looks at one stream of a process, line by line. */
  async look(stream: ReadableStream<Uint8Array>): Promise<void> {
    let args: readonly string[] = [];
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith(MARK)) {
          args = this.runs[Number(line.slice(MARK.length))];
          continue;
        }
        this.lines++;
        const isColoured = args.some((word) => word.endsWith("always"));
        for (const fault of outputFaults(line, { isColoured })) {
          this.faults.push(`${JSON.stringify(args).slice(0, 500)}\n  ${fault}`);
        }
      }
    }
    this.lines += rest === "" ? 0 : 1;
  }
}

/** Runs one batch in a process of its own. */
async function runBatch(
  dir: TempDir,
  runs: readonly (readonly string[])[],
): Promise<Checker> {
  const list = await dir.write(
    "runs.ndjson",
    runs.map((args) => `${JSON.stringify(args)}\n`).join(""),
  );
  const checker = new Checker(runs);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--no-check", "--config"],
      ...[`${ROOT}deno.json`, RUNNER, list],
    ],
    cwd: dir.at("work"),
    env: { HOME: dir.path, XDG_CONFIG_HOME: dir.at("config") },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ code }] = await Promise.all([
    child.status,
    checker.look(child.stdout),
    checker.look(child.stderr),
  ]);
  if (code !== 0) {
    checker.faults.push(`a process of many runs ended with ${code}`);
  }
  return checker;
}

/** Runs command lines until so many lines have been printed. */
export async function checkOutputs(
  wanted: number,
  seed: number,
): Promise<CheckedOutputs> {
  await using dir = await TempDir.make();
  for (const name of NASTY.filter(isName)) {
    await dir.write(`tree/${name}`, `content of ${name.length}\n`);
  }
  await using holder = await HolderProcess.start(
    [dir.at("tree"), dir.at("tree", "a b")],
    { keys: dir.path, env: { HOME: dir.path } },
  );
  await dir.write("ticket", holder.refs[0].ticket);
  const around = await surround(dir, holder);
  let runs = 0;
  let lines = 0;
  const faults: string[] = [];
  while (lines < wanted && faults.length === 0) {
    const batch = await generateCommandLines(BATCH, seed + runs, around);
    const checked = await runBatch(dir, batch);
    runs += batch.length;
    lines += checked.lines;
    faults.push(...checked.faults);
  }
  return { seed, runs, lines, faults };
}

if (import.meta.main) {
  const [wanted = "300000", seed = String(Date.now() % 2 ** 31)] = Deno.args;
  const { faults, ...counts } = await checkOutputs(
    Number(wanted),
    Number(seed),
  );
  console.log(JSON.stringify(counts));
  for (const fault of faults.slice(0, 20)) console.log(fault);
  if (faults.length > 0) Deno.exit(1);
}
