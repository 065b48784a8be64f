/**
 * What the completion scripts of all shells have in common, drawn from the
 * option tables.
 *
 * @module
 */

import { everyPage, type Page } from "../catalog.ts";
import type { OptionSpec } from "../options/option.ts";
import type { Completes } from "../options/value_kind.ts";
import type { Program } from "../program.ts";

/** A word and what it does. */
export interface Candidate {
  /** What is typed. */
  readonly word: string;
  /** What it does. */
  readonly does: string;
}

/** What can follow some words. */
export interface Place {
  /** The words, joined by blanks; empty for the program. */
  readonly path: string;
  /** Verbs and groups that can follow. */
  readonly verbs: readonly Candidate[];
  /** Options. */
  readonly options: readonly OptionSpec[];
  /** What each positional argument completes with. */
  readonly positions: readonly Position[];
}

/** A positional argument. */
export interface Position {
  /** What stands for it. */
  readonly metavar: string;
  /** What it completes with. */
  readonly completes?: Completes;
  /** Whether it takes all that remain. */
  readonly repeated: boolean;
}

/** What the value of an option, or an argument, is completed with. */
export interface Rule {
  /** The path it holds for; any when left out. */
  readonly path?: string;
  /** The option with its dashes, or the index of the argument, `*` for all. */
  readonly of: string;
  /** What with. */
  readonly completes: Completes;
}

/** A completion script before it is written. */
export interface Plan {
  /** The program's name. */
  readonly program: string;
  /** Words that may stand before a verb and change nothing for completion. */
  readonly transparent: readonly string[];
  /** How the program is asked for names. */
  readonly names: Program["names"];
  /** Every place, the program itself first. */
  readonly places: readonly Place[];
  /** Groups: words that a second word completes to a verb. */
  readonly groups: readonly string[];
  /** Options that take a value, with their dashes. */
  readonly valued: readonly string[];
  /** Values of options. */
  readonly values: readonly Rule[];
  /** Positional arguments. */
  readonly arguments: readonly Rule[];
}

/** An option as it is typed, the short form first. */
export function spellings({ name, short }: OptionSpec): string[] {
  return [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
}

function place(page: Page, root: Page): Place {
  return {
    path: page.words.join(" "),
    verbs: page.pages.map(({ name, summary }) => ({
      word: name,
      does: summary,
    })),
    options: page.options,
    positions: page.arguments.map(({ value, repeated }) => ({
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
  const byName = new Map<string, Rule[]>();
  for (const { path, options } of places) {
    for (const spec of options) {
      const completes = spec.value?.completes;
      if (completes === undefined) continue;
      for (const of of spellings(spec)) {
        const rules = byName.get(of) ?? [];
        byName.set(of, [...rules, { path, of, completes }]);
      }
    }
  }
  return [...byName.values()].flatMap((rules) => {
    const [{ of, completes }] = rules;
    const agree = rules.every((rule) =>
      String(rule.completes) === String(completes)
    );
    return agree ? [{ of, completes }] : rules;
  });
}

function argumentRules(places: readonly Place[]): Rule[] {
  return places.flatMap(({ path, positions }) =>
    positions.flatMap(({ completes, repeated }, index) =>
      completes === undefined
        ? []
        : [{ path, of: repeated ? "*" : String(index), completes }]
    )
  );
}

/**
 * Draws the plan.
 *
 * @param root The page of the program.
 */
export function planCompletion(root: Page, program: Program): Plan {
  const places = [...everyPage(root)].map((page) => place(page, root));
  const valued = places.flatMap(({ options }) =>
    options.filter(({ value }) => value !== undefined).flatMap(spellings)
  );
  return {
    program: program.name,
    transparent: [program.ignoredWord, "help"],
    names: program.names,
    places,
    groups: root.pages.filter(({ pages }) => pages.length > 0).map(({ name }) =>
      name
    ),
    valued: [...new Set(valued)].sort(),
    values: valueRules(places),
    arguments: argumentRules(places),
  };
}
