import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { makeSmall, makeTree, REPLICATED } from "../content/blob_ref.ts";
import { encodeDirManifest } from "../content/dir_manifest.ts";
import { IoError, ManifestError, UnsafePathError } from "../errors.ts";
import {
  landTree,
  manifestOf,
  manifestWith,
  modeAt,
  namesIn,
  openTree,
  tempTree,
  test,
  type TreeItem,
  type TreeItems,
  writeChunk,
} from "./testing/trees.ts";
import {
  type PlanOptions,
  planTree,
  type TreePlan,
} from "./worker/tree_plan.ts";

const FILE: TreeItem = { file: "x" };
const OUT: TreeItem = { link: "/tmp" };
const unsafe = (name: string, ...items: [string, TreeItem][]) => ({
  name,
  manifest: manifestOf(items),
  expected: UnsafePathError,
});
const bad = (name: string, manifest: Uint8Array) => ({
  name,
  manifest,
  expected: ManifestError,
});
const withBlob = (blob: Uint8Array): Uint8Array =>
  encodeDirManifest({
    version: 1,
    entries: [{ path: "a", kind: { type: "file", mode: 0, blob } }],
  });

function plan(
  manifest: Uint8Array,
  options: Partial<PlanOptions> = {},
): TreePlan {
  return planTree({
    manifest,
    links: "keep",
    preserveSetid: false,
    canLink: true,
    ...options,
  });
}

const ATTACKS = [
  unsafe("parent", ["../x", FILE]),
  unsafe("parent in the middle", ["a/../../x", FILE]),
  unsafe("parent at the end", ["a/..", { dir: true }]),
  unsafe("absolute", ["/etc/x", FILE]),
  unsafe("empty", ["", FILE]),
  unsafe("the root itself", [".", { dir: true }]),
  unsafe("leading dot", ["./x", FILE]),
  unsafe("NUL", ["a\0b", FILE]),
  unsafe("twice", ["a", FILE], ["a", FILE]),
  unsafe("twice by spelling", ["a/b", FILE], ["a//b", FILE]),
  unsafe("file and directory", ["a", FILE], ["a", { dir: true }]),
  unsafe("below a file", ["a", FILE], ["a/b", FILE]),
  unsafe("below a file, listed first", ["a/b", FILE], ["a", FILE]),
  unsafe("below a link", ["a", { link: "." }], ["a/b", FILE]),
  unsafe("below a link that leads out", ["a", OUT], ["a/escaped", FILE]),
  unsafe("below a link, listed first", ["a/escaped", FILE], ["a", OUT]),
  unsafe("a link in place of a directory", ["a", { dir: true }], ["a", OUT]),
  unsafe("a name too long", ["x".repeat(256), FILE]),
  unsafe("a path too long", [`${"x/".repeat(2048)}x`, FILE]),
  bad("no bytes", new Uint8Array()),
  bad("cut off", manifestOf([["a", FILE]]).slice(0, -1)),
  bad("unknown version", encodeDirManifest({ version: 2, entries: [] })),
  bad("more entries than bytes", new Uint8Array([1, 0xff, 0xff, 0xff, 0x7f])),
  bad("no reference", withBlob(new Uint8Array())),
  bad(
    "unknown reference",
    withBlob(new Uint8Array([0xb0, 0xb1, 0xb2, 0xb3, 9])),
  ),
  bad(
    "a chunk that is too long",
    manifestWith([makeSmall("", new Uint8Array(32), 16_777_217)]),
  ),
  bad(
    "a file that is too long",
    manifestWith([
      makeTree("", REPLICATED, new Uint8Array(32), 2n ** 56n, 4),
    ]),
  ),
  bad("a link to nothing", manifestOf([["a", { link: "" }]])),
  bad("a link with NUL", manifestOf([["a", { link: "x\0y" }]])),
  bad(
    "a link that is too long",
    manifestOf([["a", { link: "x".repeat(4096) }]]),
  ),
];

for (const { name, manifest, expected } of ATTACKS) {
  Deno.test(`planTree refuses a hostile manifest: ${name}`, () => {
    const ofText = expected === ManifestError && name.startsWith("a link ");
    for (
      const links of ofText ? ["keep" as const] : ["keep", "skip"] as const
    ) {
      assertThrows(() => plan(manifest, { links }), expected, "dir transfer: ");
    }
  });
}

test("a hostile entry behind many good ones is refused before anything is made", async (dir) => {
  const items = Array(1000).fill(FILE)
    .map((item, i): [string, TreeItem] => [`f${i}`, item]);
  const open = () => openTree(`${dir}/tree`, [...items, ["../x", FILE]]);
  await assertRejects(open, UnsafePathError);
  assertEquals(namesIn(dir), []);
});

test("a link is made last and never written through", async (dir) => {
  Deno.mkdirSync(`${dir}/victim`);
  const items: [string, TreeItem][] = [["a", { link: `${dir}/victim` }], [
    "b",
    FILE,
  ]];
  await using landing = await openTree(`${dir}/tree`, items, {
    links: "keep",
  });
  const temp = tempTree(dir);
  assertEquals(
    modeAt(temp),
    0o700,
    "nobody else can enter while it is filled",
  );
  await writeChunk(landing, 1, "x");
  assertEquals(namesIn(temp), ["b"]);
  await landing.commit();
  assertEquals(namesIn(`${dir}/tree`), ["a", "b"]);
  assertEquals(namesIn(`${dir}/victim`), []);
});

test("a temp tree that is swapped for a link while it is filled is not written to", async (dir) => {
  Deno.mkdirSync(`${dir}/victim`);
  await using landing = await openTree(`${dir}/tree`, [["a", FILE]]);
  const temp = tempTree(dir);
  Deno.renameSync(temp, `${dir}/aside`);
  Deno.symlinkSync("victim", temp);
  await assertRejects(
    () => writeChunk(landing, 0, "x"),
    IoError,
    "not the directory that was made there",
  );
  await landing.abort();
  assertEquals(namesIn(dir), ["aside", "victim"]);
  assertEquals(namesIn(`${dir}/victim`), []);
});

test("a tree whose parent is renamed while it is filled says so, and blames nobody", async (dir) => {
  Deno.mkdirSync(`${dir}/parent`);
  await using landing = await openTree(`${dir}/parent/tree`, [["a", FILE]]);
  Deno.renameSync(`${dir}/parent`, `${dir}/elsewhere`);
  await assertRejects(
    () => writeChunk(landing, 0, "x"),
    IoError,
    "a directory above it, was renamed or removed",
  );
});

test("a planted lock of a tree is refused and named", async (dir) => {
  Deno.writeTextFileSync(`${dir}/victim`, "victim");
  Deno.symlinkSync("victim", `${dir}/.tree.fetch_lock`);
  const error = await assertRejects(
    () => openTree(`${dir}/tree`, []),
    IoError,
    "it is a symbolic link",
  );
  assertEquals(error.fields.path, `${dir}/.tree.fetch_lock`);
  assertEquals(Deno.readTextFileSync(`${dir}/victim`), "victim");
  assertEquals(namesIn(dir), [".tree.fetch_lock", "victim"]);
});

Deno.test("planTree masks set-id bits unless they are asked for, never the sticky bit of a directory, and keeps what is not known", () => {
  const manifest = manifestOf([
    ["a", { file: "", mode: 0o107755 }],
    ["b", { file: "", mode: 0o100000 }],
    ["c", { file: "" }],
    ["d", { dir: true, mode: 0o43777 }],
  ]);
  const modes = (preserveSetid: boolean) => {
    const { files, dirs } = plan(manifest, { preserveSetid });
    const modes = [0, 1, 2, 3].map((entry) => files.at(entry)?.mode);
    return [...modes, new Map(dirs).get("d")];
  };
  assertEquals(modes(false), [0o755, 0, undefined, undefined, 0o1777]);
  assertEquals(modes(true), [0o7755, 0, undefined, undefined, 0o3777]);
});

Deno.test("planTree puts parents before what they hold, whatever the order of the manifest", () => {
  const manifest = manifestOf([["a/b/c/x", FILE], ["a/b", {
    dir: true,
    mode: 0o40700,
  }], ["d/l", { link: "x" }]]);
  const { dirs, counts } = plan(manifest, { links: "skip", canLink: false });
  assertEquals([...dirs], [["a", undefined], ["a/b", 0o700], [
    "a/b/c",
    undefined,
  ], ["d", undefined]]);
  assertEquals(counts, { files: 1, dirs: 1, symlinks: 0, bytes: 1n });
});

test("a tree with what looks like a stopped exchange leads the next landing nowhere", async (dir) => {
  const victim = `${dir}/victim`;
  Deno.mkdirSync(victim);
  Deno.writeTextFileSync(`${victim}/kept`, "x");
  const aside = ".net-transfer.replaced_0000000000000000";
  const fresh = ".net-transfer.fetch_0000000000000000";
  const journal = { version: 1, fresh, oldNames: [], newNames: ["kept"] };
  const text = JSON.stringify(journal);
  const out = `${dir}/out`;
  const trees: TreeItems[] = [
    [
      [aside, { dir: true, mode: 0o700 }],
      [`${aside}/journal`, { file: text }],
      [`${aside}/entries`, { dir: true, mode: 0o700 }],
      [fresh, { link: victim }],
    ],
    [
      [aside, { dir: true, mode: 0o700 }],
      [`${aside}/journal`, {
        file: text.replace('"oldNames":[]', '"oldNames":["mine"]'),
      }],
      [`${aside}/entries`, { link: victim }],
      ["mine", FILE],
    ],
  ];
  for (const tree of trees) {
    await landTree(out, tree, { links: "keep", replace: true });
    await landTree(out, [["a", FILE]], { replace: true });
    assertEquals(namesIn(out), ["a"]);
    assertEquals(namesIn(victim), ["kept"]);
  }
});

test("a tree that has an entry of the name of a lock can be replaced by another", async (dir) => {
  const out = `${dir}/tree`;
  for (
    const name of [".net-transfer.fetch_lock", ".net-transfer.fetch_owner"]
  ) {
    for (const item of [{ dir: true }, OUT, FILE] as TreeItem[]) {
      await landTree(out, [[name, item]], { links: "keep" });
      await landTree(out, [["a", FILE]]);
      assertEquals(namesIn(out), ["a"]);
    }
  }
});
