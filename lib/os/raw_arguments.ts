/**
 * Arguments that are not UTF-8. The runtime hands them on with U+FFFD for what
 * is none, which names another file; Linux tells the process its own bytes. A
 * byte that is no part of a character becomes a lone surrogate, U+DC80 to
 * U+DCFF (PEP 383), so that such an argument is a string that nobody mistakes
 * for another, and that must not reach the runtime as a path.
 */

import { UsageError } from "../errors.ts";
import { quoteText } from "../text/escape.ts";

const REPLACEMENT = "\uFFFD";
const LONE = 0xdc00;
const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** How many bytes a character has that begins with this one. */
function lengthOf(lead: number): number {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Bytes as a string that {@linkcode bytesOf} makes into the same bytes. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = lengthOf(bytes[at]);
    try {
      text += fatal.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      // No character begins here.
      text += String.fromCharCode(LONE + bytes[at++]);
    }
  }
  return text;
}

/** The bytes that a string of {@linkcode textOf} stands for. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(
    [...text].flatMap((character) => {
      const code = character.charCodeAt(0);
      return character.length === 1 && code >= LONE + 0x80 &&
          code < LONE + 0x100
        ? [code - LONE]
        : [...encoder.encode(character)];
    }),
  );
}

/** For messages: `\xff` for each byte that is no part of a character. */
export function showArgument(text: string): string {
  return [...text].map((character) =>
    character.isWellFormed()
      ? character
      : `\\x${(character.charCodeAt(0) - LONE).toString(16).padStart(2, "0")}`
  ).join("");
}

/**
 * The arguments as they are, of the bytes of all words that the process was
 * started with, each ended by a NUL; `undefined` where those are of another
 * process, or not known.
 */
export function restoreArguments(
  args: readonly string[],
  commandLine: Uint8Array | undefined,
): string[] | undefined {
  if (commandLine === undefined || args.length === 0) return undefined;
  const words: Uint8Array[] = [];
  for (let at = 0; at < commandLine.length;) {
    const end = commandLine.indexOf(0, at);
    if (end < 0) return undefined;
    words.push(commandLine.subarray(at, end));
    at = end + 1;
  }
  const own = words.slice(-args.length);
  const same = own.length === args.length &&
    own.every((bytes, at) => lossy.decode(bytes) === args[at]);
  return same ? own.map(textOf) : undefined;
}

function readCommandLine(): Uint8Array | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return Deno.readFileSync("/proc/self/cmdline");
  } catch {
    // Not mounted, or not granted: then it is not known.
    return undefined;
  }
}

/**
 * The arguments of this process as they were given, see above.
 *
 * @throws {UsageError} When one may have been something else, and nobody tells.
 */
export function readArguments(args: readonly string[]): readonly string[] {
  const doubtful = args.find((arg) => arg.includes(REPLACEMENT));
  if (doubtful === undefined) return args;
  const restored = restoreArguments(args, readCommandLine());
  if (restored !== undefined) return restored;
  throw new UsageError(
    `the argument ${
      quoteText(doubtful)
    } holds U+FFFD, which may stand for bytes that are not UTF-8: what it names cannot be known`,
    { hint: "rename it, or grant the process --allow-all on Linux" },
  );
}
