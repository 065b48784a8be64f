/**
 * The manual: a page in troff for the program and for each verb.
 *
 * @module
 */

import { argumentsOf, everyPage, optionsOf, type Page } from "../catalog.ts";
import { displayArgument, type OptionSpec } from "../options/option.ts";
import {
  type Entry,
  environmentOf,
  EXIT_STATUS,
  FILES,
} from "../../surroundings.ts";
import { PROGRAM, VERSION } from "../../version.ts";
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

/** A term in bold, and what it means. */
function term(name: string, meaning: string): string[] {
  return [".TP", `\\fB${escape(name)}\\fR`, escape(meaning)];
}

/** A sentence of a table, which has no full stop there. */
function sentence(text: string): string {
  return /[.!?)\]]$/.test(text) ? text : `${text}.`;
}

function optionTermLines(spec: OptionSpec): string[] {
  return term(
    optionTerm(spec),
    sentence(spec.help) + optionNotes(spec),
  );
}

function entries(title: string, list: readonly Entry[]): string[] {
  return [
    heading(title),
    ...list.flatMap(({ name, meaning }) => term(name, meaning)),
  ];
}

/** The name of the page of some words: `net-transfer-identity-show`. */
export function manualName({ words }: Page): string {
  return [PROGRAM, ...words].join("-");
}

function synopsis({ words, verb }: Page): string {
  return verb === undefined
    ? [PROGRAM, ...words, "[OPTIONS] <VERB>"].join(" ")
    : usageLine(words, verb);
}

function optionLines(page: Page): string[] {
  const sections = page.verb === undefined
    ? [{ heading: "Options", options: optionsOf(page) }]
    : optionSections(page.verb);
  return sections.filter(({ options }) => options.length > 0).flatMap(
    ({ heading: title, options }) => [
      heading(title),
      ...options.flatMap(optionTermLines),
    ],
  );
}

function exampleLines(page: Page): string[] {
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
      ...wrapCommand(`${PROGRAM} ${line}`, EXAMPLE_WIDTH).map((part) =>
        `    ${escape(part)}`
      ),
      ".fi",
    ]),
  ];
}

function seeAlso(page: Page, root: Page): string[] {
  const others = page.words.length === 0
    ? [...everyPage(page)].slice(1)
    : [root, ...page.pages];
  const names = others.map((other) => `.BR ${escape(manualName(other))} (1)`);
  return [
    heading("See also"),
    names.map((name, at) => at < names.length - 1 ? `${name} ,` : name)
      // The comma belongs to the word before it.
      .map((line) => line.replace("(1) ,", "(1),"))
      .join("\n"),
  ];
}

/**
 * Writes the page of the program, a group or a verb.
 *
 * @param page What it is about.
 * @param root The whole command line.
 * @returns troff with the `man` macros.
 */
export function manualPage(page: Page, root: Page): string {
  const { summary, verb, pages } = page;
  const name = manualName(page);
  const description = verb?.description ?? "";
  return [
    `.TH "${escape(name.toUpperCase())}" 1 "" "${
      escape(`${PROGRAM} ${VERSION}`)
    }" "${escape(`${PROGRAM} manual`)}"`,
    heading("Name"),
    `${escape(name)} \\- ${escape(summary)}`,
    heading("Synopsis"),
    `\\fB${escape(synopsis(page))}\\fR`,
    heading("Description"),
    escape(sentence(summary)),
    ...description.split("\n").filter(Boolean).flatMap((part) => [
      ".PP",
      escape(part),
    ]),
    ...(pages.length === 0 ? [] : entries(
      "Verbs",
      pages.map((child) => ({
        name: child.name,
        meaning: sentence(child.summary),
      })),
    )),
    ...(argumentsOf(page).length === 0 ? [] : entries(
      "Arguments",
      argumentsOf(page).map((spec) => ({
        name: displayArgument(spec),
        meaning: sentence(spec.help),
      })),
    )),
    ...optionLines(page),
    ...entries("Exit status", EXIT_STATUS),
    ...entries("Environment", environmentOf(page)),
    ...entries("Files", FILES),
    ...exampleLines(page),
    ...seeAlso(page, root),
    "",
  ].join("\n");
}
