import { assertEquals, assertRejects } from "@std/assert";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { blake3 } from "../content/mod.ts";
import { StoreError } from "../errors.ts";
import { CHUNK_MAX } from "../limits.ts";
import { toHex } from "../text/hex.ts";
import { PlainStore } from "./plain_store.ts";
import { makeTempDir, patternBytes } from "./testing/temp_tree.ts";

const BYTES = patternBytes(300_000, 1);
const HASH = blake3(BYTES);

Deno.test("a chunk is a file of its name with nothing but its bytes", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/made/plain`;
  {
    await using store = await PlainStore.open(path);
    assertEquals(await store.has(HASH), false);
    assertEquals(await store.get(HASH), undefined);
    assertEquals(await Array.fromAsync(store.hashes()), []);
    await store.put(HASH, BYTES);
    assertEquals(await store.has(HASH), true);
    assertEquals(store.sizeOf(HASH), BYTES.length);
    assertEquals(await store.get(HASH), BYTES);
    assertEquals(await Array.fromAsync(store.hashes()), [HASH]);
  }
  assertEquals(Deno.readFileSync(`${path}/blob/${toHex(HASH)}`), BYTES);
  // Nothing of the work stays.
  assertEquals([...Deno.readDirSync(path)].map(({ name }) => name), ["blob"]);
});

Deno.test("what is damaged, too long or no file is not held, and is replaced", async () => {
  using temp = makeTempDir();
  await using store = await PlainStore.open(temp.path);
  await store.put(HASH, BYTES);
  const file = `${temp.path}/blob/${toHex(HASH)}`;
  const damage: (() => void)[] = [
    () => Deno.truncateSync(file, 10),
    () => Deno.truncateSync(file, CHUNK_MAX + 1),
    () => Deno.writeTextFileSync(file, "other"),
    () => {
      Deno.renameSync(file, `${temp.path}/aside`);
      Deno.symlinkSync("../aside", file);
    },
  ];
  for (const harm of damage) {
    harm();
    assertEquals(await store.get(HASH), undefined);
    await store.put(HASH, BYTES);
    assertEquals(await store.get(HASH), BYTES);
  }
  // The link was replaced, what it led to was not written to.
  const { ino } = Deno.lstatSync(`${temp.path}/aside`);
  assertEquals(ino === Deno.lstatSync(file).ino, false);
  assertEquals(Deno.readFileSync(`${temp.path}/aside`), BYTES);
});

Deno.test("a directory that cannot be written is told of", async () => {
  using temp = makeTempDir();
  Deno.writeTextFileSync(`${temp.path}/blob`, "");
  await using store = await PlainStore.open(temp.path);
  await assertRejects(() => store.put(HASH, BYTES), StoreError, "Cannot store");
});

Deno.test({
  ...unless(onWindows, "the umask decides who may read what is exported"),
  async fn() {
    using temp = makeTempDir();
    await using store = await PlainStore.open(temp.path);
    await store.put(HASH, BYTES);
    const usual = `${temp.path}/usual`;
    Deno.writeTextFileSync(usual, "");
    const { mode } = Deno.lstatSync(`${temp.path}/blob/${toHex(HASH)}`);
    assertEquals(mode, Deno.lstatSync(usual).mode);
  },
});
