/** The program in a process of its own. */

import { fromFileUrl, join } from "@std/path";
import { checkOutput } from "./clean_output.ts";
import { recorded } from "./record_output.ts";

/** The repository. */
export const ROOT: string = fromFileUrl(new URL("../", import.meta.url));

/** What starts the program; its arguments follow. */
export type Program = readonly string[];

/** The program run from its sources. */
export function sourceProgram(
  permissions: readonly string[] = ["-A"],
): Program {
  const config = join(ROOT, "deno.json");
  const main = join(ROOT, "cli.ts");
  return words`${Deno.execPath()} run ${permissions} --quiet --no-check
    --config ${config} ${main}`;
}

/**
 * Cuts a template into the words of a command line, as a shell does: a value
 * stays one word whatever is in it, a list is as many words as it has.
 */
export function words(
  texts: TemplateStringsArray,
  ...values: readonly (string | number | bigint | readonly string[])[]
): string[] {
  const found: string[] = [];
  let open = false;
  const add = (text: string) => {
    if (open) found[found.length - 1] += text;
    else found.push(text);
    open = true;
  };
  for (const [at, text] of texts.entries()) {
    for (const [part, word] of text.split(/\s+/).entries()) {
      if (part > 0) open = false;
      if (word !== "") add(word);
    }
    const value = values[at];
    if (typeof value === "object") found.push(...value);
    else if (value !== undefined) add(String(value));
  }
  return found;
}

/** What a finished process left. */
export interface Finished {
  /** Exit code. */
  readonly code: number;
  /** Everything on stdout. */
  readonly stdout: string;
  /** Everything on stderr. */
  readonly stderr: string;
}

/** Where and with what a process runs. */
export interface RunOptions {
  /** Variables besides ours, or instead of them. */
  readonly env?: Record<string, string>;
  /** Whether ours are left out. */
  readonly clearEnv?: boolean;
  /** Written to stdin. */
  readonly stdin?: Uint8Array | string;
  /** The working directory. */
  readonly cwd?: string;
  /** Whether what is run gives the program a terminal. @default {false} */
  readonly isTerminal?: boolean;
}

/** The command of a process whose output is read; nothing comes from a terminal. */
export function programCommand(
  program: Program,
  args: readonly string[],
  { stdin, isTerminal: _, ...options }: RunOptions = {},
): Deno.Command {
  const [path, ...first] = recorded(program);
  return new Deno.Command(path, {
    ...options,
    args: [...first, ...args],
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs the program to its end; what it prints must be clean. */
export async function runProgram(
  program: Program,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const child = programCommand(program, args, options).spawn();
  const { stdin, isTerminal } = options;
  if (stdin !== undefined) {
    // A process that needs no stdin may be gone before all is written.
    await new Response(stdin as Uint8Array<ArrayBuffer> | string).body
      ?.pipeTo(child.stdin).catch(() => {});
  }
  const { code, stdout, stderr } = await child.output();
  const [out, error] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  checkOutput(args, { stdout: out, stderr: error, isTerminal });
  return { code, stdout: out, stderr: error };
}

/** Sends a signal to a process, which may have ended by itself. */
export function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
