/** Marks text for a terminal. */
export interface Paint {
  /** What went wrong. */
  bad(text: string): string;
  /** What should be noticed. */
  notice(text: string): string;
  /** What stands out. */
  strong(text: string): string;
  /** What is less important. */
  faint(text: string): string;
  /** White on black, whatever colours the terminal has. */
  lit(text: string): string;
}

export const PLAIN: Paint = {
  bad: (text) => text,
  notice: (text) => text,
  strong: (text) => text,
  faint: (text) => text,
  lit: (text) => text,
};

const wrap =
  (open: number | string, close: number | string) => (text: string) =>
    `\x1b[${open}m${text}\x1b[${close}m`;

const ANSI: Paint = {
  bad: wrap(31, 39),
  notice: wrap(33, 39),
  strong: wrap(1, 22),
  faint: wrap(2, 22),
  lit: wrap("97;40", "39;49"),
};

export const COLOR_MODES = ["auto", "always", "never"] as const;

export interface ColorChoice {
  readonly color: typeof COLOR_MODES[number];
  readonly noColor: boolean;
}

/** A flag decides first, then `NO_COLOR`, then whether the stream is a terminal. */
export function choosePaint(
  { color, noColor: plain }: ColorChoice,
  noColor: string | undefined,
  terminal: boolean,
): Paint {
  if (plain || color === "never") return PLAIN;
  return color === "always" || (terminal && !noColor) ? ANSI : PLAIN;
}
