/** Requests made by hand, and a store that has whatever they ask for. */

import { assertRejects } from "@std/assert";
import { StreamResetError } from "../../errors.ts";
import type { ChunkStore } from "../../store/mod.ts";
import { encodeRequest, type Request } from "../protocol/request.ts";
import type { BidiStream } from "../../mesh/session.ts";
import type { CountedSession } from "./session_pair.ts";

/** A store in which every hash names the same bytes; counts what is read. */
export class SameStore implements ChunkStore {
  gets = 0;
  constructor(readonly bytes: Uint8Array) {}
  has(): Promise<boolean> {
    return Promise.resolve(true);
  }
  async get(): Promise<Uint8Array> {
    this.gets++;
    await Promise.resolve();
    return this.bytes;
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Sends a request on a stream of its own. */
export async function send(
  session: CountedSession,
  request: Request | Uint8Array,
): Promise<BidiStream> {
  const stream = await session.openStream();
  const bytes = request instanceof Uint8Array
    ? request
    : encodeRequest(request);
  stream.write(bytes).catch(() => {});
  stream.finish();
  return stream;
}

/** The code with which the other end resets a stream. */
export async function resetCode(stream: BidiStream): Promise<number> {
  const error = await assertRejects(() => readAll(stream), StreamResetError);
  return error.code;
}

/** Reads a response to its end. */
export async function readAll(stream: BidiStream): Promise<Uint8Array> {
  const buffer = new Uint8Array(1 << 20);
  return buffer.subarray(0, await stream.read(buffer, buffer.length));
}
