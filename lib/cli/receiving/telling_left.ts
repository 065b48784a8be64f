/** Says what a fetch that did not end well leaves behind. */

import { leftBehind } from "../../landing/mod.ts";
import { quoteText } from "../../text/escape.ts";
import { formatBytes } from "../../text/human.ts";
import type { ProgressEvent } from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import { toTransferError, withHint } from "../failure.ts";

/** What becomes of it. */
const NEXT = "the next fetch to the same target takes care of it";

function sentence(paths: readonly string[]): string {
  return `left behind: ${paths.map(quoteText).join(", ")}; ${NEXT}`;
}

/** What a fetch that failed has kept for the next one. */
export class KeptForNext {
  #kept: { path: string; bytes: bigint } | undefined;

  /** Takes note of an event of the fetch. */
  note(event: ProgressEvent): void {
    if (event.type === "stopped") this.#kept = event;
  }

  /** An error that says so, too. */
  addTo(thrown: unknown): unknown {
    const kept = this.#kept;
    if (kept === undefined) return thrown;
    const error = toTransferError(thrown);
    const { path, bytes } = kept;
    const how = `run it again and it goes on with the ${formatBytes(bytes)} ` +
      `in ${quoteText(path)}, once they are checked`;
    const hint = error.hint === undefined ? how : `${error.hint}; ${how}`;
    const { fields } = error;
    return withHint(error, hint, { ...fields, kept: path, kept_bytes: bytes });
  }
}

/**
 * Does the work of a fetch. Its failure tells what the next one goes on with
 * (fields `kept`, `kept_bytes`). When it is interrupted its failure tells what
 * is left beside the target (field `left`), and when the process ends before
 * the work does, the screen.
 *
 * @param kept What the fetch tells that it has kept.
 * @param out The target; nothing is left of a stream, which has none.
 */
export async function tellingLeft<T>(
  out: string | undefined,
  { screen, signal }: Pick<Context, "screen" | "signal">,
  kept: KeptForNext,
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
    const error = kept.addTo(thrown);
    throw signal.aborted ? withLeft(out, error) : error;
  } finally {
    globalThis.removeEventListener("unload", onExit);
  }
}

function withLeft(out: string, thrown: unknown): unknown {
  const error = toTransferError(thrown);
  const left = leftBehind(out);
  if (left.length === 0) return thrown;
  const { hint = sentence(left), fields } = error;
  return withHint(error, hint, { ...fields, left });
}
