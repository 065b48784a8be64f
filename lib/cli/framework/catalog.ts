/**
 * The whole command line as a tree, with every verb loaded: what completion,
 * the manual and the reference are made of.
 */

import type { Subject } from "./help/sections.ts";
import {
  displayOption,
  type Option,
  type OptionTable,
} from "./options/option.ts";
import type { CommandEntry, Entry, Program, Summary } from "./program.ts";

/** The program, a group of verbs, or a verb, with everything below it loaded. */
export interface Page extends Subject, Summary {
  /** Its own options, then the global ones that mean something to it. */
  readonly options: readonly Option[];
  readonly pages: readonly Page[];
}

async function load(
  entry: CommandEntry | Program,
  words: readonly string[],
  common: OptionTable,
): Promise<Page> {
  const { name, summary, group } = entry;
  const verb = "load" in entry ? (await entry.load()).verb : undefined;
  const children = "verbs" in entry
    ? entry.verbs
    : "commands" in entry
    ? entry.commands
    : [];
  return {
    name,
    summary,
    group,
    words,
    verb,
    options: [verb?.options ?? {}, verb?.globals ?? common]
      .flatMap((table: OptionTable) => Object.values(table)),
    pages: await Promise.all(
      children.map((child) => load(child, [...words, child.name], common)),
    ),
  };
}

export function loadCatalog(program: Program): Promise<Page> {
  return load(program, [], program.common);
}

/** A page and everything below it, from the top down. */
export function* everyPage(page: Page): Generator<Page, void> {
  yield page;
  for (const child of page.pages) yield* everyPage(child);
}

/** The environment variables that a page, or a page below it, depends on. */
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
