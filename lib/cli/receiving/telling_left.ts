/** Says what a fetch that did not end well leaves behind. */

import { TransferError } from "../../errors.ts";
import { leftBehind } from "../../landing/mod.ts";
import { quoteText } from "../../text/escape.ts";
import type { Context } from "../command.ts";
import { toTransferError } from "../failure.ts";

/** What becomes of it. */
const NEXT = "the next fetch to the same target takes care of it";

function sentence(paths: readonly string[]): string {
  return `left behind: ${paths.map(quoteText).join(", ")}; ${NEXT}`;
}

/**
 * Does the work of a fetch. When it is interrupted its failure tells what is
 * left beside the target (field `left`), and when the process ends before the
 * work does, the screen.
 *
 * @param out The target; nothing is left of a stream, which has none.
 */
export async function tellingLeft<T>(
  out: string | undefined,
  { screen, signal }: Pick<Context, "screen" | "signal">,
  work: () => Promise<T>,
): Promise<T> {
  if (out === undefined) return await work();
  const onExit = () => {
    const left = leftBehind(out);
    if (left.length > 0) screen.line(`net-transfer: ${sentence(left)}`);
  };
  globalThis.addEventListener("unload", onExit);
  try {
    return await work();
  } catch (thrown) {
    throw signal.aborted ? withLeft(out, thrown) : thrown;
  } finally {
    globalThis.removeEventListener("unload", onExit);
  }
}

function withLeft(out: string, thrown: unknown): unknown {
  const error = toTransferError(thrown);
  const left = leftBehind(out);
  if (left.length === 0) return thrown;
  const { kind, message, fields } = error;
  return new TransferError(kind, message, {
    cause: thrown,
    hint: error.hint ?? sentence(left),
    fields: { ...fields, left },
  });
}
