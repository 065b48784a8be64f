/** What a connection makes of its options about addresses. */

import type { ConnectionOptions } from "./connection_options.ts";
import { DirectPath } from "./direct_path.ts";
import type { RemoteAddress } from "./packet/remote_address.ts";
import { ToldAddresses } from "./told_addresses.ts";

/** The way past the relay of a connection, where both ends want one. */
export function directPathOf(
  { direct, initiator: leads, address: relayed, randomBytes, peer }:
    ConnectionOptions,
): DirectPath | undefined {
  return direct && peer.takesAddresses
    ? new DirectPath({ ...direct, leads, relayed, randomBytes })
    : undefined;
}

/**
 * What a connection has to tell.
 *
 * @param current The address in use.
 */
export function toldAddressesOf(
  { observed, peer }: ConnectionOptions,
  direct: DirectPath | undefined,
  current: () => RemoteAddress,
): ToldAddresses {
  const isWanted = observed !== undefined && peer.wantsObserved === true;
  return new ToldAddresses(
    direct,
    isWanted ? () => observed(current()) : undefined,
  );
}
