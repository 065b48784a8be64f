/** What `serve` shows people when it is ready. */

import { isLoopback, parseHostPort } from "../../mesh/mod.ts";
import { escapeText } from "../../text/escape.ts";
import { formatBytes } from "../../text/human.ts";
import type { Paint } from "../framework/terminal/paint.ts";

/** More paths than this would push the commands off the screen. */
const PATHS_SHOWN = 12;
/** Each takes a few rows. */
const COMMANDS_SHOWN = 3;

/** What people must know of commands with the key in them. */
export const KEY_NOTE =
  "Whoever has such a ticket can attach: the key is in it.";

/** What people must know of commands with keys that have names. */
export const NAMED_KEY_NOTE =
  "Whoever has such a ticket can attach until 'psk revoke NAME'.";

/** Something that is served. */
export interface Offer {
  readonly path: string;
  readonly kind: "blob" | "dir";
  readonly size: bigint | number;
}

/** What to do on another machine. */
export interface Commands {
  /** Whose key is in them. */
  readonly name?: string;
  /** One for each offer, or the only one where no path is served. */
  readonly lines: readonly string[];
}

export interface ReadyPage {
  readonly listen: readonly string[];
  readonly offers: readonly Offer[];
  /** The store that is served, too. */
  readonly store?: string;
  readonly isRelay: boolean;
  /** Whether it is reached by way of a relay, from anywhere. */
  readonly isRelayed: boolean;
  readonly commands: readonly Commands[];
  /** What must be known of the key for the commands to work. */
  readonly keyNote: string;
}

/** The addresses, but for those that would not fit a row. */
function addresses([first, ...more]: readonly string[]): string {
  if (more.length === 0) return first;
  const noun = more.length === 1 ? "address" : "addresses";
  return `${first} and ${more.length} more ${noun}`;
}

/** Whether nobody but this machine reaches it. */
function isLocal(listen: readonly string[]): boolean {
  return listen.every((address) => isLoopback(parseHostPort(address).hostname));
}

function offerRows(offers: readonly Offer[]): string[] {
  const rows = offers.slice(0, PATHS_SHOWN).map(({ path, kind, size }) => ({
    name: escapeText(path) + (kind === "dir" && !path.endsWith("/") ? "/" : ""),
    size: formatBytes(size),
  }));
  const width = Math.max(...rows.map(({ size }) => size.length));
  const more = offers.length - rows.length;
  return [
    ...rows.map(({ name, size }) => `  ${size.padStart(width)}  ${name}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

/** The commands, each below what it is for. */
function commandRows(
  { listen, offers, commands, store, isRelayed }: ReadyPage,
  { strong, faint }: Paint,
): string[] {
  const where = isLocal(listen) && !isRelayed
    ? "In another terminal of this machine"
    : "On another machine";
  const how = offers.length > 0
    ? ""
    : store === undefined
    ? ", to be reached through this node"
    : ", with what send-dir printed as REF";
  const rows: string[] = [];
  let room = COMMANDS_SHOWN;
  let rest = 0;
  for (const { name, lines } of commands) {
    const shown = lines.slice(0, room);
    room -= shown.length;
    rest += lines.length - shown.length;
    if (shown.length === 0) continue;
    if (rows.length > 0) rows.push("");
    rows.push(`${where}${name === undefined ? "" : `, for ${name}`}${how}:`);
    rows.push(...shown.flatMap((line) => ["", strong(line)]));
  }
  if (rest === 0) return rows;
  const others = `--output json has the tickets of the other ${rest}, too`;
  return [...rows, "", faint(others)];
}

/** What is served, one command for each, and how to stop it; escaped lines. */
export function readyPage(page: ReadyPage, paint: Paint): string {
  const { listen, offers, store, isRelay, keyNote } = page;
  const what = [
    ...(offers.length > 0 ? offerRows(offers) : []),
    ...(store === undefined
      ? []
      : [`  the store ${escapeText(store)}, and what is staged there later`]),
    ...(isRelay ? ["  packets between the nodes that attach"] : []),
  ];
  return [
    `Serving on ${paint.strong(addresses(listen))}:`,
    ...what,
    "",
    ...commandRows(page, paint),
    "",
    paint.faint(keyNote),
    paint.faint("Ctrl-C ends it."),
  ].join("\n");
}
