/** Sources that do as they are told, without a session. */

import { delay } from "@std/async";
import { blake3 } from "../../../content/mod.ts";
import { toHex } from "../../../text/hex.ts";
import { pattern } from "../../testing/fixture.ts";
import type { ChunkReader, ReadChunkOptions } from "../chunk_reader.ts";

/** Chunks by the hex of their hashes. */
export type Chunks = ReadonlyMap<string, Uint8Array>;

/** Some different chunks of one size. */
export function someChunks(count: number, size: number): {
  chunks: Chunks;
  wanted: { hash: Uint8Array; size: number }[];
} {
  const chunks = new Map<string, Uint8Array>();
  const wanted = Array.from({ length: count }, (_, i) => {
    const bytes = pattern(size, i + 1);
    const hash = blake3(bytes);
    chunks.set(toHex(hash), bytes);
    return { hash, size };
  });
  return { chunks, wanted };
}

/** What a {@linkcode TestReader} does with one request. */
export type Answer = (
  bytes: Uint8Array | undefined,
  options: ReadChunkOptions & { hash: string; call: number },
) => Promise<Uint8Array | undefined> | Uint8Array | undefined;

/** Never answers. */
export const silent: Answer = (_, { signal }) =>
  new Promise((_, reject) => {
    const fail = () => reject(signal?.reason);
    if (signal?.aborted) fail();
    else signal?.addEventListener("abort", fail, { once: true });
  });

/** Answers with other bytes. */
export const lying: Answer = (bytes) => bytes?.map((byte) => byte ^ 1);

/** Answers after some time. */
export function after(ms: number): Answer {
  return async (bytes, { signal }) => {
    await delay(ms, { signal });
    return bytes;
  };
}

/** A reader of chunks; counts what it is asked for. */
export class TestReader implements ChunkReader {
  /** Every request, by its hash. */
  readonly asked: string[] = [];
  /** Requests that were given up. */
  ended = 0;

  constructor(
    readonly name: string,
    private readonly chunks: Chunks,
    private readonly answer: Answer = (bytes) => bytes,
  ) {}

  async read(
    hash: Uint8Array,
    _size: number | undefined,
    options: ReadChunkOptions = {},
  ): Promise<Uint8Array | undefined> {
    const hex = toHex(hash);
    const call = this.asked.push(hex);
    options.signal?.addEventListener("abort", () => this.ended++);
    const about = { ...options, hash: hex, call };
    const bytes = await this.answer(this.chunks.get(hex)?.slice(), about);
    if (bytes !== undefined) options.onBytes?.(bytes.length);
    return bytes;
  }

  has(hash: Uint8Array): Promise<boolean> {
    return Promise.resolve(this.chunks.has(toHex(hash)));
  }
}
