/**
 * What the system tells of the way to a peer: the MTU of the interface that
 * packets leave by, and the fragments it has made of them.
 *
 * Linux alone tells, in files that a process reads only when it has every
 * permission. Wherever more than one answer is possible, the smallest is given.
 */

import { isLoopback, withoutMapping, zoneOf } from "./address.ts";
import type { SizeCounts } from "./datagram_socket.ts";
import { ipBytes } from "./ip_bytes.ts";
import {
  bestRoutes,
  hasPolicyTables,
  parseIpv4Routes,
  parseIpv6Routes,
  type Route,
  routesTo,
} from "./routes.ts";
import { readSystemFile } from "../os/system_file.ts";

/** Routes and MTUs are read again after this many milliseconds. */
const FRESH_MS = 200;
/** IFF_UP in the flags of an interface. */
const INTERFACE_UP = 1;

/** What {@linkcode SystemNetwork} reads, and when. */
export interface SystemNetworkOptions {
  /** The text of a file, `undefined` when it cannot be read. */
  read: (path: string) => string | undefined;
  /** Milliseconds that never go back. */
  now: () => number;
}

/** The network as the system sees it. */
export class SystemNetwork {
  readonly #options: SystemNetworkOptions;
  #readAt = -Infinity;
  /** What was read at `#readAt`, by path. */
  readonly #texts = new Map<string, string | undefined>();
  /** What was found out since then, by address: those of a fifth of a second. */
  readonly #mtus = new Map<string, number | undefined>();
  /** Fragments of IPv4 and IPv6 packets as last counted. */
  readonly #fragments: (number | undefined)[] = [];

  constructor(options: Partial<SystemNetworkOptions> = {}) {
    this.#options = {
      read: readSystemFile,
      now: () => performance.now(),
      ...options,
    };
  }

  /**
   * The MTU of the interface that packets to an address leave by.
   *
   * @param hostname An IP literal; a zone names the interface.
   * @returns `undefined` where it cannot be known.
   */
  mtuTowards(hostname: string): number | undefined {
    const now = this.#options.now();
    if (now - this.#readAt >= FRESH_MS) {
      this.#texts.clear();
      this.#mtus.clear();
      this.#readAt = now;
    }
    if (!this.#mtus.has(hostname)) {
      this.#mtus.set(hostname, this.#findMtu(hostname));
    }
    return this.#mtus.get(hostname);
  }

  /**
   * What is counted of packets of the address's family that were too long,
   * whoever sent them. Always read anew.
   *
   * @returns `undefined` where it cannot be known.
   */
  sizeCounts(hostname: string): SizeCounts | undefined {
    const { read } = this.#options;
    const ipv6 = withoutMapping(hostname).includes(":");
    const counts = ipv6
      ? ipv6Counts(read("/proc/net/snmp6"))
      : ipv4Counts(read("/proc/net/snmp"));
    const family = ipv6 ? 1 : 0;
    // Perhaps because an interface has shrunk.
    if (counts?.fragments !== this.#fragments[family]) this.#readAt = -Infinity;
    this.#fragments[family] = counts?.fragments;
    return counts;
  }

  #findMtu(hostname: string): number | undefined {
    const literal = withoutMapping(hostname);
    const zone = zoneOf(literal);
    const ipv6 = literal.includes(":");
    // Without the bit that forbids fragments, routers make them unseen.
    if (!ipv6 && this.#number("/proc/sys/net/ipv4/ip_no_pmtu_disc") !== 0) {
      return undefined;
    }
    const devices = zone === undefined
      ? this.#devicesTowards(literal)
      : this.#withName(zone);
    const mtus = devices.map((device) => this.#mtuOf(device, ipv6));
    return mtus.length === 0 || mtus.includes(undefined)
      ? undefined
      : Math.min(...mtus as number[]);
  }

  /** The interfaces that packets to an address might leave by. */
  #devicesTowards(literal: string): string[] {
    // What is local stands in a table of its own, which is not shown.
    if (isLoopback(literal)) return ["lo"];
    const address = ipBytes(literal);
    let routes: Route[];
    if (address.length === 16) {
      const table = this.#text("/proc/net/ipv6_route") ?? "";
      // Rules choose the table, and nothing tells which: each may be meant.
      routes = routesTo(parseIpv6Routes(table), address);
    } else {
      const tables = this.#text("/proc/net/fib_trie");
      if (tables === undefined) return [];
      if (hasPolicyTables(tables)) return this.#devicesUp();
      const table = this.#text("/proc/net/route") ?? "";
      routes = bestRoutes(routesTo(parseIpv4Routes(table), address));
    }
    return [...new Set(routes.map(({ device }) => device))];
  }

  #devices(): string[] {
    const table = this.#text("/proc/net/dev") ?? "";
    return Array.from(table.matchAll(/^\s*([^\s:]+):/gm), ([, name]) => name);
  }

  #devicesUp(): string[] {
    return this.#devices().filter((name) =>
      name !== "lo" &&
      Number(this.#text(`/sys/class/net/${name}/flags`)) & INTERFACE_UP
    );
  }

  /** The interface that a zone names, if there is one. */
  #withName(zone: string): string[] {
    return this.#devices().filter((name) =>
      name === zone ||
      String(this.#number(`/sys/class/net/${name}/ifindex`)) === zone
    );
  }

  #mtuOf(device: string, ipv6: boolean): number | undefined {
    const link = this.#number(`/sys/class/net/${device}/mtu`);
    if (!ipv6 || link === undefined) return link;
    // Routers announce one of their own (RFC 4861 §4.6.4).
    const announced = this.#number(`/proc/sys/net/ipv6/conf/${device}/mtu`);
    return Math.min(link, announced ?? link);
  }

  #number(path: string): number | undefined {
    const number = parseFloat(this.#text(path) ?? "");
    return Number.isInteger(number) ? number : undefined;
  }

  #text(path: string): string | undefined {
    if (!this.#texts.has(path)) {
      this.#texts.set(path, this.#options.read(path));
    }
    return this.#texts.get(path);
  }
}

function ipv4Counts(text = ""): SizeCounts | undefined {
  const count = (table: string, field: string): number => {
    const rows = new RegExp(`^${table}:(.*)\n${table}:(.*)$`, "m").exec(text);
    const at = rows?.[1].split(" ").indexOf(field) ?? -1;
    return at < 0 ? NaN : Number(rows?.[2].split(" ")[at]);
  };
  const fragments = count("Ip", "FragCreates");
  // Linux does not count "fragmentation needed" by itself.
  const tooBig = count("Icmp", "InDestUnreachs");
  return isNaN(fragments + tooBig)
    ? undefined
    : { fragments, tooBig, unreachables: tooBig };
}

function ipv6Counts(text = ""): SizeCounts | undefined {
  const count = (field: string): number =>
    Number(new RegExp(`^${field}\\s+(\\d+)$`, "m").exec(text)?.[1]);
  const fragments = count("Ip6FragCreates");
  const tooBig = count("Icmp6InPktTooBigs");
  const unreachables = count("Icmp6InDestUnreachs");
  return isNaN(fragments + tooBig + unreachables)
    ? undefined
    : { fragments, tooBig, unreachables };
}
