import { abortable } from "@std/async";
import { TimeoutError, TransferError } from "../../errors.ts";
import { RPC_ANSWER_MAX } from "../../limits.ts";
import type { BidiStream, Session } from "../../mesh/mod.ts";
import { heldChunks } from "../../store/mod.ts";
import type { GetRangeRequest, Request } from "../protocol/request.ts";
import { encodeRpcFailure } from "../protocol/rpc_failure.ts";
import type { RegisteredTransfer } from "../protocol/transfer_registry.ts";
import { leaseChunks, type LeaseContext } from "./chunk_lease.ts";
import { ResponseWriter } from "./response_writer.ts";
import type { RepeatedBlock, RpcHandler, RpcResult } from "./rpc_handler.ts";
import type { ResponseMemory } from "./response_memory.ts";
import type { RequestRoom } from "./request_memory.ts";
import type { SentChunksOfSession } from "./session_memory.ts";

/**
 * What a response needs of its surroundings; its signal aborts when the session
 * is over or not served any more, or the response is cancelled or stands still.
 */
export interface ResponseContext extends LeaseContext {
  readonly session: Session;
  readonly memory: ResponseMemory;
  readonly rpc: Readonly<Record<string, RpcHandler>>;
  /** Ends the response. */
  readonly abort: (reason: unknown) => void;
  /** Shows how far it is. */
  readonly transfer?: RegisteredTransfer;
  /** Told of large chunks that have left. */
  readonly sentChunks?: SentChunksOfSession;
  /** What the request takes, and an answer that is no chunk. */
  readonly room?: RequestRoom;
}

/** How much a response carried. */
export type ResponseCounts = Pick<
  ResponseWriter,
  "bytes" | "chunks" | "missing"
>;

/** Writes the whole response to a request and ends its stream. */
export async function respond(
  request: Request,
  stream: BidiStream,
  context: ResponseContext,
): Promise<ResponseCounts> {
  const { emit, transfer } = context;
  let total: number | undefined;
  using writer = new ResponseWriter({
    ...context,
    stream,
    onSent: (bytes, content) => {
      transfer?.update(content, total);
      emit({ type: "sent", stream: stream.id, bytes });
    },
  });
  switch (request.kind) {
    case "get":
    case "get_range":
      await sendChunks([request.hash], writer, context, (bytes) => {
        const part = request.kind === "get" ? bytes : cut(bytes, request);
        total = part.length;
        return part;
      });
      break;
    case "get_many":
      stream.setPriority("bulk");
      if (request.hashes.length === 0) stream.finish();
      await sendChunks(request.hashes, writer, context);
      break;
    case "have":
      await writer.writeBody(await lookUp(request.hashes, context));
      break;
    case "rpc":
      await call(request.name, request.body, writer, context);
      break;
  }
  return writer;
}

async function sendChunks(
  hashes: readonly Uint8Array[],
  writer: ResponseWriter,
  context: ResponseContext,
  part: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
): Promise<void> {
  const leases = leaseChunks(hashes, context);
  let left = hashes.length;
  for await (const lease of leases) {
    writer.add(lease, --left === 0, part);
  }
  await writer.flush();
}

/** A bit for each hash, the first in the lowest bit of byte 0. */
async function lookUp(
  hashes: readonly Uint8Array[],
  { store, emit, signal, reading }: ResponseContext,
): Promise<Uint8Array> {
  const looking = heldChunks(store, hashes, reading, (hash, error) => {
    emit({ type: "store_error", hash, error });
  });
  const bitmap = new Uint8Array(Math.ceil(hashes.length / 8));
  for (const [i, isHeld] of (await abortable(looking, signal)).entries()) {
    if (isHeld) bitmap[i >> 3] |= 1 << (i & 7);
  }
  return bitmap;
}

async function call(
  name: string,
  body: Uint8Array,
  writer: ResponseWriter,
  context: ResponseContext,
): Promise<void> {
  const { room, rpc, session, signal } = context;
  const handler = Object.hasOwn(rpc, name) ? rpc[name] : undefined;
  if (!handler) return await writer.writeMissing();
  let result: RpcResult;
  try {
    const called = Promise.resolve(handler(name, body, session));
    result = await abortable(called, signal);
    if (result instanceof Uint8Array && result.length > RPC_ANSWER_MAX) {
      throw new TransferError("internal", "the answer is too long");
    }
  } catch (error) {
    signal.throwIfAborted();
    return await writer.write(encodeRpcFailure(error), true);
  }
  if (result instanceof Uint8Array) {
    if (room !== undefined) {
      // It cannot be made again, as a chunk can be read: who has most of them
      // loses the oldest when others need the room.
      room.isWaiting = true;
      room.resize(room.bytes + result.length);
      signal.throwIfAborted();
    }
    return await writer.writeBody(result);
  }
  await writeRepeated(result, writer, context);
}

/** Writes a block again and again, for as long as it may take. */
async function writeRepeated(
  repeated: RepeatedBlock,
  writer: ResponseWriter,
  { abort }: ResponseContext,
): Promise<void> {
  using result = repeated;
  const { maxMs } = result;
  const late = setTimeout(
    () => abort(new TimeoutError(`the client took longer than ${maxMs} ms`)),
    maxMs,
  );
  try {
    await writer.writeRepeated(result.block, result.length);
  } finally {
    clearTimeout(late);
  }
}

function cut(bytes: Uint8Array, range: GetRangeRequest): Uint8Array {
  const size = BigInt(bytes.length);
  const start = range.offset < size ? range.offset : size;
  const end = range.length < size - start ? start + range.length : size;
  return bytes.subarray(Number(start), Number(end));
}
