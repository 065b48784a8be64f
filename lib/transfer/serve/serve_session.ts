/**
 * The responding end of the transfer protocol (`../protocol/tags.ts`): one
 * stream carries one request, ended by FIN, and its response, ended by FIN.
 *
 * Every chunk is read and checked before its header goes out: a damaged one is
 * told as not held. What is no request is reset with a
 * {@linkcode StreamErrorCode}.
 */

import { abortable, delay } from "@std/async";
import { equals } from "@std/bytes/equals";
import { awakeTimeout } from "../../async/awake_timeout.ts";
import { Semaphore } from "../../async/semaphore.ts";
import {
  PeerClosedError,
  ProtocolError,
  StreamResetError,
  TimeoutError,
} from "../../errors.ts";
import {
  REQUEST_LOOKUPS,
  REQUEST_MAX,
  REQUEST_TIMEOUT_MS,
  SERVE_REQUESTS_MAX,
  SMALL_CHUNK_LOOKUPS,
  UPSTREAM_SESSION_REQUESTS,
} from "../../limits.ts";
import { type BidiStream, networkOf, type Session } from "../../mesh/mod.ts";
import { type ChunkStore, prepareHashing } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import { decodeRequest, type Request } from "../protocol/request.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import {
  ChunkUnavailableError,
  TransferCancelledError,
} from "../protocol/transfer_error.ts";
import type {
  RegisteredTransfer,
  TransferRegistry,
} from "../protocol/transfer_registry.ts";
import type { HolderEvent } from "./holder_event.ts";
import { respond, type ResponseContext } from "./respond.ts";
import type { RpcHandler } from "./rpc_handler.ts";
import type { RequestRoom } from "./request_memory.ts";
import { serveEach } from "./serve_each.ts";
import { ResponseMemory } from "./response_memory.ts";
import { ServeMemory } from "./serve_memory.ts";
import { SessionMemory } from "./session_memory.ts";

/** How a session is served. */
export interface ServeOptions {
  /** Stops at once; running responses are reset. */
  signal?: AbortSignal;
  /** Starts nothing new and stops when the running responses are complete. */
  drain?: AbortSignal;
  /** Told what happens; must not throw. */
  onEvent?: (event: HolderEvent) => void;
  /**
   * Requests worked on at once; further ones wait unread.
   *
   * @default {SERVE_REQUESTS_MAX}
   */
  maxConcurrentRequests?: number;
  /**
   * Bytes of chunks kept in memory for this session, on top of what its
   * streams queue and of `SERVE_RESERVE_BYTES` for small responses. Where the
   * store cannot tell lengths, a chunk longer than `CHUNK_SIZE` may go beyond it
   * by the difference.
   *
   * @default {SERVE_BYTES}
   */
  maxBytes?: number;
  /**
   * Memory for chunks that other sessions use as well. When they wait for it,
   * a response that stands still lends them its own.
   *
   * @default {memory for this session alone}
   */
  memory?: ServeMemory;
  /**
   * Time for which a client may send nothing of a request that it has begun, in
   * milliseconds.
   *
   * @default {REQUEST_TIMEOUT_MS}
   */
  requestTimeoutMs?: number;
  /** Shows what is being sent while it is, and cancels it. */
  registry?: TransferRegistry;
  /** Procedures by name. */
  rpc?: Readonly<Record<string, RpcHandler>>;
}

/** A request buffer to begin with: all but long GetMany requests fit. */
const REQUEST_BUFFER = 512;

/**
 * Responds to the requests of a peer until the session ends.
 *
 * @param session The session with the peer.
 * @param store What can be asked for.
 * @returns Resolves when the session is over, or given up by one of the
 * signals, and no response is running any more.
 *
 * @example
 * ```ts
 * import type { Session } from "../../mesh/session.ts";
 * import { type ChunkStore, prepareHashing } from "../../store/mod.ts";
 * import { serveSession } from "./serve_session.ts";
 *
 * async function serve(session: Session, store: ChunkStore) {
 *   await serveSession(session, store, { signal: AbortSignal.timeout(60_000) });
 * }
 * ```
 */
export async function serveSession(
  session: Session,
  store: ChunkStore,
  options: ServeOptions = {},
): Promise<void> {
  const { signal, drain } = options;
  // What is read is hashed before it is sent.
  void prepareHashing();
  const stop = new AbortController();
  const ended = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  session.closed.then(() =>
    stop.abort(new PeerClosedError("the session is over"))
  );
  let running = 0;
  const stopIfDrained = () => {
    if (drain?.aborted && running === 0) stop.abort(drain.reason);
  };
  drain?.addEventListener("abort", stopIfDrained, { signal: ended });
  stopIfDrained();
  const { remote } = session;
  using memory = new SessionMemory(options.memory ?? new ServeMemory(), {
    maxBytes: options.maxBytes,
    key: toHex(remote.publicKey),
    network: networkOf(remote.address),
    rttMs: () => session.stats.rttMs,
  });
  const context: SessionContext = {
    session,
    store,
    reading: {
      publicKey: remote.publicKey,
      requests: new Semaphore(UPSTREAM_SESSION_REQUESTS),
    },
    memory,
    rpc: options.rpc ?? {},
    emit: options.onEvent ?? (() => {}),
    signal: ended,
    timeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    registry: options.registry,
  };
  const serve = async (stream: BidiStream) => {
    if (drain?.aborted) return giveUp(stream, StreamErrorCode.shuttingDown);
    running++;
    await serveInTurn(context, stream);
    running--;
    stopIfDrained();
  };
  try {
    await serveEach(
      session.incomingStreams(),
      serve,
      ended,
      options.maxConcurrentRequests ?? SERVE_REQUESTS_MAX,
    );
  } finally {
    stop.abort();
  }
}

/** What the responses of one session share. */
interface SessionContext extends
  Omit<
    ResponseContext,
    "memory" | "transfer" | "abort" | "sentChunks" | "room"
  > {
  readonly memory: SessionMemory;
  readonly timeoutMs: number;
  readonly registry: TransferRegistry | undefined;
}

/** Serves one stream as soon as its session may have one more; never throws. */
async function serveInTurn(
  context: SessionContext,
  stream: BidiStream,
): Promise<void> {
  let begun: Disposable | Promise<Disposable>;
  try {
    begun = context.memory.begin(context.signal);
    if (begun instanceof Promise) begun = await begun;
  } catch (error) {
    return giveUp(stream, codeFor(error, context.signal));
  }
  using _inWork = begun;
  await serveStream(context, stream);
}

/** Serves one stream; never throws. */
async function serveStream(
  context: SessionContext,
  stream: BidiStream,
): Promise<void> {
  const { session, memory, registry, timeoutMs, emit } = context;
  const controller = new AbortController();
  const abort = (reason: unknown) => controller.abort(reason);
  const signal = AbortSignal.any([context.signal, controller.signal]);
  let transfer: RegisteredTransfer | undefined;
  using room = memory.requestRoom(() => abort(new CrowdedRequestError()));
  try {
    const stopTimer = whenStill(stream, timeoutMs, () => {
      const reason =
        `the client sent nothing of its request for ${timeoutMs} ms`;
      abort(new TimeoutError(reason));
    });
    const request = await readRequest(stream, signal, room).finally(stopTimer);
    room.isWaiting = false;
    emit({ type: "request", stream: stream.id, request });
    const lookups = REQUEST_LOOKUPS + lookupsOf(request);
    const waitMs = memory.asking.spend(lookups, performance.now());
    if (waitMs > 0) {
      // It goes when others need its room.
      room.isWaiting = true;
      await delay(waitMs, { signal });
      room.isWaiting = false;
    }
    const hash = contentHash(request);
    const { nodeId, publicKey } = session.remote;
    transfer = hash && registry?.begin(nodeId, hash.slice(), abort, {
      direction: "serving",
      isOwnedBy: (key) => equals(key, publicKey),
    });
    using own = new ResponseMemory(
      memory,
      request.kind !== "get_many",
      stream,
      room,
    );
    const { bytes, chunks, missing } = await respond(request, stream, {
      ...context,
      signal,
      abort,
      reading: { ...context.reading, signal },
      memory: own,
      room,
      transfer,
      sentChunks: memory.sentChunks(stream, () => {
        const error = new UnacknowledgedError();
        abort(error);
        giveUp(stream, codeFor(error, context.signal));
      }),
    });
    if (request.kind !== "rpc") memory.asking.earn(bytes);
    emit({ type: "answered", stream: stream.id, bytes, chunks, missing });
  } catch (error) {
    const code = codeFor(error, context.signal);
    giveUp(stream, code);
    emit({ type: "failed", stream: stream.id, code, error });
  } finally {
    transfer?.end();
    // A store may still be at work for it.
    abort(new PeerClosedError("the response is over"));
  }
}

/** What a request asks for, in lookups. */
function lookupsOf(request: Request): number {
  if (request.kind === "have") return request.hashes.length;
  return request.kind === "get_many"
    ? SMALL_CHUNK_LOOKUPS * request.hashes.length
    : 0;
}

/**
 * Calls back when nothing has come on a stream for so many milliseconds. A slow
 * line may need longer than that for a request; what it has brought is accounted
 * for meanwhile.
 *
 * @returns Stops it.
 */
function whenStill(
  stream: Pick<BidiStream, "received">,
  ms: number,
  callback: () => void,
): () => void {
  let stop = () => {};
  const wait = () => {
    const before = stream.received;
    stop = awakeTimeout(() => {
      if (stream.received > before) wait();
      else callback();
    }, ms);
  };
  wait();
  return () => stop();
}

/** The chunk, or the first one, that a request is for. */
function contentHash(request: Request): Uint8Array | undefined {
  if (request.kind === "get_many") return request.hashes[0];
  return "hash" in request ? request.hash : undefined;
}

async function readRequest(
  stream: BidiStream,
  signal: AbortSignal,
  room: RequestRoom,
): Promise<Request> {
  const read = async (target: Uint8Array): Promise<number> => {
    for (let filled = 0;;) {
      const rest = target.subarray(filled);
      const count = await abortable(stream.read(rest, rest.length), signal);
      filled += count;
      if (count === 0 || filled === target.length) return filled;
    }
  };
  let buffer = new Uint8Array(REQUEST_BUFFER);
  let length = 0;
  for (;;) {
    room.resize(buffer.length);
    length += await read(buffer.subarray(length));
    // As long as what came and as much again: who sends little holds little.
    if (length < buffer.length || length > REQUEST_MAX) break;
    const longer = new Uint8Array(Math.min(2 * length, REQUEST_MAX + 1));
    longer.set(buffer);
    buffer = longer;
  }
  if (length > REQUEST_MAX) throw new RequestTooLargeError();
  return decodeRequest(buffer.subarray(0, length));
}

class CrowdedRequestError extends TimeoutError {
  constructor() {
    super(
      "the client did not finish its request, or take the answer, and others need the room",
    );
  }
}

class UnacknowledgedError extends TimeoutError {
  constructor() {
    super("the client acknowledges too little, and others need the room");
  }
}

class RequestTooLargeError extends ProtocolError {
  constructor() {
    super(`the request is longer than ${REQUEST_MAX} bytes`);
  }
}

function codeFor(error: unknown, signal: AbortSignal): StreamErrorCode {
  if (signal.aborted) return StreamErrorCode.shuttingDown;
  if (error instanceof TransferCancelledError) return StreamErrorCode.cancelled;
  if (error instanceof RequestTooLargeError) {
    return StreamErrorCode.requestTooLarge;
  }
  if (error instanceof ChunkUnavailableError) {
    return StreamErrorCode.unavailable;
  }
  if (error instanceof ProtocolError) return StreamErrorCode.malformedRequest;
  if (error instanceof TimeoutError) return StreamErrorCode.timeout;
  if (error instanceof StreamResetError || error instanceof PeerClosedError) {
    return StreamErrorCode.cancelled;
  }
  return StreamErrorCode.internal;
}

function giveUp(stream: BidiStream, code: StreamErrorCode): void {
  stream.stopSending(code);
  stream.reset(code);
}
