/** What `serve` puts before a node, a mirror or a bucket. */

import { UsageError } from "../../errors.ts";
import { KEEP_ATTEMPT_MS, OBJECT_KEPT_BYTES } from "../../limits.ts";
import {
  type Identity,
  Node,
  nodeIdOf,
  type TicketAttachOptions,
} from "../../mesh/mod.ts";
import {
  type ChunkReader,
  ObjectCache,
  type ObjectsLocation,
  RecentChunks,
} from "../../objects/mod.ts";
import {
  CacheStore,
  type ChunkStore,
  type DiskStore,
} from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import {
  ChunkUnavailableError,
  type TransferRegistry,
  type UpstreamEvent,
  UpstreamStore,
} from "../../transfer/mod.ts";
import { messageOf } from "../failure.ts";
import type { Log } from "../framework/terminal/log.ts";
import { openBucket, openReader } from "../node/open_objects.ts";
import { isObjects } from "../node/upstream.ts";
import { problemLog } from "./problem_log.ts";

/** What a cache stands before, and how much it keeps. */
export interface CacheOptions {
  /** Bytes that it keeps at most. */
  readonly maxBytes?: number;
  readonly upstream: TicketAttachOptions | ObjectsLocation;
  readonly identity: Identity;
  readonly registry: TransferRegistry;
}

/** The node that rows of fetches from a server name, which is none. */
const NO_NODE = 0n;
/** Asked for to see whether a store answers: nothing has this hash. */
const NOTHING = new Uint8Array(32);

/** Makes a pull-through cache, which reaches for its upstream from now on. */
export async function openCache(
  disk: DiskStore,
  options: CacheOptions,
  log: Log,
): Promise<ChunkStore> {
  const { maxBytes, upstream, registry } = options;
  const local = new CacheStore(disk, { maxBytes });
  if (!isObjects(upstream)) {
    return openNodeCache(local, { ...options, upstream }, log);
  }
  const remote = await openReader(upstream, log);
  const { name } = remote;
  remote.read(NOTHING, undefined).then(
    () => log.info("the upstream answers", { upstream: name }),
    (error) =>
      log.warn("the upstream does not answer", {
        upstream: name,
        reason: messageOf(error),
      }),
  );
  return objectCache(local, remote, registry, log);
}

/**
 * A bucket that is served. Chunks that are read ahead stay in memory for a
 * moment.
 *
 * @throws {TransferError} When it cannot be read.
 */
export async function openServedBucket(
  url: string,
  log: Log,
): Promise<ChunkStore> {
  await using opened = new AsyncDisposableStack();
  const remote = opened.use(await openBucket(url, log));
  await remote.read(NOTHING, undefined);
  opened.move();
  const local = new RecentChunks(OBJECT_KEPT_BYTES);
  return objectCache(local, remote, undefined, log);
}

function objectCache(
  local: CacheStore | RecentChunks,
  remote: ChunkReader,
  registry: TransferRegistry | undefined,
  log: Log,
): ObjectCache {
  const warn = problemLog(log);
  return new ObjectCache(local, remote, {
    ...(registry && {
      begin: (hash, cancel, isOwnedBy) =>
        registry.begin(NO_NODE, hash, cancel, { isOwnedBy }),
    }),
    unavailable: (cause) => new ChunkUnavailableError(cause.message, { cause }),
    onEvent: (event) => logEvent(log, warn, event),
  });
}

function openNodeCache(
  local: CacheStore,
  { upstream, identity, registry }: CacheOptions & {
    readonly upstream: TicketAttachOptions;
  },
  log: Log,
): UpstreamStore {
  const peer = nodeIdOf(upstream.publicKey);
  if (peer === identity.nodeId) {
    throw new UsageError("--upstream names this node itself", {
      hint: "give the node that has the content, or another --identity",
    });
  }
  const warn = problemLog(log);
  return new UpstreamStore(local, {
    peer,
    registry,
    connect: (signal) =>
      Node.attach({
        ...upstream,
        identity,
        signal,
        // The store keeps the session, and looks for a node that moved.
        keepMs: 0,
        connectTimeoutMs: KEEP_ATTEMPT_MS,
      }),
    onEvent: (event) => logEvent(log, warn, event),
  });
}

function logEvent(
  log: Log,
  warn: ReturnType<typeof problemLog>,
  event: UpstreamEvent,
): void {
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
      return warn("chunk not fetched from the upstream", {
        hash: toHex(event.hash),
        reason: messageOf(event.error),
      });
    case "local_failed":
      return warn("the store fails, a chunk bypasses it", {
        hash: toHex(event.hash),
        reason: messageOf(event.error),
      });
  }
}
