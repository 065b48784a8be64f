/**
 * What stands before the port of an address: an IP literal or a name.
 *
 * @module
 */

/** Longest host name, in characters (RFC 1035 §2.3.4, without the root's dot). */
const NAME_MAX = 253;

const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const NAME = new RegExp(`^(?:${LABEL}\\.)*${LABEL}\\.?$`, "i");

/** Whether `host` is an IPv4 literal: four decimal numbers. */
export function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 &&
    parts.every((part) =>
      /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256
    );
}

/** Whether `host` is an IPv6 literal without brackets and without a zone. */
export function isIpv6(host: string): boolean {
  return /^[0-9a-fA-F:.]{2,45}$/.test(host) && host.includes(":") &&
    URL.canParse(`http://[${host}]/`);
}

/**
 * Whether `host` is a name that can be looked up. A name whose last label is
 * a number is none: it was meant to be an IPv4 literal.
 */
export function isHostName(host: string): boolean {
  return host.length <= NAME_MAX && NAME.test(host) &&
    !/(?:^|\.)[0-9]+\.?$/.test(host);
}
