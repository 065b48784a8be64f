/**
 * DNS-SD over multicast DNS (RFC 6763, RFC 6762), as far as nodes look for each
 * other by it: one question and its answers. Pure.
 *
 * An announcement has an instance of `_net-transfer._udp.local` with its SRV,
 * TXT and address records. The TXT record has `v=1`, `k=` and the static key in
 * hex, for a share `t=` and the salt and tag of its code's number in hex, for a
 * node that is announced by name `n=` and the name.
 */

import dnsPacket from "dns-packet";
import { Buffer } from "node:buffer";
import { fromHex, toHex } from "../text/hex.ts";
import {
  ANNOUNCED_NAME_MAX,
  MDNS_PACKET_MAX,
  MDNS_RECORDS_MAX,
} from "../limits.ts";
import { SALT_LENGTH, TAG_LENGTH } from "./meeting_secrets.ts";

/** The service that is looked for. */
export const SERVICE = "_net-transfer._udp.local";

/** Seconds for which others may remember what can be asked for again. */
const TTL_S = 120;
/** The same in answers to those that keep no cache (RFC 6762 §6.7). */
const LEGACY_TTL_S = 10;
const VERSION = "1";
const KEY_LENGTH = 32;

/** What stands for the number of a code. */
export interface AnnouncedTag {
  /** Differs from announcement to announcement. */
  readonly salt: Uint8Array;
  /** See `numberTag`. */
  readonly tag: Uint8Array;
}

/** What a node says about itself on the local network. */
export interface Announcement {
  /** Name of the instance, unique on the network; tells nothing about a share. */
  readonly instance: string;
  /** UDP port. */
  readonly port: number;
  /** X25519 static key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** What a share is found by. */
  readonly tag?: AnnouncedTag;
  /** What the node is called; others made it, so it may be anything. */
  readonly name?: string;
}

/** A packet, as far as it matters here. */
export interface MdnsMessage {
  readonly id: number;
  /** Whether it asks for our service. */
  readonly asks: boolean;
  /** What it announces; one of `ttl` 0 is gone. */
  readonly announced: readonly (Announcement & { readonly ttl: number })[];
}

/** A record, as the package has it. */
interface DnsRecord {
  readonly type: string;
  readonly name: string;
  readonly ttl?: number;
  readonly class?: string;
  readonly flush?: boolean;
  readonly data?: unknown;
}

/** A packet, as the package has it. */
interface DnsMessage {
  readonly type: "query" | "response";
  readonly id: number;
  readonly flags?: number;
  readonly questions?: readonly DnsRecord[];
  readonly answers?: readonly DnsRecord[];
  readonly additionals?: readonly DnsRecord[];
}

interface SrvData {
  readonly port: number;
  readonly target: string;
}

const { encode, decode, AUTHORITATIVE_ANSWER }: {
  encode(message: DnsMessage): Uint8Array;
  decode(bytes: Uint8Array): DnsMessage;
  AUTHORITATIVE_ANSWER: number;
} = dnsPacket;

const QUESTION = { type: "PTR", name: SERVICE };

/** Asks who is there. */
export function encodeMdnsQuery(id: number): Uint8Array {
  return encode({ type: "query", id, questions: [QUESTION] });
}

/** How an answer is made. */
export interface AnswerOptions {
  /** Addresses of the interface that it leaves by. */
  readonly addresses: readonly string[];
  /** The question that it answers, of somebody who does not speak mDNS in full. */
  readonly legacyId?: number;
  /** The node is gone. */
  readonly goodbye?: boolean;
}

/** Tells what a node announces. */
export function encodeMdnsAnswer(
  { instance, port, publicKey, tag, name }: Announcement,
  { addresses, legacyId, goodbye = false }: AnswerOptions,
): Uint8Array {
  const isLegacy = legacyId !== undefined;
  const ttl = goodbye ? 0 : isLegacy ? LEGACY_TTL_S : TTL_S;
  const full = `${instance}.${SERVICE}`;
  // Of no meaning, and no name of the machine.
  const host = `${toHex(publicKey).slice(0, 16)}.local`;
  const texts = [
    `v=${VERSION}`,
    `k=${toHex(publicKey)}`,
    ...(tag ? [`t=${toHex(tag.salt)}${toHex(tag.tag)}`] : []),
    ...(name === undefined ? [] : [`n=${name}`]),
  ];
  const unique = { ttl, class: "IN", flush: !isLegacy };
  return encode({
    type: "response",
    id: legacyId ?? 0,
    flags: AUTHORITATIVE_ANSWER,
    questions: isLegacy ? [QUESTION] : [],
    answers: [{ ...QUESTION, ttl, class: "IN", data: full }],
    additionals: [
      { ...unique, type: "SRV", name: full, data: { port, target: host } },
      {
        ...unique,
        type: "TXT",
        name: full,
        data: texts.map((text) => Buffer.from(text)),
      },
      ...addresses.map((address) => ({
        ...unique,
        type: address.includes(":") ? "AAAA" : "A",
        name: host,
        data: address.replace(/%.*/, ""),
      })),
    ],
  });
}

/**
 * Reads a packet of somebody on the network.
 *
 * @returns `undefined` for what is none, or more than any of ours takes.
 */
export function decodeMdns(bytes: Uint8Array): MdnsMessage | undefined {
  if (
    bytes.length > MDNS_PACKET_MAX || countRecords(bytes) > MDNS_RECORDS_MAX
  ) {
    return undefined;
  }
  let message: DnsMessage;
  try {
    message = decode(Buffer.from(bytes));
  } catch {
    return undefined;
  }
  const { id, type, questions = [], answers = [], additionals = [] } = message;
  if (type === "query") {
    const asks = questions.some((question) =>
      /^(PTR|ANY)$/.test(question.type) && isService(question.name)
    );
    return { id, asks, announced: [] };
  }
  return {
    id,
    asks: false,
    announced: announcements([...answers, ...additionals]),
  };
}

/** How many records a packet says that it has. */
function countRecords(bytes: Uint8Array): number {
  if (bytes.length < 12) return Infinity;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return [4, 6, 8, 10].reduce((sum, at) => sum + view.getUint16(at), 0);
}

function isService(name: string): boolean {
  return name.toLowerCase() === SERVICE;
}

function announcements(
  records: readonly DnsRecord[],
): (Announcement & { ttl: number })[] {
  const suffix = `.${SERVICE}`;
  return records.flatMap((record) => {
    const { type, name, ttl = 0 } = record;
    if (type !== "SRV" || !name.toLowerCase().endsWith(suffix)) return [];
    const { port } = record.data as SrvData;
    const text = records.find((other) =>
      other.type === "TXT" && other.name === name
    );
    const known = text && readText(text.data as Uint8Array[]);
    if (known === undefined || port === 0) return [];
    const instance = name.slice(0, -suffix.length);
    return [{ ...known, instance, port, ttl }];
  });
}

/** Reads a TXT record of ours. */
function readText(
  parts: readonly Uint8Array[],
): Pick<Announcement, "publicKey" | "tag" | "name"> | undefined {
  const values = new Map<string, string>();
  for (const part of parts) {
    const [, key, value] =
      /^([a-z])=([^]*)$/.exec(new TextDecoder().decode(part)) ?? [];
    // The first one counts (RFC 6763 §6.4).
    if (key !== undefined && !values.has(key)) values.set(key, value);
  }
  const publicKey = readHex(values.get("k"), KEY_LENGTH);
  if (values.get("v") !== VERSION || publicKey === undefined) return undefined;
  const tag = readHex(values.get("t"), SALT_LENGTH + TAG_LENGTH);
  const name = values.get("n");
  return {
    publicKey,
    ...(tag && {
      tag: { salt: tag.slice(0, SALT_LENGTH), tag: tag.slice(SALT_LENGTH) },
    }),
    ...(name !== undefined && isAnnouncedName(name) && { name }),
  };
}

function readHex(
  text: string | undefined,
  length: number,
): Uint8Array | undefined {
  return text?.length === 2 * length && /^[0-9a-f]*$/.test(text)
    ? fromHex(text)
    : undefined;
}

/** Whether a node can be announced by a name. */
export function isAnnouncedName(name: string): boolean {
  return name !== "" &&
    new TextEncoder().encode(name).length <= ANNOUNCED_NAME_MAX;
}
