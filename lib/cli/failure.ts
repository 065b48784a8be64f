/**
 * What a failed command prints: one line for people, or one JSON line for
 * programs, always on stderr.
 *
 * @module
 */

import { type ErrorKind, TransferError } from "../errors.ts";
import { formatJson } from "./framework/output/json.ts";
import type { OutputFormat } from "./framework/output/report.ts";
import { escapeText } from "../text/escape.ts";
import { type Paint, PLAIN } from "./framework/terminal/paint.ts";
import { redactTickets } from "./redact.ts";
import { PROGRAM } from "./version.ts";

/** Errors of the system that are a matter of files and sockets. */
const IO_ERRORS: readonly (abstract new (...args: never[]) => Error)[] = [
  Deno.errors.NotFound,
  Deno.errors.PermissionDenied,
  Deno.errors.AlreadyExists,
  Deno.errors.NotADirectory,
  Deno.errors.IsADirectory,
  Deno.errors.FilesystemLoop,
  Deno.errors.BrokenPipe,
  Deno.errors.UnexpectedEof,
  Deno.errors.WriteZero,
  Deno.errors.Busy,
  Deno.errors.AddrInUse,
  Deno.errors.AddrNotAvailable,
  Deno.errors.NetworkUnreachable,
  Deno.errors.Interrupted,
];

/** Whether it has an `errno`, in a field or its text alone, that Deno has no class for. */
function hasOsCode(error: Error): boolean {
  return "code" in error && typeof error.code === "string" &&
      /^E[A-Z0-9]+$/.test(error.code) ||
    error.name === "Error" && / \(os error \d+\)/.test(error.message);
}

function wrap(kind: ErrorKind, error: Error, hint?: string): TransferError {
  return new TransferError(kind, error.message, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * Makes a {@linkcode TransferError} of whatever was thrown, so that a failure
 * of the system reads like one of ours.
 */
export function toTransferError(error: unknown): TransferError {
  if (error instanceof TransferError) return error;
  if (!(error instanceof Error)) {
    return new TransferError("internal", String(error));
  }
  if (error instanceof Deno.errors.NotCapable) {
    return wrap(
      "permission",
      error,
      "grant it to the process, or run with --allow-all",
    );
  }
  if (
    IO_ERRORS.some((constructor) => error instanceof constructor) ||
    hasOsCode(error)
  ) return wrap("io", error);
  if (error.name === "TimeoutError") return wrap("timeout", error);
  if (error.name === "AbortError") return wrap("interrupted", error);
  return wrap("internal", error);
}

/** What a log line says of something that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the system said, without the call and the paths the runtime adds. */
function withoutPath(message: string): string {
  return /^.*? \(os error \d+\)/.exec(message)?.[0] ?? message;
}

/**
 * Names what an operation was about in the failures of the system it throws.
 *
 * @param what The beginning of the message, such as `cannot open 'a.bin'`.
 * @param operation Does it.
 * @throws {TransferError} What `operation` threw: ours as they are, those of
 * the system with `what` before their message.
 */
export async function explaining<T>(
  what: string,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (thrown) {
    if (thrown instanceof TransferError) throw thrown;
    const { kind, message, hint } = toTransferError(thrown);
    if (kind === "internal") throw thrown;
    throw new TransferError(kind, `${what}: ${withoutPath(message)}`, {
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** Options of {@linkcode renderFailure}. */
export interface FailureOptions {
  /** The exit code that follows. */
  exitCode: number;
  /** The format that was asked for on the command line, if any. */
  format?: OutputFormat;
  /** Colours of the lines for people. */
  paint?: Paint;
}

/**
 * Writes a failure.
 *
 * @returns One line of JSON for a format of machines, else the message and,
 * where there is one, a second line with the hint. No newline at the end.
 */
export function renderFailure(
  error: TransferError,
  options: FailureOptions,
): string {
  return redactTickets(render(error, options));
}

function render(
  error: TransferError,
  { exitCode, format, paint = PLAIN }: FailureOptions,
): string {
  if (format === "json" || format === "ndjson" || format === "yaml") {
    return formatJson({
      error: {
        kind: error.kind,
        message: error.message,
        exit_code: exitCode,
        hint: error.hint,
        ...error.fields,
      },
    });
  }
  const lines = [`${paint.bad(`${PROGRAM}:`)} ${escapeText(error.message)}`];
  if (error.hint !== undefined) {
    lines.push(`${paint.notice("hint:")} ${escapeText(error.hint)}`);
  }
  return lines.join("\n");
}
