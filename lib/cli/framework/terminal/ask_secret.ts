/** Asking for what nobody else is to see. */

import { TransferError } from "../../../errors.ts";
import { TypedLine } from "./typed_line.ts";

/** Pasted text is marked by the terminal, so that its rows are one line. */
const MARK_PASTED = "\x1b[?2004h";
const NO_MARKS = "\x1b[?2004l";

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

/**
 * Asks for a line that is not shown while it is typed. The terminal is as it was
 * afterwards, whatever ends the question.
 *
 * @param question The question, printed on stderr.
 * @param max Most characters that count.
 * @param signal Ends the wait.
 * @throws {TransferError} Of kind `interrupted`, when Ctrl-C was pressed.
 */
export async function askSecret(
  question: string,
  max: number,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const restore = () => {
    Deno.stdin.setRaw(false);
    write(`${NO_MARKS}\n`);
  };
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  // A second signal ends the process right here.
  globalThis.addEventListener("unload", restore);
  signal.addEventListener("abort", abort);
  Deno.stdin.setRaw(true);
  write(`${question}${MARK_PASTED}`);
  try {
    return await readLine(max, aborted.promise);
  } finally {
    signal.removeEventListener("abort", abort);
    globalThis.removeEventListener("unload", restore);
    restore();
  }
}

async function readLine(max: number, aborted: Promise<never>): Promise<string> {
  const line = new TypedLine(max);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  for (;;) {
    const length = await Promise.race([Deno.stdin.read(buffer), aborted]);
    const state = length === null
      ? "interrupted"
      : line.feed(decoder.decode(buffer.subarray(0, length), { stream: true }));
    if (state === "entered") return line.text;
    if (state === "interrupted") {
      throw new TransferError("interrupted", "interrupted before an answer");
    }
  }
}
