/**
 * Global options on a command line that may be wrong elsewhere: how a failure
 * is to be shown is known even where parsing failed.
 *
 * @module
 */

import {
  OUTPUT_FORMATS,
  type OutputFormat,
} from "../framework/output/report.ts";
import { COLOR_MODES, type ColorChoice } from "../framework/terminal/paint.ts";

/**
 * Finds what was given last for an option that takes a word.
 *
 * @param args The command line.
 * @param flag The option, with its dashes.
 */
function lastValue(args: readonly string[], flag: string): string | undefined {
  let value: string | undefined;
  for (const [at, arg] of args.entries()) {
    if (arg === "--") break;
    if (arg === flag) value = args[at + 1];
    if (arg.startsWith(`${flag}=`)) value = arg.slice(flag.length + 1);
  }
  return value;
}

/**
 * The format that a command line asks for.
 *
 * @returns `undefined` when it names none, or none that there is.
 */
export function earlyFormat(args: readonly string[]): OutputFormat | undefined {
  const word = lastValue(args, "--output");
  return OUTPUT_FORMATS.find((format) => format === word);
}

/** What a command line says about colour. */
export function earlyColor(args: readonly string[]): ColorChoice {
  const word = lastValue(args, "--color");
  const end = args.indexOf("--");
  const flags = end < 0 ? args : args.slice(0, end);
  return {
    color: COLOR_MODES.find((mode) => mode === word) ?? "auto",
    noColor: flags.includes("--no-color"),
  };
}
