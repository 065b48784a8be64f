/**
 * The whole command line as a tree, with every verb loaded: what completion,
 * the manual and the reference are made of.
 *
 * @module
 */

import type { CommandEntry, Summary, Verb } from "../command.ts";
import { COMMON_OPTIONS, globalOptionsFor } from "../options/global_options.ts";
import type { ArgumentSpec, OptionSpec } from "./options/option.ts";
import { PROGRAM, PROGRAM_SUMMARY } from "../version.ts";

/** The program, a group of verbs, or a verb. */
export interface Page extends Summary {
  /** What is typed after the program's name, such as `["identity", "show"]`. */
  readonly words: readonly string[];
  /** The verb, if it is one. */
  readonly verb?: Verb;
  /** What can follow. */
  readonly pages: readonly Page[];
}

async function load(
  entry: CommandEntry,
  above: readonly string[],
): Promise<Page> {
  const { name, summary } = entry;
  const words = [...above, name];
  if (!("verbs" in entry)) {
    const { verb } = await entry.load();
    return { name, summary, words, verb, pages: [] };
  }
  const pages = await Promise.all(
    entry.verbs.map((child) => load(child, words)),
  );
  return { name, summary, words, pages };
}

/**
 * Loads every verb.
 *
 * @param commands All verbs and groups of the program.
 */
export async function loadCatalog(
  commands: readonly CommandEntry[],
): Promise<Page> {
  const pages = await Promise.all(commands.map((entry) => load(entry, [])));
  return { name: PROGRAM, summary: PROGRAM_SUMMARY, words: [], pages };
}

/** A page and everything below it, from the top down. */
export function* everyPage(page: Page): Generator<Page, void> {
  yield page;
  for (const child of page.pages) yield* everyPage(child);
}

/** The options of a page: its own first, then the global ones it knows. */
export function optionsOf({ verb }: Page): readonly OptionSpec[] {
  return [
    ...Object.values(verb?.options ?? {}),
    ...Object.values(
      verb === undefined ? COMMON_OPTIONS : globalOptionsFor(verb.scope),
    ),
  ];
}

/** The arguments of a page in order. */
export function argumentsOf({ verb }: Page): readonly ArgumentSpec[] {
  return Object.values(verb?.arguments ?? {});
}
