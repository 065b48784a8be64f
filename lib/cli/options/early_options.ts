/**
 * Global options on a command line that may be wrong elsewhere: how a failure
 * is to be shown is known even where parsing failed.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  OUTPUT_FORMATS,
  type OutputFormat,
} from "../framework/output/report.ts";
import { COLOR_MODES, type ColorChoice } from "../framework/terminal/paint.ts";

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      output: { type: "string" },
      color: { type: "string" },
      "no-color": { type: "boolean" },
    },
    strict: false,
  }).values;
}

/**
 * The format that a command line asks for.
 *
 * @returns `undefined` when it names none, or none that there is.
 */
export function earlyFormat(args: readonly string[]): OutputFormat | undefined {
  const { output } = parse(args);
  return OUTPUT_FORMATS.find((format) => format === output);
}

/** What a command line says about colour. */
export function earlyColor(args: readonly string[]): ColorChoice {
  const { color, "no-color": noColor } = parse(args);
  return {
    color: COLOR_MODES.find((mode) => mode === color) ?? "auto",
    noColor: noColor === true,
  };
}
