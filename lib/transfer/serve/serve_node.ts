/** Serving every peer that attaches to a node. */

import { abortable } from "@std/async";
import type {
  CloseInfo,
  CongestionAlgorithm,
  Node,
  RemotePeer,
  Session,
} from "../../mesh/mod.ts";
import type { ChunkStore } from "../../store/mod.ts";
import type { HolderEvent } from "./holder_event.ts";
import { serveEach } from "./serve_each.ts";
import { ServeMemory } from "./serve_memory.ts";
import { type ServeOptions, serveSession } from "./serve_session.ts";

/** One event of a node that serves. */
export type NodeEvent =
  | HolderEvent
  /** A peer has attached; `congestion` is the control of what is sent to it. */
  | { type: "attached"; congestion: CongestionAlgorithm }
  /** A peer is gone, and how its session ended. */
  | { type: "detached"; close: CloseInfo }
  /** Serving one peer failed; its session is closed, the others go on. */
  | { type: "peer_failed"; error: unknown };

/**
 * How a node is served; what is said of one session holds for each, but
 * `memory` is that of all.
 */
export interface ServeNodeOptions extends Omit<ServeOptions, "onEvent"> {
  /** Told what happens, and with whom; must not throw. */
  onEvent?: (event: NodeEvent, peer: RemotePeer) => void;
}

/**
 * Responds to the requests of all peers of a node, of each as
 * {@linkcode serveSession} does, until the node is closed or one of the signals
 * aborts. What goes wrong with one peer is told to `onEvent` and concerns no
 * other.
 *
 * @param node The node whose sessions are served.
 * @param store What can be asked for; it is told for whom it is read.
 * @returns Resolves when no response is running any more and every session is
 * closed; the node itself is left open.
 *
 * @example
 * ```ts
 * import { ephemeralIdentity, Node } from "../../mesh/mod.ts";
 * import { SourceStore } from "../../store/mod.ts";
 * import { serveNode } from "./serve_node.ts";
 *
 * const psk = crypto.getRandomValues(new Uint8Array(32));
 * await using store = await SourceStore.of(["./photos"]);
 * const address = "127.0.0.1:0";
 * const identity = ephemeralIdentity();
 * await using node = await Node.listen({ address, psk, identity });
 * // Serves for a second; a signal handler would do as well.
 * await serveNode(node, store, { drain: AbortSignal.timeout(1000) });
 * ```
 */
export async function serveNode(
  node: Pick<Node, "sessions">,
  store: ChunkStore,
  options: ServeNodeOptions = {},
): Promise<void> {
  const { onEvent = () => {}, memory = new ServeMemory(), ...perSession } =
    options;
  const stop = AbortSignal.any(
    [options.signal, options.drain].filter((signal) => signal !== undefined),
  );
  async function serveOne(session: Session): Promise<void> {
    const { remote } = session;
    const { congestion } = session.stats;
    onEvent({ type: "attached", congestion }, remote);
    try {
      await serveSession(session, store, {
        ...perSession,
        memory,
        onEvent: (event) => onEvent(event, remote),
      });
    } catch (error) {
      onEvent({ type: "peer_failed", error }, remote);
    }
    await flush(session, options.signal);
    await session.close(0, "no longer served");
    onEvent({ type: "detached", close: await session.closed }, remote);
  }

  await serveEach(node.sessions(), serveOne, stop);
}

/** A CLOSE overtakes what is on its way: the last responses must arrive before it. */
async function flush(session: Session, signal?: AbortSignal): Promise<void> {
  const flushed = session.flushed();
  if (signal === undefined) return await flushed;
  // Once it aborts, the caller waits for no peer any more.
  await abortable(flushed, signal).catch(() => {});
}
