/** The command that fetches on another machine, ready to paste into a shell. */

import type { TicketContent } from "../../mesh/mod.ts";
import { needsEscape } from "../../text/escape.ts";
import { PROGRAM } from "../version.ts";
import { quoteShell } from "./attach_line.ts";

export interface FetchCommand {
  /** What is fetched, and under which name it is published. */
  readonly content: Pick<TicketContent, "kind" | "name">;
  readonly ticket: string;
  /** Where the pre-shared key lies there; left out when the ticket has it. */
  readonly pskFile?: string;
}

/**
 * A target in the directory where the command is pasted. No name of ours may do
 * something to the terminal that it is pasted into, or be taken for an option.
 */
function targetFor(name: string, kind: TicketContent["kind"]): string {
  const plain = [...name]
    .map((character) => needsEscape(character) ? "_" : character).join("");
  const named = /^\.{0,2}$/.test(plain)
    ? kind === "dir" ? "fetched" : "fetched.bin"
    : plain;
  return named.startsWith("-") ? `./${named}` : named;
}

export function fetchCommand(
  { content: { kind, name }, ticket, pskFile }: FetchCommand,
): string {
  return [
    PROGRAM,
    `recv-${kind}`,
    ...["--out", quoteShell(targetFor(name, kind))],
    ...(pskFile === undefined ? [] : ["--psk-file", quoteShell(pskFile)]),
    // The longest comes last: what is done stays readable.
    ...["--ticket", ticket],
  ].join(" ");
}
