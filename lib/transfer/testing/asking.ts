/**
 * Requests made by hand, and a store that has whatever they ask for.
 *
 * @module
 */

import type { ChunkStore } from "../../store/mod.ts";
import { encodeRequest, type Request } from "../protocol/request.ts";
import type { MemorySession, MemoryStream } from "./memory_session.ts";

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
export async function ask(
  session: MemorySession,
  request: Request | Uint8Array,
): Promise<MemoryStream> {
  const stream = await session.openStream();
  const bytes = request instanceof Uint8Array
    ? request
    : encodeRequest(request);
  stream.write(bytes).catch(() => {});
  stream.finish();
  return stream;
}

/** Reads an answer to its end. */
export async function readAll(stream: MemoryStream): Promise<Uint8Array> {
  const buffer = new Uint8Array(1 << 20);
  return buffer.subarray(0, await stream.read(buffer, buffer.length));
}
