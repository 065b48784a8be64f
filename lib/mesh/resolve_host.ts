import { abortable } from "@std/async";
import { lookup } from "node:dns/promises";
import { HandshakeError, TimeoutError } from "../errors.ts";
import {
  isIpv4,
  isIpv6,
  parseHostPort,
  type SocketAddress,
} from "./address.ts";

/** Most addresses of one name that are tried. */
const ADDRESSES_MAX = 8;

/** The addresses behind `host:port`, in the order the system prefers. */
export async function resolveHost(
  text: string,
  { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs: number },
): Promise<SocketAddress[]> {
  signal?.throwIfAborted();
  const { hostname, port } = parseHostPort(text);
  if (isIpv4(hostname) || isIpv6(hostname)) return [{ hostname, port }];
  const fields = { address: text };
  const timeout = AbortSignal.timeout(Math.min(timeoutMs, 2 ** 31 - 1));
  const signals = signal === undefined ? [timeout] : [signal, timeout];
  try {
    // A lookup cannot be stopped; what it brings afterwards is ignored.
    const found: { address: string }[] = await abortable(
      lookup(hostname, { all: true }),
      AbortSignal.any(signals),
    );
    const unique = new Set(found.map(({ address }) => address));
    return Array.from(unique, (address) => ({ hostname: address, port }))
      .slice(0, ADDRESSES_MAX);
  } catch (error) {
    signal?.throwIfAborted();
    if (error === timeout.reason) {
      throw new TimeoutError(
        `the name of ${text} could not be looked up in time`,
        { hint: "check the name service, or give the IP address", fields },
      );
    }
    throw new HandshakeError(
      `cannot resolve ${hostname}: ${
        error instanceof Error ? error.message : String(error)
      }`,
      {
        cause: error,
        hint: "check the name, or give the IP address",
        fields,
      },
    );
  }
}
