import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../content/hash.ts";
import {
  makeSmall,
  makeTree,
  REPLICATED,
  type TreeRef,
} from "../content/blob_ref.ts";
import {
  ExistsError,
  HashMismatchError,
  IoError,
  ManifestError,
  UnsafePathError,
} from "../errors.ts";
import { CHUNK_SIZE } from "../limits.ts";
import {
  fill,
  landTree,
  manifestWith,
  modeAt,
  namesIn,
  openTree,
  test,
  type TreeItems,
  treeLeaf,
  writeChunk,
} from "./testing/trees.ts";
import { TreeLanding } from "./tree_landing.ts";

const BIG = new Uint8Array(2 * CHUNK_SIZE + 5).map((_, i) => (31 * i) % 251);

const TREE: TreeItems = [
  ["big.bin", { file: BIG, mode: 0o100600 }],
  ["docs", { dir: true, mode: 0o40755 }],
  ["docs/a.txt", { file: "hello\n", mode: 0o100644 }],
  ["docs/ro", { dir: true, mode: 0o40555 }],
  ["docs/ro/run", { file: "#!", mode: 0o106755 }],
  ["empty", { file: "", mode: 0 }],
  ["implied/deep/x", { file: "x" }],
  ["link", { link: "docs/a.txt" }],
  ["out", { link: "../../etc/passwd" }],
];

test("TreeLanding installs files, modes, directories and links", async (dir) => {
  const out = `${dir}/parents/are/made`;
  const result = await landTree(out, TREE, { links: "keep" });
  assertEquals(result.files, 5);
  assertEquals(result.dirs, 2);
  assertEquals(result.symlinks, 2);
  assertEquals(result.bytes, BigInt(BIG.length + 9));
  assertEquals(result.warnings, [
    '1 of 2 symbolic links lead out of the tree, the first is "out"',
  ]);
  assertEquals(Deno.readFileSync(`${out}/big.bin`), BIG);
  assertEquals(Deno.readTextFileSync(`${out}/docs/a.txt`), "hello\n");
  assertEquals(Deno.readTextFileSync(`${out}/implied/deep/x`), "x");
  assertEquals(Deno.readLinkSync(`${out}/out`), "../../etc/passwd");
  assertEquals(modeAt(`${out}/big.bin`), 0o600);
  assertEquals(modeAt(`${out}/docs/a.txt`), 0o644);
  assertEquals(modeAt(`${out}/docs/ro`), 0o555);
  assertEquals(modeAt(`${out}/docs/ro/run`), 0o755, "set-id bits are masked");
  Deno.mkdirSync(`${dir}/plain`);
  Deno.writeFileSync(`${dir}/file`, new Uint8Array());
  assertEquals(modeAt(out), modeAt(`${dir}/plain`), "as mkdir makes it");
  assertEquals(modeAt(`${out}/empty`), modeAt(`${dir}/file`));
  assertEquals(namesIn(`${dir}/parents/are`), ["made"]);
});

test("TreeLanding keeps set-id bits when asked, and syncs when asked", async (dir) => {
  const out = `${dir}/tree`;
  await landTree(out, TREE, {
    preserveSetid: true,
    fsync: true,
    links: "keep",
  });
  assertEquals(modeAt(`${out}/docs/ro/run`), 0o6755);
  assertEquals(modeAt(`${out}/docs/ro`), 0o555);
  assertEquals(modeAt(`${out}/big.bin`), 0o600);
  assertEquals(Deno.readFileSync(`${out}/big.bin`), BIG);
  assertEquals(namesIn(dir), ["tree"]);
});

const NEW: TreeItems = [["new", { file: "new" }]];

/** Something of each kind that a tree can replace. */
function makeOld(dir: string): void {
  Deno.mkdirSync(`${dir}/elsewhere`);
  Deno.writeTextFileSync(`${dir}/elsewhere/kept`, "");
  Deno.mkdirSync(`${dir}/directory/old/ro`, { recursive: true });
  Deno.writeTextFileSync(`${dir}/directory/old/ro/file`, "");
  Deno.chmodSync(`${dir}/directory/old/ro`, 0o500);
  Deno.writeTextFileSync(`${dir}/file`, "old");
  Deno.symlinkSync("elsewhere", `${dir}/link`);
  Deno.mkdirSync(`${dir}/empty`);
}

test("TreeLanding replaces a directory, a file and a link to something when told so, and follows none", async (dir) => {
  makeOld(dir);
  for (const target of ["directory", "file", "link"]) {
    await landTree(`${dir}/${target}`, NEW, { replace: true });
    assert(Deno.lstatSync(`${dir}/${target}`).isDirectory, target);
    assertEquals(namesIn(`${dir}/${target}`), ["new"], target);
  }
  assertEquals(namesIn(`${dir}/elsewhere`), ["kept"]);
  assertEquals(
    namesIn(dir),
    ["directory", "elsewhere", "empty", "file", "link"],
  );
});

test("TreeLanding replaces on its own an empty directory, a link, and what it made itself", async (dir) => {
  makeOld(dir);
  for (const target of ["directory", "file"]) {
    const error = await assertRejects(
      () => landTree(`${dir}/${target}`, NEW, { replace: false }),
      ExistsError,
      `/${target}" exists and may not be replaced`,
    );
    assertEquals(error.fields.path, `${dir}/${target}`);
  }
  assertEquals(namesIn(`${dir}/directory`), ["old"]);
  assertEquals(Deno.readTextFileSync(`${dir}/file`), "old");
  for (const target of ["empty", "link"]) {
    const { path, identity } = await landTree(`${dir}/${target}`, NEW, {
      replace: false,
    });
    assertEquals(path, `${dir}/${target}`);
    Deno.writeTextFileSync(`${path}/more`, "");
    await assertRejects(
      () => landTree(path, NEW, { replace: false }),
      ExistsError,
    );
    await landTree(path, NEW, { replace: false, former: identity });
    assertEquals(namesIn(path), ["new"]);
    await assertRejects(
      () => landTree(path, NEW, { replace: false, former: identity }),
      ExistsError,
      "may not be replaced",
    );
  }
  assertEquals(namesIn(`${dir}/elsewhere`), ["kept"]);
});

test("TreeLanding leaves a link to nothing alone", async (dir) => {
  for (const target of ["nowhere", "link"]) {
    Deno.symlinkSync(target, `${dir}/link`);
    await assertRejects(
      () => landTree(`${dir}/link`, [["new", { file: "new" }]]),
      IoError,
      "a link to nothing",
    );
    assertEquals(Deno.readLinkSync(`${dir}/link`), target);
    assertEquals(namesIn(dir), ["link"]);
    Deno.removeSync(`${dir}/link`);
  }
});

test("TreeLanding does not replace a tree that a killed run left aside either", async (dir) => {
  const aside = `${dir}/.tree.replaced_${"0".repeat(16)}`;
  Deno.mkdirSync(`${aside}/old`, { recursive: true });
  for (const _ of ["put back", "there"]) {
    await assertRejects(
      () => landTree(`${dir}/tree`, NEW, { replace: false }),
      ExistsError,
    );
    assertEquals(namesIn(`${dir}/tree`), ["old"]);
    assertEquals(namesIn(dir), ["tree"]);
  }
  await landTree(`${dir}/free`, NEW, { replace: false });
  assertEquals(namesIn(`${dir}/free`), ["new"]);
});

test("TreeLanding leaves links out, or refuses those that lead outside, as asked", async (dir) => {
  const skipped = await landTree(`${dir}/skip`, TREE, { links: "skip" });
  assertEquals(skipped.symlinks, 0);
  assert(!namesIn(`${dir}/skip`).includes("link"));
  await assertRejects(
    () => landTree(`${dir}/inside`, TREE, { links: "inside" }),
    UnsafePathError,
    "leads out",
  );
  assertEquals(namesIn(dir), ["skip"]);
});

test("TreeLanding takes chunks in any order, twice, and after wrong ones", async (dir) => {
  const items: TreeItems = [["a", { file: BIG }], ["b", { file: "b" }]];
  const out = `${dir}/tree`;
  await using landing = await openTree(out, items);
  const big = (chunk: number) => {
    const start = chunk * CHUNK_SIZE;
    const bytes = BIG.subarray(start, start + CHUNK_SIZE);
    return writeChunk(landing, 0, bytes, chunk);
  };
  const small = (text: string) => writeChunk(landing, 1, text);
  const error = await assertRejects(() => small("x"), HashMismatchError);
  assertEquals(error.fields.path, "b");
  assertEquals(error.fields.entry, 1);
  await assertRejects(
    () => writeChunk(landing, 0, "xyz", 1),
    HashMismatchError,
  );
  await Promise.all(
    [big(2), big(0), big(2), small("b"), small("b"), big(1)],
  );
  await landing.commit();
  assertEquals(Deno.readFileSync(`${out}/a`), BIG);
  assertEquals(Deno.readTextFileSync(`${out}/b`), "b");
});

test("TreeLanding does not install a tree that is not complete", async (dir) => {
  const items: TreeItems = [["a", { file: "a" }], ["b", { file: "b" }]];
  const out = `${dir}/tree`;
  Deno.mkdirSync(out);
  await using landing = await openTree(out, items);
  await writeChunk(landing, 0, "a");
  await assertRejects(
    () => landing.commit(),
    IoError,
    '1 files are not complete, the first is "b"',
  );
  await landing.abort();
  assertEquals(namesIn(dir), ["tree"]);
  assertEquals(namesIn(out), []);
});

test("TreeLanding refuses a chunk whose length is not the declared one", async (dir) => {
  const bytes = new TextEncoder().encode("hello\n");
  for (const size of [0, 7]) {
    await using landing = await TreeLanding.open({
      out: `${dir}/t`,
      manifest: manifestWith([makeSmall("", blake3(bytes), size)]),
    });
    await assertRejects(
      () => writeChunk(landing, 0, bytes),
      ManifestError,
      `entry "f0" declares ${size} bytes, got 6`,
    );
  }
  assertEquals(namesIn(dir), []);
});

function chunkTree(size: bigint): TreeRef {
  return makeTree("", REPLICATED, new Uint8Array(32), size, 1);
}

test("TreeLanding writes the leaves of a chunk tree where they belong", async (dir) => {
  await using landing = await TreeLanding.open({
    out: `${dir}/t`,
    manifest: manifestWith([chunkTree(9n)], 0o640),
  });
  const first = treeLeaf(0, 0, "hello\n");
  const last = { ...treeLeaf(0, 6, "abc"), last: true };
  await assertRejects(
    () => landing.writeTreeLeaf({ ...first, hash: new Uint8Array(32) }),
    HashMismatchError,
  );
  for (
    const [leaf, end] of [
      [treeLeaf(0, 7, "abc"), 10],
      [{ ...treeLeaf(0, 5, "abc"), last: true }, 8],
    ] as const
  ) {
    await assertRejects(
      () => landing.writeTreeLeaf(leaf),
      ManifestError,
      `declares 9 bytes, got ${end}`,
    );
  }
  await landing.writeTreeLeaf(last);
  await landing.writeTreeLeaf(treeLeaf(0, 0, "hello\n"));
  await landing.commit();
  assertEquals(Deno.readTextFileSync(`${dir}/t/f0`), "hello\nabc");
  assertEquals(modeAt(`${dir}/t/f0`), 0o640);
});

test("TreeLanding keeps a bounded number of files open", async (dir) => {
  const count = 150;
  await using landing = await TreeLanding.open({
    out: `${dir}/t`,
    manifest: manifestWith(Array(count).fill(chunkTree(2n))),
  });
  for (const offset of [0, 1]) {
    for (let entry = 0; entry < count; entry++) {
      const leaf = treeLeaf(entry, offset, "AB"[offset]);
      await landing.writeTreeLeaf({ ...leaf, last: offset === 1 });
    }
  }
  await landing.commit();
  for (let i = 0; i < count; i++) {
    assertEquals(Deno.readTextFileSync(`${dir}/t/f${i}`), "AB");
  }
});

test("TreeLanding puts back the old tree that a killed run left aside", async (dir) => {
  Deno.mkdirSync(`${dir}/.t.replaced_0123456789abcdef`);
  Deno.writeTextFileSync(`${dir}/.t.replaced_0123456789abcdef/old`, "");
  {
    await using landing = await openTree(`${dir}/t`, [], { replace: true });
    assert(landing.warnings[0].includes("the old tree was put back first"));
  }
  assertEquals(namesIn(`${dir}/t`), ["old"]);
  assertEquals(namesIn(dir), ["t"]);
});

test("TreeLanding stops on its signal and leaves what it has for the next one, or nothing", async (dir) => {
  const items: TreeItems = [["a", { file: "a" }]];
  for (const resume of [false, true]) {
    const abort = new AbortController();
    const { signal } = abort;
    {
      await using landing = await openTree(`${dir}/t`, items, {
        signal,
        resume,
      });
      const writing = fill(landing, items);
      abort.abort(new Error("stop"));
      await assertRejects(() => writing, Error, "stop");
      await assertRejects(() => landing.commit(), Error, "stop");
    }
    assertEquals(/^\.t\.fetch_[0-9a-f]{16}$/.test(namesIn(dir)[0]), resume);
    assertEquals(namesIn(dir).length, resume ? 1 : 0);
    await assertRejects(
      () => openTree(`${dir}/t`, items, { signal }),
      Error,
      "stop",
    );
  }
});

test("TreeLanding refuses targets without a name before anything is made", async (dir) => {
  for (const out of ["", `${dir}/x/..`, "/"]) {
    await assertRejects(
      () => openTree(out, []),
      IoError,
      "no name of its own",
    );
  }
  assertEquals(namesIn(dir), []);
});
