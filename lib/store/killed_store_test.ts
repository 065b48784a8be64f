/**
 * Processes that are killed while they store content or remove what is not
 * needed, at every change that they make to the disk: a chunk is there as a
 * whole or not at all, and the next process goes on.
 */

import { assert, assertEquals } from "@std/assert";
import { blake3, makeSmall } from "../content/mod.ts";
import { STORE_STAGING_STALE_MS } from "../limits.ts";
import { SimulatedDisk } from "../landing/testing/simulated_disk.ts";
import { toHex } from "../text/hex.ts";
import { seededRandom } from "../wire/testing/random.ts";
import { collectGarbage } from "./collect_garbage.ts";
import { DiskStore } from "./disk_store.ts";
import { SYNC_BYTES } from "./file_slices.ts";
import { makeTempDir } from "./testing/temp_tree.ts";

const SEED = Number(Deno.env.get("KILL_SEED") ?? Date.now() % 1e9);
const RUNS = Number(Deno.env.get("KILL_RUNS") ?? 20);

/** Two small chunks, and one that is written on another thread. */
const CHUNKS = [10, 2000, SYNC_BYTES + 1].map((length, at) =>
  new Uint8Array(length).fill(at + 1)
);
const HASHES = CHUNKS.map((bytes) => blake3(bytes));

async function storeAll(path: string, fsync: boolean): Promise<void> {
  await using store = await DiskStore.open(path, { fsync });
  for (const [at, bytes] of CHUNKS.entries()) {
    await store.put(HASHES[at], bytes);
  }
}

/** Removes all chunks but the first. */
async function collect(path: string): Promise<void> {
  await using store = await DiskStore.open(path);
  const keep = [makeSmall("", HASHES[0], CHUNKS[0].length)];
  await collectGarbage(store, { keep, since: Infinity, dryRun: false });
}

/** Throws unless each chunk that is there is whole. */
async function requireWhole(path: string, about: string): Promise<number> {
  await using store = await DiskStore.open(path);
  let found = 0;
  for await (const hash of store.hashes()) {
    const at = HASHES.findIndex((other) => toHex(other) === toHex(hash));
    assertEquals(await store.get(hash), CHUNKS[at], about);
    const directory = store.directoryOf(hash);
    for (const file of ["manifest", "v0000000001/idx", "v0000000001/ts"]) {
      assert(Deno.statSync(`${directory}/${file}`).size > 0, about);
    }
    found++;
  }
  return found;
}

/** Throws unless only chunks are there once what was being built is old. */
async function requireNothingLeft(path: string, about: string): Promise<void> {
  const staging = `${path}/dataforts/tmp`;
  const old = new Date(Date.now() - STORE_STAGING_STALE_MS - 60_000);
  for (const { name } of listed(staging)) {
    Deno.utimeSync(`${staging}/${name}`, old, old);
  }
  const more = new TextEncoder().encode("what the next process stores");
  const store = await DiskStore.open(path);
  await store.put(blake3(more), more);
  await store[Symbol.asyncDispose]();
  assertEquals(listed(staging), [], about);
}

function listed(path: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(path)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function dieAt(
  disk: SimulatedDisk,
  at: number,
  work: () => Promise<void>,
): Promise<void> {
  disk.dieAt = disk.count + at;
  await work().catch((error) => assert(disk.count >= disk.dieAt, error));
  disk.dieAt = Infinity;
}

async function countChanges(work: () => Promise<void>): Promise<number> {
  using disk = new SimulatedDisk();
  await work();
  return disk.count;
}

Deno.test("a process that is killed while it stores leaves chunks that are whole, at any change", async () => {
  for (const fsync of [false, true]) {
    using first = makeTempDir();
    const changes = await countChanges(() => storeAll(first.path, fsync));
    assert(changes > 3 * 8);
    for (let at = 0; at < changes; at++) {
      using dir = makeTempDir();
      using disk = new SimulatedDisk();
      const about = `killed at ${at}`;
      await dieAt(disk, at, () => storeAll(dir.path, fsync));
      await requireWhole(dir.path, about);
      await storeAll(dir.path, fsync);
      assertEquals(await requireWhole(dir.path, about), 3, about);
      await requireNothingLeft(dir.path, about);
    }
  }
});

Deno.test("a process that is killed while it removes chunks keeps those that are needed, and leaves no part of others", async () => {
  using first = makeTempDir();
  await storeAll(first.path, false);
  const changes = await countChanges(() => collect(first.path));
  assert(changes >= 4);
  for (let at = 0; at < changes; at++) {
    using dir = makeTempDir();
    await storeAll(dir.path, false);
    using disk = new SimulatedDisk();
    const about = `killed at ${at}`;
    await dieAt(disk, at, () => collect(dir.path));
    await requireWhole(dir.path, about);
    await collect(dir.path);
    assertEquals(await requireWhole(dir.path, about), 1, about);
    await requireNothingLeft(dir.path, about);
  }
});

Deno.test("a machine without power keeps each chunk whole that was synced before it appeared", async () => {
  using first = makeTempDir();
  const changes = await countChanges(() => storeAll(first.path, true));
  const random = seededRandom(SEED);
  for (let run = 0; run < RUNS; run++) {
    using dir = makeTempDir();
    using disk = new SimulatedDisk();
    const at = Math.floor(random() * changes);
    const about = `KILL_SEED=${SEED}: power lost at ${at}`;
    await dieAt(disk, at, () => storeAll(dir.path, true));
    disk.losePower(dir.path, random);
    await requireWhole(dir.path, about);
    await storeAll(dir.path, true);
    assertEquals(await requireWhole(dir.path, about), 3, about);
  }
});
