/** One holder for all rows, with content of every kind: good, torn, hostile. */

import { pooledMap } from "@std/async";
import {
  blake3,
  type DirEntry,
  encodeBlobRef,
  makeSmall,
  SEND_URI,
  TreeBuilder,
} from "../../lib/content/mod.ts";
import { fromHex, toHex } from "../../lib/text/hex.ts";
import { DiskStore } from "../../lib/store/mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { startHolder } from "../support/cli.ts";
import { fileEntry, Stage } from "../support/stage.ts";
import { unless } from "../support/unless.ts";
import { HostileNode } from "./hostile_node.ts";
import { Place, type Served, type Shared } from "./place.ts";
import { Skipped } from "./row.ts";

const CHUNK = 4 * 2 ** 20;

/** 200 small files in 12 directories. */
function* manyFiles(): Generator<[string, Uint8Array]> {
  for (let file = 0; file < 200; file++) {
    yield [`many/dir_${file % 12}/file_${file}`, noise(file * 3, 100 + file)];
  }
}

async function makeSources(dir: TempDir): Promise<void> {
  const six = Array.from({ length: 6 }, (_, at) => noise(CHUNK, 30 + at));
  await dir.tree("sources", {
    "small.bin": noise(204_800, 1),
    "large.bin": noise(10 * 2 ** 20, 2),
    "tree/a": noise(10, 3),
    "tree/b": noise(5000, 4),
    "tree/d/c": noise(24, 5),
    "tree/d/e/f": noise(50_000, 6),
    "tree/d/e/g": "",
    "tree/private/h": noise(7, 7),
    "tree/empty/": "",
    "old_tree/a": noise(11, 8),
    "old_tree/stale": noise(12, 9),
    "big_leaf/large": noise(9 * 2 ** 20, 10),
    "big_leaf/small": noise(5, 11),
    "links/file": noise(5, 12),
    "links/link": { link: "file" },
    ...Object.fromEntries(manyFiles()),
    ...Object.fromEntries(six.map((bytes, at) => [`six/${at}`, bytes])),
  });
  await Deno.chmod(dir.at("sources", "tree", "private"), 0o700);
  await Deno.chmod(dir.at("sources", "tree", "private", "h"), 0o640);
}

/** What no publisher of ours would stage. */
type OddRefs = Omit<
  Served,
  "small" | "large" | "tree" | "oldTree" | "bigLeaf" | "links" | "many" | "six"
>;

/** Stages what no publisher of ours would. */
async function stageOdd(dir: string): Promise<OddRefs> {
  await using stage = await Stage.open(dir);
  const held = await stage.blob(noise(20, 21));
  const notHeld = await stage.blob(noise(21, 22), 0);
  const short = noise(25, 25);
  await stage.blob(short);
  const link: DirEntry = {
    path: "link",
    kind: { type: "symlink", target: "x".repeat(5000) },
  };
  const builder = new TreeBuilder((hash, bytes) =>
    stage.store.put(hash, bytes)
  );
  for (const seed of [26, 27]) {
    const bytes = noise(CHUNK, seed);
    await stage.blob(bytes);
    await builder.add({ hash: blake3(bytes), size: bytes.length });
  }
  const file = fileEntry("file", held);
  const odd = {
    torn: await stage.blob(noise(CHUNK + 100, 23), 1),
    escape: await stage.manifest([fileEntry("../escape.txt", held)]),
    hollow: await stage.manifest([fileEntry("file", notHeld)]),
    gappy: await stage.manifest([file, fileEntry("gap", notHeld)]),
    futureManifest: await stage.manifest([file], 2),
    notManifest: await stage.blob(noise(200, 24)),
    twice: await stage.manifest([file, file]),
    longName: await stage.manifest([fileEntry("n".repeat(300), held)]),
    longLink: await stage.manifest([file, link]),
    setid: await stage.manifest([fileEntry("file", held, 0o104755)]),
    misdeclared: encodeBlobRef(makeSmall(SEND_URI, blake3(short), 24n)),
    chunkTree: encodeBlobRef(await builder.finish()),
  };
  return Object.fromEntries(
    Object.entries(odd).map(([name, ref]) => [name, toHex(ref)]),
  ) as Record<keyof OddRefs, string>;
}

/** Stages references themselves, as tickets name them that are too long. */
async function stageEncoded(
  dir: string,
  refs: readonly string[],
): Promise<void> {
  await using store = await DiskStore.open(dir);
  for (const ref of refs.map(fromHex)) await store.put(blake3(ref), ref);
}

/** Something to look at, and what it should look like. */
interface Look<T> {
  readonly name: string;
  look(place: Place): Promise<T>;
  expect(found: T): void;
}

/**
 * Looks at many things, a few at a time, since most of the time is that of
 * processes that start; then makes a step of each. One that cannot be seen here
 * is skipped, for a reason in its name.
 */
export async function lookAtAll<T>(
  t: Deno.TestContext,
  fixture: Fixture,
  looks: readonly Look<T>[],
): Promise<void> {
  const found = pooledMap(
    // Each is a runtime, with the memory of one.
    Math.min(navigator.hardwareConcurrency, 8) + 1,
    looks,
    async (
      { name, look, expect }: Look<T>,
    ): Promise<Deno.TestStepDefinition> => {
      try {
        const seen = await fixture.withPlace(look);
        return { name, fn: () => expect(seen) };
      } catch (error) {
        if (error instanceof Skipped) {
          return { ...unless(error.message, name), fn: () => {} };
        }
        return { name, fn: () => Promise.reject(error) };
      }
    },
  );
  for await (const step of found) await t.step(step);
}

/** A running holder, a hostile one, and places for rows to work in. */
export class Fixture implements AsyncDisposable {
  private constructor(
    private readonly dir: TempDir,
    private readonly shared: Shared,
  ) {}

  /** Makes the content and starts the nodes. */
  static async start(): Promise<Fixture> {
    const dir = await TempDir.make();
    await makeSources(dir);
    const odd = await stageOdd(dir.at("odd"));
    const names = words`small.bin large.bin tree old_tree big_leaf links many
      six`;
    const [holder, idle] = await Promise.all([
      startHolder(dir.path, [
        ...names.map((name) => dir.at("sources", name)),
        ...["--store", dir.at("odd")],
      ]),
      startHolder(await dir.mkdir("idle"), [dir.at("sources", "small.bin")]),
    ]);
    const [small, large, tree, oldTree, bigLeaf, links, many, six] = holder.refs
      .map(({ ref }) => ref);
    const sources = { small, large, tree, oldTree, bigLeaf, links, many, six };
    const refs = { ...sources, ...odd };
    await stageEncoded(dir.at("odd"), Object.values(refs));
    return new Fixture(dir, {
      refs,
      holder,
      idle,
      liveStore: dir.at("odd"),
      hostile: await HostileNode.start(),
    });
  }

  /** Runs `use` in a directory that is gone afterwards. */
  async withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
    await using home = await TempDir.make(this.dir.path);
    const dir = await home.mkdir("place");
    return await use(new Place(dir, this.dir.at("sources"), this.shared));
  }

  /** Stops the nodes and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shared.hostile[Symbol.asyncDispose]();
    await this.shared.holder.stop();
    await this.shared.idle.stop();
    await this.dir[Symbol.asyncDispose]();
  }
}
