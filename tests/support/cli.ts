/** Runs the command line in processes that see nothing of the user's. */

import { assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { join } from "@std/path";
import { compareTrees } from "../../scripts/compare_trees.ts";
import {
  type HolderOptions,
  HolderProcess,
} from "../../scripts/holder_process.ts";
import {
  type Finished,
  programCommand,
  type RunOptions,
  runProgram,
  words,
} from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { TEST_PROGRAM } from "./test_program.ts";

/** How a process is started. */
export interface CliOptions extends Omit<RunOptions, "clearEnv"> {
  /** The home directory; a missing one when left out. */
  readonly home?: string;
  /** What starts the program, as `nohup` does. */
  readonly before?: readonly string[];
}

/** The environment of a process: ours is left out but for what a runtime needs. */
export function isolated(
  { home = "/nonexistent", env, before: _before, ...options }: CliOptions,
): RunOptions {
  const inherited: Record<string, string> = {
    // The cache of the runtime is found from the real home directory.
    DENO_DIR: join(Deno.env.get("HOME") ?? "/root", ".cache/deno"),
  };
  for (const name of ["PATH", "DENO_DIR", "TMPDIR"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) inherited[name] = value;
  }
  return {
    ...options,
    clearEnv: true,
    env: { ...inherited, HOME: home, ...env },
  };
}

/** The command of a process that runs the command line. */
export function cliCommand(
  args: readonly string[],
  options: CliOptions = {},
): Deno.Command {
  const [first, ...rest] = [...options.before ?? [], ...TEST_PROGRAM];
  return programCommand([first, ...rest], args, isolated(options));
}

/** Runs the command line to its end. */
export function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<Finished> {
  return runProgram(TEST_PROGRAM, args, isolated(options));
}

/** Runs a command line to its end. */
export function cli(...line: Parameters<typeof words>): Promise<Finished> {
  return runCli(words(...line));
}

/** The result of a command line that succeeds and says nothing on stderr. */
export async function resultOf(
  finished: Finished | Promise<Finished>,
): Promise<ReturnType<typeof JSON.parse>> {
  const { code, stdout, stderr } = await finished;
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

/** A failure as programs read it. */
export interface Failure {
  readonly kind: string;
  readonly message: string;
  readonly exit_code: number;
  readonly hint?: string;
  readonly path?: string;
  readonly files?: number;
  readonly bytes?: number;
  readonly pid?: number;
  readonly held?: boolean;
}

/** The failure that a run printed for programs, which is its last line. */
export function failureOf({ code, stdout, stderr }: Finished): Failure {
  const { error } = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "");
  assertEquals([error.exit_code, stdout], [code, ""]);
  return error;
}

/**
 * Starts a process that serves.
 *
 * @param home Its home directory, where its keys go.
 */
export function startHolder(
  home: string,
  args: readonly string[],
  options: Omit<HolderOptions, "keys"> = {},
): Promise<HolderProcess> {
  return HolderProcess.start(args, {
    program: TEST_PROGRAM,
    ...options,
    ...isolated({ ...options, home }),
  });
}

/** Fails unless two trees are the same, modes and links included. */
export async function assertSameTree(
  one: string,
  other: string,
): Promise<void> {
  assertEquals((await compareTrees(one, other)).differences, []);
}

/** The paths below a directory. */
export async function pathsIn(dir: string): Promise<string[]> {
  const entries: AsyncIterable<{ path: string }> = walk(dir);
  const paths = await Array.fromAsync(entries, ({ path }) => path);
  return paths.filter((path) => path !== dir)
    .map((path) => path.slice(dir.length + 1)).sort();
}

/** Thirty-two bytes in hex that mean nothing to anybody. */
export const SOME_KEY: string = "ab".repeat(32);
/** Others. */
export const OTHER_KEY: string = "cd".repeat(32);

/** A test with a directory of its own. */
export function test(
  what: string | Omit<Deno.TestDefinition, "fn">,
  body: (dir: TempDir, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({
    ...(typeof what === "string" ? { name: what } : what),
    async fn(t) {
      await using dir = await TempDir.make();
      await body(dir, t);
    },
  });
}
