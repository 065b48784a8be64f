/**
 * Addresses of nodes as people write them: `192.0.2.1:7700`,
 * `[2001:db8::1]:7700`, `host.example:7700`.
 */

import {
  isIpv4,
  isIpv6,
  parseAddress,
  type SocketAddress,
} from "../../mesh/mod.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";

function parse(value: string): SocketAddress {
  const address = parseAddress(value);
  if (address === undefined) {
    throw new RangeError(
      "expected IP:PORT, [IPv6]:PORT or HOST:PORT, such as 192.0.2.1:7700",
    );
  }
  if (address.port > 65_535) throw new RangeError("a port is at most 65535");
  return address;
}

export const DIAL_ADDRESS: ValueKind<SocketAddress> = {
  metavar: "ADDR:PORT",
  parse(value) {
    const address = parse(value);
    if (address.port === 0) throw new RangeError("port 0 cannot be dialled");
    return address;
  },
};

/** An address that others can dial: no wildcard of this machine. */
export const ADVERTISED_ADDRESS: ValueKind<SocketAddress> = {
  ...DIAL_ADDRESS,
  parse(value) {
    const address = DIAL_ADDRESS.parse(value);
    if (/^[0:.]+$/.test(address.hostname)) {
      throw new RangeError("nobody can dial a wildcard address");
    }
    return address;
  },
};

/** A local address to listen on; port 0 lets the system choose. */
export const LISTEN_ADDRESS: ValueKind<SocketAddress> = {
  metavar: "ADDR:PORT",
  parse(value) {
    const address = parse(value);
    if (!isIpv4(address.hostname) && !isIpv6(address.hostname)) {
      throw new RangeError(
        "expected IP:PORT or [IPv6]:PORT of this machine, such as [::]:7700",
      );
    }
    return address;
  },
};
