import { UsageError } from "../errors.ts";

/** An IP literal or a name, and a port. */
export interface SocketAddress {
  /** IP literal or host name, IPv6 without brackets; `fe80::1%eth0` with its zone. */
  hostname: string;
  /** UDP port. */
  port: number;
}

/** Longest host name, in characters (RFC 1035 §2.3.4, without the root's dot). */
const NAME_MAX = 253;

const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
/** Name or number of an interface; not `25eth0`, which is `eth0` in a URI (RFC 6874). */
const ZONE = /^(?!25[a-z])[\w.:-]{1,32}$/i;
const NAME = new RegExp(`^(?:${LABEL}\\.)*${LABEL}\\.?$`, "i");

/** Whether `host` is an IPv4 literal: four decimal numbers. */
export function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 &&
    parts.every((part) =>
      /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256
    );
}

/**
 * Whether `host` is an IPv6 literal without brackets; one that is link-local may
 * have a zone (RFC 4007 §11), the interface that leads to it.
 */
export function isIpv6(host: string): boolean {
  const [literal, ...zone] = host.split("%");
  return /^[0-9a-fA-F:.]{2,45}$/.test(literal) && literal.includes(":") &&
    URL.canParse(`http://[${literal}]/`) &&
    (zone.length === 0 || isLinkLocal(literal) && ZONE.test(zone.join("%")));
}

/** Whether an IP literal means something on one link alone (RFC 4291 §2.5.6). */
export function isLinkLocal(hostname: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(hostname);
}

/** The interface in a link-local literal, if it has one. */
export function zoneOf(hostname: string): string | undefined {
  const at = hostname.indexOf("%");
  return at < 0 ? undefined : hostname.slice(at + 1);
}

/**
 * Whether it can be looked up; a name that ends in a number was meant to be an
 * IPv4 literal.
 */
export function isHostName(host: string): boolean {
  return host.length <= NAME_MAX && NAME.test(host) &&
    !/(?:^|\.)[0-9]+\.?$/.test(host);
}

/** Whether an IP literal never leaves this machine. */
export function isLoopback(hostname: string): boolean {
  const host = withoutMapping(hostname);
  return host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * The IPv4 literal of an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), else the
 * literal itself.
 */
export function withoutMapping(hostname: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(hostname);
  return mapped === null ? hostname : mapped[1];
}

/** Reads `host:port`, an IPv6 literal in brackets, if it is that. */
export function parseAddress(text: string): SocketAddress | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, literal, host, port] = match;
  if (
    literal === undefined
      ? !isIpv4(host) && !isHostName(host)
      : !isIpv6(literal)
  ) {
    return undefined;
  }
  return { hostname: literal ?? host, port: Number(port) };
}

/** Reads an address to dial, with a port from 1 to 65535. */
export function parseHostPort(text: string): SocketAddress {
  const address = parseAddress(text);
  if (address === undefined || address.port < 1 || address.port > 65_535) {
    throw new UsageError(
      `"${text}" is not an address: expected host:port or [IPv6]:port`,
    );
  }
  return address;
}

/** Reads an address to listen on: an IP literal, and a port that may be 0. */
export function parseListenAddress(text: string): SocketAddress {
  const address = parseAddress(text);
  if (
    address === undefined || address.port > 65_535 ||
    !isIpv4(address.hostname) && !isIpv6(address.hostname)
  ) {
    throw new UsageError(
      `"${text}" is not an address to listen on: expected IP:port or [IPv6]:port`,
    );
  }
  return address;
}

/** IPv6 in brackets, mapped IPv4 as plain IPv4, and a node behind a relay as it is. */
export function formatAddress({ hostname, port }: SocketAddress): string {
  if (hostname.includes(" ")) return hostname;
  const host = withoutMapping(hostname);
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
