/** What runs leave that were stopped, and what the next run does with it. */

import { blake3 } from "../../../lib/content/mod.ts";
import {
  BlobLanding,
  planInstall,
  resolveTarget,
  TreeLanding,
} from "../../../lib/landing/mod.ts";
import {
  blobRange,
  contentOf,
  manifestOf,
  type TreeItems,
  writeChunk,
} from "../../../lib/landing/testing/trees.ts";
import { OwnerFile } from "../../../lib/landing/worker/owner_file.ts";
import type { FileStamp } from "../../../lib/os/file_identity.ts";
import { DiskStore, HashCache } from "../../../lib/store/mod.ts";
import { toHex } from "../../../lib/text/hex.ts";
import type { TempDir } from "../../../scripts/temp_dir.ts";

/** Something that is left, and who finds it. */
export interface Leftover {
  readonly name: string;
  /** Whether its owner may have put a link to a directory in its place. */
  readonly mayBeLink?: boolean;
  /** Leaves it; gives its path. */
  leave(place: TempDir): Promise<string>;
  /**
   * Finds it, and does what is to be done.
   *
   * @throws {TransferError} When it cannot.
   * @throws {Error} When it makes something wrong of it.
   */
  use(place: TempDir): Promise<void>;
}

const PARTS = ["first part, ", "second part"];
const ITEMS: TreeItems = [
  ["d/small", { file: "small" }],
  ["large", { file: new Uint8Array(5 * 2 ** 20).fill(7) }],
];
const TOKEN = toHex(blake3(manifestOf(ITEMS))).slice(0, 16);
const ZEROS = "0".repeat(16);

async function landBlob(place: TempDir, upTo: number): Promise<void> {
  const landing = await BlobLanding.open({ out: place.at("in", "out") });
  try {
    let offset = 0;
    for (const part of PARTS.slice(0, upTo)) {
      const { bytes, ...range } = blobRange(offset, part);
      const { length } = bytes;
      const [isThere] = await landing.check([{ ...range, length }]);
      if (!isThere) await landing.write({ ...range, bytes });
      offset += length;
    }
    if (upTo === PARTS.length) await landing.commit(offset);
  } finally {
    await landing.close();
  }
}

async function useBlob(place: TempDir): Promise<void> {
  await landBlob(place, PARTS.length);
  const found = await Deno.readTextFile(place.at("in", "out"));
  if (found !== PARTS.join("")) throw new Error(`wrong bytes: ${found}`);
}

async function landTree(
  place: TempDir,
  inPlace: boolean,
  isWhole: boolean,
): Promise<void> {
  const out = place.at("in", "out");
  const plan = await planInstall(resolveTarget(out), { inPlace });
  const manifest = manifestOf(ITEMS);
  const replace = true;
  const landing = await TreeLanding.open({ out, manifest, plan, replace });
  try {
    for (const [entry, [, item]] of ITEMS.entries()) {
      const bytes = contentOf(item);
      const parts = [bytes.subarray(0, 2 ** 22), bytes.subarray(2 ** 22)];
      for (const [chunk, part] of parts.entries()) {
        if (part.length === 0 || !isWhole && chunk > 0) continue;
        const { length } = part;
        const range = { entry, chunk, offset: chunk * 2 ** 22, length };
        const hash = blake3(part);
        const [isThere] = await landing.check([{ ...range, hash }]);
        if (!isThere) await writeChunk(landing, entry, part, chunk);
      }
    }
    if (isWhole) await landing.commit();
  } finally {
    await landing.close();
  }
}

async function useTree(place: TempDir, inPlace: boolean): Promise<void> {
  await landTree(place, inPlace, true);
  const out = place.at("in", "out");
  const names = [...Deno.readDirSync(out)].map(({ name }) => name)
    .filter((name) => !name.startsWith(".net-transfer.")).sort();
  if (names.join() !== "d,large") throw new Error(`wrong names: ${names}`);
  for (const [path, item] of ITEMS) {
    const hash = toHex(blake3(await Deno.readFile(`${out}/${path}`)));
    if (hash !== toHex(blake3(contentOf(item)))) {
      throw new Error(`wrong bytes: ${path}`);
    }
  }
}

const beside = (
  name: string,
  path: string,
  leave: (place: TempDir) => Promise<unknown>,
  use: (place: TempDir) => Promise<void>,
): Leftover => ({
  name,
  async leave(place) {
    await place.mkdir("in");
    await leave(place);
    return place.at("in", path);
  },
  use,
});

const byRename = (place: TempDir) => useTree(place, false);
const byExchange = (place: TempDir) => useTree(place, true);
const half = (place: TempDir) => landTree(place, false, false);

/** An exchange of entries that was stopped when it had begun. */
async function stopExchange(place: TempDir): Promise<void> {
  const aside = `in/out/.net-transfer.replaced_${ZEROS}`;
  const fresh = `.net-transfer.fetch_${ZEROS}`;
  await place.tree("in/out", { "old": "old", [`${fresh}/new`]: "new" });
  await place.mkdir(`${aside}/entries`);
  const journal = { version: 1, fresh, oldNames: ["old"], newNames: ["new"] };
  await place.write(`${aside}/journal`, JSON.stringify(journal));
  for (const path of [aside, `${aside}/entries`, `in/out/${fresh}`]) {
    await Deno.chmod(place.at(path), 0o700);
  }
}

const exchange = (what: string, path: string): Leftover[] =>
  ([["a swap", byRename], ["an exchange", byExchange]] as const).map((
    [way, use],
  ) => beside(`${what}, found by ${way}`, `out/${path}`, stopExchange, use));

const ASIDE = `.net-transfer.replaced_${ZEROS}`;

const LANDINGS: Leftover[] = [
  beside(
    "a partial file",
    "out.partial",
    (place) => landBlob(place, 1),
    useBlob,
  ),
  beside(
    "the lock of a file",
    ".out.fetch_lock",
    (place) => place.write("in/.out.fetch_lock", "123\n"),
    useBlob,
  ),
  beside(
    "the lock of a tree",
    ".out.fetch_lock",
    (place) => place.write("in/.out.fetch_lock", "123\n"),
    byRename,
  ),
  beside("a temp tree", `.out.fetch_${TOKEN}`, half, byRename),
  beside("a file of a temp tree", `.out.fetch_${TOKEN}/large`, half, byRename),
  beside(
    "a directory of a temp tree",
    `.out.fetch_${TOKEN}/d`,
    half,
    byRename,
  ),
  beside(
    "a tree that files are taken from",
    `.out.moved_${TOKEN}`,
    async (place) => {
      await half(place);
      const from = place.at("in", `.out.fetch_${TOKEN}`);
      await Deno.rename(from, place.at("in", `.out.moved_${TOKEN}`));
    },
    byRename,
  ),
  beside(
    "an old tree aside, without a target",
    `.out.replaced_${ZEROS}`,
    (place) => place.tree(`in/.out.replaced_${ZEROS}`, { old: "old" }),
    byRename,
  ),
  beside(
    "an old tree aside, with a target",
    `.out.replaced_${ZEROS}`,
    async (place) => {
      await place.tree("in/out", { old: "old" });
      await place.tree(`in/.out.replaced_${ZEROS}`, { older: "older" });
    },
    byRename,
  ),
  ...["removing", "probe"].map((kind) =>
    beside(
      `a tree that is ${kind}`,
      `.out.${kind}_${ZEROS}`,
      (place) => place.tree(`in/.out.${kind}_${ZEROS}`, { "a/b": "b" }),
      byRename,
    )
  ),
  ...exchange("a journal", `${ASIDE}/journal`),
  ...exchange("old entries", `${ASIDE}/entries`),
  ...exchange("what is aside", ASIDE),
  ...exchange("new entries", `.net-transfer.fetch_${ZEROS}`),
  {
    name: "a file that stands for a lock",
    leave: (place) => place.write("in/owner", `123 machine\n`),
    use(place) {
      const owner = { pid: Deno.pid, machine: "here" };
      const taken = OwnerFile.take(place.at("in", "owner"), owner, Deno.uid());
      if (taken instanceof OwnerFile) taken.release();
      return Promise.resolve();
    },
  },
];

const CHUNK = new TextEncoder().encode("content of a chunk");
const CHUNK_HASH = blake3(CHUNK);
const CHUNK_DIR = `dataforts/blob/${toHex(CHUNK_HASH)}`;

async function useStore(place: TempDir): Promise<void> {
  await using store = await DiskStore.open(place.at("in"));
  const check = (bytes: Uint8Array | undefined) => {
    if (bytes === undefined || toHex(bytes) === toHex(CHUNK)) return;
    throw new Error(`wrong bytes: ${toHex(bytes)}`);
  };
  let said: unknown;
  check(
    await store.get(CHUNK_HASH).catch((error) => void (said = error)) ??
      undefined,
  );
  await store.put(CHUNK_HASH, CHUNK);
  const again = await store.get(CHUNK_HASH);
  check(again);
  if (again === undefined) throw new Error(`stored, and not there: ${said}`);
}

const STORES: Leftover[] = [
  ...["manifest", "v0000000001/idx", "v0000000001/dat", "v0000000001/ts"],
  ...["v0000000001", "", "../../tmp"],
].map((name) =>
  beside(
    `${name || "the directory"} of a chunk`,
    `${CHUNK_DIR}/${name}`.replace(/\/$/, ""),
    async (place) => {
      const store = await DiskStore.open(place.at("in"));
      await store.put(CHUNK_HASH, CHUNK);
      await store[Symbol.asyncDispose]();
      await place.mkdir("in/dataforts/tmp");
    },
    useStore,
  )
);

const OLD = Date.parse("2001-01-01T00:00:00Z");
const STAMP: FileStamp = {
  dev: 1,
  ino: 2,
  size: 3,
  mtimeMs: OLD,
  ctimeMs: OLD,
};
const HASHES = { chunks: [CHUNK_HASH] };

function openCache(place: TempDir): HashCache {
  const path = place.at("in", "net-transfer", "hashes");
  return HashCache.open(path, { uid: Deno.uid() });
}

function remember(place: TempDir): void {
  const cache = openCache(place);
  cache.add(STAMP, HASHES, Date.now());
  cache.save();
}

const CACHES: Leftover[] = ["net-transfer/hashes", "net-transfer"].map((
  path,
) => ({
  mayBeLink: path === "net-transfer",
  ...beside(
    `${path} of the cache of hashes`,
    path,
    (place) => Promise.resolve(remember(place)),
    (place) => {
      const found = openCache(place).find(STAMP);
      if (found !== undefined && toHex(found.chunks[0]) !== toHex(CHUNK_HASH)) {
        throw new Error("another hash");
      }
      // Where it cannot be written that is no error.
      remember(place);
      return Promise.resolve();
    },
  ),
}));

/** All of them. */
export const LEFTOVERS: readonly Leftover[] = [
  ...LANDINGS,
  ...STORES,
  ...CACHES,
];
