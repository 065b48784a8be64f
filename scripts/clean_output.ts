/** What no output of the program may hold, whatever it is about. */

/** Why a line is no line of ours, the first that fits. */
const FAULTS: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^\s+at .*:\d+:\d+\)?$/, "a stack trace"],
  [/Uncaught|Unhandled|Stack backtrace|panicked at/, "a crash"],
  [/\bDEP\d{4}\b|^\(node:|ExperimentalWarning/, "a warning of the runtime"],
  [/^(?:\p{Cc}\[[\d;]*m)*warning\b/iu, "a warning of the runtime"],
  [/\[object \w+\]/, "an object that is no text"],
  [/(?<![\w./-])(?:undefined|NaN)(?![\w./-])/, "a value that is none"],
  // Also what reorders text, is invisible, or ends a line for some readers.
  [
    /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u,
    "a control character",
  ],
];

/** Marks of our own for terminals: bold, faint, red, yellow and their ends. */
const COLOURS = /\p{Cc}\[(?:1|2|22|31|33|39)m/gu;

/** What is known of the run whose output is looked at. */
export interface CleanOptions {
  /** Whether colours may be there. @default {false} */
  readonly isColoured?: boolean;
}

/** What a run has printed. */
export interface Printed {
  readonly stdout?: string;
  readonly stderr: string;
  /** Whether a terminal stood between, which ends lines its own way. */
  readonly isTerminal?: boolean;
}

/**
 * Looks for what no output may hold.
 *
 * @returns Each line that has some of it, with the reason.
 */
export function outputFaults(
  text: string,
  { isColoured = false }: CleanOptions = {},
): string[] {
  const plain = isColoured ? text.replaceAll(COLOURS, "") : text;
  return plain.split("\n").flatMap((line) => {
    const fault = FAULTS.find(([pattern]) => pattern.test(line));
    return fault === undefined ? [] : [`${fault[1]}: ${JSON.stringify(line)}`];
  });
}

/** Whether what a run prints on stdout is content, which is whatever it is. */
export function isContent(args: readonly string[]): boolean {
  return args.some((word, at) =>
    word === "--out=-" || word === "-" && args[at - 1] === "--out"
  );
}

/** Whether a run was to print colours. */
export function isColoured(args: readonly string[]): boolean {
  return args.some((word) => word.endsWith("always"));
}

/**
 * Checks what a run has printed, and counts its lines in the file that
 * `OUTPUT_LINES` names.
 *
 * @throws {Error} With the lines that hold what they may not.
 */
export function checkOutput(
  args: readonly string[],
  { stdout = "", stderr, isTerminal = false }: Printed,
): void {
  const texts = [stderr, isContent(args) ? "" : stdout]
    .map((text) => isTerminal ? text.replaceAll("\r\n", "\n") : text);
  const counter = Deno.env.get("OUTPUT_LINES");
  if (counter !== undefined) {
    const lines = texts.join("").split("\n").length - 1;
    Deno.writeTextFileSync(counter, `${lines}\n`, { append: true });
  }
  const faults = texts.flatMap((text) =>
    outputFaults(text, { isColoured: isTerminal || isColoured(args) })
  );
  if (faults.length === 0) return;
  throw new Error(`${args.join(" ")} printed\n${faults.join("\n")}`);
}
