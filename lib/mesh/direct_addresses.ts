/**
 * Addresses for direct paths: which of its own a node tells to a peer, and
 * which of a peer's may be probed.
 */

import { DIRECT_ADDRESSES_MAX, DIRECT_PORT_MIN } from "../limits.ts";
import type { HostAddress, RemoteAddress } from "../wire/mod.ts";
import { isIpv4, isIpv6, withoutMapping } from "./address.ts";
import { ipBytes, ipText } from "./ip_bytes.ts";

/** How an address travels; `undefined` for what is none, as behind a relay. */
export function hostAddressOf(
  { hostname, port }: RemoteAddress,
): HostAddress | undefined {
  const literal = withoutMapping(hostname);
  // A zone means something on this machine alone.
  if (literal.includes("%") || port === 0) return undefined;
  return isIpv4(literal) || isIpv6(literal)
    ? { host: ipBytes(literal), port }
    : undefined;
}

/** Where packets for an IP address are received here, by its family. */
export interface LocalPorts {
  readonly ipv4?: number;
  readonly ipv6?: number;
}

/**
 * The addresses of this machine that a peer is told: where the relay sees it,
 * then those of its interfaces, the ones that are good everywhere first.
 *
 * @param observed Where the relay says that it sees this node, if it does.
 */
export function ownAddresses(
  interfaces: readonly Pick<Deno.NetworkInterfaceInfo, "address">[],
  ports: LocalPorts,
  observed: HostAddress | undefined,
): HostAddress[] {
  const found: HostAddress[] = observed === undefined ? [] : [observed];
  const near: HostAddress[] = [];
  for (const { address } of interfaces) {
    const port = address.includes(":") ? ports.ipv6 : ports.ipv4;
    if (port === undefined) continue;
    const own = hostAddressOf({ hostname: address, port });
    if (own === undefined || !isUnicast(own.host, false)) continue;
    if (found.some((known) => isSame(known, own))) continue;
    (isGlobalIpv6(own.host) ? found : near).push(own);
  }
  return [...found, ...near].slice(0, DIRECT_ADDRESSES_MAX);
}

/**
 * Whether an address that a peer has named may be probed: that of one machine,
 * at a port where nodes are. Those of this machine itself only when the relay
 * is on it as well: nobody else could mean them.
 */
export function mayProbe(
  { host, port }: HostAddress,
  relayIsLocal: boolean,
): boolean {
  return port >= DIRECT_PORT_MIN && isUnicast(host, relayIsLocal);
}

/**
 * An address as the socket has it.
 *
 * @param mapped Whether it is an IPv6 socket, where IPv4 addresses are mapped.
 */
export function remoteAddressOf(
  { host, port }: HostAddress,
  mapped: boolean,
): RemoteAddress {
  const text = ipText(host);
  const hostname = mapped && host.length === 4 ? `::ffff:${text}` : text;
  return { hostname, port };
}

/** Neither of a group, of one link, of a network as a whole nor unspecified. */
function isUnicast(host: Uint8Array, loopback: boolean): boolean {
  if (host.length === 4) {
    const [first, second] = host;
    if (first === 127) return loopback;
    return first !== 0 && first < 224 && (first !== 169 || second !== 254);
  }
  const isLow = host.subarray(0, 10).every((byte) => byte === 0);
  if (isLow) return loopback && host.every((byte, i) => byte === +(i === 15));
  const isLinkLocal = host[0] === 0xfe && (host[1] & 0xc0) === 0x80;
  return host[0] !== 0xff && !isLinkLocal;
}

function isGlobalIpv6(host: Uint8Array): boolean {
  return host.length === 16 && (host[0] & 0xe0) === 0x20;
}

function isSame(a: HostAddress, b: HostAddress): boolean {
  return a.port === b.port && ipText(a.host) === ipText(b.host);
}
