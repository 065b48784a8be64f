/**
 * Tickets: everything it takes to attach to a node, and perhaps what to fetch
 * there, as one string that can be pasted.
 *
 * A ticket is `nt1` and, in lower-case base32 (RFC 4648 §6) without padding,
 * a postcard struct and the first 4 bytes of its BLAKE3:
 *
 * | Field | Type |
 * |---|---|
 * | version | `u8`: 1, or 2 with a relay |
 * | static public key | 32 bytes |
 * | addresses | `Vec` of `enum { Ipv4([u8; 4], u16), Ipv6([u8; 16], u16), Name(String, u16) }` |
 * | pre-shared key | `Option<[u8; 32]>` |
 * | content | `Option<{ enum { Blob, Directory }, name: String, enum { Inline, Indirect }, hash: [u8; 32], size: u64 }>` |
 * | relay, in version 2 alone | `{ public key: [u8; 32], addresses, pre-shared key }`, the last two as above |
 *
 * Version 1 has one address or more, and so has the relay; both together have 16
 * at most.
 *
 * There is one text for one ticket: what is not in its shortest form is
 * refused. Only letter case and white space around it do not matter.
 */

import { equals } from "@std/bytes/equals";
import { decodeBase32, encodeBase32 } from "@std/encoding/base32";
import {
  blake3,
  HASH_LENGTH,
  PostcardError,
  PostcardReader,
  PostcardWriter,
} from "../content/mod.ts";
import { UsageError } from "../errors.ts";
import {
  CHUNK_MAX,
  DIR_NAME_MAX,
  TICKET_ADDRESSES_MAX,
  TICKET_TEXT_MAX,
} from "../limits.ts";
import { unquoted } from "../text/unquoted.ts";
import type { AttachOptions } from "./attach.ts";
import { readAddress, writeAddress } from "./ticket_address.ts";

/** What every ticket starts with. */
const TICKET_PREFIX = "nt1";

/** Version of the struct, and of one that names a relay. */
const VERSION = 1;
const RELAY_VERSION = 2;
/** Length of both keys, in bytes. */
const KEY_LENGTH = 32;
/** Length of the checksum, in bytes. */
const CHECKSUM_LENGTH = 4;

/** What a ticket says is to be fetched. */
export interface TicketContent {
  /** Whether the reference names content, or the manifest of a directory. */
  kind: "blob" | "dir";
  /**
   * Name it was published under: one path component, for people to choose a
   * target by.
   */
  name: string;
  /**
   * `inline`: the content is the one chunk `hash`. `indirect`: `hash` is the
   * chunk that holds the encoded reference of the content.
   */
  form: "inline" | "indirect";
  /** BLAKE3 of that chunk, 32 bytes. */
  hash: Uint8Array;
  /** Length of that chunk, in bytes. */
  size: number;
}

/** The relay that a node is attached to, to be reached by way of it. */
export interface TicketRelay {
  /** X25519 static key of the relay, 32 bytes. */
  publicKey: Uint8Array;
  /** Where it may be reached, each as `host:port`, IPv6 in brackets; 1 or more. */
  addresses: readonly string[];
  /** Pre-shared key of the relay, 32 bytes: its owner can attach to the relay. */
  psk?: Uint8Array;
}

/** How to reach a node, and perhaps what to fetch there. */
export interface Ticket {
  /** X25519 static key of the node, 32 bytes. */
  publicKey: Uint8Array;
  /**
   * Where it may be reached, each as `host:port`, IPv6 in brackets; 1 or more,
   * unless there is a relay.
   */
  addresses: readonly string[];
  /** Pre-shared key, 32 bytes; a ticket with one is a secret. */
  psk?: Uint8Array;
  /** What to fetch. */
  content?: TicketContent;
  /** By way of whom it may be reached as well. */
  relay?: TicketRelay;
}

function ticketError(reason: string, cause?: unknown): UsageError {
  // The text is never repeated: it may hold a key.
  return new UsageError(`the ticket cannot be used: ${reason}`, {
    cause,
    hint: "copy the whole ticket that 'net-transfer serve' printed",
  });
}

function writeBytes32(writer: PostcardWriter, bytes: Uint8Array): void {
  if (bytes.length !== KEY_LENGTH) {
    throw new RangeError(
      `a key or hash has ${bytes.length} bytes, not ${KEY_LENGTH}`,
    );
  }
  writer.bytes(bytes);
}

function writeContent(writer: PostcardWriter, content: TicketContent): void {
  if (new TextEncoder().encode(content.name).length > DIR_NAME_MAX) {
    throw new RangeError(
      `the published name is longer than ${DIR_NAME_MAX} bytes`,
    );
  }
  if (/[/\0]/.test(content.name)) {
    throw new RangeError("the published name is not one path component");
  }
  if (content.size > CHUNK_MAX) {
    throw new RangeError(`it names a chunk of more than ${CHUNK_MAX} bytes`);
  }
  writer.u32(content.kind === "blob" ? 0 : 1);
  writer.string(content.name);
  writer.u32(content.form === "inline" ? 0 : 1);
  writeBytes32(writer, content.hash);
  writer.u64(content.size);
}

function readContent(reader: PostcardReader): TicketContent {
  return {
    kind: reader.variant(2) === 0 ? "blob" : "dir",
    name: reader.string(),
    form: reader.variant(2) === 0 ? "inline" : "indirect",
    hash: reader.bytes(HASH_LENGTH).slice(),
    size: Number(reader.u64()),
  };
}

/**
 * Writes a ticket.
 *
 * @throws {UsageError} When something does not fit: an address others cannot
 * dial, a key of the wrong length, a name of several path components.
 *
 * @example
 * ```ts
 * import { encodeTicket } from "./ticket.ts";
 *
 * const text = encodeTicket({
 *   publicKey: new Uint8Array(32).fill(0x11),
 *   addresses: ["192.0.2.1:7700"],
 * });
 * console.log(text.slice(0, 3)); // nt1
 * ```
 */
export function encodeTicket(ticket: Ticket): string {
  try {
    return encode(ticket);
  } catch (error) {
    if (!isMisfit(error)) throw error;
    throw new UsageError(`cannot make a ticket: ${error.message}`, {
      cause: error,
    });
  }
}

/** Whether an error says that a value does not fit a ticket. */
function isMisfit(error: unknown): error is Error {
  return error instanceof RangeError || error instanceof UsageError ||
    error instanceof PostcardError;
}

/** Writes how a node, or its relay, is attached to. */
function writeNode(
  writer: PostcardWriter,
  { publicKey, addresses, psk }: TicketRelay,
): void {
  writeBytes32(writer, publicKey);
  writer.u64(addresses.length);
  for (const address of addresses) writeAddress(writer, address);
  writer.u32(psk === undefined ? 0 : 1);
  if (psk !== undefined) writeBytes32(writer, psk);
}

/** Refuses a node that cannot be attached to, or has more to dial than may be. */
function checkAddresses({ addresses, relay }: Ticket): void {
  const count = addresses.length + (relay?.addresses.length ?? 0);
  const least = (relay ?? { addresses }).addresses.length;
  if (least >= 1 && count <= TICKET_ADDRESSES_MAX) return;
  const what = relay === undefined ? "" : " with those of the relay";
  throw new RangeError(
    least < 1
      ? `${relay === undefined ? "it" : "its relay"} has no address`
      : `it has ${count} addresses${what}, not 1 to ${TICKET_ADDRESSES_MAX}`,
  );
}

function encode(ticket: Ticket): string {
  const { content, relay } = ticket;
  checkAddresses(ticket);
  const writer = new PostcardWriter(256);
  writer.u8(relay === undefined ? VERSION : RELAY_VERSION);
  writeNode(writer, ticket);
  writer.u32(content === undefined ? 0 : 1);
  if (content !== undefined) writeContent(writer, content);
  if (relay !== undefined) writeNode(writer, relay);
  writer.bytes(blake3(writer.finish()).subarray(0, CHECKSUM_LENGTH));
  const base32: string = encodeBase32(writer.finish());
  return TICKET_PREFIX + base32.toLowerCase().replace(/=+$/, "");
}

/** Whether a text is meant to be a ticket, and not, for example, hex. */
export function looksLikeTicket(text: string): boolean {
  return unquoted(text).toLowerCase().startsWith(TICKET_PREFIX);
}

/**
 * Reads a ticket. Upper case, white space and one pair of quotes around it are
 * accepted, for a mail program may have wrapped it, and JSON has quotes; any
 * other change to the text, one wrong letter included, is an error.
 *
 * @throws {UsageError} When it is no ticket or not a whole one; the message
 * does not repeat it.
 *
 * @example
 * ```ts
 * import { decodeTicket, encodeTicket } from "./ticket.ts";
 *
 * const text = encodeTicket({
 *   publicKey: new Uint8Array(32).fill(0x11),
 *   addresses: ["[2001:db8::1]:7700"],
 * });
 * console.log(decodeTicket(` ${text}\n`).addresses); // ["[2001:db8::1]:7700"]
 * ```
 */
export function decodeTicket(text: string): Ticket {
  if (text.length > TICKET_TEXT_MAX) {
    throw ticketError(`it is longer than ${TICKET_TEXT_MAX} characters`);
  }
  const whole = unquoted(text).replaceAll(/\s/g, "");
  if (!whole.toLowerCase().startsWith(TICKET_PREFIX)) {
    throw ticketError(`a ticket starts with ${TICKET_PREFIX}`);
  }
  const bytes = readBase32(whole.slice(TICKET_PREFIX.length));
  const body = bytes.subarray(0, -CHECKSUM_LENGTH);
  const sum = bytes.subarray(-CHECKSUM_LENGTH);
  const expected = blake3(body).subarray(0, CHECKSUM_LENGTH);
  if (body.length === 0 || !equals(sum, expected)) {
    throw ticketError("its checksum is wrong, so a letter is wrong or missing");
  }
  // The checksum holds for every version.
  if (body[0] !== VERSION && body[0] !== RELAY_VERSION) {
    throw ticketError(
      `it has version ${
        body[0]
      }, this program reads versions ${VERSION} and ${RELAY_VERSION}`,
    );
  }
  try {
    const ticket = decodeBody(
      new PostcardReader(body, 1),
      body[0] === RELAY_VERSION,
    );
    // This also checks what is in it.
    if (encode(ticket) !== whole.toLowerCase()) {
      throw new RangeError("it is not written in the one way it may be");
    }
    return ticket;
  } catch (error) {
    throw isMisfit(error) ? ticketError(error.message, error) : error;
  }
}

function readBase32(digits: string): Uint8Array {
  if (!/^[a-z2-7]*$/i.test(digits)) {
    throw ticketError("it holds a character that is in no ticket");
  }
  // Padding makes whole groups of eight; 1, 3 and 6 digits are no bytes.
  const padding = (8 - digits.length % 8) % 8;
  if ([2, 5, 7].includes(padding)) {
    throw ticketError("its length is wrong, so a part is missing");
  }
  return decodeBase32(digits.toUpperCase() + "=".repeat(padding));
}

function readNode(reader: PostcardReader): TicketRelay {
  const publicKey = reader.bytes(KEY_LENGTH).slice();
  const addresses = Array.from(
    { length: reader.length() },
    () => readAddress(reader),
  );
  const node: TicketRelay = { publicKey, addresses };
  if (reader.variant(2) === 1) node.psk = reader.bytes(KEY_LENGTH).slice();
  return node;
}

function decodeBody(reader: PostcardReader, hasRelay: boolean): Ticket {
  const ticket: Ticket = readNode(reader);
  if (reader.variant(2) === 1) ticket.content = readContent(reader);
  if (hasRelay) ticket.relay = readNode(reader);
  return ticket;
}

/** What `Node.attach` needs of a ticket. */
export type TicketAttachOptions = Pick<
  AttachOptions,
  "address" | "publicKey" | "psk" | "relay"
>;

/**
 * What to attach with. A relay without a key of its own is attached to with that
 * of the node.
 *
 * @param psk Pre-shared key that comes before the ticket's own.
 * @throws {UsageError} When neither is given.
 *
 * @example
 * ```ts
 * import { Node } from "./node.ts";
 * import { attachOptionsOf, decodeTicket } from "./ticket.ts";
 *
 * async function attachWith(text: string) {
 *   return await Node.attach(attachOptionsOf(decodeTicket(text)));
 * }
 * ```
 */
export function attachOptionsOf(
  ticket: Ticket,
  psk: Uint8Array | undefined = ticket.psk,
): TicketAttachOptions {
  if (psk === undefined) {
    throw new UsageError("the ticket carries no pre-shared key", {
      hint: "give the key that the node listens with beside the ticket",
    });
  }
  const { publicKey, addresses, relay } = ticket;
  return {
    address: addresses,
    publicKey,
    psk,
    ...(relay && {
      relay: {
        address: relay.addresses,
        publicKey: relay.publicKey,
        psk: relay.psk ?? psk,
      },
    }),
  };
}
