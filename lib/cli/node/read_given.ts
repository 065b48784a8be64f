/** Reading the files that options name: keys, tickets, references. */

import type { BlobRef } from "../../content/mod.ts";
import { ConfigError, RefError, UsageError } from "../../errors.ts";
import { PSK_FILE_MAX, REF_TEXT_MAX, TICKET_TEXT_MAX } from "../../limits.ts";
import { decodeTicket, nodeIdOf, type Ticket } from "../../mesh/mod.ts";
import { readSmallFile, requirePrivate } from "../../os/small_file.ts";
import { parseHex32 } from "../framework/options/hex32.ts";
import { decodeTicketOrCode, type GivenCode, isCode } from "./given_code.ts";
import { givenText } from "./given_text.ts";
import {
  holdsPsk,
  type NamedNode,
  type NodeSource,
  type TicketSource,
} from "./named_node.ts";
import { isTicket, parseReference, type ReferenceSource } from "./reference.ts";
import type { PskSource } from "./settings.ts";

/** Reads a file of text, which must be private when it is a secret ticket. */
async function readText<T extends BlobRef | Ticket | GivenCode>(
  path: string,
  file: { what: string; max: number },
  insecure: boolean,
  decode: (text: string) => T,
): Promise<T> {
  const { bytes, access } = await readSmallFile(path, file);
  const text = givenText(bytes);
  bytes.fill(0);
  const given = decode(text);
  const secret = secretIn(given);
  if (!insecure && secret !== undefined) requirePrivate(path, secret, access);
  return given;
}

/** What a file is that has a secret in it. */
function secretIn(given: BlobRef | Ticket | GivenCode): string | undefined {
  if (isCode(given)) return "file of a code";
  return isTicket(given) && holdsPsk(given)
    ? "file of a ticket with a pre-shared key"
    : undefined;
}

/** Reads a ticket; a secret one in a file that others can read only if `insecure`. */
export async function readTicket(
  source: TicketSource,
  insecure: boolean,
): Promise<Ticket> {
  if (!("file" in source)) return source;
  const file = { what: "ticket file", max: TICKET_TEXT_MAX };
  const decode = (text: string) => decodeFile(source.file, text, decodeTicket);
  return await readText(source.file, file, insecure, decode);
}

/** Reads a ticket or a code; in a file it must be private. */
export async function readTicketOrCode(
  source: TicketSource | GivenCode,
  insecure: boolean,
): Promise<Ticket | GivenCode> {
  if (!("file" in source)) return source;
  const file = { what: "ticket file", max: TICKET_TEXT_MAX };
  const decode = (text: string) =>
    decodeFile(source.file, text, decodeTicketOrCode);
  return await readText(source.file, file, insecure, decode);
}

function decodeFile<T>(
  path: string,
  text: string,
  decode: (text: string) => T,
): T {
  try {
    return decode(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`'${path}': ${error.message}`, {
      cause: error,
      hint: error.hint,
      fields: { path },
    });
  }
}

/** A pre-shared key and where it came from. */
export interface Psk {
  /** 32 bytes. */
  readonly bytes: Uint8Array;
  /** The file that holds it, if one does. */
  readonly file?: string;
}

/** Reads a pre-shared key: exactly 32 raw bytes, or 64 hex digits. */
export async function readPsk(
  source: PskSource,
  insecure: boolean,
): Promise<Psk> {
  if ("bytes" in source) return source;
  const { file } = source;
  const { bytes } = await readSmallFile(file, {
    what: "PSK file",
    max: PSK_FILE_MAX,
    secret: !insecure,
  });
  if (bytes.length === 32) return { bytes, file };
  const text = givenText(bytes);
  bytes.fill(0);
  try {
    return { bytes: parseHex32(text), file };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(
      `the PSK file '${file}' holds no key: ${error.message}`,
      { hint: "make one with: openssl rand -hex 32", fields: { path: file } },
    );
  }
}

async function readStdin(what: string, max: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of Deno.stdin.readable) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > max) {
      throw new RefError(
        `the ${what} on stdin is longer than ${max} characters`,
      );
    }
  }
  return text;
}

/** Reads a ticket or a code from stdin. */
export async function readTicketOnStdin(): Promise<Ticket | GivenCode> {
  return decodeTicketOrCode(await readStdin("ticket", TICKET_TEXT_MAX));
}

export async function readReference(
  source: ReferenceSource,
  insecure: boolean,
): Promise<BlobRef | Ticket> {
  if (source === "stdin") {
    return parseReference(await readStdin("reference", REF_TEXT_MAX));
  }
  if (!("file" in source)) return source;
  const file = { what: "reference file", max: REF_TEXT_MAX };
  return await readText(source.file, file, insecure, parseReference);
}

export async function readNodeSource(
  source: NodeSource,
  insecure: boolean,
): Promise<NamedNode> {
  if ("nodeId" in source) return source;
  const { publicKey, psk } = await readTicket(source, insecure);
  return { nodeId: nodeIdOf(publicKey), publicKey, psk };
}
