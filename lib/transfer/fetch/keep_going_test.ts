import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  blake3,
  type BlobRef,
  type DirEntry,
  encodeBlobRef,
  makeSmall,
} from "../../content/mod.ts";
import { HashMismatchError, NotFoundError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { type ChunkStore, MemoryStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import { CONTENT_CHANGES } from "../protocol/change_query.ts";
import {
  changeProcedure,
  type ChangingContent,
} from "../serve/change_procedure.ts";
import {
  connect,
  fileEntry,
  inTempDir,
  pattern,
  storeManifest,
  storePayload,
  storeTree,
} from "../testing/fixture.ts";
import { fetchBlob } from "./fetch_blob.ts";
import { fetchDir } from "./fetch_dir.ts";

/** A store that lacks some chunks, and has wrong bytes for others. */
class FaultyStore extends MemoryStore {
  readonly lacking = new Set<string>();
  readonly wrong = new Map<string, Uint8Array>();

  override async get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    const hex = toHex(hash);
    if (this.lacking.has(hex)) return undefined;
    return this.wrong.get(hex) ?? await super.get(hash);
  }
}

/** Files of which some cannot be had, each for a reason of its own. */
async function faultyTree(store: FaultyStore) {
  const entries: DirEntry[] = [];
  const add = async (path: string, payload: Uint8Array) => {
    entries.push(fileEntry(path, await storePayload(store, payload)));
    return toHex(blake3(payload));
  };
  for (let i = 0; i < 40; i++) await add(`a${i}`, pattern(i * 31, i));
  store.lacking.add(await add("b-lacking", pattern(900, 100)));
  await add("c-twin-of-lacking", pattern(900, 100));
  store.wrong.set(await add("d-wrong", pattern(901, 101)), pattern(901, 7));
  store.wrong.set(await add("e-length", pattern(902, 102)), pattern(5, 7));
  const large = pattern(2 * CHUNK_SIZE + 5, 103);
  await add("f-large", large);
  store.lacking.add(toHex(blake3(large.subarray(CHUNK_SIZE, 2 * CHUNK_SIZE))));
  const tree = await storeTree(store, pattern(30_000, 104), 100);
  entries.push(fileEntry("g-tree", tree));
  store.lacking.add(toHex(tree.rootHash));
  await add("h-last", pattern(3000, 105));
  return { ref: await storeManifest(store, entries), good: 41, all: 47 };
}

function namesIn(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}

Deno.test("fetchDir with keepGoing lands all but what cannot be had, and lists that", async () => {
  await using store = new FaultyStore();
  const { ref, good } = await faultyTree(store);
  await using connection = connect(store);
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    const result = await fetchDir(connection.session, ref, out, {
      keepGoing: true,
    });
    assertEquals(result.failed, [
      { path: "b-lacking", kind: "not_found" },
      { path: "c-twin-of-lacking", kind: "not_found" },
      { path: "d-wrong", kind: "hash_mismatch" },
      { path: "e-length", kind: "manifest" },
      { path: "f-large", kind: "not_found" },
      { path: "g-tree", kind: "not_found" },
    ]);
    const names = namesIn(out);
    assertEquals([result.files, names.length], [good, good]);
    let bytes = 0n;
    for (const name of names) {
      bytes += BigInt(Deno.statSync(`${out}/${name}`).size);
    }
    assertEquals(result.bytes, bytes);
    assertEquals(Deno.readFileSync(`${out}/h-last`), pattern(3000, 105));
    assertEquals(Deno.readFileSync(`${out}/a39`), pattern(39 * 31, 39));
    assertEquals(namesIn(dir), ["out"]);
  });
});

Deno.test("fetchDir without keepGoing, or when nothing can be had, touches nothing", async () => {
  await using store = new FaultyStore();
  const { ref } = await faultyTree(store);
  await using connection = connect(store);
  await inTempDir(async (dir) => {
    const out = `${dir}/out`;
    await Deno.mkdir(out);
    await Deno.writeTextFile(`${out}/old`, "as it was");
    await assertRejects(
      () => fetchDir(connection.session, ref, out, { replace: true }),
      NotFoundError,
    );
    const payload = pattern(10, 9);
    const only = await storePayload(store, payload);
    store.wrong.set(toHex(blake3(payload)), pattern(10, 8));
    const one = await storeManifest(store, [fileEntry("only", only)]);
    await assertRejects(
      () =>
        fetchDir(connection.session, one, out, {
          keepGoing: true,
          replace: true,
        }),
      HashMismatchError,
    );
    assertEquals(namesIn(out), ["old"]);
    assertEquals(namesIn(dir), ["out"]);
  });
});

/** Connects to a holder that says what became of its chunks. */
function connectTelling(store: ChunkStore, content: ChangingContent) {
  return connect(store, {
    rpc: { [CONTENT_CHANGES]: changeProcedure(content) },
  });
}

Deno.test("a fetch says of what is not held that it changed, and what it is now", async () => {
  await using store = new FaultyStore();
  const payload = pattern(500);
  const file = await storePayload(store, payload);
  const ref = await storeManifest(store, [
    fileEntry("f7", file),
    fileEntry("f8", await storePayload(store, pattern(5))),
  ]);
  store.lacking.add(toHex(blake3(payload)));
  const now = makeSmall("mesh://new", blake3(pattern(1)), 7);
  const asked: string[] = [];
  await using connection = connectTelling(store, {
    stateOf: (hash) =>
      toHex(hash) === toHex(blake3(payload)) ? "changed" : "held",
    refresh(of): Promise<BlobRef | undefined> {
      asked.push(toHex(of));
      const isTree = toHex(of) === toHex(blake3(encodeBlobRef(ref)));
      return Promise.resolve(isTree ? now : undefined);
    },
  });
  const { session } = connection;
  await inTempDir(async (dir) => {
    const error = await assertRejects(
      () => fetchDir(session, ref, `${dir}/out`),
      NotFoundError,
    );
    assertMatch(
      error.message,
      /"f7".*: it has changed since it was published$/,
    );
    const { reason, successor } = error.fields;
    assertEquals([reason, successor], ["changed", toHex(encodeBlobRef(now))]);
    assertStringIncludes(error.hint ?? "", toHex(encodeBlobRef(now)));

    const blob = await assertRejects(
      () => fetchBlob(session, file, `${dir}/file`),
      NotFoundError,
    );
    assertEquals(blob.fields.successor, undefined);
    assertStringIncludes(blob.message, "it has changed");
    assert(!blob.hint?.includes("--keep-going"), "a file has no rest");
    const kept = await fetchDir(session, ref, `${dir}/out`, {
      keepGoing: true,
    });
    assertEquals(kept.failed, [
      { path: "f7", kind: "not_found", reason: "changed" },
    ]);
    assertStringIncludes(kept.failedHint ?? "", toHex(encodeBlobRef(now)));
  });
  assertEquals(asked.length, 3);
});
