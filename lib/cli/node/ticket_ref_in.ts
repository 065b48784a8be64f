/** What a ticket names, as far as a store can tell: no node is asked. */

import { type BlobRef, decodeBlobRef } from "../../content/mod.ts";
import { StoreError } from "../../errors.ts";
import type { TicketContent } from "../../mesh/mod.ts";
import type { ChunkStore } from "../../store/mod.ts";

/**
 * The reference of a ticket's content.
 *
 * @throws {StoreError} When only the node knows it.
 */
export async function ticketRefIn(
  store: Pick<ChunkStore, "get">,
  { form, hash, size }: TicketContent,
): Promise<BlobRef> {
  if (form === "inline") {
    return { kind: "small", uri: "", hash, size: BigInt(size) };
  }
  const encoded = await store.get(hash);
  const ref = encoded && decodeBlobRef(encoded);
  if (ref !== undefined) return ref;
  throw new StoreError(
    "the ticket only names where the node has its reference, which is not in the store",
    { hint: "give the reference itself, which send-dir or serve printed" },
  );
}
