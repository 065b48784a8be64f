/** Which interfaces of this machine multicast DNS is spoken on. Pure. */

import { isLinkLocal, isLoopback } from "../mesh/mod.ts";
import { MDNS_INTERFACES_MAX } from "../limits.ts";

/** What the system says about one address of an interface. */
export type InterfaceInfo =
  & Pick<
    Deno.NetworkInterfaceInfo,
    "name" | "address" | "cidr"
  >
  & {
    /** Number of the interface, of link-local addresses of IPv6. */
    readonly scopeid?: number | null;
  };

/** An interface, and how it is spoken on. */
export interface MulticastInterface {
  readonly name: string;
  /** An address of IPv4, by which it is chosen. */
  readonly ipv4?: string;
  /** Its link-local addresses of IPv6, with their zone; some may not be ready. */
  readonly ipv6: readonly string[];
  /** Its number, if it has one of those. */
  readonly index?: number;
  /** Its addresses, as they are told to others. */
  readonly addresses: readonly string[];
  /** Its networks. */
  readonly networks: readonly string[];
}

/**
 * The interfaces to speak on, at most {@linkcode MDNS_INTERFACES_MAX}, the
 * loopback one last.
 */
export function multicastInterfaces(
  infos: readonly InterfaceInfo[],
): MulticastInterface[] {
  const byName = Map.groupBy(infos, ({ name }) => name);
  const interfaces = [...byName].map(([name, own]) => {
    const ipv4 = own.find(({ address }) => !address.includes(":"))?.address;
    const local = own.filter(({ address }) => isLinkLocal(address));
    const index = local.find(({ scopeid }) => scopeid)?.scopeid;
    const zoned = ({ address }: InterfaceInfo) =>
      `${address.replace(/%.*/, "")}%${name}`;
    return {
      name,
      ...(ipv4 !== undefined && { ipv4 }),
      ipv6: index ? local.map(zoned) : [],
      ...(index && { index }),
      addresses: own.map(({ address }) => address),
      networks: own.map(({ cidr }) => cidr),
    };
  });
  const loops = (one: MulticastInterface) => one.addresses.every(isLoopback);
  return [
    ...interfaces.filter((one) => !loops(one)),
    ...interfaces.filter(loops),
  ].filter(({ ipv4, ipv6 }) => ipv4 !== undefined || ipv6.length > 0)
    .slice(0, MDNS_INTERFACES_MAX);
}

/** The interface whose network an address of IPv4 is in. */
export function interfaceOf(
  address: string,
  interfaces: readonly MulticastInterface[],
): MulticastInterface | undefined {
  return interfaces.find(({ networks }) =>
    networks.some((network) => contains(network, address))
  );
}

function contains(network: string, address: string): boolean {
  const [base, length] = network.split("/");
  if (base.includes(":") || address.includes(":")) return false;
  const bits = Number(length);
  const mask = bits === 0 ? 0 : 2 ** 32 - 2 ** (32 - bits);
  return ((ipv4Number(base) ^ ipv4Number(address)) & mask) === 0;
}

function ipv4Number(address: string): number {
  return address.split(".").reduce((sum, part) => 256 * sum + Number(part), 0);
}
