/**
 * What processes of tests print, kept and looked at. With `OUTPUT_DIR=DIR` each
 * of them has its output copied to a directory of its own below `DIR`; then
 *
 *     deno run -A scripts/record_output.ts DIR
 *
 * counts the lines and prints those that no output may hold.
 */

import { join } from "@std/path";
import { isColoured, isContent, outputFaults } from "./clean_output.ts";
import type { Program } from "./program.ts";

/** Copies both streams of what it becomes: signals reach the program itself. */
const SCRIPT = `d=$(mktemp -d "$1/run.XXXXXX"); shift
  printf '%s\\0' "$@" >"$d/args"
  exec "$@" > >(exec tee -i "$d/stdout") 2> >(exec tee -i "$d/stderr" >&2)`;

/**
 * A command that has its output recorded, where that is wished for.
 *
 * @param program What starts the program.
 */
export function recorded(program: Program): Program {
  const dir = Deno.env.get("OUTPUT_DIR");
  // strace would wait for the copying, which waits for its end.
  return dir === undefined || program[0] === "strace"
    ? program
    : ["bash", "-c", SCRIPT, "record", dir, ...program];
}

/** What was recorded. */
export interface RecordedOutputs {
  readonly runs: number;
  readonly lines: number;
  /** Lines that no output may hold, with the command line before each. */
  readonly faults: readonly string[];
}

/**
 * Looks at all that was recorded.
 *
 * @param dir What `OUTPUT_DIR` was.
 */
export async function judgeRecorded(dir: string): Promise<RecordedOutputs> {
  let runs = 0;
  let lines = 0;
  const faults: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    const read = async (file: string) => {
      const bytes = await Deno.readFile(join(dir, name, file));
      return new TextDecoder().decode(bytes);
    };
    const args = (await read("args")).split("\0").slice(0, -1);
    const texts = [await read("stderr")];
    if (!isContent(args)) texts.push(await read("stdout"));
    runs++;
    for (const text of texts) {
      lines += text.split("\n").length - 1;
      const how = { isColoured: isColoured(args) };
      for (const fault of outputFaults(text, how)) {
        faults.push(`${JSON.stringify(args).slice(0, 500)}\n  ${fault}`);
      }
    }
  }
  return { runs, lines, faults };
}

if (import.meta.main) {
  const { faults, ...counts } = await judgeRecorded(Deno.args[0]);
  console.log(JSON.stringify({ ...counts, faults: faults.length }));
  for (const fault of faults.slice(0, 40)) console.log(fault);
  if (faults.length > 0) Deno.exit(1);
}
