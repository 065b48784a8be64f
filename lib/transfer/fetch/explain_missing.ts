import { type BlobRef, encodeBlobRef } from "../../content/mod.ts";
import { type ErrorField, NotFoundError } from "../../errors.ts";
import type { Session } from "../../mesh/mod.ts";
import { fromHex, toHex } from "../../text/hex.ts";
import { askChanges } from "../ask/ask_changes.ts";
import type { ContentChanges } from "../protocol/change_query.ts";
import type { FailedFile, LostFile } from "./lost_files.ts";

/** The longest reference that stands in a sentence, in hex digits. */
const SHOWN_REF_MAX = 512;

const WORDS = {
  changed: "it has changed since it was published",
  gone: "it is gone since it was published",
} as const;

/** How a holder is asked why it lacks something. */
export interface ExplainOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** What the first holder says that knows of a change. */
async function firstChanges(
  sessions: readonly Session[],
  ref: BlobRef,
  hashes: readonly Uint8Array[],
  options: ExplainOptions,
): Promise<ContentChanges | undefined> {
  let first: ContentChanges | undefined;
  for (const session of sessions) {
    const changes = await askChanges(session, ref, hashes, options);
    const isTold = changes?.states.some((state) =>
      state === "changed" || state === "gone"
    );
    if (isTold) return changes;
    first ??= changes;
  }
  return first;
}

/** What can be done when it is not published again. */
const PUBLISH_AGAIN = "have it published again, and fetch that";
const PUBLISH_OR_KEEP_GOING =
  "fetch the rest with --keep-going, or have it published again";

/**
 * Says of a chunk that is not held why that is, where a holder tells.
 *
 * @param sessions With the holders.
 * @param ref What was to be fetched.
 * @param error What ended that.
 * @returns The error to throw.
 */
export async function explainMissing(
  sessions: readonly Session[],
  ref: BlobRef,
  error: unknown,
  options: ExplainOptions,
): Promise<unknown> {
  if (!(error instanceof NotFoundError) || options.signal?.aborted) {
    return error;
  }
  const { hash } = error.fields;
  if (typeof hash !== "string") return error;
  const changes = await firstChanges(sessions, ref, [fromHex(hash)], options);
  const state = changes?.states[0];
  if (state !== "changed" && state !== "gone") return error;
  const fields: Record<string, ErrorField> = { ...error.fields, reason: state };
  const successor = successorHex(changes);
  if (successor !== undefined) fields.successor = successor;
  return new NotFoundError(`${error.message}: ${WORDS[state]}`, {
    cause: error,
    // A file of a tree has a path.
    hint: successorHint(successor) ??
      ("path" in fields ? PUBLISH_OR_KEEP_GOING : PUBLISH_AGAIN),
    fields,
  });
}

/** What to do about content that has changed, in one sentence. */
function successorHint(successor: string | undefined): string | undefined {
  if (successor === undefined) return undefined;
  return successor.length > SHOWN_REF_MAX
    ? "it was published again: ask for the new ticket"
    : `it was published again: fetch ${successor}`;
}

function successorHex(changes: ContentChanges | undefined): string | undefined {
  const successor = changes?.successor;
  return successor && toHex(encodeBlobRef(successor));
}

/** What a fetch did without, with the reasons that the holder gives. */
export async function explainLost(
  sessions: readonly Session[],
  ref: BlobRef,
  lost: readonly LostFile[],
  options: ExplainOptions,
): Promise<{ failed: FailedFile[]; hint?: string }> {
  if (lost.length === 0) return { failed: [] };
  const hashes = lost.map(({ hash }) => hash);
  const changes = await firstChanges(sessions, ref, hashes, options);
  const failed = lost.map(({ path, error }, i): FailedFile => {
    const { kind } = error;
    const reason = kind === "not_found" ? changes?.states[i] : undefined;
    return reason === "changed" || reason === "gone"
      ? { path, kind, reason }
      : { path, kind };
  });
  const hint = successorHint(successorHex(changes));
  return hint === undefined ? { failed } : { failed, hint };
}
