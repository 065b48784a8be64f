/**
 * Credentials that a program of the user's prints: `credential_process` of a
 * profile, by which signing on once, vaults and roles can be had.
 */

import { ConfigError, PermissionError } from "../errors.ts";
import { AWS_PROCESS_MS, AWS_PROCESS_OUTPUT_MAX } from "../limits.ts";
import { isOsError, osErrorWords } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import {
  type LentCredentials,
  parseLent,
  RenewedCredentials,
} from "./renewed_credentials.ts";

/** How much of what a program complains is repeated, in UTF-16 code units. */
const SHOWN = 200;

/**
 * Prepares to ask a program; nothing is run yet.
 *
 * @param command As the profile has it: words, which may have quotes; no shell is
 * asked what they mean.
 * @param profile Its name, for messages.
 * @returns Fails with a ConfigError when it prints none, and a PermissionError
 * when it may not be run.
 */
export function processCredentials(
  command: string,
  profile: string,
): RenewedCredentials {
  const program = new CredentialProgram(commandWords(command), profile);
  return new RenewedCredentials(() => program.run());
}

/** A program that prints credentials. */
class CredentialProgram {
  constructor(
    private readonly words: readonly string[],
    private readonly profile: string,
  ) {}

  async run(): Promise<LentCredentials> {
    const [program = "", ...args] = this.words;
    const { state } = Deno.permissions.querySync({
      name: "run",
      command: program,
    });
    if (state !== "granted") {
      throw new PermissionError(
        `the profile ${
          quoteText(this.profile)
        } has its credentials from a program that this process may not run`,
        { hint: `grant it with --allow-run=${program}` },
      );
    }
    const { stdout, stderr, success } = await this.#output(program, args);
    const printed = success ? parseLent(stdout, "SessionToken") : undefined;
    if (printed !== undefined) return printed;
    // What it prints on stdout may hold secrets.
    const [said] = stderr.trim().split("\n").slice(-1);
    throw new ConfigError(
      `credential_process of the profile ${quoteText(this.profile)} ${
        success ? "prints no credentials" : "fails"
      }${said === "" ? "" : `: ${quoteText(said.slice(0, SHOWN))}`}`,
      { hint: `run it by hand: ${program}` },
    );
  }

  async #output(program: string, args: readonly string[]) {
    const signal = AbortSignal.timeout(AWS_PROCESS_MS);
    try {
      const child = new Deno.Command(program, {
        args: [...args],
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        signal,
      }).spawn();
      const [stdout, stderr, { success }] = await Promise.all([
        textOf(child.stdout),
        textOf(child.stderr),
        child.status,
      ]);
      return { stdout, stderr, success: success && !signal.aborted };
    } catch (error) {
      if (!isOsError(error)) throw error;
      throw new ConfigError(
        `credential_process of the profile ${
          quoteText(this.profile)
        } cannot be run: ${osErrorWords(error)}`,
        { cause: error, hint: `is there a program ${quoteText(program)}?` },
      );
    }
  }
}

/** Reads to the end, and keeps the beginning. */
async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    if (text.length > AWS_PROCESS_OUTPUT_MAX) continue;
    text += decoder.decode(bytes, { stream: true });
  }
  return text.length > AWS_PROCESS_OUTPUT_MAX ? "" : text;
}

/**
 * The words of a command, as a shell would read them that expands nothing.
 *
 * @param isPath Whether a backslash is part of a path, as on Windows.
 */
export function commandWords(
  command: string,
  isPath = Deno.build.os === "windows",
): string[] {
  const words = isPath
    ? command.match(/(?:"[^"]*"|[^\s"])+/g)
    : command.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/g);
  return (words ?? []).map((word) =>
    isPath ? word.replaceAll('"', "") : word.replace(
      /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g,
      (_, double?: string, single?: string, other?: string) =>
        double?.replace(/\\(["\\])/g, "$1") ?? single ?? other ?? "",
    )
  );
}
