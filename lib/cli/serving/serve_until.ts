/** Serves until a signal, and logs what happens. */

import { DRAIN_MS } from "../../limits.ts";
import {
  DEFAULT_PSK_NAME,
  type Node,
  type RemotePeer,
} from "../../mesh/mod.ts";
import type { ChunkStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import {
  type NodeEvent,
  serveNode,
  type ServeNodeOptions,
} from "../../transfer/mod.ts";
import { messageOf } from "../failure.ts";
import { type Fields, Id } from "../framework/output/report.ts";
import type { Log } from "../framework/terminal/log.ts";
import { problemLog } from "./problem_log.ts";

export interface ServeUntilOptions
  extends Pick<ServeNodeOptions, "registry" | "rpc"> {
  node: Pick<Node, "sessions">;
  store: ChunkStore;
  log: Log;
  /** Told of everything, too. */
  onEvent?: ServeNodeOptions["onEvent"];
}

/** Who it is; the key where it is not the permanent one. */
function peerFields({ nodeId, address, psk }: RemotePeer): Fields {
  return {
    peer: new Id(nodeId),
    address,
    psk: psk === DEFAULT_PSK_NAME ? undefined : psk,
  };
}

function logEvent(
  log: Log,
  warn: ReturnType<typeof problemLog>,
  peer: Fields,
  event: NodeEvent,
): void {
  switch (event.type) {
    case "attached":
      return log.info("peer attached", {
        ...peer,
        congestion: event.congestion,
      });
    case "detached": {
      const { by, reason } = event.close;
      return log.info("peer detached", { ...peer, by, reason });
    }
    case "peer_failed":
      return warn("serving a peer failed", {
        ...peer,
        reason: messageOf(event.error),
      });
    case "request":
      return log.trace("request", {
        ...peer,
        stream: event.stream,
        kind: event.request.kind,
      });
    case "answered": {
      const { stream, chunks, missing, bytes } = event;
      return log.debug("answered", { ...peer, stream, chunks, missing, bytes });
    }
    case "failed":
      return log.debug("not answered", {
        ...peer,
        stream: event.stream,
        reason: messageOf(event.error),
      });
    case "store_error":
      return warn("a chunk cannot be read, answered as not held", {
        hash: toHex(event.hash),
        reason: messageOf(event.error),
      });
    case "sent":
      return;
  }
}

/**
 * Serves until `signal`, then starts nothing new and ends what still runs after
 * DRAIN_MS.
 */
export async function serveUntil(
  signal: AbortSignal,
  { node, store, log, onEvent, ...options }: ServeUntilOptions,
): Promise<void> {
  const stop = new AbortController();
  const warn = problemLog(log);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onSignal = () => {
    log.info("stopping");
    timer = setTimeout(() => stop.abort(signal.reason), DRAIN_MS);
  };
  signal.addEventListener("abort", onSignal, { once: true });
  if (signal.aborted) onSignal();
  try {
    await serveNode(node, store, {
      ...options,
      drain: signal,
      signal: stop.signal,
      onEvent: (event, peer) => {
        logEvent(
          log,
          warn,
          peerFields(peer),
          event,
        );
        onEvent?.(event, peer);
      },
    });
  } finally {
    signal.removeEventListener("abort", onSignal);
    clearTimeout(timer);
  }
}
