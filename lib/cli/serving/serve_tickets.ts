/**
 * The tickets a holder prints: one for the node, one for each path it serves.
 */

import { basename, resolve } from "@std/path";
import { DIR_NAME_MAX, TICKET_ADDRESSES_MAX } from "../../limits.ts";
import {
  encodeTicket,
  isLoopback,
  parseHostPort,
  type Ticket,
  type TicketContent,
} from "../../mesh/mod.ts";
import type { PublishedRef, WritableChunkStore } from "../../store/mod.ts";
import { ticketContentOf } from "../../transfer/mod.ts";

export function publishedName(path: string): string {
  const encoder = new TextEncoder();
  const name: string = basename(resolve(path));
  // The root directory has no name.
  const points = [...name.replaceAll("/", "")];
  while (encoder.encode(points.join("")).length > DIR_NAME_MAX) points.pop();
  return points.join("");
}

/**
 * What the tickets of published paths carry; `refs` takes references too long
 * for a ticket.
 */
export async function ticketContents(
  published: readonly PublishedRef[],
  refs: WritableChunkStore,
): Promise<TicketContent[]> {
  const contents: TicketContent[] = [];
  for (const { path, kind, ref } of published) {
    const name = publishedName(path);
    contents.push(await ticketContentOf({ kind, name, ref }, refs));
  }
  return contents;
}

export interface ServeTickets {
  readonly node: string;
  /** How to attach and what to fetch, in the order of the contents. */
  readonly contents: readonly string[];
}

/** Addresses that never leave this machine are left out when there are others. */
export function ticketAddresses(
  listen: readonly string[],
  relay?: Ticket["relay"],
): string[] {
  const outside = listen.filter((address) =>
    !isLoopback(parseHostPort(address).hostname)
  );
  const taken = relay?.addresses.length ?? 0;
  return (outside.length > 0 ? outside : listen)
    .slice(0, TICKET_ADDRESSES_MAX - taken);
}

export function serveTickets(
  { addresses: listen, ...node }: Ticket,
  contents: readonly TicketContent[],
): ServeTickets {
  const addresses = ticketAddresses(listen, node.relay);
  return {
    node: encodeTicket({ ...node, addresses }),
    contents: contents.map((content) =>
      encodeTicket({ ...node, addresses, content })
    ),
  };
}
