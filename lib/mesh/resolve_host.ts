/**
 * From `host:port` to the IP addresses to try.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { HandshakeError, TimeoutError, UsageError } from "../errors.ts";

/** An IP literal and a port. */
export interface SocketAddress {
  /** IP literal, IPv6 without brackets. */
  hostname: string;
  /** UDP port. */
  port: number;
}

/** Most addresses of one name that are tried. */
const ADDRESSES_MAX = 8;

/**
 * Splits `host:port`; IPv6 literals stand in brackets.
 *
 * @throws {UsageError} When it has no port, or the port is not 1 to 65535.
 */
export function parseHostPort(text: string): SocketAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = match === null ? 0 : Number(match[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new UsageError(
      `"${text}" is not an address: expected host:port or [IPv6]:port`,
    );
  }
  return { hostname: match[1] ?? match[2], port };
}

/** Options of {@linkcode resolveHost}. */
export interface ResolveHostOptions {
  /** Gives up when aborted. */
  signal?: AbortSignal;
  /** Gives up after this many milliseconds. @default {never} */
  timeoutMs?: number;
}

/**
 * The addresses behind `host:port`, in the order the system prefers.
 *
 * @throws {HandshakeError} When the name has none.
 * @throws {TimeoutError} When the name service does not answer in time.
 */
export async function resolveHost(
  text: string,
  options: ResolveHostOptions = {},
): Promise<SocketAddress[]> {
  const { hostname, port } = parseHostPort(text);
  if (hostname.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)) {
    return [{ hostname, port }];
  }
  let found: { address: string }[];
  try {
    found = await within(lookup(hostname, { all: true }), text, options);
  } catch (error) {
    if (error instanceof TimeoutError) throw error;
    options.signal?.throwIfAborted();
    throw new HandshakeError(
      `cannot resolve ${hostname}: ${
        error instanceof Error ? error.message : String(error)
      }`,
      {
        cause: error,
        hint: "check the name, or give the IP address",
        fields: { address: text },
      },
    );
  }
  const unique = [...new Set(found.map(({ address }) => address))];
  return unique.slice(0, ADDRESSES_MAX).map((address) => ({
    hostname: address,
    port,
  }));
}

/** A lookup cannot be stopped; what it brings after the time is ignored. */
function within<T>(
  work: Promise<T>,
  text: string,
  { signal, timeoutMs }: ResolveHostOptions,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(
      () =>
        reject(
          new TimeoutError(
            `the name of ${text} could not be looked up in time`,
            {
              hint: "check the name service, or give the IP address",
              fields: { address: text },
            },
          ),
        ),
      timeoutMs,
    );
    signal?.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    });
    if (signal?.aborted) abort();
  });
}
