import { delay } from "@std/async";
import { HandshakeError, TimeoutError, type TransferError } from "../errors.ts";
import { PortClosedError } from "./attempt.ts";

/**
 * Tries the candidates in order, each `staggerMs` after the one before it or as soon as
 * that one has failed (RFC 8305 §5). The first that works wins; `discard` gets what
 * others made in that moment. An error says what became of each.
 */
export async function firstOf<C, T>(
  candidates: readonly C[],
  { signal, staggerMs, attempt, discard }: {
    signal?: AbortSignal;
    staggerMs: number;
    attempt: (candidate: C, signal: AbortSignal) => Promise<T>;
    discard: (late: T) => unknown;
  },
): Promise<T> {
  const won = new AbortController();
  const ended = AbortSignal.any(
    signal === undefined ? [won.signal] : [won.signal, signal],
  );
  let turn: Promise<unknown> = Promise.resolve();
  const attempts = candidates.map((candidate) => {
    const work = turn.then(() => {
      ended.throwIfAborted();
      return attempt(candidate, ended);
    });
    // It only matters that the attempt or the pause is over, not how.
    turn = Promise.race([
      turn.then(() => delay(staggerMs, { signal: ended })),
      work,
    ])
      .catch(() => {});
    return work;
  });
  try {
    const winner = await Promise.any(attempts);
    for (const other of attempts) {
      other.then((late) => late === winner ? undefined : discard(late))
        // Attempts that lost have no caller left to tell why.
        .catch(() => {});
    }
    return winner;
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof AggregateError ? combine(error.errors) : error;
  } finally {
    won.abort(new HandshakeError("another address answered first"));
  }
}

function combine(errors: readonly unknown[]): unknown {
  const [first] = errors;
  const isClosed = errors.every((error) => error instanceof PortClosedError);
  const Kind = isClosed
    ? PortClosedError
    : [TimeoutError, HandshakeError].find((kind) => first instanceof kind);
  if (errors.length === 1 || Kind === undefined) return first;
  const { hint, fields } = first as TransferError;
  const messages = errors.map((error) =>
    error instanceof Error ? error.message : String(error)
  );
  return new Kind([...new Set(messages)].join("; "), {
    cause: new AggregateError(errors),
    fields,
    hint,
  });
}
