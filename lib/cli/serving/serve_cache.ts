import { UsageError } from "../../errors.ts";
import {
  type Identity,
  Node,
  nodeIdOf,
  type TicketAttachOptions,
} from "../../mesh/mod.ts";
import type { WritableChunkStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import {
  type TransferRegistry,
  type UpstreamEvent,
  UpstreamStore,
} from "../../transfer/mod.ts";
import { messageOf } from "../failure.ts";
import type { Log } from "../framework/terminal/log.ts";

export interface CacheOptions {
  /** Where the rest comes from. */
  readonly upstream: TicketAttachOptions;
  /** What this node attaches with. */
  readonly identity: Identity;
  readonly registry: TransferRegistry;
  readonly log: Log;
}

/** Makes a pull-through cache, which attaches to its upstream from now on. */
export function openCache(
  local: WritableChunkStore,
  { upstream, identity, registry, log }: CacheOptions,
): UpstreamStore {
  const peer = nodeIdOf(upstream.publicKey);
  if (peer === identity.nodeId) {
    throw new UsageError("--upstream names this node itself", {
      hint: "give the node that has the content, or another --identity",
    });
  }
  return new UpstreamStore(local, {
    peer,
    registry,
    connect: (signal) => Node.attach({ ...upstream, identity, signal }),
    onEvent: (event) => logEvent(log, event),
  });
}

function logEvent(log: Log, event: UpstreamEvent): void {
  switch (event.type) {
    case "attached":
      return log.info("attached to the upstream", { address: event.address });
    case "detached": {
      const { by, reason } = event.close;
      return log.warn("not attached to the upstream", { by, reason });
    }
    case "attach_failed":
      return log.warn("not attached to the upstream", {
        reason: messageOf(event.error),
        retry_ms: event.retryMs,
      });
    case "hit":
      return log.trace("chunk held", { hash: toHex(event.hash) });
    case "miss":
      return log.trace("chunk not held", { hash: toHex(event.hash) });
    case "fetched":
      return log.debug("chunk fetched from the upstream", {
        hash: toHex(event.hash),
        bytes: event.bytes,
      });
    case "absent":
      return log.debug("chunk not held by the upstream either", {
        hash: toHex(event.hash),
      });
    case "fetch_failed":
      return log.warn("chunk not fetched from the upstream", {
        hash: toHex(event.hash),
        reason: messageOf(event.error),
      });
    case "local_failed":
      return log.warn("the store fails, a chunk bypasses it", {
        hash: toHex(event.hash),
        reason: messageOf(event.error),
      });
  }
}
