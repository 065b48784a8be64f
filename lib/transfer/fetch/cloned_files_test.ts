import { assert, assertEquals } from "@std/assert";
import { statfsSync } from "node:fs";
import { CHUNK_SIZE } from "../../limits.ts";
import { MemoryStore } from "../../store/mod.ts";
import { mount, noMounts } from "../../../tests/support/mounts.ts";
import { unless } from "../../../tests/support/unless.ts";
import {
  connect,
  fileEntry,
  inTempDir,
  pattern,
  storeManifest,
  storePayload,
} from "../testing/fixture.ts";
import { fetchBlob } from "./fetch_blob.ts";
import { fetchDir } from "./fetch_dir.ts";

const MIB = 2 ** 20;

const noNativeCalls = Deno.build.os === "linux"
  ? undefined
  : "there are native calls on Linux alone";

function lacksTool(tool: string): string | undefined {
  try {
    new Deno.Command(tool, { args: ["-V"] }).outputSync();
    return undefined;
  } catch {
    return `there is no ${tool}`;
  }
}

/** Names in a directory, in order. */
function namesIn(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}

function run(program: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** What is taken of a file system, once everything is written. */
function usedMib(path: string): number {
  run("sync", "-f", path);
  const { bsize, blocks, bfree } = statfsSync(path);
  return bsize * (blocks - bfree) / MIB;
}

/** Runs `body` with a disk of some kind. */
function onDisk(
  kind: string,
  body: (disk: string) => Promise<void>,
): () => Promise<void> {
  return () =>
    inTempDir(async (dir) => {
      const image = `${dir}/image`;
      Deno.mkdirSync(`${dir}/disk`);
      Deno.createSync(image).close();
      Deno.truncateSync(image, 512 * MIB);
      run(`mkfs.${kind}`, "-q", image);
      await using _disk = await mount(["-o", "loop", image], `${dir}/disk`);
      await body(`${dir}/disk`);
    });
}

for (const kind of ["btrfs", "xfs"]) {
  const make = `mkfs.${kind}`;
  Deno.test({
    ...unless(
      noMounts ?? lacksTool(make) ?? noNativeCalls,
      `on ${kind} a single file shares blocks with the one that it replaces, or with one that is reused`,
    ),
    fn: onDisk(kind, async (disk) => {
      await using store = new MemoryStore();
      await using connection = connect(store);
      const bytes = pattern(12 * CHUNK_SIZE + 9, 3);
      const changed = bytes.slice();
      changed[5 * CHUNK_SIZE + 7] ^= 1;
      const longer = new Uint8Array(14 * CHUNK_SIZE);
      longer.set(bytes);
      longer[14 * CHUNK_SIZE - 1] = 1;
      const others = pattern(8 * CHUNK_SIZE, 7);
      others.set(bytes.subarray(0, 3 * CHUNK_SIZE));
      const out = `${disk}/out`;
      Deno.writeFileSync(out, bytes, { mode: 0o640 });
      const old = `${disk}/old`;
      Deno.linkSync(out, old);
      const { ino, mode, mtime } = Deno.lstatSync(old);
      const fetch = async (content: Uint8Array, reuse?: string[]) => {
        const before = usedMib(disk);
        const ref = await storePayload(store, content);
        const { session } = connection;
        const result = await fetchBlob(session, ref, out, { reuse });
        assertEquals(Deno.readFileSync(out), content);
        assertEquals(result.resumed, false);
        assertEquals(namesIn(disk), ["old", "out"]);
        const taken = usedMib(disk) - before;
        return { fetched: Number(result.bytesFetched), taken };
      };
      const first = await fetch(changed);
      assertEquals(first.fetched, CHUNK_SIZE);
      const back = await fetch(bytes, [old]);
      assertEquals(back.fetched, 0);
      Deno.removeSync(out);
      const second = await fetch(longer, [old]);
      // Zeros are not fetched, and the last chunk of the old one is another.
      assertEquals(second.fetched, 2 * CHUNK_SIZE);
      for (const { taken } of [first, second]) {
        assert(taken < 24, `${taken} MiB`);
      }
      // What is alike in less than half of it is copied.
      Deno.removeSync(out);
      const third = await fetch(others, [old]);
      assertEquals(third.fetched, 5 * CHUNK_SIZE);
      const now = Deno.lstatSync(old);
      assertEquals([now.ino, now.mode, now.mtime], [ino, mode, mtime]);
      assertEquals(Deno.readFileSync(old), bytes);
    }),
  });

  Deno.test({
    ...unless(
      noMounts ?? lacksTool(make) ?? noNativeCalls,
      `on ${kind} a file shares blocks with one of a place that is reused, which stays as it was`,
    ),
    fn: onDisk(kind, async (disk) => {
      await using store = new MemoryStore();
      await using connection = connect(store);
      const bytes = pattern(12 * CHUNK_SIZE + 9, 3);
      const changed = bytes.slice();
      changed[5 * CHUNK_SIZE + 7] ^= 1;
      const shorter = changed.slice(0, 7 * CHUNK_SIZE + 5);
      const otherwise = pattern(2 * CHUNK_SIZE, 5);
      otherwise.set(bytes.subarray(0, 100));
      const files = [
        ["a/changed", changed, 0o644],
        ["a/same", bytes, 0o640],
        ["b/changed", changed, 0o644],
        ["otherwise", otherwise, 0o644],
        ["shorter", shorter, 0o600],
      ] as const;
      const entries = [];
      for (const [name, content, mode] of files) {
        const blob = await storePayload(store, content);
        entries.push(fileEntry(name, blob, mode));
      }
      const ref = await storeManifest(store, entries);
      Deno.mkdirSync(`${disk}/place`);
      const old = `${disk}/place/some image`;
      Deno.writeFileSync(old, bytes, { mode: 0o444 });
      const { ino, mode, mtime, ctime } = Deno.lstatSync(old);
      const before = usedMib(disk);
      const out = `${disk}/out`;
      const result = await fetchDir(connection.session, ref, out, {
        reuse: [`${disk}/place`],
      });
      const taken = usedMib(disk) - before;
      assertEquals(result.resumed, false);
      // One chunk of each of three files, and what is in none; an end that was
      // in the middle of a chunk is found where it is.
      assertEquals(result.bytesFetched, BigInt((3 + 2) * CHUNK_SIZE));
      assertEquals(result.bytesFetched + result.bytesReused, result.bytes);
      for (const [name, content, mode] of files) {
        assertEquals(Deno.readFileSync(`${out}/${name}`), content, name);
        const made = Deno.lstatSync(`${out}/${name}`);
        assertEquals([(made.mode ?? 0) & 0o777, made.nlink], [mode, 1], name);
      }
      // Four chunks were written and a bit, and not 180 MiB.
      assert(taken < 40, `${taken} MiB`);
      const now = Deno.lstatSync(old);
      assertEquals(
        [now.ino, now.mode, now.mtime, now.ctime, now.nlink],
        [ino, mode, mtime, ctime, 1],
      );
      assertEquals(Deno.readFileSync(old), bytes);
      assertEquals(namesIn(disk), ["out", "place"]);
    }),
  });

  Deno.test({
    ...unless(
      noMounts ?? lacksTool(make),
      `on ${kind} a file of which a chunk or the mode has changed shares the other blocks with the old one, which stays as it was`,
    ),
    fn: onDisk(kind, async (disk) => {
      const out = `${disk}/out`;
      await using store = new MemoryStore();
      await using connection = connect(store);
      const bytes = pattern(12 * CHUNK_SIZE + 9, 3);
      const fetch = async (content: Uint8Array, mode: number) => {
        const blob = await storePayload(store, content);
        const entry = fileEntry("image", blob, mode);
        const ref = await storeManifest(store, [entry]);
        const { session } = connection;
        const result = await fetchDir(session, ref, out, { replace: true });
        assertEquals(Deno.readFileSync(`${out}/image`), content);
        const { mode: made } = Deno.lstatSync(`${out}/image`);
        assertEquals((made ?? 0) & 0o777, mode);
        return result;
      };
      await fetch(bytes, 0o644);
      // Somebody else's name of it.
      const other = `${disk}/other`;
      Deno.linkSync(`${out}/image`, other);
      const { ino, mode, mtime } = Deno.lstatSync(other);
      const before = usedMib(other);
      const changed = bytes.slice();
      changed[5 * CHUNK_SIZE + 7] ^= 1;
      const first = await fetch(changed, 0o644);
      const second = await fetch(changed, 0o600);
      const shorter = changed.slice(0, 7 * CHUNK_SIZE + 1);
      const third = await fetch(shorter, 0o600);
      const taken = usedMib(other) - before;
      for (
        const [{ bytesFetched, bytesReused, resumed }, fetched] of [
          [first, CHUNK_SIZE],
          [second, 0],
          [third, 0],
        ] as const
      ) {
        assertEquals([Number(bytesFetched), resumed], [fetched, false]);
        assert(bytesReused > 0n);
      }
      // One chunk was written, and not the file of 48 MiB.
      assert(taken < 24, `${taken} MiB`);
      const now = Deno.lstatSync(other);
      assertEquals([now.ino, now.mode, now.mtime], [ino, mode, mtime]);
      assertEquals(Deno.readFileSync(other), bytes);
    }),
  });
}
