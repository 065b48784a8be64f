/**
 * What the completion scripts of all shells have in common, drawn from the
 * option tables.
 */

import { everyPage, type Page } from "../catalog.ts";
import { type Argument, type Option, spellings } from "../options/option.ts";
import type { Completes } from "../options/value_kind.ts";
import type { Program, Summary } from "../program.ts";

/** What can follow some words. */
export interface Place {
  /** The words, joined by blanks; empty for the program. */
  readonly path: string;
  readonly verbs: readonly Summary[];
  readonly options: readonly Option[];
  /** Both, each spelling of an option by itself. */
  readonly words: readonly Summary[];
  readonly positions: readonly Position[];
}

export interface Position {
  readonly metavar: string;
  readonly completes?: Completes;
  readonly repeated: boolean;
}

/** What the value of an option, or an argument, is completed with. */
export interface Rule {
  /**
   * `PATH:--option`, `PATH:INDEX`, or `PATH:*` for all arguments; the path may
   * be `*`, for any.
   */
  readonly key: string;
  readonly completes: Completes;
}

export interface Plan {
  readonly program: string;
  /** The name as part of a shell's names. */
  readonly name: string;
  /** Words that may stand before a verb and change nothing for completion. */
  readonly transparent: readonly string[];
  readonly names: Program["names"];
  /** Every place, the program itself first. */
  readonly places: readonly Place[];
  /** Groups: words that a second word completes to a verb. */
  readonly groups: readonly string[];
  /** Options that take a value, with their dashes. */
  readonly valued: readonly string[];
  readonly values: readonly Rule[];
  readonly arguments: readonly Rule[];
}

function place(page: Page, root: Page): Place {
  const { words, pages: verbs, options, verb } = page;
  const args: Argument[] = Object.values(verb?.arguments ?? {});
  return {
    path: words.join(" "),
    verbs,
    options,
    words: [
      ...verbs,
      ...options.flatMap((spec) =>
        spellings(spec).map((name) => ({ name, summary: spec.help }))
      ),
    ],
    positions: args.map(({ value, repeated }) => ({
      metavar: value.metavar,
      completes: value.completesVerbs
        ? root.pages.map(({ name }) => name)
        : value.completes,
      repeated,
    })),
  };
}

/** One rule per option when all places agree, else one per place. */
function valueRules(places: readonly Place[]): Rule[] {
  const rules = places.flatMap(({ path, options }) =>
    options.flatMap((spec) => {
      const completes = spec.value?.completes;
      return completes === undefined
        ? []
        : spellings(spec).map((of) => ({ path, of, completes }));
    })
  );
  return [...Map.groupBy(rules, ({ of }) => of)].flatMap(([of, same]) => {
    const [{ completes }] = same;
    return same.every((rule) => String(rule.completes) === String(completes))
      ? [{ key: `*:${of}`, completes }]
      : same.map(({ path, completes }) => ({
        key: `${path}:${of}`,
        completes,
      }));
  });
}

export function planCompletion(root: Page, program: Program): Plan {
  const places = [...everyPage(root)].map((page) => place(page, root));
  const valued = places.flatMap(({ options }) =>
    options.filter(({ value }) => value !== undefined).flatMap(spellings)
  );
  return {
    program: program.name,
    name: program.name.replaceAll("-", "_"),
    transparent: [program.ignoredWord, "help"],
    names: program.names,
    places,
    groups: root.pages.filter(({ pages }) => pages.length > 0)
      .map(({ name }) => name),
    valued: [...new Set(valued)].sort(),
    values: valueRules(places),
    arguments: places.flatMap(({ path, positions }) =>
      positions.flatMap(({ completes, repeated }, index) =>
        completes === undefined
          ? []
          : [{ key: `${path}:${repeated ? "*" : index}`, completes }]
      )
    ),
  };
}

/** How a shell that has lists and maps writes them. */
export interface Literals {
  quote(text: string): string;
  list(items: readonly string[]): string;
  /** A key of a map and its value, on a line of their own. */
  pair(key: string, value: string): string;
}

export function writeTables(
  plan: Plan,
  { quote, list, pair }: Literals,
): Record<
  "valued" | "groups" | "transparent" | "values" | "arguments" | "pages",
  string
> {
  const words = (items: readonly string[]) => list(items.map(quote));
  const rules = (items: readonly Rule[]) =>
    items.map(({ key, completes }) =>
      pair(
        quote(key),
        typeof completes === "string" ? quote(completes) : words(completes),
      )
    ).join("\n");
  return {
    valued: words(plan.valued),
    groups: words(plan.groups),
    transparent: words(plan.transparent),
    values: rules(plan.values),
    arguments: rules(plan.arguments),
    pages: plan.places.map(({ path, words: known }) => {
      const lines = known.map(({ name, summary }) =>
        `\n        ${words([name, summary])}`
      );
      return pair(quote(path), list(lines).replaceAll(" \n", "\n"));
    }).join("\n"),
  };
}
