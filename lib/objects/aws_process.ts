/**
 * Credentials that a program of the user's prints: `credential_process` of a
 * profile, by which signing on once, vaults and roles can be had.
 */

import { ConfigError, PermissionError } from "../errors.ts";
import {
  AWS_PROCESS_MS,
  AWS_PROCESS_OUTPUT_MAX,
  AWS_RENEW_MS,
} from "../limits.ts";
import { isOsError, osErrorWords } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import type { S3Credentials } from "./s3_credentials.ts";

/** How much of what a program complains is repeated, in UTF-16 code units. */
const SHOWN = 200;

/** What a program has printed. */
interface Printed {
  readonly credentials: S3Credentials;
  /** Until when they hold, in milliseconds since 1970. */
  readonly until: number;
}

/** Credentials that are asked for again before they are over. */
export class ProcessCredentials {
  readonly #words: readonly string[];
  readonly #profile: string;
  #printed?: Printed;
  #running?: Promise<Printed>;

  /**
   * Prepares to ask; nothing is run yet.
   *
   * @param command As the profile has it: words, which may have quotes; no shell
   * is asked what they mean.
   * @param profile Its name, for messages.
   */
  constructor(command: string, profile: string) {
    this.#words = commandWords(command);
    this.#profile = profile;
  }

  /**
   * The credentials, from a program that is run when there are none that hold
   * for a while.
   *
   * @throws {ConfigError} When it prints none.
   * @throws {PermissionError} When it may not be run.
   */
  async get(): Promise<S3Credentials> {
    const { until = 0, credentials } = this.#printed ?? {};
    if (credentials !== undefined && Date.now() < until - AWS_RENEW_MS) {
      return credentials;
    }
    this.#running ??= this.#run().finally(() => this.#running = undefined);
    this.#printed = await this.#running;
    return this.#printed.credentials;
  }

  async #run(): Promise<Printed> {
    const [program = "", ...args] = this.#words;
    const { state } = Deno.permissions.querySync({
      name: "run",
      command: program,
    });
    if (state !== "granted") {
      throw new PermissionError(
        `the profile ${
          quoteText(this.#profile)
        } has its credentials from a program that this process may not run`,
        { hint: `grant it with --allow-run=${program}` },
      );
    }
    const { stdout, stderr, success } = await this.#output(program, args);
    const printed = success ? parsePrinted(stdout) : undefined;
    if (printed !== undefined) return printed;
    // What it prints on stdout may hold secrets.
    const [said] = stderr.trim().split("\n").slice(-1);
    throw new ConfigError(
      `credential_process of the profile ${quoteText(this.#profile)} ${
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
          quoteText(this.#profile)
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

/** What was printed, if it is what the tools of AWS agree on: version 1. */
function parsePrinted(text: string): Printed | undefined {
  let printed: Record<string, unknown>;
  try {
    printed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof printed !== "object" || printed?.Version !== 1) return undefined;
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = printed;
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") {
    return undefined;
  }
  const until = Date.parse(String(Expiration));
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(typeof SessionToken === "string" && { sessionToken: SessionToken }),
    },
    // Without a time they hold for ever.
    until: Number.isNaN(until) ? Infinity : until,
  };
}
