/**
 * Content to transfer, and a holder of it at the other end of a session in
 * memory.
 */

import {
  blake3,
  type BlobRef,
  type DirEntry,
  encodeBlobRef,
  encodeDirManifest,
  TreeBuilder,
  type TreeRef,
} from "../../content/mod.ts";
import { chunkPayload } from "../../content/testing/chunk_payload.ts";
import type { ChunkStore, WritableChunkStore } from "../../store/mod.ts";
import { decodeRequest, type Request } from "../protocol/request.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import { type ServeOptions, serveSession } from "../serve/serve_session.ts";
import type { BidiStream } from "../../mesh/session.ts";
import {
  type CountedSession,
  sessionPair,
  type SessionPairOptions,
} from "./session_pair.ts";

/** Bytes that differ from place to place and from seed to seed. */
export function pattern(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Makes a directory that is gone after `body`. */
export async function inTempDir(
  body: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Stores a payload as the chunker cuts it. */
export async function storePayload(
  store: WritableChunkStore,
  payload: Uint8Array,
): Promise<BlobRef> {
  const { ref, chunks } = chunkPayload(payload, "mesh://test");
  for (const { hash, bytes } of chunks) await store.put(hash, bytes);
  return ref;
}

/** Stores a payload as a Tree with chunks of `chunkSize`, 128 in a leaf. */
export async function storeTree(
  store: WritableChunkStore,
  payload: Uint8Array,
  chunkSize: number,
): Promise<TreeRef> {
  const builder = new TreeBuilder((hash, bytes) => store.put(hash, bytes));
  for (let start = 0; start < payload.length; start += chunkSize) {
    const bytes = payload.slice(start, start + chunkSize);
    const hash = blake3(bytes);
    await store.put(hash, bytes);
    await builder.add({ hash, size: bytes.length });
  }
  return await builder.finish();
}

/** A file of a test tree: its path and reference. */
export function fileEntry(path: string, ref: BlobRef, mode = 0o644): DirEntry {
  return { path, kind: { type: "file", mode, blob: encodeBlobRef(ref) } };
}

/** Stores a manifest of these entries. */
export function storeManifest(
  store: WritableChunkStore,
  entries: DirEntry[],
): Promise<BlobRef> {
  return storePayload(store, encodeDirManifest({ version: 1, entries }));
}

/** A session to a holder. */
export interface Connection extends AsyncDisposable {
  /** The fetching end. */
  readonly session: CountedSession;
  /** The holder's end. */
  readonly holder: CountedSession;
  /** Ends when the holder has stopped. */
  readonly served: Promise<void>;
}

function connectBy(
  serve: (holder: CountedSession) => Promise<void>,
  options: SessionPairOptions,
): Connection {
  const [session, holder] = sessionPair(options);
  const served = serve(holder);
  return {
    session,
    holder,
    served,
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await served;
    },
  };
}

/** Connects to an honest holder. */
export function connect(
  store: ChunkStore,
  serve: ServeOptions = {},
  options: SessionPairOptions = {},
): Connection {
  return connectBy((holder) => serveSession(holder, store, serve), options);
}

/** What a scripted holder does with one request. */
export type Script = (
  request: Request,
  stream: BidiStream,
) => Promise<void> | void;

/** Sends a chunk, or that it is not held, as the whole response. */
export async function respond(
  stream: BidiStream,
  bytes?: Uint8Array,
): Promise<void> {
  await stream.write(encodeResponseHeader(bytes?.length));
  if (bytes !== undefined) await stream.write(bytes);
  stream.finish();
}

/** Connects to a holder that does what the script says. */
export function connectTo(
  script: Script,
  options: SessionPairOptions = {},
): Connection {
  const play = async (stream: BidiStream) => {
    try {
      const buffer = new Uint8Array(65536);
      const length = await stream.read(buffer, buffer.length);
      await script(decodeRequest(buffer.subarray(0, length)), stream);
    } catch {
      // The fetcher gave the stream up, as it should.
    }
  };
  return connectBy(async (holder) => {
    const playing: Promise<void>[] = [];
    for await (const stream of holder.incomingStreams()) {
      playing.push(play(stream));
    }
    await Promise.all(playing);
  }, options);
}

/** Lets everything run that can run without the passing of time. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve));
  }
}
