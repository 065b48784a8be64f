import { addressGroups } from "../wire/mod.ts";

/**
 * The smallest network of which somebody who has an address in it has all.
 *
 * @param address `host:port` of a peer, or its name at a relay.
 */
export function networkOf(address: string): string {
  const host = address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return addressGroups(host)[0];
}
