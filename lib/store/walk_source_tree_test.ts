import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { compareUtf8 } from "../content/mod.ts";
import { UsageError } from "../errors.ts";
import { PublishNotes } from "./publish_notes.ts";
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

/** Bytes of a path that every system takes. */
const DEEP_PATH = linux ? 4000 : 900;

/** Notes, and what is told of them. */
function listening(): { notes: PublishNotes; told: string[] } {
  const told: string[] = [];
  const notes = new PublishNotes({
    onWarning: ({ kind, path }) => told.push(`${kind} ${path}`),
  });
  return { notes, told };
}

Deno.test("walkSourceTree orders whole paths by their UTF-8 bytes", async () => {
  using temp = makeTempDir();
  const ordered = [
    ...[".hidden", "a", "a-b", "a.txt", "a/x", "a0"],
    ...["\ue000", "\uffee", "\u{10000}"],
  ];
  const files = ordered.filter((path) => path !== "a").toReversed();
  writeTree(temp.path, Object.fromEntries(files.map((file) => [file, ""])));
  assertEquals(await listPaths(temp.path), ordered);
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

Deno.test("walkSourceTree gives full modes, sizes and link texts, and follows no link but its root", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, {
    "real/dir/file": "12345",
    "real/to_dir": { link: "dir" },
    "real/nowhere": { link: "../no/such" },
    "root": { link: "real" },
  });
  Deno.chmodSync(`${temp.path}/real/dir/file`, 0o4751);
  const entries = await listTree(`${temp.path}/root`);
  assertEquals(
    entries.map((e) => [e.path, e.type, e.target ?? e.mode, e.size]),
    [
      ["dir", "dir", 0o40755, 0],
      ["dir/file", "file", 0o104751, 5],
      ["nowhere", "symlink", "../no/such", 0],
      ["to_dir", "symlink", "dir", 0],
    ],
  );
});

Deno.test({
  name: "walkSourceTree lists what cannot be published as skipped",
  ignore: !linux,
  fn: async () => {
    using temp = makeTempDir();
    writeTree(temp.path, { "d/a": "" });
    const path = `${temp.path}/d/socket`;
    using _listener = Deno.listen({ transport: "unix", path });
    const { notes, told } = listening();
    const tree = await walkSourceTree(temp.path, { notes });
    assertEquals(entriesOf(tree).map(({ path }) => path), ["d", "d/a"]);
    assertEquals(told, [`skipped ${path}`]);
    const filter = (path: string) => path !== "d/socket";
    await walkSourceTree(temp.path, { notes, filter });
    assertEquals(notes.counts.skipped, 1);
  },
});

Deno.test("walkSourceTree enters no directory that is left out, and drops one in which nothing is wanted", async () => {
  using temp = makeTempDir();
  const files = ["a/b/keep.md", "a/b/x.o", "a/c/d/drop.ts", "drop/c.md"];
  const tree = Object.fromEntries(files.map((file) => [file, ""]));
  writeTree(temp.path, { ...tree, "e": { dir: true } });
  const asked: string[] = [];
  const paths = await listPaths(temp.path, {
    filter(path, type) {
      asked.push(path);
      if (type !== "dir") return path.endsWith(".md");
      return path === "drop" ? false : "if_needed";
    },
  });
  assertEquals(paths, ["a", "a/b", "a/b/keep.md"]);
  assertEquals(asked.includes("drop/c.md"), false);
});

Deno.test("walkSourceTree refuses a root that is missing or a file", async () => {
  using temp = makeTempDir();
  writeTree(temp.path, { "file": "" });
  const none = walkSourceTree(`${temp.path}/none`);
  await assertRejects(() => none, UsageError, "there is no such directory");
  const file = walkSourceTree(`${temp.path}/file`);
  await assertRejects(() => file, UsageError, "it is not one");
});

Deno.test("walkSourceTree lists a tree that is as deep as paths can be", async () => {
  using temp = makeTempDir();
  const depth = (DEEP_PATH - temp.path.length) >> 1;
  Deno.mkdirSync(`${temp.path}/${"d/".repeat(depth)}`, { recursive: true });
  assertEquals((await listTree(temp.path)).length, depth);
  // Removed from below: the runtime keeps a descriptor open for each level.
  for (let at = depth; at > 0; at--) {
    Deno.removeSync(`${temp.path}/${"d/".repeat(at)}`);
  }
});

Deno.test("walkSourceTree stops when its signal is aborted", async () => {
  using temp = makeTempDir();
  const signal = AbortSignal.abort(new Error("enough"));
  const walking = walkSourceTree(temp.path, { signal });
  await assertRejects(() => walking, Error, "enough");
});

/** Makes files whose names are not UTF-8, which the runtime itself cannot. */
function makeBadNames(root: string): void {
  const script = [
    'printf one > "$(printf "bad\\377\\376name")"',
    'printf two > "$(printf "same\\377")"',
    'printf three > "$(printf "same\\376")"',
    'mkdir "$(printf "dir\\376")" "$(printf "dir\\377")"',
    'printf four > "$(printf "dir\\377/in")"',
    'printf five5 > "$(printf "dir\\376/to")"',
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
    const entries = entriesOf(tree);
    assertEquals(entries.map(({ path }) => path), [
      ...["bad\ufffd\ufffdname", "dir\ufffd", "dir\ufffd", "dir\ufffd/in"],
      ...["dir\ufffd/to", "link", "l\ufffdnk", "same\ufffd", "same\ufffd"],
    ]);
    const targets = entries.flatMap(({ target }) => target ?? []);
    assertEquals(targets, ["to\ufffd", "plain"]);
    // Each is opened where it lies.
    for (const { source, type, size } of entries) {
      assertEquals(lstatAt(source).isFile, type === "file");
      if (type === "file") assertEquals(lstatAt(source).size, size);
    }
    const sizes = entries.map(({ size }) => size).filter((size) => size > 0);
    assertEquals(sizes.sort(), [3, 3, 4, 5, 5]);
    assertEquals(tree.collisions, ["dir\ufffd", "same\ufffd"]);
    assertEquals(tree.lossyTargets, ["link"]);
  },
});

Deno.test({
  name:
    "walkSourceTree leaves out a name whose text would be longer than any receiver accepts",
  ignore: rawPaths === undefined,
  fn: async () => {
    using temp = makeTempDir();
    // 112 characters of CP1251: each becomes three bytes.
    runScript(
      temp.path,
      `printf 1 > "$(printf '\\316\\362%.0s' $(seq 56))"; echo 2 > good`,
    );
    const { notes, told } = listening();
    assertEquals(await listPaths(temp.path, { notes }), ["good"]);
    assertEquals(told, [`unreadable ${temp.path}/${"\ufffd".repeat(112)}`]);
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
    const notes = new URL("./publish_notes.ts", import.meta.url).href;
    const code = `import { walkSourceTree } from ${JSON.stringify(module)};
import { PublishNotes } from ${JSON.stringify(notes)};
const root = ${JSON.stringify(temp.path)};
try { await walkSourceTree(root, { notes: new PublishNotes({ strict: true }) }); }
catch (error) { console.log(error.message, error.hint); }
const tree = await walkSourceTree(root);
console.log("listed", tree.length);`;
    const config = new URL("../../deno.json", import.meta.url);
    using script = makeTempDir();
    Deno.writeTextFileSync(`${script.path}/walk.ts`, code);
    const flags = ["--allow-read", "--no-prompt", "--no-check"];
    const configured = `--config=${decodeURIComponent(config.pathname)}`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, configured, `${script.path}/walk.ts`],
      stderr: "inherit",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text.includes("is not valid UTF-8"), text);
    assert(text.includes("--allow-ffi"), text);
    assert(text.includes("listed 0"), text);
  },
});
