/**
 * Trying several ways to the same end, a little apart.
 *
 * @module
 */

import { HandshakeError, TimeoutError, type TransferError } from "../errors.ts";

/**
 * Tries the candidates in order, each `staggerMs` after the one before it or
 * as soon as that one has failed (RFC 8305 §5). The first that works wins, the
 * others are given up.
 *
 * @param attempt Must end when its signal is aborted.
 * @param discard Gets what a candidate made in the moment another won.
 * @throws What the attempt failed with; if there were several, an error of the
 * kind of the first that says what became of each.
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
  const race = new AbortController();
  const abort = () => race.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  let turn = Promise.resolve();
  const attempts = candidates.map((candidate) => {
    const start = turn;
    const work = (async () => {
      await start;
      race.signal.throwIfAborted();
      return await attempt(candidate, race.signal);
    })();
    turn = (async () => {
      await start;
      await elapsed(staggerMs, work, race.signal);
    })();
    return work;
  });
  try {
    const winner = await Promise.any(attempts);
    for (const other of attempts) {
      other.then((late) => late === winner ? undefined : discard(late))
        .catch(() => {});
    }
    return winner;
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof AggregateError ? combine(error.errors) : error;
  } finally {
    race.abort(new HandshakeError("another address answered first"));
    signal?.removeEventListener("abort", abort);
  }
}

/** Resolves after a while, or when `work` has ended or nobody cares any more. */
function elapsed(
  ms: number,
  work: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    work.then(done, done);
    if (signal.aborted) done();
  });
}

function combine(errors: readonly unknown[]): unknown {
  const [first] = errors;
  const Kind = [TimeoutError, HandshakeError].find((kind) =>
    first instanceof kind
  );
  if (errors.length === 1 || Kind === undefined) return first;
  const { hint, fields } = first as TransferError;
  const messages = errors.map((error) =>
    error instanceof Error ? error.message : String(error)
  );
  return new Kind([...new Set(messages)].join("; "), {
    cause: new AggregateError(errors),
    fields,
    ...(hint === undefined ? {} : { hint }),
  });
}
