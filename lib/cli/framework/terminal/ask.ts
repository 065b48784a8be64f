/** Questions to whoever sits at the terminal. */

/** Most bytes of an answer. */
const ANSWER_MAX = 64;

/**
 * Whether there is somebody to ask: both what is asked and the answer go
 * through a terminal.
 */
export function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/**
 * Asks for a yes.
 *
 * @param question The question, printed on stderr.
 * @param signal Ends the wait.
 * @param options What it means when nothing is typed; no, if not given.
 * @returns Whether the answer is yes.
 */
export async function askYes(
  question: string,
  signal: AbortSignal,
  { byDefault = false }: { readonly byDefault?: boolean } = {},
): Promise<boolean> {
  signal.throwIfAborted();
  const choice = byDefault ? "[Y/n]" : "[y/N]";
  Deno.stderr.writeSync(new TextEncoder().encode(`${question} ${choice} `));
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    const buffer = new Uint8Array(ANSWER_MAX);
    const length = await Promise.race([
      Deno.stdin.read(buffer),
      aborted.promise,
    ]);
    const answer = new TextDecoder().decode(buffer.subarray(0, length ?? 0));
    if (!answer.endsWith("\n")) {
      Deno.stderr.writeSync(new TextEncoder().encode("\n"));
    }
    // The end of the input is no answer.
    if (byDefault && /^\s+$/.test(answer)) return true;
    return /^\s*y(?:es)?\s*$/i.test(answer);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
