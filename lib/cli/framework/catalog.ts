/**
 * The whole command line as a tree, with every verb loaded: what completion,
 * the manual and the reference are made of.
 *
 * @module
 */

import {
  type ArgumentSpec,
  displayOption,
  type OptionSpec,
} from "./options/option.ts";
import type {
  CommandEntry,
  Entry,
  Program,
  Summary,
  VerbTables,
} from "./program.ts";

/** The program, a group of verbs, or a verb. */
export interface Page extends Summary {
  /** What is typed after the program's name, such as `["key", "show"]`. */
  readonly words: readonly string[];
  /** Present when it is a verb. */
  readonly verb?: VerbTables;
  /** Its arguments in order. */
  readonly arguments: readonly ArgumentSpec[];
  /** Its own options, then the global ones that mean something to it. */
  readonly options: readonly OptionSpec[];
  /** What can follow. */
  readonly pages: readonly Page[];
}

/** Loads every verb. */
export async function loadCatalog(program: Program): Promise<Page> {
  const load = async (
    entry: CommandEntry,
    above: readonly string[],
  ): Promise<Page> => {
    const words = [...above, entry.name];
    if ("verbs" in entry) return await group(entry, words, entry.verbs);
    const { verb } = await entry.load();
    return {
      name: entry.name,
      summary: entry.summary,
      words,
      verb,
      arguments: Object.values(verb.arguments),
      options: [...Object.values(verb.options), ...Object.values(verb.globals)],
      pages: [],
    };
  };
  const group = async (
    { name, summary }: Summary,
    words: readonly string[],
    entries: readonly CommandEntry[],
  ): Promise<Page> => ({
    name,
    summary,
    words,
    arguments: [],
    options: Object.values(program.common),
    pages: await Promise.all(entries.map((entry) => load(entry, words))),
  });
  return await group(program, [], program.commands);
}

/** A page and everything below it, from the top down. */
export function* everyPage(page: Page): Generator<Page, void> {
  yield page;
  for (const child of page.pages) yield* everyPage(child);
}

/** The environment variables that matter to a page, or below it. */
export function environmentOf(page: Page, program: Program): readonly Entry[] {
  const options = new Map<string, Set<string>>();
  for (const spec of [...everyPage(page)].flatMap(({ options }) => options)) {
    if (spec.env === undefined) continue;
    const names = options.get(spec.env) ?? new Set<string>();
    options.set(spec.env, names.add(displayOption(spec)));
  }
  return [
    ...[...options].map(([name, shown]) => ({
      name,
      meaning: `Stands for ${[...shown].join(" and ")}.`,
    })),
    ...program.variables,
  ];
}
