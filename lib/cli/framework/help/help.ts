/**
 * Help pages, made of the same tables the parser reads.
 *
 * @module
 */

import type { CommandEntry, GroupEntry, Verb } from "../../command.ts";
import {
  GLOBAL_OPTIONS,
  globalOptionsFor,
} from "../../options/global_options.ts";
import {
  displayArgument,
  displayOption,
  type OptionSpec,
} from "../options/option.ts";
import { PROGRAM, PROGRAM_SUMMARY } from "../../version.ts";

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
export function optionSections(verb: Verb): OptionSection[] {
  const sections = new Map<string, OptionSpec[]>();
  for (const spec of Object.values(verb.options)) {
    const heading = spec.group ?? "Options";
    sections.set(heading, [...sections.get(heading) ?? [], spec]);
  }
  sections.set("Global options", Object.values(globalOptionsFor(verb.scope)));
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

/** Examples as help shows them. */
function exampleLines(verb: Verb): string[] {
  return verb.examples.flatMap(({ line, does }) => [
    ...fill(does, WIDTH - 4).map((part) => `  # ${part}`),
    ...wrapCommand(`${PROGRAM} ${line}`, WIDTH - 2).map((part) => `  ${part}`),
  ]);
}

/** The first line of a verb's help, also shown with a usage error. */
export function usageLine(words: readonly string[], verb: Verb): string {
  const required = Object.values(verb.options).filter((spec) => spec.required);
  return [
    PROGRAM,
    ...words,
    "[OPTIONS]",
    ...required.map(displayOption),
    ...Object.values(verb.arguments).map(displayArgument),
  ].join(" ");
}

/**
 * The help page of a verb.
 *
 * @param words The verb as it is typed, such as `["identity", "show"]`.
 */
export function verbHelp(
  words: readonly string[],
  summary: string,
  verb: Verb,
): string {
  const names = Object.values(verb.arguments).map((
    spec,
  ): [string, string] => [displayArgument(spec), spec.help]);
  return [
    ...fill(summary, WIDTH),
    ...(verb.description === undefined
      ? []
      : verb.description.split("\n").flatMap((part) => [
        "",
        ...fill(part, WIDTH),
      ])),
    "",
    ...usageLines(usageLine(words, verb)),
    ...(names.length === 0 ? [] : ["", "Arguments:", ...columns(names)]),
    ...optionSections(verb).flatMap(sectionLines),
    "",
    verb.examples.length === 1 ? "Example:" : "Examples:",
    ...exampleLines(verb),
  ].join("\n");
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** The help page of a group of verbs. */
export function groupHelp(group: GroupEntry): string {
  return [
    group.summary,
    "",
    `Usage: ${PROGRAM} ${group.name} <VERB>`,
    "",
    "Verbs:",
    ...columns(group.verbs.map(({ name, summary }) => [name, summary])),
    "",
    "Example:",
    `  # See how to ${lowerFirst(group.verbs[0].summary)}`,
    `  ${PROGRAM} ${group.name} ${group.verbs[0].name} --help`,
  ].join("\n");
}

/** The help page of the program. */
export function rootHelp(commands: readonly CommandEntry[]): string {
  return [
    PROGRAM_SUMMARY,
    "",
    `Usage: ${PROGRAM} [OPTIONS] <VERB>`,
    "",
    "Verbs:",
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    ...sectionLines({
      heading: "Global options",
      options: Object.values(GLOBAL_OPTIONS),
    }),
    "",
    "Example:",
    "  # Serve a directory, then fetch it on another machine with what was printed",
    `  ${PROGRAM} serve ./photos`,
    ...wrapCommand(
      `${PROGRAM} recv-dir --remote-ref REF --out ./photos --node-addr HOST:7700 --node-pubkey KEY --psk-file node.psk`,
      WIDTH - 2,
    ).map((line) => `  ${line}`),
    "",
    `See '${PROGRAM} <VERB> --help' for the options of a verb.`,
  ].join("\n");
}
