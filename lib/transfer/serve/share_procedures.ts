import { NotFoundError } from "../../errors.ts";
import type { RemotePeer, TicketContent } from "../../mesh/mod.ts";
import { equals } from "@std/bytes/equals";
import {
  decodeContentHash,
  encodeContentName,
  encodeFetchedVerdict,
} from "../protocol/share_query.ts";
import type { RpcHandler } from "./rpc_handler.ts";

function requireKnown(body: Uint8Array, { hash }: TicketContent): void {
  if (equals(decodeContentHash(body), hash)) return;
  throw new NotFoundError("the node does not share this content");
}

/**
 * Makes the procedure `content.name` of a node: the name of what it shares, for
 * tickets that have no room for it. It is told to those that name the content.
 *
 * @param content What the ticket of the share carries, with the name.
 * @returns To be offered as `rpc: { "content.name": … }`.
 */
export function nameProcedure(content: TicketContent): RpcHandler {
  return (_name, body) => {
    requireKnown(body, content);
    return encodeContentName(content.name);
  };
}

/**
 * Makes the procedure `content.fetched` of a node, by which a peer says that all
 * of the content has arrived. What it says counts for nothing by itself.
 *
 * @param content What the ticket of the share carries.
 * @param judge Whether it is counted, by what was sent to the peer.
 * @returns To be offered as `rpc: { "content.fetched": … }`.
 */
export function fetchedProcedure(
  content: TicketContent,
  judge: (peer: RemotePeer) => boolean,
): RpcHandler {
  return (_name, body, { remote }) => {
    requireKnown(body, content);
    return encodeFetchedVerdict(judge(remote));
  };
}
