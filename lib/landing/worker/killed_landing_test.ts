/**
 * Landings that are killed, or lose their power, at every change that they make
 * to the disk: what the next one finds, does, and leaves.
 */

import { assert, assertEquals } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { toHex } from "../../text/hex.ts";
import { seededRandom } from "../../wire/testing/random.ts";
import { Killed, SimulatedDisk } from "../testing/simulated_disk.ts";
import {
  chunksOf,
  contentOf,
  inTempDir,
  manifestOf,
  modeAt,
  namesIn,
  type TreeItems,
} from "../testing/trees.ts";
import { BlobWriter } from "./blob_writer.ts";
import { identityOf, splitTarget, type TargetIdentity } from "./target.ts";
import { TreeWriter } from "./tree_writer.ts";

/** One landing: what it writes, under which names, and what is there before. */
interface Landing {
  readonly name: string;
  /** Makes what is there before. */
  prepare(dir: string): void;
  /**
   * Lands, until it is killed.
   *
   * @param written Gets each chunk, by its hash, once it is written.
   */
  land(dir: string, written: (hash: string) => void): Promise<void>;
  /** Throws unless it is the old one, or the new one as a whole. */
  requireLanded(dir: string): void;
}

const SLOT = 70_000;
const BLOB = crypto.getRandomValues(new Uint8Array(65_536));
const CONTENT = new Uint8Array(4 * SLOT - 5_000);
for (let at = 0; at < CONTENT.length; at += BLOB.length) {
  CONTENT.set(BLOB.subarray(0, CONTENT.length - at), at);
  CONTENT[at] = at / BLOB.length;
}

/** Not quite two chunks, so that one of them is short. */
const LARGE = new Uint8Array(CHUNK_SIZE + 9).fill(7);
LARGE[CHUNK_SIZE] = 1;

const ITEMS: TreeItems = [
  ["d", { dir: true, mode: 0o40555 }],
  ["d/a", { file: "aaa", mode: 0o100444 }],
  ["d/l", { link: "a" }],
  ["e/empty", { file: "" }],
  ["large", { file: LARGE, mode: 0o100664 }],
  ["z", { file: "zz", mode: 0o100755 }],
];

function requireBlob(dir: string): void {
  const hash = blake3(Deno.readFileSync(`${dir}/out`));
  assertEquals(hash, blake3(CONTENT));
}

async function landBlob(
  dir: string,
  written: (hash: string) => void,
): Promise<void> {
  // As who lands it finds out, and fetches nothing.
  const isThere = isLanded(() => requireBlob(dir));
  const writer = await BlobWriter.create({
    target: splitTarget(`${dir}/out`),
    fsync: true,
    sparse: true,
    resume: !isThere,
    volume: "local",
    machine: "",
    replace: true,
  });
  if (isThere) return void writer.abort();
  try {
    for (let offset = 0; offset < CONTENT.length; offset += SLOT) {
      const bytes = CONTENT.slice(offset, offset + SLOT);
      const hash = blake3(bytes);
      const range = { offset, length: bytes.length, hash };
      if (writer.check([range])[0]) continue;
      writer.write({ offset, hash, bytes });
      written(toHex(hash));
    }
    writer.commit(CONTENT.length);
  } finally {
    writer.abort();
  }
}

/** What is known of the targets in directories: the rest is a stranger's. */
const noted = new Map<string, TargetIdentity[]>();

async function landTree(
  dir: string,
  install: "rename" | "in_place",
  written: (hash: string) => void,
): Promise<void> {
  const writer = await TreeWriter.create({
    install,
    isVolume: false,
    target: splitTarget(`${dir}/out`),
    manifest: manifestOf(ITEMS),
    fsync: true,
    preserveSetid: false,
    // As who notes what comes before it does, and what is there after it.
    replace: false,
    former: noted.get(dir),
    links: "keep",
    canLink: true,
    perms: true,
    sparse: true,
    resume: true,
    clean: false,
    volume: "local",
    machine: "",
  });
  try {
    writer.remove(Infinity, true);
    if (isLanded(() => requireTree(dir))) {
      // As who lands it finds out, and fetches nothing.
      writer.removeSuperseded();
      writer.remove(Infinity, true);
      writer.abort(false);
      return;
    }
    for (const [entry, [, item]] of ITEMS.entries()) {
      if (!("file" in item)) continue;
      for (const [chunk, bytes] of chunksOf(contentOf(item)).entries()) {
        const { length } = bytes;
        const hash = blake3(bytes);
        const offset = chunk * CHUNK_SIZE;
        const range = { entry, chunk, offset, length, hash };
        if (writer.check([range])[0]) continue;
        writer.writeChunks([{ entry, chunk, start: 0, length }], bytes.slice());
        written(toHex(hash));
      }
    }
    const { root, links } = writer.seal();
    for (const { path, target } of links) {
      Deno.symlinkSync(target, `${root}/${path}`);
    }
    writer.prepare();
    const coming = identityAt(install === "rename" ? root : `${dir}/out`);
    noted.set(dir, [...noted.get(dir) ?? [], coming]);
    writer.install();
    noted.set(dir, [coming]);
    writer.remove(Infinity, true);
    writer.end();
  } finally {
    writer.abort(true);
  }
}

function isLanded(require: () => void): boolean {
  try {
    require();
    return true;
  } catch {
    return false;
  }
}

function requireTree(dir: string): void {
  const out = `${dir}/out`;
  const names = namesIn(out).filter((name) => !name.startsWith(".net-"));
  assertEquals(names, ["d", "e", "large", "z"]);
  assertEquals(namesIn(`${out}/d`), ["a", "l"]);
  assertEquals(modeAt(`${out}/d`), 0o555);
  for (const [path, item] of ITEMS) {
    if ("link" in item) assertEquals(Deno.readLinkSync(`${out}/${path}`), "a");
    if (!("file" in item)) continue;
    const hash = blake3(Deno.readFileSync(`${out}/${path}`));
    assertEquals(hash, blake3(contentOf(item)), path);
    if (item.mode !== undefined) {
      assertEquals(modeAt(`${out}/${path}`), item.mode & 0o777);
    }
  }
}

function identityAt(path: string): TargetIdentity {
  return identityOf(Deno.lstatSync(path));
}

function makeOldTree(dir: string): void {
  Deno.mkdirSync(`${dir}/out/d`, { recursive: true });
  Deno.writeTextFileSync(`${dir}/out/d/old`, "old");
  Deno.writeTextFileSync(`${dir}/out/z`, "old");
  noted.set(dir, [identityAt(`${dir}/out`)]);
}

const LANDINGS: Landing[] = [
  {
    name: "a file over an old one",
    prepare: (dir) => Deno.writeTextFileSync(`${dir}/out`, "old"),
    land: landBlob,
    requireLanded: requireBlob,
  },
  {
    name: "a new tree",
    prepare: () => {},
    land: (dir, written) => landTree(dir, "rename", written),
    requireLanded: requireTree,
  },
  {
    name: "a tree over an old one",
    prepare: makeOldTree,
    land: (dir, written) => landTree(dir, "rename", written),
    requireLanded: requireTree,
  },
  {
    name: "a tree in place",
    prepare: makeOldTree,
    land: (dir, written) => landTree(dir, "in_place", written),
    requireLanded: requireTree,
  },
];

/** Lands until a death; gives the chunks that were written. */
async function landAndDie(
  disk: SimulatedDisk,
  landing: Landing,
  dir: string,
  after: number,
): Promise<Set<string>> {
  const written = new Set<string>();
  disk.dieAt = disk.count + after;
  try {
    await landing.land(dir, (hash) => written.add(hash));
  } catch (error) {
    // Whatever was made of it: nothing has happened since.
    assert(disk.count >= disk.dieAt, String(error));
  }
  disk.dieAt = Infinity;
  return written;
}

/** Lands undisturbed: all is right, nothing is left, nothing is written twice. */
async function landAgain(
  landing: Landing,
  dir: string,
  there: ReadonlySet<string>,
  about: string,
): Promise<void> {
  const again: string[] = [];
  await landing.land(dir, (hash) => void again.push(hash));
  landing.requireLanded(dir);
  assertEquals(namesIn(dir), ["out"], about);
  if (Deno.lstatSync(`${dir}/out`).isDirectory) {
    assertEquals(namesIn(`${dir}/out`).length, 4, about);
  }
  assertEquals(again.filter((hash) => there.has(hash)), [], about);
}

/** How many changes a whole landing makes. */
async function countChanges(landing: Landing): Promise<number> {
  using disk = new SimulatedDisk();
  let changes = 0;
  await inTempDir(async (dir) => {
    landing.prepare(dir);
    const before = disk.count;
    await landAgain(landing, dir, new Set(), "undisturbed");
    changes = disk.count - before;
  });
  return changes;
}

const SEED = Number(Deno.env.get("KILL_SEED") ?? Date.now() % 1e9);
const RUNS = Number(Deno.env.get("KILL_RUNS") ?? 10);

for (const landing of LANDINGS) {
  const { name } = landing;

  Deno.test(`${name}, killed at any change, is landed whole by the next run, which writes no chunk twice`, async () => {
    const changes = await countChanges(landing);
    for (let at = 0; at < changes; at++) {
      await inTempDir(async (dir) => {
        landing.prepare(dir);
        using disk = new SimulatedDisk();
        const written = await landAndDie(disk, landing, dir, at);
        await landAgain(landing, dir, written, `killed at change ${at}`);
      });
    }
  });

  Deno.test(`${name}, killed at random again and again, loses nothing that was written`, async () => {
    const changes = await countChanges(landing);
    const random = seededRandom(SEED);
    for (let run = 0; run < RUNS; run++) {
      await inTempDir(async (dir) => {
        landing.prepare(dir);
        using disk = new SimulatedDisk();
        const there = new Set<string>();
        const ats: number[] = [];
        for (let death = 0; death < 4; death++) {
          const at = Math.floor(random() * changes);
          ats.push(at);
          const written = await landAndDie(disk, landing, dir, at);
          for (const hash of written) {
            assert(!there.has(hash), `KILL_SEED=${SEED}: ${ats}`);
            there.add(hash);
          }
        }
        await landAgain(landing, dir, there, `KILL_SEED=${SEED}: ${ats}`);
      });
    }
  });

  Deno.test(`${name}, without power at random and what was not synced, is landed whole by the next run`, async () => {
    const changes = await countChanges(landing);
    const random = seededRandom(SEED);
    for (let run = 0; run < 2 * RUNS; run++) {
      await inTempDir(async (dir) => {
        landing.prepare(dir);
        using disk = new SimulatedDisk();
        const at = Math.floor(random() * changes);
        await landAndDie(disk, landing, dir, at);
        disk.losePower(dir, random);
        await landAgain(
          landing,
          dir,
          new Set(),
          `KILL_SEED=${SEED}: power lost at ${at}`,
        );
      });
    }
  });

  Deno.test(`${name} is on the disk before it is in its place, and its name before it counts as landed`, async () => {
    await inTempDir(async (dir) => {
      landing.prepare(dir);
      using disk = new SimulatedDisk();
      let placed = 0;
      disk.onRename = (from, to) => {
        const isNew = /\.fetch_[0-9a-f]{16}|\.partial$/.test(from);
        if (!isNew || /\.moved_|\.removing_/.test(to)) return;
        placed++;
        assertEquals(disk.unsynced(from), [], `${from} -> ${to}`);
      };
      await landing.land(dir, () => {});
      assert(placed > 0);
      // Of the old one that was replaced nobody has to know.
      disk.onRename = () => {};
      landing.requireLanded(dir);
    });
  });
}

Deno.test("a process that is killed changes nothing any more", () => {
  using disk = new SimulatedDisk();
  disk.dieAt = 0;
  let died = false;
  try {
    Deno.mkdirSync("/tmp/never");
  } catch (error) {
    died = error instanceof Killed;
  }
  assert(died);
});
