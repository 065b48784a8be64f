/** Where the two ends of a code meet, as options and profile say. */

import { UsageError } from "../../errors.ts";
import {
  LocalNetwork,
  type MeetingPlace,
  MeetingPoint,
} from "../../meeting/mod.ts";
import { grouped, optional } from "../framework/options/option.ts";
import { dialSource, type TicketSource } from "../node/named_node.ts";
import { readPsk, readTicket } from "../node/read_given.ts";
import type { PskSource } from "../node/settings.ts";
import type { Via } from "../serving/serve_via.ts";

export const MEETING_POINT = dialSource("POINT");

/** The option that names a meeting point. */
export const MEETING_OPTIONS = grouped("Network options", {
  meetingPoint: optional("meet", MEETING_POINT, {
    help:
      "Let the two ends of a code find each other at this node, too, which runs serve --relay --rendezvous: a ticket, @FILE with it, or ADDR:PORT#KEY",
    shownDefault: "what the profile says, or the local network alone",
  }),
});

/** A node that others are reached through, with the key to attach to it. */
export async function readPoint(
  source: TicketSource,
  psk: PskSource | undefined,
  insecure: boolean,
): Promise<Via> {
  const { relay: _, ...ticket } = await readTicket(source, insecure);
  if (ticket.psk !== undefined) return { ...ticket, psk: ticket.psk };
  if (psk === undefined) {
    throw new UsageError(
      `the node ${ticket.addresses[0]} needs a pre-shared key`,
      {
        hint:
          "name it by a ticket of 'net-transfer serve --relay --ticket-psk', or set psk_file in the profile",
      },
    );
  }
  return { ...ticket, psk: (await readPsk(psk, insecure)).bytes };
}

/** The places where a code is looked for. */
export function meetingPlaces(point: Via | undefined): MeetingPlace[] {
  return [
    new LocalNetwork(),
    ...(point === undefined ? [] : [pointAt(point)]),
  ];
}

/** @param onLost Told when a code is not found there any more. */
export function pointAt(
  { addresses, publicKey, psk }: Via,
  onLost?: (error: unknown) => void,
): MeetingPoint {
  return new MeetingPoint({ address: addresses, publicKey, psk }, onLost);
}
