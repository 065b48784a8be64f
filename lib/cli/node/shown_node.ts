import { nodeIdOf, type Ticket } from "../../mesh/mod.ts";

/** A node as people are told of it, and no other one of the same relay. */
export function shownNode(
  { addresses: [address], publicKey, relay }: Pick<
    Ticket,
    "addresses" | "publicKey" | "relay"
  >,
): string {
  return address ??
    `node ${nodeIdOf(publicKey)} by way of ${relay?.addresses[0]}`;
}
