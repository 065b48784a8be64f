/**
 * Help pages, made of the same tables the parser reads.
 *
 * @module
 */

import {
  type ArgumentSpec,
  displayArgument,
  displayOption,
  type OptionSpec,
} from "../options/option.ts";
import type { Example, Program, Summary, VerbTables } from "../program.ts";

const WIDTH = 80;

/** Breaks text into lines of at most `width` characters. */
function fill(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Two columns; a left cell that is too long gets a line of its own. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.min(
    30,
    Math.max(0, ...rows.map(([cell]) => cell.length)) + 4,
  );
  return rows.flatMap(([cell, text]) => {
    const [first, ...rest] = fill(text, WIDTH - left);
    const margin = " ".repeat(left);
    const head = `  ${cell}`;
    return [
      ...(head.length + 2 > left
        ? [head, margin + first]
        : [head.padEnd(left) + first]),
      ...rest.map((line) => margin + line),
    ];
  });
}

/** What there is to say of an option besides its help: values, default. */
export function optionNotes(spec: OptionSpec): string {
  const fallback = spec.shownDefault ?? spec.default;
  const choices = spec.value?.completes;
  return [
    Array.isArray(choices) && !choices.every((word) => spec.help.includes(word))
      ? ` [${choices.join(", ")}]`
      : "",
    fallback === undefined ? "" : ` [default: ${fallback}]`,
    spec.env === undefined ? "" : ` [env: ${spec.env}]`,
    spec.required ? " (required)" : "",
  ].join("");
}

/** An option as it is typed, both spellings: `-v, --verbose...`. */
export function optionTerm(spec: OptionSpec): string {
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  const more = spec.form === "count" || spec.form === "values" ? "..." : "";
  return short + displayOption(spec) + more;
}

function optionRow(spec: OptionSpec): [string, string] {
  const margin = spec.short === undefined ? "    " : "";
  return [margin + optionTerm(spec), spec.help + optionNotes(spec)];
}

/** A heading and the options under it. */
export interface OptionSection {
  /** Such as `Attach options`. */
  readonly heading: string;
  /** The options in the order of their table. */
  readonly options: readonly OptionSpec[];
}

/** The options of a verb under their headings, the global ones last. */
export function optionSections(verb: VerbTables): OptionSection[] {
  const sections = new Map<string, OptionSpec[]>();
  for (const spec of Object.values(verb.options)) {
    const heading = spec.group ?? "Options";
    sections.set(heading, [...sections.get(heading) ?? [], spec]);
  }
  sections.set("Global options", Object.values(verb.globals));
  return [...sections].map(([heading, options]) => ({ heading, options }));
}

function sectionLines({ heading, options }: OptionSection): string[] {
  return ["", `${heading}:`, ...columns(options.map(optionRow))];
}

/** Splits a command line before options, so that each keeps its value. */
function pieces(line: string): string[] {
  const words = line.match(/(?:'[^']*'|[^\s'])+/g) ?? [];
  const joined: string[] = [];
  for (const word of words) {
    const last = joined.at(-1);
    const opens = last !== undefined && /^--[^ =]+$/.test(last) &&
      !word.startsWith("-");
    if (last !== undefined && opens) joined[joined.length - 1] += ` ${word}`;
    else joined.push(word);
  }
  return joined;
}

/**
 * Breaks a command line as a shell reads it, with a backslash at the end of
 * every line but the last.
 *
 * @param line The command line.
 * @param width Columns of the longest line.
 */
export function wrapCommand(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const piece of pieces(line)) {
    const longer = current === "" ? piece : `${current} ${piece}`;
    if (current !== "" && longer.length > width - 2) {
      lines.push(`${current} \\`);
      current = `  ${piece}`;
    } else current = longer;
  }
  return [...lines, current];
}

/** `Usage:` and a command line, broken where the options end. */
function usageLines(usage: string): string[] {
  const [first, ...rest] = fill(
    usage.replace(/ <([A-Z:]+)>/g, "\0<$1>"),
    WIDTH - 11,
  ).map((line) => line.replaceAll("\0", " "));
  return [
    `Usage: ${first}`,
    ...rest.map((line) => " ".repeat(11) + line),
  ];
}

/** A comment and the command lines below it, as help shows them. */
function example(does: string, lines: readonly string[]): string[] {
  return [
    ...fill(does, WIDTH - 4).map((part) => `  # ${part}`),
    ...lines.flatMap((line) => wrapCommand(line, WIDTH - 2))
      .map((part) => `  ${part}`),
  ];
}

/** What the help page of a verb, a group or the program is about. */
export interface HelpSubject {
  /** What it does, in one sentence without a full stop. */
  readonly summary: string;
  /** What is typed after the program's name. */
  readonly words: readonly string[];
  /** Present when it is a verb. */
  readonly verb?: VerbTables;
  /** What can follow. */
  readonly pages: readonly Summary[];
}

/** A command line as the first line of help shows it. */
export function usageLine(
  { words, verb, pages }: HelpSubject,
  program: Program,
): string {
  const options: OptionSpec[] = Object.values(verb?.options ?? {});
  const args: ArgumentSpec[] = Object.values(verb?.arguments ?? {});
  return [
    program.name,
    ...words,
    "[OPTIONS]",
    ...options.filter(({ required }) => required).map(displayOption),
    ...args.map(displayArgument),
    ...(pages.length > 0 ? ["<VERB>"] : []),
  ].join(" ");
}

function verbHelp(
  subject: HelpSubject,
  verb: VerbTables,
  program: Program,
): string[] {
  const names = Object.values(verb.arguments).map((
    spec,
  ): [string, string] => [displayArgument(spec), spec.help]);
  return [
    ...usageLines(usageLine(subject, program)),
    ...(names.length === 0 ? [] : ["", "Arguments:", ...columns(names)]),
    ...optionSections(verb).flatMap(sectionLines),
    "",
    verb.examples.length === 1 ? "Example:" : "Examples:",
    ...verb.examples.flatMap(({ line, does }: Example) =>
      example(does, [`${program.name} ${line}`])
    ),
  ];
}

function verbLines(pages: readonly Summary[]): string[] {
  return [
    "",
    "Verbs:",
    ...columns(pages.map(({ name, summary }) => [name, summary])),
  ];
}

function groupHelp({ words, pages }: HelpSubject, program: Program): string[] {
  const typed = [program.name, ...words].join(" ");
  const [{ name, summary }] = pages;
  const does = summary.slice(0, 1).toLowerCase() + summary.slice(1);
  return [
    `Usage: ${typed} <VERB>`,
    ...verbLines(pages),
    "",
    "Example:",
    ...example(`See how to ${does}`, [`${typed} ${name} --help`]),
  ];
}

function rootHelp({ pages }: HelpSubject, program: Program): string[] {
  const { name, globals, example: { does, lines } } = program;
  return [
    `Usage: ${name} [OPTIONS] <VERB>`,
    ...verbLines(pages),
    ...sectionLines({
      heading: "Global options",
      options: Object.values(globals),
    }),
    "",
    "Example:",
    ...example(does, lines.map((line) => `${name} ${line}`)),
    "",
    `See '${name} <VERB> --help' for the options of a verb.`,
  ];
}

/**
 * The help page of a verb, a group of verbs, or the program.
 *
 * @param subject What it is about.
 * @param program What it belongs to.
 */
export function helpPage(subject: HelpSubject, program: Program): string {
  const { summary, verb } = subject;
  return [
    ...[summary, ...verb?.description?.split("\n") ?? []].flatMap((part) => [
      ...fill(part, WIDTH),
      "",
    ]),
    ...(verb !== undefined
      ? verbHelp(subject, verb, program)
      : subject.words.length > 0
      ? groupHelp(subject, program)
      : rootHelp(subject, program)),
  ].join("\n");
}
