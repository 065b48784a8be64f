/** TOML 1.0, whose errors never repeat a word of the text: it may be a secret. */

import { parse, TomlError } from "smol-toml";

/** A table by its keys; times and dates are `Date`s. */
export type TomlTable = Readonly<Record<string, unknown>>;

/** What is in front of the reason in messages of the parser. */
const PREFIX = "Invalid TOML document: ";

/**
 * Parses a document; a key that is set twice is an error, and integers beyond
 * 53 bits are bigints.
 *
 * @throws {SyntaxError} Says in which line and column, and why.
 */
export function parseToml(text: string): TomlTable {
  try {
    return parse(text, { integersAsBigInt: "asNeeded" });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column, message } = error;
    // The lines after the first one quote the document; so does the error.
    const reason = message.split("\n")[0].replace(PREFIX, "");
    throw new SyntaxError(
      `line ${line}, column ${column}: ${reason}` + hintOf(reason),
    );
  }
}

/** What is most often behind a reason of the parser. */
function hintOf(reason: string): string {
  if (reason === "invalid value") return " (texts stand in quotes)";
  return reason.startsWith("trying to redefine") ? " (set twice)" : "";
}
