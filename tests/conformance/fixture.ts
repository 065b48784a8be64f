/**
 * One holder for all rows, with content of every kind: good, torn, hostile.
 *
 * @module
 */

import { join } from "@std/path";
import {
  chunkPayload,
  type DirEntry,
  encodeBlobRef,
  encodeDirManifest,
  SEND_URI,
  toHex,
} from "../../lib/content/mod.ts";
import { DiskStore } from "../../lib/store/mod.ts";
import { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { runCli } from "../e2e/cli_process.ts";
import type { Place, Served } from "./row.ts";

async function writeTree(
  root: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    const at = join(root, path);
    await Deno.mkdir(join(at, ".."), { recursive: true });
    await Deno.writeFile(at, bytes);
  }
}

async function makeSources(dir: string): Promise<void> {
  const at = (...names: string[]) => join(dir, ...names);
  await writeTree(dir, {
    "small.bin": noise(204_800, 1),
    "large.bin": noise(10 * 2 ** 20, 2),
    "tree/a": noise(10, 3),
    "tree/b": noise(5000, 4),
    "tree/d/c": noise(24, 5),
    "tree/d/e/f": noise(50_000, 6),
    "tree/d/e/g": new Uint8Array(),
    "tree/private/h": noise(7, 7),
    "old_tree/a": noise(11, 8),
    "old_tree/stale": noise(12, 9),
    "big_leaf/large": noise(9 * 2 ** 20, 10),
    "big_leaf/small": noise(5, 11),
    "links/file": noise(5, 12),
  });
  await Deno.chmod(at("tree", "private"), 0o700);
  await Deno.symlink("file", at("links", "link"));
}

/** Stages what no publisher of ours would. */
async function stageOdd(dir: string): Promise<Record<string, string>> {
  await Deno.mkdir(dir);
  await using store = await DiskStore.open(dir);
  const put = async (bytes: Uint8Array, keep = Infinity) => {
    const { ref, chunks } = chunkPayload(bytes, SEND_URI);
    for (const { hash, bytes } of chunks.slice(0, keep)) {
      await store.put(hash, bytes);
    }
    return encodeBlobRef(ref);
  };
  const tree = async (version: number, path: string, blob: Uint8Array) => {
    const kind: DirEntry["kind"] = { type: "file", mode: 0o644, blob };
    const manifest = { version, entries: [{ path, kind }] };
    return toHex(await put(encodeDirManifest(manifest)));
  };
  const held = await put(noise(20, 21));
  const notHeld = await put(noise(21, 22), 0);
  return {
    torn: toHex(await put(noise(4 * 2 ** 20 + 100, 23), 1)),
    escape: await tree(1, "../escape.txt", held),
    hollow: await tree(1, "file", notHeld),
    futureManifest: await tree(2, "file", held),
    notManifest: toHex(await put(noise(200, 24))),
  };
}

/** A running holder, and places for rows to work in. */
export class Fixture implements AsyncDisposable {
  readonly #dir: string;
  readonly #holder: HolderProcess;
  readonly #refs: Served;

  private constructor(dir: string, holder: HolderProcess, refs: Served) {
    this.#dir = dir;
    this.#holder = holder;
    this.#refs = refs;
  }

  /** Makes the content and starts the holder. */
  static async start(): Promise<Fixture> {
    const dir = await Deno.makeTempDir({ prefix: "net_transfer_conform_" });
    const sources = join(dir, "sources");
    await makeSources(sources);
    const odd = await stageOdd(join(dir, "odd"));
    const paths = [
      ...["small.bin", "large.bin", "tree", "old_tree", "big_leaf", "links"],
    ].map((name) => join(sources, name));
    const holder = await HolderProcess.start(
      [...paths, "--store", join(dir, "odd")],
      { keys: dir },
    );
    const [small, large, tree, oldTree, bigLeaf, links] = holder.refs.map((
      { ref },
    ) => ref);
    const { torn, escape, hollow, notManifest, futureManifest } = odd;
    return new Fixture(dir, holder, {
      ...{ small, large, tree, oldTree, bigLeaf, links },
      ...{ torn, escape, hollow, notManifest, futureManifest },
    });
  }

  /** Runs `use` in a directory that is gone afterwards. */
  async withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
    const parent = await Deno.makeTempDir({ dir: this.#dir });
    const dir = join(parent, "place");
    await Deno.mkdir(dir);
    try {
      return await use({
        dir,
        sources: join(this.#dir, "sources"),
        refs: this.#refs,
        holder: this.#holder,
        run: (...args) =>
          runCli(args, { home: parent, env: { NO_COLOR: "1" } }),
      });
    } finally {
      await Deno.remove(parent, { recursive: true });
    }
  }

  /** Stops the holder and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.stop();
    await Deno.remove(this.#dir, { recursive: true });
  }
}
