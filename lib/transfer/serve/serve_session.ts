/**
 * The answering end of the transfer protocol.
 *
 * One stream carries one request (see `request.ts`), ended by FIN, and its
 * answer, ended by FIN:
 *
 * | Request | Answer |
 * |---|---|
 * | Get | header, then the chunk |
 * | GetRange | header, then the part; cut off at the chunk's end, so a range behind it is empty |
 * | GetMany | per hash, in order: header, then the chunk |
 * | Have | header, then ⌈n/8⌉ bytes, one bit per hash, the first in the lowest bit of the first byte |
 * | Rpc | header, then the body; or `01` for an unknown name; or `02` and why it failed |
 *
 * Every chunk is read and checked before its header goes out: one that is
 * damaged is one that is not held. A request that is none is reset with a
 * {@linkcode StreamErrorCode}.
 *
 * @module
 */

import {
  PeerClosedError,
  StreamResetError,
  TimeoutError,
} from "../../errors.ts";
import {
  REQUEST_MAX,
  REQUEST_TIMEOUT_MS,
  SERVE_REQUESTS_MAX,
} from "../../limits.ts";
import type { BidiStream, Session } from "../../mesh/mod.ts";
import type { ChunkStore } from "../../store/mod.ts";
import { Answer, type AnswerContext } from "./answer.ts";
import { raceSignal } from "../../async/race_signal.ts";
import { Budget } from "../../async/budget.ts";
import type { HolderEvent } from "./holder_event.ts";
import { decodeRequest, type Request } from "../protocol/request.ts";
import type { RpcHandler } from "./rpc_handler.ts";
import { ServeMemory, type SessionMemory } from "./serve_memory.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import {
  ProtocolError,
  TransferCancelledError,
} from "../protocol/transfer_error.ts";
import type { TransferRegistry } from "../protocol/transfer_registry.ts";

/** How a session is served. */
export interface ServeOptions {
  /** Stops at once; running answers are reset. */
  signal?: AbortSignal;
  /** Starts nothing new and stops when the running answers are complete. */
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
   * streams queue. A chunk longer than `CHUNK_SIZE` may go beyond it by the
   * difference, since the store tells its length only by reading it.
   *
   * @default {SERVE_BYTES}
   */
  maxBytes?: number;
  /**
   * Memory for chunks that other sessions use as well. When they wait for it,
   * an answer of which the peer takes nothing is reset.
   *
   * @default {memory for this session alone}
   */
  memory?: ServeMemory;
  /**
   * Time a client has to send its whole request, in milliseconds.
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
 * Answers what the peer asks until the session ends.
 *
 * @param session Who asks.
 * @param store What can be asked for.
 * @returns Resolves when the session is over, or given up by one of the
 * signals, and no answer is running any more.
 *
 * @example
 * ```ts
 * import type { Session } from "../../mesh/session.ts";
 * import type { ChunkStore } from "../../store/mod.ts";
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
  const stop = new AbortController();
  const slots = new Budget(options.maxConcurrentRequests ?? SERVE_REQUESTS_MAX);
  const running: Set<Promise<void>> = new Set();
  const memory = options.memory ?? new ServeMemory();
  const context: SessionContext = {
    session,
    store,
    memory: memory.forSession(options.maxBytes),
    rpc: options.rpc ?? {},
    emit: options.onEvent ?? (() => {}),
    signal: stop.signal,
    timeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    registry: options.registry,
  };
  const stopIfDrained = () => {
    if (drain?.aborted && running.size === 0) stop.abort(drain.reason);
  };
  const onSignal = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onSignal, { once: true });
  drain?.addEventListener("abort", stopIfDrained, { once: true });
  if (signal?.aborted) onSignal();
  stopIfDrained();
  session.closed.then(() =>
    stop.abort(new PeerClosedError("the session is over"))
  );
  try {
    const streams = session.incomingStreams()[Symbol.asyncIterator]();
    while (!stop.signal.aborted) {
      await slots.acquire(1, stop.signal);
      const next = await raceSignal(streams.next(), stop.signal);
      if (next.done) break;
      if (drain?.aborted) {
        giveUp(next.value, StreamErrorCode.shuttingDown);
        slots.release(1);
        continue;
      }
      const work: Promise<void> = serveStream(context, next.value)
        .finally(() => {
          slots.release(1);
          running.delete(work);
          stopIfDrained();
        });
      running.add(work);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", onSignal);
    drain?.removeEventListener("abort", stopIfDrained);
    await Promise.all(running);
  }
}

/** What the answers of one session share. */
interface SessionContext extends Omit<AnswerContext, "memory" | "transfer"> {
  readonly memory: SessionMemory;
  readonly timeoutMs: number;
  readonly registry: TransferRegistry | undefined;
}

/** Serves one stream; never throws. */
async function serveStream(
  context: SessionContext,
  stream: BidiStream,
): Promise<void> {
  const { signal, timeoutMs } = context;
  try {
    const request = await readRequest(stream, timeoutMs, signal);
    context.emit({ type: "request", stream: stream.id, request });
    using begun = begin(context, request);
    const answer = new Answer(begun.context, stream);
    await answer.run(request);
    const { bytes, chunks, missing } = answer;
    const done = { stream: stream.id, bytes, chunks, missing };
    context.emit({ type: "answered", ...done });
  } catch (error) {
    const code = codeFor(error, signal);
    giveUp(stream, code);
    context.emit({ type: "failed", stream: stream.id, code, error });
  }
}

/** The context of one answer, which can be ended alone until it is disposed. */
interface BegunAnswer extends Disposable {
  readonly context: AnswerContext;
}

function begin(context: SessionContext, request: Request): BegunAnswer {
  const { session, signal, memory, registry } = context;
  const controller = new AbortController();
  const end = (reason: unknown) => controller.abort(reason);
  const onAbort = () => end(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const hash = contentHash(request);
  const { nodeId, publicKey } = session.remote;
  const transfer = hash && registry?.begin(nodeId, hash.slice(), end, {
    direction: "serving",
    isOwnedBy: (key) => key.every((byte, i) => byte === publicKey[i]),
  });
  return {
    context: {
      ...context,
      signal: controller.signal,
      memory: memory.forAnswer(end),
      transfer,
    },
    [Symbol.dispose]() {
      transfer?.end();
      signal.removeEventListener("abort", onAbort);
      // A store may still be at work for it.
      end(new PeerClosedError("the answer is over"));
    },
  };
}

/** The chunk, or the first one, that a request is for. */
function contentHash(request: Request): Uint8Array | undefined {
  switch (request.kind) {
    case "get":
    case "get_range":
      return request.hash;
    case "get_many":
      return request.hashes[0];
    case "have":
    case "rpc":
      return undefined;
  }
}

async function readRequest(
  stream: BidiStream,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Request> {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const timer = setTimeout(() => {
    controller.abort(
      new TimeoutError(`the client sent no request in ${timeoutMs} ms`),
    );
  }, timeoutMs);
  const read = (target: Uint8Array) =>
    raceSignal(stream.read(target, target.length), controller.signal);
  try {
    let buffer = new Uint8Array(REQUEST_BUFFER);
    let length = await read(buffer);
    if (length === buffer.length) {
      const longer = new Uint8Array(REQUEST_MAX + 1);
      longer.set(buffer);
      buffer = longer;
      length += await read(buffer.subarray(length));
    }
    if (length > REQUEST_MAX) throw new RequestTooLargeError();
    return decodeRequest(buffer.subarray(0, length));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
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
