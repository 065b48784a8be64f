/** The manual: a page in troff for the program and for each verb. */

import { environmentOf, everyPage, type Page } from "../catalog.ts";
import type { Program } from "../program.ts";
import {
  optionSection,
  paragraphsOf,
  type Section,
  sectionsOf,
  usageLine,
} from "./sections.ts";
import { wrapCommand } from "./wrap.ts";

/** Columns of the longest command line of an example. */
const EXAMPLE_WIDTH = 72;

/** Escapes what troff would read as a request or an escape. */
function escape(text: string): string {
  return text
    .replaceAll("\\", "\\(rs")
    .replaceAll("-", "\\-")
    .replaceAll("~", "\\(ti")
    .replaceAll("^", "\\(ha")
    .replaceAll("`", "\\(ga")
    .replaceAll("'", "\\(aq")
    .replaceAll('"', "\\(dq")
    .replace(/^\./gm, "\\&.");
}

function heading(text: string): string {
  return `.SH "${escape(text.toUpperCase())}"`;
}

/** A sentence of a table, which has no full stop there. */
function sentence(text: string): string {
  return /[.!?)\]]$/.test(text) ? text : `${text}.`;
}

function sectionLines({ heading: title, entries }: Section): string[] {
  return [
    heading(title),
    ...entries.flatMap(({ name, meaning, notes = "" }) => [
      ".TP",
      `\\fB${escape(name)}\\fR`,
      escape(sentence(meaning) + notes),
    ]),
  ];
}

/** The name of the page of some words: `program-key-show`. */
export function manualName({ words }: Page, { name }: Program): string {
  return [name, ...words].join("-");
}

function exampleLines(page: Page, program: Program): string[] {
  const examples = page.verb?.examples ??
    [...everyPage(page)].flatMap(({ verb }) =>
      verb?.examples.slice(0, 1) ?? []
    );
  return [
    heading("Examples"),
    ...examples.flatMap(({ line, does }) => [
      ".PP",
      `${escape(does)}:`,
      ".PP",
      ".nf",
      ...wrapCommand(`${program.name} ${line}`, EXAMPLE_WIDTH).map((part) =>
        `    ${escape(part)}`
      ),
      ".fi",
    ]),
  ];
}

function seeAlso(page: Page, root: Page, program: Program): string[] {
  const others = page.words.length === 0
    ? [...everyPage(page)].slice(1)
    : [root, ...page.pages];
  return [
    heading("See also"),
    others.map((other) => `.BR ${escape(manualName(other, program))} (1)`)
      .join(",\n"),
  ];
}

/** The page of the program, a group or a verb, in troff with the `man` macros. */
export function manualPage(
  page: Page,
  root: Page,
  program: Program,
): string {
  const name = manualName(page, program);
  const [first, ...more] = paragraphsOf(page);
  const sections = [
    ...sectionsOf(page),
    ...(page.verb === undefined
      ? [optionSection("Options", page.options)]
      : []),
    { heading: "Exit status", entries: program.exitStatus },
    { heading: "Environment", entries: environmentOf(page, program) },
    { heading: "Files", entries: program.files },
  ];
  return [
    `.TH "${escape(name.toUpperCase())}" 1 "" "${
      escape(`${program.name} ${program.version}`)
    }" "${escape(`${program.name} manual`)}"`,
    heading("Name"),
    `${escape(name)} \\- ${escape(page.summary)}`,
    heading("Synopsis"),
    `\\fB${escape(usageLine(page, program))}\\fR`,
    heading("Description"),
    escape(sentence(first)),
    ...more.flatMap((part) => [".PP", escape(part)]),
    ...sections.flatMap(sectionLines),
    ...exampleLines(page, program),
    ...seeAlso(page, root, program),
    "",
  ].join("\n");
}
