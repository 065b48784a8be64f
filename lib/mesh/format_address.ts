/**
 * Addresses as people write them.
 *
 * @module
 */

/**
 * Writes an address as `host:port`, IPv6 in brackets, an IPv4 address that
 * arrived on an IPv6 socket as plain IPv4, and what is no host name,
 * such as a node behind a relay, as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatAddress("::ffff:192.0.2.1", 7700), "192.0.2.1:7700");
 * assertEquals(formatAddress("2001:db8::1", 7700), "[2001:db8::1]:7700");
 * ```
 */
export function formatAddress(hostname: string, port: number): string {
  if (hostname.includes(" ")) return hostname;
  const host = withoutMapping(hostname);
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The IPv4 literal of an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), else the literal itself. */
export function withoutMapping(hostname: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(hostname);
  return mapped === null ? hostname : mapped[1];
}

/** Whether an IP literal never leaves this machine. */
export function isLoopback(hostname: string): boolean {
  const host = withoutMapping(hostname);
  return host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
