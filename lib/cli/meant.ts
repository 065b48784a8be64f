/**
 * What somebody meant who typed what other programs understand: a verb of
 * theirs, a ticket, a path, a flag by another name.
 */

import { TransferError } from "../errors.ts";
import { decodeTicket, looksLikeTicket } from "../mesh/mod.ts";
import { suggest } from "./framework/options/suggest.ts";
import { quoteShell } from "./serving/attach_line.ts";
import { PROGRAM } from "./version.ts";

/** What peers call it, by what it is here. */
const VERBS: Readonly<Record<string, string>> = {
  ls: "list ps top jobs transfers downloads",
  status: "info stat show",
  cancel: "stop kill abort rm remove delete",
  limit: "throttle rate speed bwlimit",
  doctor: "check test ping diagnose probe speedtest benchmark debug",
  "identity generate": "keygen init",
  identity: "key keys id whoami",
  completion: "completions complete autocomplete",
  man: "manual docs",
};

/** Words for letting others have something. */
const GIVE =
  /^(send|share|publish|put|push|upload|offer|seed|host|daemon|server|listen|expose|add|provide)$/;
/** Words for getting something. */
const TAKE =
  /^(receive|recv|rx|download|dl|fetch|pull|clone|grab|wget|curl|join|open)$/;
/** Words for doing both at once. */
const COPY = /^(copy|cp|sync|scp|rsync|mirror|move|mv|transfer-to|to)$/;

const REFERENCE = /^(b0b1b2b3[0-9a-f]+|[0-9a-f]{64})$/i;

/** Flags of peers, by ours, in the order in which ours are looked for. */
const FLAGS: readonly (readonly [ours: string, theirs: string])[] = [
  ["--out", "dest destination target dir directory to file output-file path"],
  ["--listen", "port bind address addr host"],
  ["--node-addr", "port address addr host peer server"],
  ["--psk-file", "key password pass secret passphrase key-file"],
  ["--ticket", "code token"],
  ["--replace", "force overwrite yes clobber delete"],
  ["--output", "json yaml format"],
  ["--limit-rate", "bwlimit limit rate throttle max-rate"],
  ["--jobs", "threads workers parallel"],
  ["--concurrency", "threads workers parallel streams"],
  ["--exclude", "ignore skip"],
  ["--include", "filter only match"],
  ["--quiet", "silent"],
  ["--dry-run", "simulate just-print"],
];

/** A command in a sentence; one with quotes of its own gets other ones. */
function quoted(line: string): string {
  return line.includes("'") ? `\`${line}\`` : `'${line}'`;
}

const command = (...words: string[]) => quoted([PROGRAM, ...words].join(" "));

/** Whether a path exists, as far as we may know. */
function kindOf(path: string): "dir" | "blob" | undefined {
  try {
    return Deno.statSync(path).isDirectory ? "dir" : "blob";
  } catch {
    return undefined;
  }
}

function serveHint(path: string, kind: "dir" | "blob"): string {
  // What starts with a dash is an option, unless a directory stands before it.
  const typed = quoteShell(path.startsWith("-") ? `./${path}` : path);
  return `${command("serve", typed)} lets others fetch it; ${
    command(`send-${kind}`, typed)
  } prints its reference`;
}

function ticketHint(text: string): string {
  try {
    const { content } = decodeTicket(text);
    return content === undefined
      ? `the ticket names a node, and REF what to fetch there: ${
        command("recv-dir --out DIR --remote-ref REF --ticket TICKET")
      } or ${command("recv-blob --out FILE --blob-ref REF --ticket TICKET")}`
      : `to fetch what the ticket names: ${command("get TICKET")}`;
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    return `it looks like a ticket, which --ticket takes, but: ${error.message}`;
  }
}

function giveHint(rest: readonly string[]): string {
  for (const word of rest) {
    const kind = kindOf(word);
    if (kind !== undefined) return serveHint(word, kind);
  }
  return `${command("serve PATH")} lets others fetch it; ${
    command("send-dir DIR")
  } and ${command("send-blob FILE")} print a reference`;
}

function takeHint(rest: readonly string[]): string {
  const ticket = rest.find(looksLikeTicket);
  if (ticket !== undefined) return ticketHint(ticket);
  return `${
    command("get TICKET")
  } fetches what a ticket names, a file or a directory`;
}

/** What to type instead of a first word that is no verb. */
function verbHint(word: string, rest: readonly string[]): string | undefined {
  if (looksLikeTicket(word)) return ticketHint(word);
  const lower = word.toLowerCase();
  if (REFERENCE.test(word)) {
    return `to fetch what a reference names: ${
      command("recv-blob --out FILE --blob-ref REF --ticket TICKET")
    }, or for a directory ${
      command("recv-dir --out DIR --remote-ref REF --ticket TICKET")
    }`;
  }
  if (GIVE.test(lower)) return giveHint(rest);
  if (TAKE.test(lower)) return takeHint(rest);
  if (COPY.test(lower)) {
    return `${
      command("serve PATH")
    } where the files are shows the command for the other machine`;
  }
  const path = word.startsWith("@") ? word.slice(1) : word;
  const kind = kindOf(path);
  if (kind === undefined) return undefined;
  return path === word
    ? serveHint(path, kind)
    : `for a ticket in a file: ${command(`get ${quoteShell(word)}`)}`;
}

function synonymOf(
  word: string,
  candidates: readonly string[],
): string | undefined {
  const named = word.replace(/^--/, "").toLowerCase();
  const table = word.startsWith("--") ? FLAGS : Object.entries(VERBS);
  return table.find(([ours, theirs]) =>
    candidates.includes(ours.split(" ")[0]) && theirs.split(" ").includes(named)
  )?.[0];
}

/**
 * The hint for a word that is not in the table it should be in.
 *
 * @param rest What follows it, if it stands where the verb does.
 */
export function meantBy(
  word: string,
  candidates: readonly string[],
  rest?: readonly string[],
): string | undefined {
  const hint = rest && verbHint(word, rest);
  if (hint !== undefined) return hint;
  const plain = word.startsWith("-")
    ? word
    : word.toLowerCase().replaceAll("_", "-");
  const meant = synonymOf(word, candidates) ?? suggest(plain, candidates);
  return meant === undefined ? undefined : `did you mean '${meant}'?`;
}

/** The hint for a word too many behind a verb with some options. */
export function extraWordHint(
  word: string,
  options: readonly string[],
): string | undefined {
  const takes = (name: string) => options.includes(name);
  if (looksLikeTicket(word) && takes("ticket")) {
    return "a ticket is given with --ticket";
  }
  if (REFERENCE.test(word)) {
    const name = ["blob-ref", "remote-ref"].find(takes);
    if (name !== undefined) return `a reference is given with --${name}`;
  }
  return takes("out") ? "where it goes is given with --out" : undefined;
}
