/** Whole fetches from several holders, of which some are hostile. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3, type BlobRef } from "../../content/mod.ts";
import { HashMismatchError, TransferError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { MemoryStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import type { BidiStream } from "../../mesh/session.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import type { Request } from "../protocol/request.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import type { SourceReport } from "../sources/fetch_source.ts";
import {
  connect,
  type Connection,
  connectTo,
  fileEntry,
  inTempDir,
  pattern,
  storeManifest,
  storePayload,
  storeTree,
} from "../testing/fixture.ts";
import { fetchBlob } from "./fetch_blob.ts";
import { fetchBlobStream } from "./fetch_blob_stream.ts";
import { fetchDir } from "./fetch_dir.ts";
import { previewBlob, previewDir } from "./preview_fetch.ts";

const PAYLOAD = pattern(2 * CHUNK_SIZE + 5000, 1);

/** The honest response, with a function for each chunk of it. */
async function answer(
  store: MemoryStore,
  request: Request,
  stream: BidiStream,
  turn: (bytes: Uint8Array) => Uint8Array | undefined,
  announced = (length: number) => length,
): Promise<void> {
  const hashes = request.kind === "get_many"
    ? request.hashes
    : request.kind === "get"
    ? [request.hash]
    : [];
  for (const hash of hashes) {
    const held = await store.get(hash);
    const bytes = held && turn(held.slice());
    const length = bytes && announced(bytes.length);
    await stream.write(encodeResponseHeader(length));
    if (bytes !== undefined) await stream.write(bytes);
  }
}

/** What a hostile holder does with a request for chunks. */
const HOSTILE: Record<
  string,
  (
    store: MemoryStore,
    request: Request,
    stream: BidiStream,
  ) => Promise<void> | void
> = {
  "sends other bytes": async (store, request, stream) => {
    await answer(store, request, stream, (bytes) => {
      bytes[bytes.length - 1] ^= 1;
      return bytes;
    });
    stream.finish();
  },
  "announces one byte more": async (store, request, stream) => {
    await answer(store, request, stream, (bytes) => bytes, (n) => n + 1);
    stream.finish();
  },
  "announces one byte less": async (store, request, stream) => {
    await answer(store, request, stream, (bytes) => bytes, (n) => n - 1);
    stream.finish();
  },
  "announces a terabyte": async (store, request, stream) => {
    await answer(store, request, stream, (bytes) => bytes, () => 2 ** 40);
    stream.finish();
  },
  "sends more than it announced": async (store, request, stream) => {
    await answer(store, request, stream, (bytes) => bytes);
    await stream.write(new Uint8Array(1000));
    stream.finish();
  },
  "ends in the middle": async (store, request, stream) => {
    await answer(
      store,
      request,
      stream,
      (bytes) => bytes.subarray(0, bytes.length / 2),
      (length) => 2 * length,
    );
    stream.finish();
  },
  "ends at once": (_store, _request, stream) => stream.finish(),
  "sends an unknown tag": async (_store, _request, stream) => {
    await stream.write(Uint8Array.of(0x7f));
    stream.finish();
  },
  "gives every request up": (_store, _request, stream) =>
    stream.reset(StreamErrorCode.internal),
  "has nothing": async (store, request, stream) => {
    await answer(store, request, stream, () => undefined);
    stream.finish();
  },
  "answers nothing": () => {},
};

/** Behaviours that no honest holder shows, and that are seen for certain. */
const LIES = Object.keys(HOSTILE).slice(0, 8);

/** What is fetched, from whom it may be had, and what comes of it. */
interface Aim {
  readonly name: string;
  fetch(from: Connection[], dir: string): Promise<readonly SourceReport[]>;
}

async function makeAims(store: MemoryStore): Promise<Aim[]> {
  const blob = await storePayload(store, PAYLOAD);
  const tree = await storeTree(store, pattern(400_000, 5), 9000);
  const files = Array.from({ length: 60 }, (_, i) => pattern(700 * i, i + 9));
  const entries = [fileEntry("a-large", blob), fileEntry("b-tree", tree)];
  for (const [i, bytes] of files.entries()) {
    entries.push(fileEntry(`f${i}`, await storePayload(store, bytes)));
  }
  const dir = await storeManifest(store, entries);
  const sessions = (from: Connection[]) => from.map(({ session }) => session);
  return [
    {
      name: "fetchBlob",
      fetch: async (from, at) => {
        const out = `${at}/blob`;
        const { sources } = await fetchBlob(sessions(from), blob, out);
        assertEquals(await Deno.readFile(out), PAYLOAD);
        return sources;
      },
    },
    {
      name: "fetchDir",
      fetch: async (from, at) => {
        const out = `${at}/dir`;
        const { sources } = await fetchDir(sessions(from), dir, out);
        assertEquals(await Deno.readFile(`${out}/a-large`), PAYLOAD);
        for (const [i, bytes] of files.entries()) {
          assertEquals(await Deno.readFile(`${out}/f${i}`), bytes);
        }
        return sources;
      },
    },
    {
      name: "fetchBlobStream",
      fetch: async (from) => {
        let sources: readonly SourceReport[] = [];
        const stream = fetchBlobStream(sessions(from), blob, {
          onProgress: (event) => {
            if (event.type === "done") sources = event.sources;
          },
        });
        const bytes = await new Response(stream).bytes();
        assertEquals(toHex(blake3(bytes)), toHex(blake3(PAYLOAD)));
        return sources;
      },
    },
  ];
}

for (const [name, act] of Object.entries(HOSTILE)) {
  Deno.test(`a holder that ${name} keeps nobody from fetching from another one`, async () => {
    await using store = new MemoryStore();
    for (const { name: verb, fetch } of await makeAims(store)) {
      await using hostile = connectTo((request, stream) =>
        act(store, request, stream)
      );
      await using honest = connect(store);
      await inTempDir(async (dir) => {
        const [bad, good] = await fetch([hostile, honest], dir);
        assert(good.failed === undefined, `${verb}: ${good.failed}`);
        assertEquals(bad.bytes - bad.unused, 0n, verb);
        if (LIES.includes(name)) {
          assert(bad.failed instanceof TransferError, `${verb} ${name}`);
        }
      });
    }
  });
}

Deno.test("a holder that leaves in the middle is done without", async () => {
  await using store = new MemoryStore();
  for (const { fetch } of await makeAims(store)) {
    let asked = 0;
    await using leaving = connectTo(async (request, stream) => {
      await answer(store, request, stream, (bytes) => bytes);
      stream.finish();
      if (++asked === 2) await leaving.holder.close();
    });
    await using honest = connect(store);
    await inTempDir(async (dir) => {
      const [, good] = await fetch([leaving, honest], dir);
      assertEquals(good.failed, undefined);
    });
  }
});

/** A holder of some of the chunks. */
async function part(
  store: MemoryStore,
  isHeld: (index: number) => boolean,
  hashes: readonly Uint8Array[],
): Promise<MemoryStore> {
  const some = new MemoryStore();
  for (const [index, hash] of hashes.entries()) {
    const bytes = await store.get(hash);
    if (bytes !== undefined && isHeld(index)) await some.put(hash, bytes);
  }
  return some;
}

Deno.test("holders that have parts of a tree bring all of it, and a preview knows", async () => {
  await using store = new MemoryStore();
  const files = Array.from({ length: 90 }, (_, i) => pattern(10 + i, i + 1));
  const hashes = files.map((bytes) => blake3(bytes));
  const entries = [];
  for (const [i, bytes] of files.entries()) {
    entries.push(fileEntry(`f${i}`, await storePayload(store, bytes)));
  }
  await using rest = new MemoryStore();
  const ref = await storeManifest(rest, entries);
  await using even = await part(store, (i) => i % 2 === 0, hashes);
  await using odd = await part(store, (i) => i % 2 === 1, hashes);
  await using one = connect(even);
  await using two = connect(odd);
  await using three = connect(rest);
  const from = [one, two, three].map(({ session }) => session);
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    const { chunksMissing } = await previewDir(from, ref, out);
    assertEquals(chunksMissing, 0);
    const less = await previewDir([from[0], from[2]], ref, out);
    assertEquals(less.chunksMissing, 45);
    const { sources, bytes } = await fetchDir(from, ref, out);
    assertEquals(sources.map(({ failed }) => failed), [
      undefined,
      undefined,
      undefined,
    ]);
    const used = sources.map(({ bytes, unused }) => bytes - unused);
    assertEquals(used.reduce((a, b) => a + b), bytes);
    for (const [i, bytes] of files.entries()) {
      assertEquals(await Deno.readFile(`${out}/f${i}`), bytes);
    }
  });
});

Deno.test("with keepGoing a tree lacks only what no source has right", async () => {
  await using store = new MemoryStore();
  const entries = [];
  const refs: BlobRef[] = [];
  for (let i = 0; i < 30; i++) {
    refs.push(await storePayload(store, pattern(100 + i, i + 1)));
    entries.push(fileEntry(`f${i}`, refs[i]));
  }
  const ref = await storeManifest(store, entries);
  const hashes = refs.map((ref) => ref.kind === "small" ? ref.hash : undefined);
  const all = [...hashes.filter((hash) => hash !== undefined)];
  await using some = await part(store, (i) => i !== 3 && i !== 7, all);
  const manifest = ref.kind === "small" ? [ref.hash] : [];
  for (const hash of manifest) await some.put(hash, (await store.get(hash))!);
  await using others = await part(store, (i) => i === 7, all);
  await using one = connect(some);
  await using two = connect(others);
  await inTempDir(async (dir) => {
    const from = [one.session, two.session];
    const { failed, files } = await fetchDir(from, ref, `${dir}/out`, {
      keepGoing: true,
    });
    assertEquals(failed, [{ path: "f3", kind: "not_found" }]);
    assertEquals(files, 29);
  });
});

Deno.test("a fetch of which all sources lie names the chunk and each of them", async () => {
  await using store = new MemoryStore();
  const ref = await storePayload(store, PAYLOAD);
  const lie = HOSTILE["sends other bytes"];
  await using one = connectTo((request, stream) => lie(store, request, stream));
  await using two = connectTo((request, stream) => lie(store, request, stream));
  await inTempDir(async (dir) => {
    const error = await assertRejects(
      () => fetchBlob([one.session, two.session], ref, `${dir}/out`),
      HashMismatchError,
    );
    assert("chunk" in error.fields);
    assertEquals((error.fields.sources as string[]).length, 2);
  });
});

Deno.test("a fetch goes on with what one from other sources left", async () => {
  await using store = new MemoryStore();
  const ref = await storePayload(store, PAYLOAD);
  if (ref.kind !== "manifest") throw new Error("not a list of chunks");
  const hashes = ref.chunks.map(({ hash }) => hash);
  await using some = await part(store, (i) => i === 0, hashes);
  await using poor = connect(some);
  await using rich = connect(store);
  await using other = connect(store);
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    await assertRejects(() => fetchBlob([poor.session], ref, out));
    const result = await fetchBlob([other.session, rich.session], ref, out);
    assertEquals(await Deno.readFile(out), PAYLOAD);
    assert(result.resumed);
    const { bytesReused, bytesFetched } = result;
    assertEquals(bytesReused + bytesFetched, BigInt(PAYLOAD.length));
    const preview = await previewBlob([poor.session, rich.session], ref, out);
    assertEquals(preview.chunksMissing, 0);
  });
});
