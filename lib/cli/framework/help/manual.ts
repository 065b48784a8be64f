/**
 * The manual: a page in troff for the program and for each verb.
 *
 * @module
 */

import { environmentOf, everyPage, type Page } from "../catalog.ts";
import { displayArgument } from "../options/option.ts";
import type { Entry, Program } from "../program.ts";
import {
  optionNotes,
  optionSections,
  optionTerm,
  usageLine,
  wrapCommand,
} from "./help.ts";

/** Columns of the longest command line of an example. */
const EXAMPLE_WIDTH = 72;

/** Writes text so that troff takes none of it for a request or an escape. */
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

/** A section of terms, or nothing where there are none. */
function entries(title: string, list: readonly Entry[]): string[] {
  if (list.length === 0) return [];
  return [
    heading(title),
    ...list.flatMap(({ name, meaning }) => [
      ".TP",
      `\\fB${escape(name)}\\fR`,
      escape(meaning),
    ]),
  ];
}

/** The name of the page of some words: `program-key-show`. */
export function manualName({ words }: Page, { name }: Program): string {
  return [name, ...words].join("-");
}

function optionLines(page: Page): string[] {
  const sections = page.verb === undefined
    ? [{ heading: "Options", options: page.options }]
    : optionSections(page.verb);
  return sections.flatMap(({ heading: title, options }) =>
    entries(
      title,
      options.map((spec) => ({
        name: optionTerm(spec),
        meaning: sentence(spec.help) + optionNotes(spec),
      })),
    )
  );
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

/**
 * Writes the page of the program, a group or a verb.
 *
 * @param page What it is about.
 * @param root The page of the program.
 * @returns troff with the `man` macros.
 */
export function manualPage(
  page: Page,
  root: Page,
  program: Program,
): string {
  const { summary, verb, pages } = page;
  const name = manualName(page, program);
  const description = verb?.description ?? "";
  return [
    `.TH "${escape(name.toUpperCase())}" 1 "" "${
      escape(`${program.name} ${program.version}`)
    }" "${escape(`${program.name} manual`)}"`,
    heading("Name"),
    `${escape(name)} \\- ${escape(summary)}`,
    heading("Synopsis"),
    `\\fB${escape(usageLine(page, program))}\\fR`,
    heading("Description"),
    escape(sentence(summary)),
    ...description.split("\n").filter(Boolean).flatMap((part) => [
      ".PP",
      escape(part),
    ]),
    ...entries(
      "Verbs",
      pages.map((child) => ({
        name: child.name,
        meaning: sentence(child.summary),
      })),
    ),
    ...entries(
      "Arguments",
      page.arguments.map((spec) => ({
        name: displayArgument(spec),
        meaning: sentence(spec.help),
      })),
    ),
    ...optionLines(page),
    ...entries("Exit status", program.exitStatus),
    ...entries("Environment", environmentOf(page, program)),
    ...entries("Files", program.files),
    ...exampleLines(page, program),
    ...seeAlso(page, root, program),
    "",
  ].join("\n");
}
