/** Help pages, made of the same tables the parser reads. */

import type { Program } from "../program.ts";
import {
  optionSection,
  paragraphsOf,
  type Section,
  sectionsOf,
  shortSectionsOf,
  type Subject,
  usageLine,
} from "./sections.ts";
import { fill, firstClauses, wrapCommand } from "./wrap.ts";

/** Where nobody knows how wide it is read. */
const USUAL_WIDTH = 80;
/** Narrower, two columns of text are unreadable; wider, one is. */
const WIDTH_MIN = 60;
const WIDTH_MAX = 100;

const TERM_WIDTH_MAX = 30;

export interface HelpOptions {
  /** Columns of the terminal. @default {80} */
  readonly width?: number;
  /** Whether a line for each thing is enough. */
  readonly isShort?: boolean;
}

/** Long names stand below each other, whether there is a short one or not. */
function termOf({ name }: Section["entries"][number]): string {
  return `  ${name.startsWith("--") ? `    ${name}` : name}`;
}

/** Columns of the terms of sections that stand below each other. */
function termWidth(sections: readonly Section[]): number {
  const terms = sections.flatMap(({ entries }) => entries.map(termOf));
  const longest = Math.max(...terms.map(({ length }) => length)) + 2;
  return Math.min(TERM_WIDTH_MAX, longest);
}

/** Two columns; a term that is too long gets a line of its own. */
function sectionLines(
  { heading, entries }: Section,
  left: number,
  width: number,
  isShort: boolean,
): string[] {
  const rows = entries.map((entry) => ({
    term: termOf(entry),
    text: isShort ? entry.meaning : entry.meaning + (entry.notes ?? ""),
  }));
  const margin = " ".repeat(left);
  const lines = (text: string) =>
    isShort ? [firstClauses(text, width - left)] : fill(text, width - left);
  return [
    "",
    `${heading}:`,
    ...rows.flatMap(({ term, text }) => {
      const [first, ...rest] = lines(text);
      return [
        ...(term.length + 2 > left
          ? [term, margin + first]
          : [term.padEnd(left) + first]),
        ...rest.map((line) => margin + line),
      ];
    }),
  ];
}

/** `Usage:` and a command line, broken where the options end. */
function usageLines(usage: string, width: number): string[] {
  const head = "Usage: ";
  // A line is not broken between an option and its value.
  const tied = usage.replace(/ <([A-Z:]+)>/g, "\0<$1>");
  return fill(tied, width - head.length - 4).map((line, at) =>
    (at === 0 ? head : " ".repeat(head.length + 4)) + line.replaceAll("\0", " ")
  );
}

/** Comments with the command lines below them. */
function examplesOf(
  { words, verb, pages }: Subject,
  { example }: Program,
): readonly Program["example"][] {
  if (verb !== undefined) {
    return verb.examples.map(({ does, line }) => ({ does, lines: [line] }));
  }
  if (words.length === 0) return [example];
  const [{ name, summary }] = pages;
  const does = summary.slice(0, 1).toLowerCase() + summary.slice(1);
  return [{
    does: `See how to ${does}`,
    lines: [[...words, name, "--help"].join(" ")],
  }];
}

/** Where there is more to read. */
function footer(
  { words, verb }: Subject,
  { name }: Program,
  isShort: boolean,
  more: readonly string[],
): string[] {
  const self = [name, ...words].join(" ");
  const parts = [
    ...(isShort && verb !== undefined
      ? [
        `'${self} --help' has all: ${
          [...more, "Global options"].join(", ").toLowerCase()
        }, defaults, examples.`,
      ]
      : []),
    ...(words.length === 0
      ? [`See '${name} <VERB> --help' for the options of a verb.`]
      : []),
  ];
  return parts.length === 0 ? [] : ["", ...parts];
}

/** The page of a subject: all of it, or what is enough to be reminded. */
export function helpPage(
  subject: Subject,
  program: Program,
  { width: columns = USUAL_WIDTH, isShort = false }: HelpOptions = {},
): string {
  const width = Math.max(WIDTH_MIN, Math.min(columns, WIDTH_MAX));
  const { words, verb } = subject;
  const isRoot = words.length === 0;
  const usage = usageLine(subject, program);
  const { sections, more } = isShort
    ? shortSectionsOf(subject)
    : { sections: sectionsOf(subject), more: [] };
  const globals = isRoot && !isShort
    ? [optionSection("Global options", Object.values(program.globals))]
    : [];
  const parts = (group: readonly Section[], left: number) =>
    group.flatMap((section) => sectionLines(section, left, width, isShort));
  const body = verb === undefined
    ? parts(sections, termWidth(sections))
    : sections.flatMap((section) => parts([section], termWidth([section])));
  const examples = examplesOf(subject, program).slice(
    0,
    isShort ? 1 : Infinity,
  );
  const paragraphs = paragraphsOf(subject).slice(0, isShort ? 1 : Infinity);
  return [
    ...paragraphs.flatMap((part) => [...fill(part, width), ""]),
    ...(verb === undefined
      ? [`Usage: ${isRoot ? usage : usage.replace(" [OPTIONS]", "")}`]
      : usageLines(usage, width)),
    ...body,
    ...globals.flatMap((section) => parts([section], termWidth([section]))),
    "",
    examples.length === 1 ? "Example:" : "Examples:",
    ...examples.flatMap(({ does, lines }) => [
      ...fill(does, width - 4).map((part) => `  # ${part}`),
      ...lines.flatMap((line) =>
        wrapCommand(`${program.name} ${line}`, width - 2)
      ).map((part) => `  ${part}`),
    ]),
    ...footer(subject, program, isShort, more).flatMap((line) =>
      fill(line, width)
    ),
  ].join("\n");
}
