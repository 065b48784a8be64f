/**
 * One holder for all rows, with content of every kind: good, torn, hostile.
 *
 * @module
 */

import { join } from "@std/path";
import {
  blake3,
  type DirEntry,
  encodeBlobRef,
  encodeDirManifest,
  makeSmall,
  SEND_URI,
  toHex,
  TreeBuilder,
} from "../../lib/content/mod.ts";
import { chunkPayload } from "../../lib/content/testing/chunk_payload.ts";
import { DiskStore } from "../../lib/store/mod.ts";
import {
  HolderProcess,
  runProgram,
  sourceProgram,
} from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { cliCommand, type CliOptions, runCli } from "../e2e/cli_process.ts";
import { HostileNode } from "./hostile_node.ts";
import { type Place, type Served, Skipped } from "./row.ts";

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

const CHUNK = 4 * 2 ** 20;

/** 200 small files in 12 directories. */
function* manyFiles(): Generator<[string, Uint8Array]> {
  for (let file = 0; file < 200; file++) {
    yield [`many/dir_${file % 12}/file_${file}`, noise(file * 3, 100 + file)];
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
    ...Object.fromEntries(manyFiles()),
    ...Object.fromEntries(
      [...Array(6).keys()].map((
        file,
      ) => [`six/${file}`, noise(CHUNK, 30 + file)]),
    ),
  });
  await Deno.mkdir(at("tree", "empty"));
  await Deno.chmod(at("tree", "private"), 0o700);
  await Deno.chmod(at("tree", "private", "h"), 0o640);
  await Deno.symlink("file", at("links", "link"));
}

/** What no publisher of ours would stage. */
type OddRefs = Omit<
  Served,
  "small" | "large" | "tree" | "oldTree" | "bigLeaf" | "links" | "many" | "six"
>;

/** Stages what no publisher of ours would. */
async function stageOdd(dir: string): Promise<OddRefs> {
  await Deno.mkdir(dir);
  await using store = await DiskStore.open(dir);
  const put = async (bytes: Uint8Array, keep = Infinity) => {
    const { ref, chunks } = chunkPayload(bytes, SEND_URI);
    for (const { hash, bytes } of chunks.slice(0, keep)) {
      await store.put(hash, bytes);
    }
    return encodeBlobRef(ref);
  };
  const manifest = async (entries: DirEntry[], version = 1) =>
    toHex(await put(encodeDirManifest({ version, entries })));
  const file = (path: string, blob: Uint8Array, mode = 0o644): DirEntry => ({
    path,
    kind: { type: "file", mode, blob },
  });
  const held = await put(noise(20, 21));
  const notHeld = await put(noise(21, 22), 0);
  const short = noise(25, 25);
  await put(short);
  const link: DirEntry = {
    path: "link",
    kind: { type: "symlink", target: "x".repeat(5000) },
  };
  const builder = new TreeBuilder((hash, bytes) => store.put(hash, bytes));
  for (const seed of [26, 27]) {
    const bytes = noise(CHUNK, seed);
    await put(bytes);
    await builder.add({ hash: blake3(bytes), size: bytes.length });
  }
  return {
    torn: toHex(await put(noise(CHUNK + 100, 23), 1)),
    escape: await manifest([file("../escape.txt", held)]),
    hollow: await manifest([file("file", notHeld)]),
    futureManifest: await manifest([file("file", held)], 2),
    notManifest: toHex(await put(noise(200, 24))),
    twice: await manifest([file("file", held), file("file", held)]),
    longName: await manifest([file("n".repeat(300), held)]),
    longLink: await manifest([file("file", held), link]),
    setid: await manifest([file("file", held, 0o104755)]),
    misdeclared: toHex(
      encodeBlobRef(makeSmall(SEND_URI, blake3(short), 24n)),
    ),
    chunkTree: toHex(encodeBlobRef(await builder.finish())),
  };
}

/** What became of something looked at: it, or why it could not be seen. */
export type Found<T> = T | Skipped | { readonly failure: unknown };

/**
 * Looks at many things, a few at a time: most of the time is that of processes
 * that start.
 *
 * @returns What was found, in order.
 */
export async function lookAtAll<T>(
  fixture: Fixture,
  looks: readonly ((place: Place) => Promise<T>)[],
): Promise<Found<T>[]> {
  const found: Found<T>[] = [];
  const waiting = looks.entries();
  const work = async () => {
    for (const [at, look] of waiting) {
      try {
        found[at] = await fixture.withPlace(look);
      } catch (error) {
        found[at] = error instanceof Skipped ? error : { failure: error };
      }
    }
  };
  const workers = navigator.hardwareConcurrency + 1;
  await Promise.all(Array.from({ length: workers }, work));
  return found;
}

/** A running holder, a hostile one, and places for rows to work in. */
export class Fixture implements AsyncDisposable {
  readonly #dir: string;
  readonly #holder: HolderProcess;
  readonly #hostile: HostileNode;
  readonly #refs: Served;

  private constructor(
    dir: string,
    holder: HolderProcess,
    hostile: HostileNode,
    refs: Served,
  ) {
    this.#dir = dir;
    this.#holder = holder;
    this.#hostile = hostile;
    this.#refs = refs;
  }

  /** Makes the content and starts the nodes. */
  static async start(): Promise<Fixture> {
    const dir = await Deno.makeTempDir({ prefix: "net_transfer_conform_" });
    const sources = join(dir, "sources");
    await makeSources(sources);
    const odd = await stageOdd(join(dir, "odd"));
    const names = ["small.bin", "large.bin", "tree", "old_tree", "big_leaf"];
    const paths = [...names, "links", "many", "six"].map((name) =>
      join(sources, name)
    );
    const holder = await HolderProcess.start(
      [...paths, "--store", join(dir, "odd")],
      { keys: dir },
    );
    const [small, large, tree, oldTree, bigLeaf, links, many, six] = holder.refs
      .map(({ ref }) => ref);
    const hostile = await HostileNode.start();
    return new Fixture(dir, holder, hostile, {
      ...{ small, large, tree, oldTree, bigLeaf, links, many, six },
      ...odd,
    });
  }

  /** Runs `use` in a directory that is gone afterwards. */
  async withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
    const parent = await Deno.makeTempDir({ dir: this.#dir });
    const dir = join(parent, "place");
    await Deno.mkdir(dir);
    const base: CliOptions = { home: parent, env: { NO_COLOR: "1" } };
    try {
      return await use({
        dir,
        sources: join(this.#dir, "sources"),
        refs: this.#refs,
        holder: this.#holder,
        liveStore: join(this.#dir, "odd"),
        hostile: this.#hostile,
        run: (...args) => runCli(args, base),
        runWith: (options, ...args) => runCli(args, { ...base, ...options }),
        start: (...args) => cliCommand(args, base).spawn(),
        shell: (script, ...args) =>
          runProgram([
            ...["env", `XDG_CONFIG_HOME=${parent}`, "sh", "-c", script, "sh"],
            ...sourceProgram(),
          ], args),
      });
    } finally {
      await Deno.remove(parent, { recursive: true });
    }
  }

  /** Stops the nodes and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hostile[Symbol.asyncDispose]();
    await this.#holder.stop();
    await Deno.remove(this.#dir, { recursive: true });
  }
}
