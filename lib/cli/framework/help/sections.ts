/** What help, manual and reference say of a verb, as sections. */

import {
  type Argument,
  displayArgument,
  displayOption,
  type Option,
} from "../options/option.ts";
import type { Entry, Program, Summary, VerbTables } from "../program.ts";

export interface Subject {
  /** What it does, in one sentence without a full stop. */
  readonly summary: string;
  /** What is typed after the program's name, such as `["key", "show"]`. */
  readonly words: readonly string[];
  readonly verb?: VerbTables;
  /** What can follow. */
  readonly pages: readonly Summary[];
}

export interface Section {
  /** Such as `Attach options`. */
  readonly heading: string;
  readonly entries: readonly (Entry & { readonly notes?: string })[];
}

/** What there is to say of an option besides its help: values, default. */
function notesOf(spec: Option): string {
  const fallback = spec.shownDefault ?? spec.default;
  const choices = spec.value?.completes;
  return [
    Array.isArray(choices) && !choices.every((word) => spec.help.includes(word))
      ? ` [${choices.join(", ")}]`
      : "",
    fallback === undefined ? "" : ` [default: ${fallback}]`,
    spec.env === undefined ? "" : ` [env: ${spec.env}]`,
    spec.required ? " (required)" : "",
  ].join("");
}

/** An option as it is typed, both spellings: `-v, --verbose...`. */
function termOf(spec: Option): string {
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  const more = spec.form === "count" || spec.form === "values" ? "..." : "";
  return short + displayOption(spec) + more;
}

export function optionSection(
  heading: string,
  options: readonly Option[],
): Section {
  return {
    heading,
    entries: options.map((spec) => ({
      name: termOf(spec),
      meaning: spec.help,
      notes: notesOf(spec),
    })),
  };
}

/** Verbs, arguments and options, each group of options by itself. */
export function sectionsOf({ pages, verb }: Subject): Section[] {
  const args: Argument[] = Object.values(verb?.arguments ?? {});
  const options: Option[] = Object.values(verb?.options ?? {});
  return [
    ...[...Map.groupBy(pages, ({ group = "Verbs" }) => group)]
      .map(([heading, group]) => ({
        heading,
        entries: group.map(({ name, summary }) => ({ name, meaning: summary })),
      })),
    {
      heading: "Arguments",
      entries: args.map((spec) => ({
        name: displayArgument(spec),
        meaning: spec.help,
      })),
    },
    ...[...Map.groupBy(options, ({ group = "Options" }) => group)]
      .map(([heading, specs]) => optionSection(heading, specs)),
    optionSection("Global options", Object.values(verb?.globals ?? {})),
  ].filter(({ entries }) => entries.length > 0);
}

/**
 * What somebody needs who knows the program: verbs, arguments, the verb's own
 * options and those that are usual.
 *
 * @returns Them, and the headings that are left out.
 */
export function shortSectionsOf(
  subject: Subject,
): { sections: Section[]; more: string[] } {
  const options: Option[] = Object.values(subject.verb?.options ?? {});
  const isShort = ({ group, isUsual }: Option) =>
    group === undefined || isUsual === true;
  const { verb } = subject;
  const own = verb && {
    ...verb,
    globals: {},
    options: Object.fromEntries(
      options.filter(isShort).map((spec) => {
        const { group: _, ...rest } = spec;
        return [spec.name, rest];
      }),
    ),
  };
  const more = options.filter((spec) => !isShort(spec))
    .map(({ group = "" }) => group);
  return {
    sections: sectionsOf({ ...subject, verb: own }),
    more: [...new Set(more)],
  };
}

/** A command line as the first line of help shows it. */
export function usageLine(
  { words, verb, pages }: Subject,
  program: Program,
): string {
  const args: Argument[] = Object.values(verb?.arguments ?? {});
  const options: Option[] = Object.values(verb?.options ?? {});
  return [
    program.name,
    ...words,
    "[OPTIONS]",
    ...options.filter(({ required }) => required).map(displayOption),
    ...args.map(displayArgument),
    ...(pages.length > 0 ? ["<VERB>"] : []),
  ].join(" ");
}

/** The paragraphs that say what something does, the summary first. */
export function paragraphsOf({ summary, verb }: Subject): string[] {
  return [summary, ...verb?.description?.split("\n") ?? []];
}
