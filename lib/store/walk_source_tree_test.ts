import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { compareUtf8 } from "../content/mod.ts";
import { IoError, UsageError } from "../errors.ts";
import { DIR_DEPTH_MAX } from "../limits.ts";
import { lstatAt, rawPaths } from "./raw_paths.ts";
import {
  entriesOf,
  makeTempDir,
  runScript,
  type SourceEntry,
  writeTree,
} from "./testing/temp_tree.ts";
import { type WalkOptions, walkSourceTree } from "./walk_source_tree.ts";

async function listTree(
  root: string,
  options?: WalkOptions,
): Promise<SourceEntry[]> {
  const tree = await walkSourceTree(root, options);
  const entries = entriesOf(tree);
  assertEquals(tree.length, entries.length);
  return entries;
}

async function listPaths(
  root: string,
  options?: WalkOptions,
): Promise<string[]> {
  return (await listTree(root, options)).map(({ path }) => path);
}

const linux = Deno.build.os === "linux";

Deno.test("walkSourceTree orders whole paths by their UTF-8 bytes", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, {
    "a": { dir: true },
    "a/x": "",
    "a-b": "",
    "a.txt": "",
    "a0": "",
    "\u{10000}": "",
    "\ue000": "",
    "\uffee": "",
    ".hidden": "",
  });
  const paths = await listPaths(temp.path);
  assertEquals(paths, [
    ".hidden",
    "a",
    "a-b",
    "a.txt",
    "a/x",
    "a0",
    "\ue000",
    "\uffee",
    "\u{10000}",
  ]);
});

Deno.test("walkSourceTree orders any tree as a sort of its paths does", async () => {
  const name = fc.stringMatching(/^[ -.0a\ue000\u{10000}]{1,3}$/u)
    .filter((text) => text !== "." && text !== "..");
  // Names with a digit behind are directories: no path is both.
  const path = fc.tuple(
    fc.array(name.map((text) => `${text}0`), { maxLength: 3 }),
    name.map((text) => `${text}a`),
  ).map(([above, last]) => [...above, last].join("/"));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(path, { maxLength: 12 }), async (files) => {
      using temp = makeTempDir();
      writeTree(temp.path, Object.fromEntries(files.map((file) => [file, ""])));
      const paths = new Set(files);
      for (const file of files) {
        for (let at = 0; (at = file.indexOf("/", at)) >= 0; at++) {
          paths.add(file.slice(0, at));
        }
      }
      const expected = [...paths].sort(compareUtf8);
      assertEquals(await listPaths(temp.path), expected);
    }),
    { numRuns: 60 },
  );
});

Deno.test({
  name:
    "walkSourceTree orders what lies in directories whose names became equal",
  ignore: rawPaths === undefined,
  fn: async () => {
    using temp = makeTempDir();
    runScript(
      temp.path,
      'mkdir "$(printf "d\\376")" "$(printf "d\\377")"; : > "$(printf "d\\376/b")"; : > "$(printf "d\\377/a")"',
    );
    const entries = await listTree(temp.path);
    assertEquals(
      entries.map(({ path }) => path),
      ["d\ufffd", "d\ufffd", "d\ufffd/a", "d\ufffd/b"],
    );
    for (const { source } of entries) assert(lstatAt(source));
  },
});

Deno.test("walkSourceTree gives full modes, sizes and link texts, and follows no link", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, {
    "dir/file": "12345",
    "to_dir": { link: "dir" },
    "nowhere": { link: "../no/such" },
  });
  Deno.chmodSync(`${temp.path}/dir/file`, 0o4751);
  const entries = await listTree(temp.path);
  assertEquals(
    entries.map(({ path, type, mode, size, target }) => [
      path,
      type,
      type === "symlink" ? target : mode,
      size,
    ]),
    [
      ["dir", "dir", 0o40755, 0],
      ["dir/file", "file", 0o104751, 5],
      ["nowhere", "symlink", "../no/such", 0],
      ["to_dir", "symlink", "dir", 0],
    ],
  );
});

Deno.test("walkSourceTree follows a link that is the root itself", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "real/a": "", "root": { link: "real" } });
  const paths = await listPaths(`${temp.path}/root`);
  assertEquals(paths, ["a"]);
});

Deno.test({
  name: "walkSourceTree lists what cannot be published as skipped",
  ignore: !linux,
  fn: async () => {
    using temp = makeTempDir();
    writeTree(temp.path, { "d/a": "" });
    using _listener = Deno.listen({
      transport: "unix",
      path: `${temp.path}/d/socket`,
    });
    const tree = await walkSourceTree(temp.path);
    assertEquals(entriesOf(tree).map(({ path }) => path), ["d", "d/a"]);
    assertEquals(tree.skipped, ["d/socket"]);
  },
});

Deno.test("walkSourceTree does not enter a directory that the filter leaves out", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "keep/a": "", "keep/b.o": "", "drop/c": "" });
  const asked: string[] = [];
  const entries = await listTree(temp.path, {
    filter(path) {
      asked.push(path);
      return path !== "drop" && !path.endsWith(".o");
    },
  });
  assertEquals(entries.map((entry) => entry.path), ["keep", "keep/a"]);
  assertEquals(asked.includes("drop/c"), false);
});

Deno.test("walkSourceTree drops a directory in which nothing is wanted", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, {
    "a/b/keep.md": "",
    "a/c/d/drop.ts": "",
    "e": { dir: true },
  });
  const entries = await listTree(temp.path, {
    filter: (path, type) => type === "dir" ? "if_needed" : path.endsWith(".md"),
  });
  assertEquals(
    entries.map((entry) => entry.path),
    ["a", "a/b", "a/b/keep.md"],
  );
});

Deno.test("walkSourceTree refuses a root that is missing or a file", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "file": "" });
  await assertRejects(
    () => walkSourceTree(`${temp.path}/none`),
    UsageError,
    "there is no such directory",
  );
  await assertRejects(
    () => walkSourceTree(`${temp.path}/file`),
    UsageError,
    "it is not one",
  );
});

Deno.test("walkSourceTree refuses a tree deeper than any receiver accepts", async () => {
  using temp = makeTempDir();
  Deno.mkdirSync(`${temp.path}/${"d/".repeat(DIR_DEPTH_MAX)}`, {
    recursive: true,
  });
  const entries = await listTree(temp.path);
  assertEquals(entries.length, DIR_DEPTH_MAX);
  Deno.mkdirSync(`${temp.path}/${"d/".repeat(DIR_DEPTH_MAX + 1)}`);
  await assertRejects(
    () => walkSourceTree(temp.path),
    IoError,
    "directories deep",
  );
});

Deno.test("walkSourceTree stops when its signal is aborted", async () => {
  using temp = makeTempDir();
  const reason = new Error("enough");
  await assertRejects(
    () => walkSourceTree(temp.path, { signal: AbortSignal.abort(reason) }),
    Error,
    "enough",
  );
});

/** Makes files whose names are not UTF-8, which the runtime itself cannot. */
function makeBadNames(root: string): void {
  const script = [
    'printf one > "$(printf "bad\\377\\376name")"',
    'printf two > "$(printf "same\\377")"',
    'printf three > "$(printf "same\\376")"',
    'mkdir "$(printf "dir\\377")"',
    'printf four > "$(printf "dir\\377/in")"',
    'ln -s "$(printf "to\\377")" link',
    'ln -s plain "$(printf "l\\377nk")"',
  ];
  runScript(root, script.join("\n"));
}

Deno.test({
  name:
    "walkSourceTree lists names that are not UTF-8 with U+FFFD and reports which became equal",
  ignore: rawPaths === undefined,
  fn: async () => {
    using temp = makeTempDir();
    makeBadNames(temp.path);
    const tree = await walkSourceTree(temp.path);
    assertEquals(
      entriesOf(tree).map(({ path, type, size, target }) => [
        path,
        type,
        target ?? size,
      ]).sort(),
      [
        ["bad\ufffd\ufffdname", "file", 3],
        ["dir\ufffd", "dir", 0],
        ["dir\ufffd/in", "file", 4],
        ["link", "symlink", "to\ufffd"],
        ["l\ufffdnk", "symlink", "plain"],
        ["same\ufffd", "file", 3],
        ["same\ufffd", "file", 5],
      ].sort(),
    );
    assertEquals(tree.collisions, ["same\ufffd"]);
  },
});

Deno.test({
  name: "walkSourceTree says what to do about a link it cannot read",
  ignore: rawPaths === undefined,
  fn: async () => {
    using temp = makeTempDir();
    makeBadNames(temp.path);
    // Without native calls, in a process of its own.
    const module = new URL("./walk_source_tree.ts", import.meta.url).href;
    const code = `const { walkSourceTree } = await import(${
      JSON.stringify(module)
    });
try { await walkSourceTree(${JSON.stringify(temp.path)}); }
catch (error) { console.log(error.message, error.hint); }`;
    const config = new URL("../../deno.json", import.meta.url);
    using script = makeTempDir();
    Deno.writeTextFileSync(`${script.path}/walk.ts`, code);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-read",
        "--no-prompt",
        "--no-check",
        `--config=${decodeURIComponent(config.pathname)}`,
        `${script.path}/walk.ts`,
      ],
      stderr: "inherit",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text.includes("is not valid UTF-8"), text);
    assert(text.includes("--allow-ffi"), text);
  },
});
