/**
 * What a failed command prints: one line for people, or one JSON line for
 * programs, always on stderr.
 */

import { type ErrorKind, PermissionError, TransferError } from "../errors.ts";
import { isOsError } from "../os/os_error.ts";
import { formatJson } from "./framework/output/json.ts";
import {
  type Fields,
  Id,
  type OutputFormat,
} from "./framework/output/report.ts";
import { escapeText } from "../text/escape.ts";
import { type Paint, PLAIN } from "./framework/terminal/paint.ts";
import { redactTickets } from "./redact.ts";
import { PROGRAM } from "./version.ts";

function kindOf(error: Error): ErrorKind {
  if (isOsError(error)) return "io";
  if (error.name === "TimeoutError") return "timeout";
  return error.name === "AbortError" ? "interrupted" : "internal";
}

/** Makes a failure of the system read like one of ours. */
export function toTransferError(error: unknown): TransferError {
  if (error instanceof TransferError) return error;
  if (!(error instanceof Error)) {
    return new TransferError("internal", String(error));
  }
  return error instanceof Deno.errors.NotCapable
    ? new PermissionError(error.message, {
      cause: error,
      hint: "grant it to the process, or run with --allow-all",
    })
    : new TransferError(kindOf(error), error.message, { cause: error });
}

/** The same failure with another hint, and other fields if there are any. */
export function withHint(
  error: TransferError,
  hint: string,
  fields: TransferError["fields"] = error.fields,
): TransferError {
  const { kind, message } = error;
  return new TransferError(kind, message, { cause: error, hint, fields });
}

/** What a log line says of something that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface FailureOptions {
  exitCode: number;
  format?: OutputFormat;
  paint?: Paint;
}

/**
 * One line of JSON for programs, else the message and, if there is one, the
 * hint; no newline.
 */
export function renderFailure(
  error: TransferError,
  options: FailureOptions,
): string {
  return redactTickets(render(error, options));
}

/** Nobody reads longer words: the reference of a large file, say. */
const LONG_WORD = /(\S{60})\S{400,}(\S{20})/g;

/** One harmless line, in which no word fills the screen. */
function sentence(text: string): string {
  return escapeText(text).replace(LONG_WORD, "$1…$2");
}

/** The fields of an error, in which a bigint is an id. */
function withIds(fields: TransferError["fields"]): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "bigint" ? new Id(value) : value,
    ]),
  );
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
        ...withIds(error.fields),
      },
    });
  }
  const lines = [`${paint.bad(`${PROGRAM}:`)} ${sentence(error.message)}`];
  if (error.hint !== undefined) {
    lines.push(`${paint.notice("hint:")} ${sentence(error.hint)}`);
  }
  return lines.join("\n");
}
