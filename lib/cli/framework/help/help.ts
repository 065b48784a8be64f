/** Help pages, made of the same tables the parser reads. */

import type { Program } from "../program.ts";
import {
  optionSection,
  paragraphsOf,
  type Section,
  sectionsOf,
  type Subject,
  usageLine,
} from "./sections.ts";
import { fill, wrapCommand } from "./wrap.ts";

const WIDTH = 80;

const TERM_WIDTH_MAX = 30;

/** Two columns; a term that is too long gets a line of its own. */
function sectionLines({ heading, entries }: Section): string[] {
  const rows = entries.map(({ name, meaning, notes = "" }) => ({
    // Long names stand below each other, whether there is a short one or not.
    term: `  ${name.startsWith("--") ? `    ${name}` : name}`,
    text: meaning + notes,
  }));
  const left = Math.min(
    TERM_WIDTH_MAX,
    Math.max(...rows.map(({ term }) => term.length)) + 2,
  );
  const margin = " ".repeat(left);
  return [
    "",
    `${heading}:`,
    ...rows.flatMap(({ term, text }) => {
      const [first, ...rest] = fill(text, WIDTH - left);
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
function usageLines(usage: string): string[] {
  const head = "Usage: ";
  // A line is not broken between an option and its value.
  const tied = usage.replace(/ <([A-Z:]+)>/g, "\0<$1>");
  return fill(tied, WIDTH - head.length - 4).map((line, at) =>
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

export function helpPage(subject: Subject, program: Program): string {
  const { words, verb } = subject;
  const isRoot = words.length === 0;
  const usage = usageLine(subject, program);
  const examples = examplesOf(subject, program);
  const sections = sectionsOf(subject);
  if (isRoot) {
    const globals = Object.values(program.globals);
    sections.push(optionSection("Global options", globals));
  }
  return [
    ...paragraphsOf(subject).flatMap((part) => [...fill(part, WIDTH), ""]),
    ...(verb === undefined
      ? [`Usage: ${isRoot ? usage : usage.replace(" [OPTIONS]", "")}`]
      : usageLines(usage)),
    ...sections.flatMap(sectionLines),
    "",
    examples.length === 1 ? "Example:" : "Examples:",
    ...examples.flatMap(({ does, lines }) => [
      ...fill(does, WIDTH - 4).map((part) => `  # ${part}`),
      ...lines.flatMap((line) =>
        wrapCommand(`${program.name} ${line}`, WIDTH - 2)
      ).map((part) => `  ${part}`),
    ]),
    ...(isRoot
      ? ["", `See '${program.name} <VERB> --help' for the options of a verb.`]
      : []),
  ].join("\n");
}
