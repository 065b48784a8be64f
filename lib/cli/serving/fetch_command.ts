/** The command that fetches on another machine, ready to paste into a shell. */

import { safeName } from "../../content/mod.ts";
import type { TicketContent } from "../../mesh/mod.ts";
import { PROGRAM } from "../version.ts";
import { quoteShell } from "./attach_line.ts";

export interface FetchCommand {
  /** What is fetched, and under which name it is published. */
  readonly content: Pick<TicketContent, "kind" | "name">;
  readonly ticket: string;
  /** Where the pre-shared key lies there; left out when the ticket has it. */
  readonly pskFile?: string;
}

/** Where something goes that has no name of its own. */
const NAMELESS = { dir: "fetched", blob: "fetched.bin" } as const;

/**
 * The name of what is fetched, in the directory where that is done. No name of
 * ours may do something to the terminal that it is pasted into, or be taken for
 * an option; none of others' may lead elsewhere.
 */
export function targetFor(
  { kind, name }: Pick<TicketContent, "kind" | "name">,
): string {
  return safeName(name, NAMELESS[kind]);
}

export function fetchCommand(
  { content, ticket, pskFile }: FetchCommand,
): string {
  return [
    PROGRAM,
    `recv-${content.kind}`,
    ...["--out", quoteShell(targetFor(content))],
    ...(pskFile === undefined ? [] : ["--psk-file", quoteShell(pskFile)]),
    // The longest comes last: what is done stays readable.
    ...["--ticket", ticket],
  ].join(" ");
}
