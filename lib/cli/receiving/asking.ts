/** Deciding about a fetch when it is known what would be fetched. */

import { TransferError } from "../../errors.ts";
import type { TreeCounts } from "../../landing/mod.ts";
import type { Session, TicketContent } from "../../mesh/mod.ts";
import { escapeText } from "../../text/escape.ts";
import { formatBytes } from "../../text/human.ts";
import type { Context } from "../command.ts";
import { askYes, canAsk } from "../framework/terminal/ask.ts";

/** How much it is; nothing of a tree whose manifest is not judged yet. */
export type Looked = Partial<TreeCounts>;

/** What would be fetched, as far as it is known. */
export interface Offer extends Looked {
  /** From whom, as people know them: `node 7 at 192.0.2.1:7700`. */
  readonly shown?: string;
}

/** Decides whether something is fetched; throws when it is not. */
export type Asking = (offer: Offer) => Promise<void>;

/** Somebody who takes part in a fetch, beside the command line. */
export interface Getting {
  readonly ask: Asking;
  /** All of it is there; told while the session with the one holder lasts. */
  readonly onArrived: (session: Session) => Promise<void>;
}

/** What is said of what would be fetched. */
export interface AskingAbout {
  readonly kind: TicketContent["kind"];
  /** The name it was published under. */
  readonly name: string;
  /** Where it goes; `-` is stdout. */
  readonly out: string;
  /** Whether the answer is known to be yes. */
  readonly yes: boolean;
}

/** `3 files, 38.1 MiB`, as far as it is known. */
export function describeAmount(
  { files, symlinks = 0, bytes }: Looked,
  kind: TicketContent["kind"],
): string {
  const parts = [];
  if (kind === "dir" && files !== undefined) {
    parts.push(`${files} ${files === 1 ? "file" : "files"}`);
    if (symlinks > 0) {
      parts.push(`${symlinks} ${symlinks === 1 ? "link" : "links"}`);
    }
  }
  if (bytes !== undefined) parts.push(formatBytes(bytes));
  return parts.join(", ");
}

/** One line about what would be fetched, all of it harmless. */
export function describeOffer(
  { kind, name }: Pick<AskingAbout, "kind" | "name">,
  offer: Offer,
): string {
  const named = (escapeText(name) || "(no name)") + (kind === "dir" ? "/" : "");
  const amount = describeAmount(offer, kind);
  return [
    named,
    ...(amount === "" ? [] : [amount]),
    ...(offer.shown === undefined ? [] : [`from ${escapeText(offer.shown)}`]),
  ].join(", ");
}

/**
 * Says what would be fetched, and asks whether it is to be, where somebody can
 * be asked. Elsewhere it goes on: nothing that is there is replaced.
 */
export function askBefore(about: AskingAbout, context: Context): Asking {
  const { out, yes } = about;
  const { screen, signal, globals: { quiet } } = context;
  let isAsked = false;
  return async (offer) => {
    // A fetch that begins anew is still the same.
    if (isAsked) return;
    isAsked = true;
    const shown = describeOffer(about, offer);
    if (yes || out === "-" || !canAsk()) {
      if (!quiet && Deno.stderr.isTerminal()) screen.line(shown);
      return;
    }
    screen.line(shown);
    const question = `Fetch it to ${escapeText(out)}?`;
    if (await askYes(question, signal, { byDefault: true })) return;
    throw new TransferError("interrupted", "nothing was fetched: you said no");
  };
}
