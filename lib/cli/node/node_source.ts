/**
 * Nodes on the command line beside the attach options: `--from`, the source
 * behind the attached node; `--via` and `--upstream`, which a holder stays
 * attached to.
 *
 * @module
 */

import { nodeIdOf } from "../../mesh/mod.ts";
import { DIAL_ADDRESS, formatHostPort } from "../options/address.ts";
import {
  parseHex32,
  parseU64,
  type ValueKind,
} from "../framework/options/value_kind.ts";
import { readTicket, TICKET, type TicketSource } from "./ticket.ts";

/** A node behind a relay as it was given. */
export type NodeSource =
  | { readonly nodeId: bigint }
  | { readonly publicKey: Uint8Array }
  | { readonly ticket: TicketSource };

/** A node to attach to as it was given. */
export type DialSource =
  | { readonly address: string; readonly publicKey: Uint8Array }
  | { readonly ticket: TicketSource };

function isTicket(value: string): boolean {
  return /^\s*(?:@|nt1)/i.test(value);
}

/** An id, a public key, or a ticket. */
export const NODE_SOURCE: ValueKind<NodeSource> = {
  metavar: "NODE",
  completes: "at_file",
  secret: true,
  parse(value) {
    if (isTicket(value)) return { ticket: TICKET.parse(value) };
    if (/^\s*(?:0[xX])?[0-9a-fA-F]{64}\s*$/.test(value)) {
      return { publicKey: parseHex32(value) };
    }
    try {
      return { nodeId: parseU64(value) };
    } catch {
      throw new RangeError(
        "expected a node id (decimal or 0x), a public key of 64 hexadecimal digits, a ticket, or @FILE with a ticket",
      );
    }
  },
};

/** An address with a public key, or a ticket. */
export function dialSource(metavar: string): ValueKind<DialSource> {
  return {
    metavar,
    completes: "at_file",
    secret: true,
    parse(value) {
      if (isTicket(value)) return { ticket: TICKET.parse(value) };
      const [address, key, ...rest] = value.split("#");
      if (key === undefined || rest.length > 0) {
        throw new RangeError(
          "expected ADDR:PORT#KEY, a ticket, or @FILE with a ticket",
        );
      }
      return {
        address: formatHostPort(DIAL_ADDRESS.parse(address)),
        publicKey: parseHex32(key),
      };
    },
  };
}

/** A node behind a relay; the key is missing where only the id was given. */
export interface NamedNode {
  /** Node id. */
  readonly nodeId: bigint;
  /** X25519 static key, 32 bytes. */
  readonly publicKey?: Uint8Array;
  /** Its pre-shared key, 32 bytes, when it is not the relay's. */
  readonly psk?: Uint8Array;
}

/**
 * Reads what is still to be read of a `--from`.
 *
 * @param insecurePermissions Accept a ticket file that others can read.
 */
export async function readNodeSource(
  source: NodeSource,
  insecurePermissions: boolean,
): Promise<NamedNode> {
  if ("nodeId" in source) return source;
  const { publicKey, psk } = "ticket" in source
    ? await readTicket(source.ticket, insecurePermissions)
    : { publicKey: source.publicKey, psk: undefined };
  return { nodeId: nodeIdOf(publicKey), publicKey, psk };
}

/** How to attach to a node. */
export interface DialTarget {
  /** `host:port`, one or more. */
  readonly address: string | readonly string[];
  /** X25519 static key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Its pre-shared key, 32 bytes, when it is not our own. */
  readonly psk?: Uint8Array;
}

/**
 * Reads what is still to be read of a `--via` or an `--upstream`.
 *
 * @param insecurePermissions Accept a ticket file that others can read.
 */
export async function readDialSource(
  source: DialSource,
  insecurePermissions: boolean,
): Promise<DialTarget> {
  if (!("ticket" in source)) return source;
  const { addresses, publicKey, psk } = await readTicket(
    source.ticket,
    insecurePermissions,
  );
  return { address: addresses, publicKey, psk };
}
