/**
 * Files that change, shrink, vanish and become something else between any two
 * looks at them, at random: what is published and served is what was in a file of
 * the tree, and nobody waits.
 */

import { assert, assertEquals } from "@std/assert";
import { blake3, type BlobRef, decodeDirManifest } from "../content/mod.ts";
import { IoError } from "../errors.ts";
import { patchCall } from "../landing/testing/patch_call.ts";
import { toHex } from "../text/hex.ts";
import { Random } from "../wire/testing/random.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import type { ChunkStore } from "./chunk_store.ts";
import { MemoryStore } from "./memory_store.ts";
import { SourceStore } from "./source_store.ts";
import { storeDir } from "./store_dir.ts";
import { chunkHashes, makeTempDir, writeTree } from "./testing/temp_tree.ts";

const SEED = Number(Deno.env.get("CHANGE_SEED") ?? Date.now() % 1e9);
const RUNS = Number(Deno.env.get("CHANGE_RUNS") ?? 40);

/** Content that is in no file of the tree. */
const SECRET = new TextEncoder().encode("a secret beside the tree");
const FILES = ["a", "b", "d/c", "d/e/f", "d/e/g", "h", "z"];
const DIRECTORIES = ["d", "d/e"];

/** Changes something of a tree, and asks for nothing to be there. */
class Changer {
  changes = 0;

  constructor(
    private readonly root: string,
    private readonly outside: string,
    private readonly random: Random,
  ) {}

  maybe(chance: number): void {
    if (!this.random.chance(chance)) return;
    this.changes++;
    try {
      this.#change();
    } catch (error) {
      // What it was to happen to has become something else.
      if (!(error instanceof Error) || !("code" in error)) throw error;
    }
  }

  #change(): void {
    const { random, root, outside } = this;
    const path = `${root}/${random.pick(FILES)}`;
    // Not through a link to what is outside.
    const above = Deno.realPathSync(path.slice(0, path.lastIndexOf("/")));
    if (!`${above}/`.startsWith(`${root}/`)) return this.#exchangeDirectory();
    const noise = () => random.bytes(random.below(5000));
    const kinds: (() => void)[] = [
      () =>
        this.#write(path, (at) => {
          Deno.writeFileSync(at, noise(), { append: true });
        }),
      () =>
        this.#write(path, (at) => {
          Deno.truncateSync(at, random.below(2000));
        }),
      () => this.#write(path, (at) => this.#rewrite(at)),
      () => this.#replace(path, (at) => Deno.writeFileSync(at, noise())),
      () => this.#replace(path, (at) => Deno.symlinkSync(outside, at)),
      () => this.#replace(path, (at) => Deno.linkSync(`${root}/a`, at)),
      () => this.#replace(path, (at) => Deno.mkdirSync(at)),
      () => this.#replace(path, makePipe),
      () => Deno.removeSync(path, { recursive: true }),
      () => this.#exchangeDirectory(),
    ];
    random.pick(kinds)();
  }

  /** Who writes to a pipe waits. */
  #write(path: string, write: (path: string) => void): void {
    if (Deno.lstatSync(path).isFile) write(path);
  }

  /** Other content of the same length, with the old time. */
  #rewrite(path: string): void {
    const { size, mtime } = Deno.lstatSync(path);
    Deno.writeFileSync(path, this.random.bytes(size));
    if (mtime !== null) Deno.utimeSync(path, mtime, mtime);
  }

  #replace(path: string, make: (path: string) => void): void {
    Deno.removeSync(path, { recursive: true });
    make(path);
  }

  /** A directory goes, and a link to one outside takes its place, or it comes back. */
  #exchangeDirectory(): void {
    const { random, root, outside } = this;
    const path = `${root}/${random.pick(DIRECTORIES)}`;
    if (Deno.lstatSync(path).isSymlink) Deno.removeSync(path);
    else Deno.renameSync(path, `${outside}_${this.changes}`);
    if (random.chance(0.5)) Deno.symlinkSync(`${outside}_dir`, path);
    else writeTree(path, { c: "again", f: "again" });
  }
}

function makePipe(path: string): void {
  new Deno.Command("mkfifo", { args: [path] }).outputSync();
}

/** Changes things at looks of the runtime at files, while it lives. */
function changeAtLooks(changer: Changer): Disposable {
  let isBusy = false;
  const names = ["lstatSync", "statSync", "openSync", "open", "readDirSync"];
  const restores = names.map((name) =>
    patchCall(Deno, name, (call) => {
      const change = () => {
        if (isBusy) return;
        isBusy = true;
        changer.maybe(0.05);
        isBusy = false;
      };
      change();
      const result = call();
      change();
      return result;
    })
  );
  return {
    [Symbol.dispose]() {
      for (const restore of restores) restore();
    },
  };
}

/** The hashes of all files that a manifest names. */
async function hashesOf(
  store: ChunkStore,
  ref: BlobRef,
): Promise<Uint8Array[]> {
  if (ref.kind !== "small") throw new Error(`a ${ref.kind} manifest`);
  const manifest = await store.get(ref.hash);
  const { entries } = decodeDirManifest(manifest ?? new Uint8Array());
  return entries.flatMap(({ kind }) =>
    kind.type === "file" ? chunkHashes(kind.blob) : []
  );
}

async function tryOne(seed: number): Promise<void> {
  using dir = makeTempDir();
  const place = Deno.realPathSync(dir.path);
  const root = `${place}/tree`;
  const outside = `${place}/outside`;
  writeTree(dir.path, {
    outside: SECRET,
    "outside_dir/c": SECRET,
    "outside_dir/f": SECRET,
    ...Object.fromEntries(
      FILES.map((path, at) => [`tree/${path}`, `${path} `.repeat(at * 300)]),
    ),
  });
  const changer = new Changer(root, outside, new Random(seed));
  const about = `CHANGE_SEED=${seed} CHANGE_RUNS=1`;
  const maybe = () => {
    changer.maybe(0.1);
    return true;
  };
  const options = { filter: maybe, onProgress: maybe };
  const forbidden = toHex(blake3(SECRET));
  const stored = new MemoryStore();
  const ref = await (async () => {
    using _changing = changeAtLooks(changer);
    return (await storeDir(stored, root, options)).ref;
  })();
  for (const hash of await hashesOf(stored, ref)) {
    assert(await stored.has(hash), `${about}: a chunk was not stored`);
    assert(toHex(hash) !== forbidden, `${about}: published from outside`);
  }
  await using served = await SourceStore.of([root], options);
  assertEquals(served.refs.length, 1);
  const hashes = await hashesOf(served, served.refs[0].ref);
  using _changing = changeAtLooks(changer);
  for (let round = 0; round < 4; round++) {
    for (const hash of hashes) {
      maybe();
      const bytes = await served.get(hash);
      if (bytes === undefined) continue;
      assertEquals(toHex(blake3(bytes)), toHex(hash), about);
      assert(toHex(hash) !== forbidden, `${about}: served from outside`);
    }
  }
  assertEquals(await served.get(blake3(SECRET)), undefined, about);
}

Deno.test({
  ...unless(
    onWindows,
    "a tree in which anything changes between any two looks is published as it was read, and served so or not at all",
  ),
  async fn() {
    for (let run = 0; run < RUNS; run++) {
      try {
        await tryOne(SEED + run);
      } catch (error) {
        // A tree without any entry that can be read is an error, too.
        if (error instanceof IoError) continue;
        throw new Error(`CHANGE_SEED=${SEED + run} CHANGE_RUNS=1`, {
          cause: error,
        });
      }
    }
  },
});
