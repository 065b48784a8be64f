/** The nodes that a holder attaches to itself: its relay and its upstream. */

import { equals } from "@std/bytes/equals";
import { UsageError } from "../../errors.ts";
import {
  attachOptionsOf,
  type RelayEvent,
  type Ticket,
  type TicketAttachOptions,
  type TicketRelay,
} from "../../mesh/mod.ts";
import type { Log } from "../framework/terminal/log.ts";
import type { TicketSource } from "../node/named_node.ts";
import { readTicket } from "../node/read_given.ts";
import { inStage } from "../stage.ts";
import type { NodeKeys } from "./node_keys.ts";
import type { ServeValues } from "./serve_options.ts";

/** How to attach to a node; a key is ours where its ticket has none. */
export function readUpstream(
  source: TicketSource | undefined,
  { psk: { bytes }, direct }: NodeKeys,
  { insecurePermissions }: Pick<ServeValues, "insecurePermissions">,
): Promise<TicketAttachOptions & Pick<NodeKeys, "direct"> | undefined> {
  return inStage("setup", async () => {
    if (source === undefined) return undefined;
    const ticket = await readTicket(source, insecurePermissions);
    const { relay } = ticket;
    const options = attachOptionsOf({
      ...ticket,
      relay: relay && { ...relay, psk: relay.psk ?? bytes },
    }, ticket.psk ?? bytes);
    return { ...options, direct };
  });
}

/** A relay as its ticket names it, with the key that it is attached to with. */
export type Via = Ticket & { readonly psk: Uint8Array };

/** How to attach to a relay, which has to be reached without another one. */
export function readVia(
  source: TicketSource | undefined,
  { psk: { bytes } }: NodeKeys,
  { insecurePermissions }: Pick<ServeValues, "insecurePermissions">,
): Promise<Via | undefined> {
  return inStage("setup", async () => {
    if (source === undefined) return undefined;
    const { relay, psk = bytes, ...ticket } = await readTicket(
      source,
      insecurePermissions,
    );
    if (relay !== undefined && ticket.addresses.length === 0) {
      throw new UsageError(
        "the relay of --via is itself reached by way of a relay alone",
        { hint: "give one that can be attached to directly" },
      );
    }
    return { ...ticket, psk };
  });
}

/**
 * The relay as tickets name it.
 *
 * @param nodePsk What the tickets have as the key of the node: who has it needs
 * no other where it is the relay's, too.
 * @param withPsk Whether they may have the relay's own key.
 */
export function ticketRelay(
  via: Via | undefined,
  nodePsk: Uint8Array,
  withPsk: boolean,
): TicketRelay | undefined {
  if (via === undefined) return undefined;
  const { addresses, publicKey, psk } = via;
  const own = withPsk && !equals(psk, nodePsk);
  return { addresses, publicKey, ...(own && { psk }) };
}

export function logRelay(
  { addresses }: Via,
  log: Log,
): (event: RelayEvent) => void {
  return (event) => {
    if (event.type === "attached") {
      return log.info("attached to the relay", { relay: addresses.join() });
    }
    const { reason, retryMs } = event;
    log.warn("not attached to the relay", { reason, retry_ms: retryMs });
  };
}
