import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import { ExistsError, IoError } from "../../errors.ts";
import { BlobWriter } from "./blob_writer.ts";
import { splitTarget } from "./target.ts";
import { blobRange, namesIn, test } from "../testing/trees.ts";

function create(
  parent: string,
  resume = false,
  replace = true,
): Promise<BlobWriter> {
  return BlobWriter.create({
    target: splitTarget(`${parent}/t`),
    fsync: true,
    sparse: true,
    resume,
    volume: "local",
    machine: "",
    replace,
  });
}

test("a file starts empty, whatever an earlier run left", async (dir) => {
  Deno.writeTextFileSync(`${dir}/t.partial`, "left behind");
  const writer = await create(dir);
  assertEquals(Deno.statSync(`${dir}/t.partial`).size, 0);
  writer.write(blobRange(2, "cd"));
  const error = assertThrows(() => writer.commit(4), IoError);
  assertEquals(error.fields.offset, 0);
  writer.abort();
  assertEquals(namesIn(dir), ["t.partial"]);
});

test("a file that was installed or given up takes nothing more", async (dir) => {
  for (const end of ["commit", "abort"] as const) {
    const writer = await create(dir);
    writer.write(blobRange(0, "ab"));
    writer[end](2);
    writer.abort();
    for (
      const late of [
        () => writer.write(blobRange(0, "xx")),
        () => writer.commit(2),
      ]
    ) assertThrows(late, IoError, "no longer open");
  }
  assertEquals(namesIn(dir), ["t", "t.partial"]);
  assertEquals(Deno.readTextFileSync(`${dir}/t`), "ab");
});

test("what somebody puts in the place of the partial file is not installed", async (dir) => {
  Deno.writeTextFileSync(`${dir}/t`, "old");
  const writer = await create(dir);
  writer.write(blobRange(0, "ab"));
  Deno.renameSync(`${dir}/t.partial`, `${dir}/moved`);
  Deno.writeTextFileSync(`${dir}/t.partial`, "theirs");
  assertThrows(() => writer.commit(2), IoError, "not the file");
  assertEquals(Deno.readTextFileSync(`${dir}/t`), "old");
});

test("where nothing may be replaced a file is installed under a free name only, also when it was taken meanwhile", async (dir) => {
  const writer = await create(dir, false, false);
  writer.write(blobRange(0, "ab"));
  writer.commit(2);
  assertEquals(namesIn(dir), ["t"]);
  assertEquals(Deno.statSync(`${dir}/t`).nlink, 1);
  await assertRejects(() => create(dir, false, false), ExistsError);

  Deno.removeSync(`${dir}/t`);
  const late = await create(dir, false, false);
  late.write(blobRange(0, "ab"));
  Deno.writeTextFileSync(`${dir}/t`, "theirs");
  assertThrows(() => late.commit(2), ExistsError);
  assertEquals(namesIn(dir), ["t", "t.partial"]);
  assertEquals(Deno.readTextFileSync(`${dir}/t`), "theirs");
});

/** Checks ranges of what an earlier run left; tells which are there. */
async function checkLeft(
  dir: string,
  left: Uint8Array,
  wanted: Uint8Array,
): Promise<boolean[]> {
  Deno.writeFileSync(`${dir}/t.partial`, left, { mode: 0o644 });
  const writer = await create(dir, true);
  const ranges = [];
  for (let offset = 0; offset < wanted.length; offset += SLOT) {
    const bytes = wanted.slice(offset, offset + SLOT);
    ranges.push({ offset, bytes, hash: blake3(bytes) });
  }
  const there = writer.check(
    ranges.map(({ bytes, ...range }) => ({ ...range, length: bytes.length })),
  );
  for (const [i, range] of ranges.entries()) {
    if (!there[i]) writer.write(range);
  }
  writer.commit(wanted.length);
  assertEquals(blake3(Deno.readFileSync(`${dir}/t`)), blake3(wanted));
  assertEquals(namesIn(dir), ["t"]);
  return there;
}

const SLOT = 128 * 1024;

test("what an earlier run left counts where its hash is right, whatever it is", async (dir) => {
  const wanted = crypto.getRandomValues(new Uint8Array(SLOT / 2));
  const whole = new Uint8Array(3.5 * SLOT);
  for (let at = 0; at < 3 * SLOT; at += SLOT) whole.set(wanted, at);
  // Zeros may be a hole, and right.
  whole.fill(0, 2 * SLOT, 3 * SLOT);
  const flipped = whole.slice();
  flipped[SLOT + 5] ^= 1;
  const holes = new Uint8Array(whole.length);
  const longer = new Uint8Array(whole.length + 9).fill(7);
  longer.set(whole);
  const cases: [Uint8Array, boolean[]][] = [
    [new Uint8Array(), [false, false, false, false]],
    [whole, [true, true, true, true]],
    [whole.slice(0, SLOT), [true, false, false, false]],
    [whole.slice(0, 2 * SLOT - 1), [true, false, false, false]],
    [flipped, [true, false, true, true]],
    [holes, [false, false, true, true]],
    [longer, [true, true, true, true]],
    // Zeros are wanted where something else was left.
    [new Uint8Array(whole.length).fill(7), [false, false, false, false]],
  ];
  for (const [left, there] of cases) {
    assertEquals(await checkLeft(dir, left, whole), there);
    Deno.removeSync(`${dir}/t`);
  }
});
