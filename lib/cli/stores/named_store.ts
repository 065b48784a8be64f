/** Store directories as the verbs that look at them are given them. */

import type { BlobRef } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import {
  type ChunkCount,
  type ChunkStore,
  DiskStore,
  type DiskStoreOptions,
} from "../../store/mod.ts";
import { formatBytes } from "../../text/human.ts";
import { argument } from "../framework/options/option.ts";
import { DIR } from "../framework/options/value_kind.ts";
import { readReference } from "../node/read_given.ts";
import { isTicket, type ReferenceSource } from "../node/reference.ts";
import { ticketRefIn } from "../node/ticket_ref_in.ts";
import { inStage } from "../stage.ts";

export const STORE = argument(DIR, "Store directory");

/** Opens a store that is there. */
export function openNamedStore(
  path: string,
  options: DiskStoreOptions = {},
): Promise<DiskStore> {
  return inStage("open", () => {
    return DiskStore.open(path, { ...options, mustExist: true });
  });
}

/** The reference that was given, itself or in a ticket that the store can tell. */
export async function readNamed(
  source: ReferenceSource,
  store: Pick<ChunkStore, "get">,
): Promise<BlobRef> {
  // No secret of a ticket is used here.
  const given = await readReference(source, true);
  if (!isTicket(given)) return given;
  const { content } = given;
  if (content === undefined) {
    throw new UsageError("the ticket carries no reference", {
      hint: "take a ticket of a path, or give the hex",
    });
  }
  return await ticketRefIn(store, content);
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function describeChunks({ chunks, bytes }: ChunkCount): string {
  return `${plural(chunks, "chunk")} of ${formatBytes(bytes)}`;
}
