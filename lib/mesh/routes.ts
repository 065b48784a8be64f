/** The kernel's routing tables as Linux shows them (proc(5)). */

import { fromHex } from "../text/hex.ts";

/** Where packets to the addresses of a prefix leave. */
export interface Route {
  /** The first address of the prefix, 4 or 16 bytes. */
  readonly prefix: Uint8Array;
  /** Bits of the prefix that count. */
  readonly length: number;
  /** Name of the interface. */
  readonly device: string;
  /** Of routes that are otherwise alike the one with the smallest is used. */
  readonly metric: number;
}

/** Flags of a route in both tables: in use, and one that refuses packets. */
const UP = 0x0001;
const REJECT = 0x0200;

/** Device, destination, flags, metric and mask of a row of `/proc/net/route`. */
const IPV4_ROW =
  /^(\S+)\s+([\dA-F]{8})\s+\S+\s+([\dA-F]+)\s+\d+\s+\d+\s+(\d+)\s+([\dA-F]{8})\s/gm;
/** Destination, its length, metric, flags and device of `/proc/net/ipv6_route`. */
const IPV6_ROW =
  /^([\da-f]{32}) ([\da-f]{2}) \S+ \S+ \S+ ([\da-f]+) \S+ \S+ ([\da-f]+)\s+(\S+)$/gm;

/** The routes of `/proc/net/route`: IPv4, the main table alone. */
export function parseIpv4Routes(text: string): Route[] {
  const routes: Route[] = [];
  for (const [, device, to, flags, metric, mask] of text.matchAll(IPV4_ROW)) {
    if (!isUsable(flags)) continue;
    routes.push({
      device,
      // Numbers of a little-endian machine over bytes in network order.
      prefix: fromHex(to).reverse(),
      length: onesIn(fromHex(mask)),
      metric: Number(metric),
    });
  }
  return routes;
}

/** The routes of `/proc/net/ipv6_route`: all tables. */
export function parseIpv6Routes(text: string): Route[] {
  const routes: Route[] = [];
  for (const [, to, length, metric, flags, device] of text.matchAll(IPV6_ROW)) {
    if (!isUsable(flags)) continue;
    routes.push({
      device,
      prefix: fromHex(to),
      length: parseInt(length, 16),
      metric: parseInt(metric, 16),
    });
  }
  return routes;
}

/**
 * Whether packets of this machine may be routed by other tables than the main
 * one, by what `/proc/net/fib_trie` shows.
 */
export function hasPolicyTables(text: string): boolean {
  return /^Id \d+:/m.test(text);
}

/** The routes that an address belongs to. */
export function routesTo(
  routes: readonly Route[],
  address: Uint8Array,
): Route[] {
  return routes.filter(({ prefix, length }) => {
    for (let bit = 0; bit < length; bit += 8) {
      const rest = Math.min(8, length - bit);
      const mask = 0xff << (8 - rest);
      const at = bit >> 3;
      if (((prefix[at] ^ address[at]) & mask & 0xff) !== 0) return false;
    }
    return prefix.length === address.length;
  });
}

/** Of several routes to an address those that one table would use. */
export function bestRoutes(routes: readonly Route[]): Route[] {
  const longest = Math.max(...routes.map(({ length }) => length));
  const alike = routes.filter(({ length }) => length === longest);
  const metric = Math.min(...alike.map((route) => route.metric));
  return alike.filter((route) => route.metric === metric);
}

function isUsable(flags: string): boolean {
  const bits = parseInt(flags, 16);
  return (bits & UP) !== 0 && (bits & REJECT) === 0;
}

function onesIn(mask: Uint8Array): number {
  let ones = 0;
  for (let byte of mask) for (; byte > 0; byte >>= 1) ones += byte & 1;
  return ones;
}
