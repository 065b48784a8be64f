/** Profiles of the files that the command line of AWS reads. */

import { ConfigError } from "../errors.ts";
import { quoteText } from "../text/escape.ts";

/** The settings of a profile, by name. */
export type AwsProfile = Readonly<Record<string, string | undefined>>;

/** A parsed file: sections, and sections within them where names have dots. */
export interface AwsFile {
  readonly [name: string]: unknown;
}

/**
 * Parses a file.
 *
 * @param text Its content.
 * @param path For messages.
 */
export async function parseAwsFile(
  text: string,
  path: string,
): Promise<AwsFile> {
  // It is CommonJS: bundled it has no other names.
  const { default: ini } = await import("ini");
  try {
    return ini.decode(text);
  } catch {
    // What the parser says may repeat a line, and a line may be a secret.
    throw new ConfigError(`${quoteText(path)} cannot be parsed`, {
      hint: "it has lines of KEY = VALUE below names in brackets",
    });
  }
}

/**
 * The settings of one profile.
 *
 * @param file What was parsed.
 * @param name The profile.
 * @param prefix What stands before names but `default`: `profile ` in the
 * configuration, nothing among the credentials.
 */
export function profileOf(
  file: AwsFile,
  name: string,
  prefix: string,
): AwsProfile | undefined {
  const names = name === "default"
    ? [name, `${prefix}${name}`]
    : [`${prefix}${name}`, `${prefix}"${name}"`];
  for (const candidate of names) {
    const section = sectionOf(file, candidate);
    if (section === undefined) continue;
    const settings = Object.entries(section)
      .filter((entry): entry is [string, string] =>
        typeof entry[1] === "string" && entry[1] !== ""
      )
      .map(([key, value]) => [key.toLowerCase(), value]);
    return Object.fromEntries(settings);
  }
  return undefined;
}

/** The parser takes a dot for the border between a section and one within. */
function sectionOf(
  file: AwsFile,
  name: string,
): Record<string, unknown> | undefined {
  let found: unknown = file;
  for (const part of name.split(".")) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Object.hasOwn(found, part) && Reflect.get(found, part);
  }
  return typeof found === "object" && found !== null ? { ...found } : undefined;
}
