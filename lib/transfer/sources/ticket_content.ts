/**
 * The reference in a ticket: short enough to be in the ticket itself, or kept
 * by the holder as one more chunk.
 */

import { equals } from "@std/bytes/equals";
import {
  blake3,
  type BlobRef,
  decodeBlobRef,
  encodeBlobRef,
  makeSmall,
  SEND_URI,
  verifyHash,
} from "../../content/mod.ts";
import { RefError } from "../../errors.ts";
import { REF_ENCODED_MAX } from "../../limits.ts";
import type { TicketContent } from "../../mesh/mod.ts";
import type { PublishedRef, WritableChunkStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import type { FetchFrom, SourcesOptions } from "./fetch_source.ts";
import { openSources } from "./open_sources.ts";

/** What a ticket is to name. */
export interface NamedContent extends Pick<PublishedRef, "kind" | "ref"> {
  /** Name it is published under: one path component. */
  readonly name: string;
}

/** The reference of one chunk as everything that publishes writes it. */
function inlineRef(
  { kind, hash, size }: Pick<TicketContent, "kind" | "hash" | "size">,
): BlobRef {
  const uri = kind === "blob" ? SEND_URI : `mesh://${toHex(hash)}`;
  return makeSmall(uri, hash, size);
}

/**
 * Says what a ticket names, as the ticket carries it.
 *
 * @param content The content and its reference.
 * @param refs Takes the encoded reference when the ticket cannot carry it;
 * serve it with the rest, for as long as the ticket is good.
 * @throws {RefError} When the reference is longer than a reference may be.
 *
 * @example
 * ```ts
 * import { encodeTicket, type Node } from "../../mesh/mod.ts";
 * import { MemoryStore, SourceStore } from "../../store/mod.ts";
 * import { ticketContentOf } from "./ticket_content.ts";
 *
 * async function ticketFor(node: Node, store: SourceStore, refs: MemoryStore) {
 *   const content = await ticketContentOf(
 *     { ...store.refs[0], name: "photos" },
 *     refs,
 *   );
 *   const addresses = [`files.example:${node.address.port}`];
 *   return encodeTicket({ publicKey: node.publicKey, addresses, content });
 * }
 * ```
 */
export async function ticketContentOf(
  { kind, name, ref }: NamedContent,
  refs: WritableChunkStore,
): Promise<TicketContent> {
  const encoded = encodeBlobRef(ref);
  if (ref.kind === "small") {
    const { hash } = ref;
    const size = Number(ref.size);
    const inline = inlineRef({ kind, hash, size });
    if (equals(encodeBlobRef(inline), encoded)) {
      return { kind, name, form: "inline", hash, size };
    }
  }
  if (encoded.length > REF_ENCODED_MAX) {
    throw new RefError(
      `a reference of ${encoded.length} bytes is longer than the limit of ${REF_ENCODED_MAX}`,
    );
  }
  const hash = blake3(encoded);
  await refs.put(hash, encoded);
  return { kind, name, form: "indirect", hash, size: encoded.length };
}

/**
 * Finds the reference that a ticket names, from the ticket or from who has it.
 *
 * @param content Of the ticket; the caller has looked at its `kind`.
 * @param from The holder, or several sources.
 * @throws {NotFoundError} When the holder does not have the reference any more.
 * @throws {HashMismatchError} When it sent something else.
 * @throws {RefError} When the chunk that the ticket names is no reference.
 *
 * @example
 * ```ts
 * import { attachOptionsOf, decodeTicket, Node } from "../../mesh/mod.ts";
 * import { fetchBlob } from "../fetch/fetch_blob.ts";
 * import { resolveTicketRef } from "./ticket_content.ts";
 *
 * async function get(text: string, out: string) {
 *   const ticket = decodeTicket(text);
 *   await using session = await Node.attach(attachOptionsOf(ticket));
 *   if (ticket.content?.kind !== "blob") throw new Error("it names no blob");
 *   const ref = await resolveTicketRef(ticket.content, session);
 *   await fetchBlob(session, ref, out);
 * }
 * ```
 */
export async function resolveTicketRef(
  content: TicketContent,
  from: FetchFrom,
  options: SourcesOptions & { signal?: AbortSignal } = {},
): Promise<BlobRef> {
  const { hash, size } = content;
  if (content.form === "inline") return inlineRef(content);
  if (size > REF_ENCODED_MAX) {
    throw new RefError(
      `the ticket names a reference of ${size} bytes: the limit is ${REF_ENCODED_MAX}`,
    );
  }
  const fields = { chunk: toHex(hash) };
  const about = {
    signal: options.signal,
    label: () => ({ text: "the reference that the ticket names", fields }),
  };
  await using sources = openSources(from, options);
  const wanted = { hash, size };
  const ref = await sources.chunks.fetchChunk(wanted, about, (encoded) => {
    verifyHash(encoded, hash, fields);
    return decodeBlobRef(encoded);
  });
  if (ref === undefined) {
    throw new RefError("what the ticket names is not a reference", { fields });
  }
  return ref;
}
