import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { blake3 } from "../content/mod.ts";
import { CHUNK_SIZE } from "../limits.ts";
import type { FileStamp } from "../os/file_identity.ts";
import { HashCache, type HashCacheOptions } from "./hash_cache.ts";
import { decodeHashCache, encodeHashCache } from "./hash_cache_format.ts";
import { type FileHashes, HashTable } from "./hash_table.ts";
import { makeTempDir } from "./testing/temp_tree.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";

const HOUR = 3_600_000;
const NOW = 1_700_000_000_000;

function withTempDir(body: (dir: string) => void): void {
  using dir = makeTempDir();
  body(dir.path);
}

function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there is nothing");
  return value;
}

function stamp(ino: number, more: Partial<FileStamp> = {}): FileStamp {
  const at = NOW - HOUR;
  return { dev: 7, ino, size: 10, mtimeMs: at, ctimeMs: at, ...more };
}

function hashes(seed: number): FileHashes {
  const hash = blake3(new Uint8Array([seed, seed >> 8]));
  return { chunks: [hash] };
}

function open(path: string, options: Partial<HashCacheOptions> = {}) {
  const notes: string[] = [];
  const cache = HashCache.open(path, {
    uid: Deno.uid(),
    now: () => NOW,
    onNote: (note) => notes.push(note),
    ...options,
  });
  return { cache, notes };
}

Deno.test("HashCache knows in the next run what it was told in this one", () =>
  withTempDir((dir) => {
    const path = `${dir}/cache/hashes`;
    const { cache } = open(path);
    cache.add(stamp(1), hashes(1), NOW);
    const large = stamp(2, { size: CHUNK_SIZE + 1 });
    const parts = {
      chunks: [...hashes(2).chunks, ...hashes(3).chunks],
      whole: blake3(new Uint8Array(3)),
    };
    cache.add(large, parts, NOW);
    cache.save();
    const { cache: next, notes } = open(path);
    assertEquals(next.find(stamp(1)), hashes(1));
    assertEquals(next.find(large), parts);
    assertEquals(next.find(stamp(3)), undefined);
    assertEquals(notes, []);
    const { mode } = Deno.statSync(path);
    if (mode !== null) assertEquals(mode & 0o777, 0o600);
    assertEquals([...Deno.readDirSync(`${dir}/cache`)].length, 1);
  }));

Deno.test("HashCache does not know a file of which anything has changed", () =>
  withTempDir((dir) => {
    const { cache } = open(`${dir}/hashes`);
    cache.add(stamp(1), hashes(1), NOW);
    const at = NOW - HOUR + 1;
    for (const more of [{ dev: 8 }, { ino: 2 }, { size: 11 }]) {
      assertEquals(cache.find(stamp(1, more)), undefined);
    }
    assertEquals(cache.find(stamp(1, { mtimeMs: at })), undefined);
    assertEquals(cache.find(stamp(1, { ctimeMs: at })), undefined);
    cache.add(stamp(1, { mtimeMs: at }), hashes(9), NOW);
    assertEquals(cache.find(stamp(1)), undefined);
    assertEquals(cache.find(stamp(1, { mtimeMs: at })), hashes(9));
  }));

Deno.test("HashCache remembers no file that could still change without showing it", () =>
  withTempDir((dir) => {
    const { cache } = open(`${dir}/hashes`);
    const young = [{ mtimeMs: NOW - 1500 }, { ctimeMs: NOW - 1999 }];
    for (const more of [...young, { mtimeMs: NOW + HOUR }]) {
      cache.add(stamp(1, more), hashes(1), NOW);
      assertEquals(cache.find(stamp(1, more)), undefined);
    }
    const old = stamp(1, { ctimeMs: NOW - 2000 });
    cache.add(old, hashes(1), NOW);
    assertEquals(cache.find(old), hashes(1));
  }));

Deno.test("HashCache ignores a file that is damaged, cut or of another version, and writes it anew", () =>
  withTempDir((dir) => {
    const path = `${dir}/hashes`;
    const { cache } = open(path);
    for (let i = 1; i < 50; i++) cache.add(stamp(i), hashes(i), NOW);
    cache.save();
    const whole = Deno.readFileSync(path);
    const property = fc.property(
      fc.nat(whole.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      (at, flip, cut) => {
        const bytes = cut ? whole.slice(0, at) : whole.slice();
        if (!cut) bytes[at] ^= flip;
        assertEquals(decodeHashCache(bytes), undefined);
      },
    );
    fc.assert(property, { numRuns: 300 });
    Deno.writeFileSync(path, whole.subarray(0, 1000));
    const { cache: next, notes } = open(path);
    assertEquals(notes, [
      `the hash cache "${path}" is damaged and written anew`,
    ]);
    assertEquals(next.find(stamp(1)), undefined);
    next.add(stamp(1), hashes(1), NOW);
    next.save();
    assertEquals(open(path).cache.find(stamp(1)), hashes(1));
  }));

Deno.test("two processes that use one cache both leave what they found out", () =>
  withTempDir((dir) => {
    const path = `${dir}/hashes`;
    const [{ cache: a }, { cache: b }] = [open(path), open(path)];
    a.add(stamp(1), hashes(1), NOW);
    b.add(stamp(1), hashes(2), NOW);
    b.add(stamp(2), hashes(2), NOW);
    a.save();
    b.save();
    const { cache } = open(path);
    assertEquals(cache.find(stamp(1)), hashes(2));
    assertEquals(cache.find(stamp(2)), hashes(2));
  }));

Deno.test("what a killed process left of a cache is removed by the next", () =>
  withTempDir((dir) => {
    const path = `${dir}/hashes`;
    Deno.writeTextFileSync(`${path}.tmp.0123456789abcdef`, "half");
    Deno.utimeSync(`${path}.tmp.0123456789abcdef`, 1, 1);
    const { cache } = open(path);
    cache.add(stamp(1), hashes(1), NOW);
    cache.save();
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), [
      "hashes",
    ]);
  }));

Deno.test({
  name: "HashCache neither reads nor replaces what is not ours alone",
  ignore: onWindows !== undefined,
  fn: () =>
    withTempDir((dir) => {
      const path = `${dir}/hashes`;
      const { cache } = open(path);
      cache.add(stamp(1), hashes(1), NOW);
      cache.save();
      const before = Deno.readFileSync(path);
      const check = (why: string, uid = Deno.uid()) => {
        const { cache, notes } = open(path, { uid });
        assertEquals(cache.find(stamp(1)), undefined);
        cache.add(stamp(2), hashes(2), NOW);
        cache.save();
        assertEquals(Deno.readFileSync(path), before);
        assertEquals(notes, [
          `the hash cache "${path}" ${why}: nothing is remembered`,
        ]);
      };
      check("is of another user", (Deno.uid() ?? 0) + 1);
      Deno.chmodSync(path, 0o662);
      check("can be written by others");
      Deno.renameSync(path, `${dir}/elsewhere`);
      Deno.symlinkSync(`${dir}/elsewhere`, path);
      check("is no regular file");
    }),
});

Deno.test("HashCache says why it cannot remember, and makes no home directory", () =>
  withTempDir((dir) => {
    const { cache, notes } = open(`${dir}/no/home/cache/hashes`);
    cache.add(stamp(1), hashes(1), NOW);
    cache.save();
    assertEquals(notes.length, 1);
    assertEquals([...Deno.readDirSync(dir)], []);
  }));

Deno.test("a table that is too long forgets what was of no use for longest", () => {
  const table = HashTable.empty();
  for (let i = 0; i < 1000; i++) {
    table.set(stamp(i + 1), i % 10, hashes(i));
  }
  const max = 40_000;
  const kept = existing(decodeHashCache(encodeHashCache(table, max)));
  assertEquals(kept.length, Math.floor((max * 3 / 4 - 16) / 76));
  const used = [...kept.rows()].map((row) => kept.usedAt(row));
  assertEquals(Math.min(...used), 6);
});

Deno.test("HashTable finds every file among thousands, whatever was superseded", () => {
  const table = HashTable.empty();
  for (let round = 0; round < 2; round++) {
    for (let i = 1; i < 3000; i++) {
      table.set(stamp(i * 1024), 0, hashes(i + round));
    }
  }
  const read = existing(decodeHashCache(encodeHashCache(table)));
  assertEquals(read.length, 2999);
  for (const one of [table, read]) {
    for (let i = 1; i < 3000; i++) {
      const row = existing(one.find(stamp(i * 1024)));
      assertEquals(one.hashesAt(row), hashes(i + 1));
    }
  }
});

Deno.test(
  unless(
    onWindows,
    "a hash cache below a directory that everybody may write to is neither read nor written",
  ),
  () =>
    withTempDir((dir) => {
      const path = `${dir}/open/net-transfer/hashes`;
      const notes: string[] = [];
      const options = {
        uid: Deno.uid(),
        now: () => NOW,
        onNote: (note: string) => notes.push(note),
      };
      Deno.mkdirSync(`${dir}/open`);
      const first = HashCache.open(path, options);
      first.add(stamp(1), hashes(1), NOW);
      first.save();
      assertEquals(
        existing(HashCache.open(path, options).find(stamp(1))),
        hashes(1),
      );
      Deno.chmodSync(`${dir}/open`, 0o777);
      const second = HashCache.open(path, options);
      assertEquals(second.find(stamp(1)), undefined);
      const before = Deno.readFileSync(path);
      second.add(stamp(2), hashes(2), NOW);
      second.save();
      assertEquals(Deno.readFileSync(path), before);
      assertEquals(notes.length, 1);
    }),
);

Deno.test("a clock that is set forward and back keeps the cache from nothing, and has it find no file that has changed", () =>
  withTempDir((dir) => {
    const path = `${dir}/cache/hashes`;
    let now = NOW;
    const { cache } = open(path, { now: () => now });
    for (const hours of [-5, 7, -24, 3]) {
      now = NOW + hours * HOUR;
      // As old as it must be by the clock of that moment, and too young by it.
      const settled = stamp(100 + hours, { mtimeMs: now - HOUR, ctimeMs: 0 });
      const fresh = stamp(500 + hours, { mtimeMs: now, ctimeMs: now });
      cache.add(settled, hashes(1), now);
      cache.add(fresh, hashes(2), now);
      assertEquals(open(path).cache.find(settled), hashes(1), `${hours} h`);
      assertEquals(cache.find(fresh), undefined);
      assertEquals(cache.find({ ...settled, mtimeMs: now }), undefined);
      now += 61_000 * Math.sign(hours);
    }
  }));
