/**
 * Global options on a command line that may be wrong elsewhere: how a failure
 * is to be shown is known even where parsing failed.
 */

import { parseArgs } from "node:util";
import {
  OUTPUT_FORMATS,
  type OutputFormat,
} from "../framework/output/report.ts";
import { COLOR_MODES, type ColorChoice } from "../framework/terminal/paint.ts";

/** How a failure is to be shown, known even where parsing failed. */
export interface EarlyOptions extends ColorChoice {
  /** `undefined` without one, or with an unknown one. */
  readonly format?: OutputFormat;
}

export function earlyOptions(args: readonly string[]): EarlyOptions {
  const { output, color, "no-color": noColor } = parseArgs({
    args: [...args],
    options: {
      output: { type: "string" },
      color: { type: "string" },
      "no-color": { type: "boolean" },
    },
    strict: false,
  }).values;
  return {
    format: OUTPUT_FORMATS.find((format) => format === output),
    color: COLOR_MODES.find((mode) => mode === color) ?? "auto",
    noColor: noColor === true,
  };
}
