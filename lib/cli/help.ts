/**
 * Help pages, made of the same tables the parser reads.
 *
 * @module
 */

import type { CommandEntry, GroupEntry, Verb } from "./command.ts";
import {
  COMMON_OPTIONS,
  GLOBAL_OPTIONS,
  PROFILE_OPTIONS,
  REQUEST_OPTIONS,
} from "./global_options.ts";
import {
  displayArgument,
  displayOption,
  type OptionSpec,
  type OptionTable,
} from "./option.ts";
import { PROGRAM } from "./version.ts";

const WIDTH = 80;

/** Breaks text into lines of at most `width` characters. */
function fill(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Two columns; a left cell that is too long gets a line of its own. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.min(
    30,
    Math.max(0, ...rows.map(([cell]) => cell.length)) + 4,
  );
  return rows.flatMap(([cell, text]) => {
    const [first, ...rest] = fill(text, WIDTH - left);
    const margin = " ".repeat(left);
    const head = `  ${cell}`;
    return [
      ...(head.length + 2 > left
        ? [head, margin + first]
        : [head.padEnd(left) + first]),
      ...rest.map((line) => margin + line),
    ];
  });
}

function optionRow(spec: OptionSpec): [string, string] {
  const short = spec.short === undefined ? "    " : `-${spec.short}, `;
  const more = spec.form === "count" || spec.form === "values" ? "..." : "";
  const fallback = spec.shownDefault ?? spec.default;
  const choices = spec.value?.completes;
  const notes = [
    Array.isArray(choices) && !choices.every((word) => spec.help.includes(word))
      ? ` [${choices.join(", ")}]`
      : "",
    fallback === undefined ? "" : ` [default: ${fallback}]`,
    spec.env === undefined ? "" : ` [env: ${spec.env}]`,
    spec.required ? " (required)" : "",
  ];
  return [short + displayOption(spec) + more, spec.help + notes.join("")];
}

function optionSection(title: string, table: OptionTable): string[] {
  const rows = Object.values(table).map(optionRow);
  return rows.length === 0 ? [] : ["", `${title}:`, ...columns(rows)];
}

/** The first line of a verb's help, also shown with a usage error. */
export function usageLine(words: readonly string[], verb: Verb): string {
  const required = Object.values(verb.options).filter((spec) => spec.required);
  return [
    PROGRAM,
    ...words,
    "[OPTIONS]",
    ...required.map(displayOption),
    ...Object.values(verb.arguments).map(displayArgument),
  ].join(" ");
}

/**
 * The help page of a verb.
 *
 * @param words The verb as it is typed, such as `["identity", "show"]`.
 */
export function verbHelp(
  words: readonly string[],
  summary: string,
  verb: Verb,
): string {
  const names = Object.values(verb.arguments).map((
    spec,
  ): [string, string] => [displayArgument(spec), spec.help]);
  return [
    ...fill(summary, WIDTH),
    ...(verb.description === undefined
      ? []
      : verb.description.split("\n").flatMap((part) => [
        "",
        ...fill(part, WIDTH),
      ])),
    "",
    `Usage: ${usageLine(words, verb)}`,
    ...(names.length === 0 ? [] : ["", "Arguments:", ...columns(names)]),
    ...optionSection("Options", verb.options),
    ...optionSection("Global options", {
      ...(verb.scope === "local" ? {} : PROFILE_OPTIONS),
      ...(verb.scope === "remote" ? REQUEST_OPTIONS : {}),
      ...COMMON_OPTIONS,
    }),
    "",
    verb.examples.length === 1 ? "Example:" : "Examples:",
    ...verb.examples.flatMap(({ line, does }) => [
      ...fill(does, WIDTH - 4).map((part) => `  # ${part}`),
      `  ${PROGRAM} ${line}`,
    ]),
  ].join("\n");
}

/** The help page of a group of verbs. */
export function groupHelp(group: GroupEntry): string {
  return [
    group.summary,
    "",
    `Usage: ${PROGRAM} ${group.name} <VERB>`,
    "",
    "Verbs:",
    ...columns(group.verbs.map(({ name, summary }) => [name, summary])),
    "",
    "Example:",
    `  ${PROGRAM} ${group.name} ${group.verbs[0].name} --help`,
  ].join("\n");
}

/** The help page of the program. */
export function rootHelp(commands: readonly CommandEntry[]): string {
  return [
    "Move content-addressed blobs and directory trees between machines",
    "",
    `Usage: ${PROGRAM} [OPTIONS] <VERB>`,
    "",
    "Verbs:",
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    ...optionSection("Global options", GLOBAL_OPTIONS),
    "",
    "Example:",
    "  # Serve a directory, then fetch it on another machine with what was printed",
    `  ${PROGRAM} serve ./photos`,
    `  ${PROGRAM} recv-dir --remote-ref REF --out ./photos --node-addr HOST:7700 \\`,
    "    --node-pubkey KEY --psk-file node.psk",
    "",
    `See '${PROGRAM} <VERB> --help' for the options of a verb.`,
  ].join("\n");
}
