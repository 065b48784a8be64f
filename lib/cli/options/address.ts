/**
 * Addresses of nodes as people write them: `192.0.2.1:7700`,
 * `[2001:db8::1]:7700`, `host.example:7700`.
 *
 * @module
 */

import { isHostName, isIpv4, isIpv6 } from "../../mesh/mod.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";

/** Where a node is reached. */
export interface HostPort {
  /** An IPv4 or IPv6 literal without brackets, or a host name. */
  readonly host: string;
  readonly port: number;
}

/** Whether `host` is an IPv6 literal, with or without a zone. */
function isScopedIpv6(host: string): boolean {
  const [address, zone, ...rest] = host.split("%");
  return rest.length === 0 && isIpv6(address) &&
    (zone === undefined || /^[\w.-]+$/.test(zone));
}

/**
 * Splits `HOST:PORT`.
 *
 * @param value An IPv4 literal, an IPv6 literal in brackets or a host name,
 * and a port.
 * @returns The two parts, the brackets removed.
 * @throws {RangeError} When it is anything else.
 *
 * @example
 * ```ts
 * console.log(parseHostPort("[2001:db8::1]:7700").host); // 2001:db8::1
 * ```
 */
export function parseHostPort(value: string): HostPort {
  const found = /^(?:\[([^\]]*)\]|([^:\[\]]*)):([0-9]{1,5})$/.exec(value);
  const host = found?.[1] ?? found?.[2] ?? "";
  const valid = found?.[1] !== undefined
    ? isScopedIpv6(host)
    : isIpv4(host) || isHostName(host);
  if (found === null || !valid) {
    throw new RangeError(
      "expected IP:PORT, [IPv6]:PORT or HOST:PORT, such as 192.0.2.1:7700",
    );
  }
  const port = Number(found[3]);
  if (port > 65_535) throw new RangeError("a port is at most 65535");
  return { host, port };
}

/** Writes an address so that {@linkcode parseHostPort} reads it again. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export const DIAL_ADDRESS: ValueKind<HostPort> = {
  metavar: "ADDR:PORT",
  parse(value) {
    const address = parseHostPort(value);
    if (address.port === 0) throw new RangeError("port 0 cannot be dialled");
    return address;
  },
};

/** An address that others can dial: no wildcard of this machine. */
export const ADVERTISED_ADDRESS: ValueKind<HostPort> = {
  ...DIAL_ADDRESS,
  parse(value) {
    const address = DIAL_ADDRESS.parse(value);
    if (/^[0:.]+$/.test(address.host)) {
      throw new RangeError("nobody can dial a wildcard address");
    }
    return address;
  },
};

/** A local address to listen on; port 0 lets the system choose. */
export const LISTEN_ADDRESS: ValueKind<HostPort> = {
  metavar: "ADDR:PORT",
  parse(value) {
    const address = parseHostPort(value);
    if (!isIpv4(address.host) && !isScopedIpv6(address.host)) {
      throw new RangeError(
        "expected IP:PORT or [IPv6]:PORT of this machine, such as [::]:7700",
      );
    }
    return address;
  },
};
