/** Which verb a command line is about. */

import { findFirstWord } from "./options/parse_arguments.ts";
import { UnknownWordError } from "./options/tokens.ts";
import type { CommandEntry, Program, VerbTables } from "./program.ts";

/** Flags, by their property, that end parsing when they are met. */
export const STOP_AT: readonly string[] = ["help", "version"];

export interface Route<V extends VerbTables> {
  /** The words that name the verb, such as `["key", "show"]`. */
  readonly words: readonly string[];
  /** What they name; absent without words. */
  readonly entry?: CommandEntry<V>;
  readonly rest: readonly string[];
  /** Whether the word was there that may stand in front of the verb. */
  readonly hasIgnoredWord: boolean;
}

/**
 * Finds the verb and takes it out; `help` in front of it becomes `--help`
 * behind it.
 */
export function route<V extends VerbTables>(
  args: readonly string[],
  { commands, globals, ignoredWord }: Pick<
    Program<V>,
    "commands" | "globals" | "ignoredWord"
  >,
): Route<V> {
  const words: string[] = [];
  const rest = [...args];
  let hasIgnoredWord = false;
  const next = (): string | undefined => {
    const at = findFirstWord(rest, globals, STOP_AT);
    return at === undefined ? undefined : rest.splice(at, 1)[0];
  };

  let word = next();
  if (word === ignoredWord && word !== undefined) {
    hasIgnoredWord = true;
    word = next();
  }
  if (word === "help") {
    rest.push("--help");
    word = next();
    if (word === ignoredWord) word = next();
  }
  let entry: CommandEntry<V> | undefined;
  let choices = commands;
  while (word !== undefined) {
    entry = choices.find(({ name }) => name === word);
    if (entry === undefined) {
      throw new UnknownWordError(
        `unrecognized subcommand '${[...words, word].join(" ")}'`,
        word,
        choices.map(({ name }) => name),
      );
    }
    words.push(word);
    if (!("verbs" in entry)) break;
    choices = entry.verbs;
    word = next();
  }
  return { words, entry, rest, hasIgnoredWord };
}
