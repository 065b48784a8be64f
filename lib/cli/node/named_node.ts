/** Nodes as the command line names them: `ADDR:PORT#KEY`, a ticket, an id. */

import {
  decodeTicket,
  formatAddress,
  looksLikeTicket,
  nodeIdOf,
  type Ticket,
} from "../../mesh/mod.ts";
import { parseHex32 } from "../framework/options/hex32.ts";
import { parseU64, type ValueKind } from "../framework/options/value_kind.ts";
import { DIAL_ADDRESS } from "../options/address.ts";

/** A ticket as it was given: decoded, or still to be read. */
export type TicketSource = Ticket | { readonly file: string };

/** Whether a ticket is a secret. */
export function holdsPsk({ psk, relay }: Ticket): boolean {
  return (psk ?? relay?.psk) !== undefined;
}

/** A node by its id; the key is missing where only the id was given. */
export interface NamedNode {
  readonly nodeId: bigint;
  /** X25519 static key, 32 bytes. */
  readonly publicKey?: Uint8Array;
  /** Its pre-shared key, 32 bytes, when it is not the relay's. */
  readonly psk?: Uint8Array;
}

/** A node behind a relay as it was given. */
export type NodeSource = NamedNode | TicketSource;

/** The path of `@FILE`. */
export function fileAfterAt(value: string): string {
  if (value.length === 1) throw new RangeError("there is no file after the @");
  return value.slice(1);
}

/** A ticket: the text is checked at once, a file is read later. */
export const TICKET: ValueKind<TicketSource> = {
  metavar: "TICKET",
  completes: "at_file",
  secret: true,
  parse: (value) =>
    value.startsWith("@") ? { file: fileAfterAt(value) } : decodeTicket(value),
};

function isTicket(value: string): boolean {
  return value.trimStart().startsWith("@") || looksLikeTicket(value);
}

/** An id, a public key, or a ticket. */
export const NODE_SOURCE: ValueKind<NodeSource> = {
  ...TICKET,
  metavar: "NODE",
  parse(value) {
    if (isTicket(value)) return TICKET.parse(value);
    if (/^\s*(?:0[xX])?[0-9a-fA-F]{64}\s*$/.test(value)) {
      const publicKey = parseHex32(value);
      return { nodeId: nodeIdOf(publicKey), publicKey };
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

/** A node to attach to: an address with a public key, or a ticket. */
export function dialSource(metavar: string): ValueKind<TicketSource> {
  return {
    ...TICKET,
    metavar,
    parse(value) {
      if (isTicket(value)) return TICKET.parse(value);
      const [address, key, ...rest] = value.split("#");
      if (key === undefined || rest.length > 0) {
        throw new RangeError(
          "expected ADDR:PORT#KEY, a ticket, or @FILE with a ticket",
        );
      }
      return {
        addresses: [formatAddress(DIAL_ADDRESS.parse(address))],
        publicKey: parseHex32(key),
      };
    },
  };
}
