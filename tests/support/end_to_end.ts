/**
 * The main job of the program, from one process to another, for any way to
 * start it.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { exists } from "@std/fs";
import { join } from "@std/path";
import { blake3, type DirEntry } from "../../lib/content/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { type Program, runProgram, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { assertSameTree, failureOf, SOME_KEY, startHolder } from "./cli.ts";
import { fileEntry, Stage } from "./stage.ts";

/** More than two chunks. */
const LARGE = 9 * 2 ** 20 + 7;
/** Bytes that stand where they must not be touched. */
const BEFORE = "as it was\n";

/** Makes a tree with one of everything. */
export async function makeTree(dir: TempDir): Promise<string> {
  const many = Array.from(
    { length: 50 },
    (_, i) => [`a/many-${i}`, noise(i * 97, 3 + i)] as const,
  );
  const windows = Deno.build.os === "windows";
  const tree = await dir.tree("tree", {
    "nothing/": "",
    empty: "",
    "a/ünïcode \u{1f4e6}": "hello\n",
    "a/b/small": noise(5000, 1),
    "a/b/c/large": noise(LARGE, 2),
    run: "#!/bin/sh\n",
    ...Object.fromEntries(many),
    ...(windows ? {} : {
      inside: { link: "a/b" },
      "a/dangling": { link: "gone" },
    }),
  });
  if (windows) return tree;
  await Deno.chmod(join(tree, "run"), 0o755);
  await Deno.chmod(join(tree, "a", "b", "small"), 0o600);
  await Deno.chmod(join(tree, "nothing"), 0o700);
  return tree;
}

/** Manifests that a receiver must refuse, and why. */
const UNSAFE: [
  string,
  (file: DirEntry["kind"], escaped: string) => DirEntry[],
][] = [
  ["a path that climbs out", (file) => [{ path: "../escaped", kind: file }]],
  [
    "a path that climbs out from within",
    (file) => [{ path: "a/../../escaped", kind: file }],
  ],
  ["an absolute path", (file, escaped) => [{ path: escaped, kind: file }]],
  [
    "a file behind a link",
    (file) => [
      { path: "link", kind: { type: "symlink", target: ".." } },
      { path: "link/escaped", kind: file },
    ],
  ],
  [
    "one path twice",
    (file) => [
      { path: "twice", kind: { type: "symlink", target: "../escaped" } },
      { path: "twice", kind: file },
    ],
  ],
  ["an empty path", (file) => [{ path: "", kind: file }]],
];

/** The fetching verbs, as the tests call them. */
class Fetcher {
  constructor(readonly program: Program, readonly holder: HolderProcess) {}

  dir(ref: string, out: string, ...more: string[]) {
    return this.#run(words`recv-dir --remote-ref ${ref} --out ${out} ${more}`);
  }

  blob(ref: string, out: string, ...more: string[]) {
    return this.#run(words`recv-blob --blob-ref ${ref} --out ${out} ${more}`);
  }

  #run(args: string[]) {
    const psk = args.includes("--psk-hex") ? [] : undefined;
    const attach = this.holder.attach(psk);
    return runProgram(
      this.program,
      words`${args} ${attach} --output ndjson`,
    );
  }
}

/**
 * Runs the whole program through its main job and its main refusals.
 *
 * @param t The test whose steps these become.
 * @param dir An empty directory.
 * @param program What starts the program.
 */
export async function endToEnd(
  t: Deno.TestContext,
  dir: TempDir,
  program: Program,
): Promise<void> {
  const at = (...names: string[]): string => dir.at(...names);
  await makeTree(dir);
  await Deno.writeFile(at("blob"), noise(LARGE, 99));
  const paths = [at("tree"), at("blob")];
  await using holder = await startHolder(dir.path, paths, { program });
  const fetch = new Fetcher(program, holder);
  const [tree, blob] = holder.refs.map(({ ref }) => ref);

  await t.step("a directory served in place arrives as it is", async () => {
    const { code, stdout, stderr } = await fetch.dir(tree, at("copy"));
    assertEquals(code, 0, stderr);
    const { files, symlinks, atomic } = JSON.parse(stdout);
    assertEquals([files, symlinks, atomic], [55, 2, true]);
    await assertSameTree(at("tree"), at("copy"));
  });

  await t.step("fetched again it replaces the old tree whole", async () => {
    await Deno.writeTextFile(at("copy", "stale"), BEFORE);
    await Deno.writeTextFile(at("copy", "run"), BEFORE);
    const { code, stderr } = await fetch.dir(tree, at("copy"));
    assertEquals(code, 0, stderr);
    await assertSameTree(at("tree"), at("copy"));
  });

  await t.step("a blob served in place arrives as it is", async () => {
    const { code, stdout, stderr } = await fetch.blob(blob, at("blob2"));
    assertEquals(code, 0, stderr);
    assertEquals(JSON.parse(stdout).bytes, LARGE);
    assertEquals(
      await Deno.readFile(at("blob2")),
      await Deno.readFile(at("blob")),
    );
  });

  await t.step("send-* into a store, serve --store, fetch", async () => {
    const refs: string[] = [];
    for (
      const [verb, path] of [["send-dir", "tree"], ["send-blob", "blob"]]
    ) {
      const { code, stdout, stderr } = await runProgram(
        program,
        words`${verb} ${at(path)} --store ${at("store")} --output ndjson`,
      );
      assertEquals(code, 0, stderr);
      const { remote_ref, blob_ref } = JSON.parse(stdout);
      refs.push(remote_ref ?? blob_ref);
    }
    assertEquals(refs, [tree, blob], "the same content has one reference");
    await using other = await startHolder(dir.path, ["--store", at("store")], {
      program,
    });
    const fetch = new Fetcher(program, other);
    assertEquals((await fetch.dir(refs[0], at("staged"))).code, 0);
    await assertSameTree(at("tree"), at("staged"));
    assertEquals((await fetch.blob(refs[1], at("blob3"))).code, 0);
    assertEquals(
      await Deno.readFile(at("blob3")),
      await Deno.readFile(at("blob")),
    );
  });

  await t.step("a wrong pre-shared key exits 6", async () => {
    const run = await fetch.blob(
      blob,
      at("never"),
      ...["--psk-hex", "00".repeat(32), "--connect-timeout", "1s"],
    );
    assertEquals(failureOf(run).exit_code, 6);
    assert(!await exists(at("never")));
  });

  await t.step(
    "content that is not held exits 3 and touches nothing",
    async () => {
      await Deno.mkdir(at("kept"));
      await Deno.writeTextFile(at("kept", "file"), BEFORE);
      await Deno.writeTextFile(at("kept.txt"), BEFORE);
      for (
        const run of [
          await fetch.dir(SOME_KEY, at("kept"), "--replace"),
          await fetch.blob(SOME_KEY, at("kept.txt"), "--replace"),
        ]
      ) {
        const { exit_code, kind } = failureOf(run);
        assertEquals([exit_code, kind], [3, "not_found"]);
      }
      assertEquals(await Deno.readTextFile(at("kept", "file")), BEFORE);
      assertEquals(await Deno.readTextFile(at("kept.txt")), BEFORE);
    },
  );

  await t.step("an unsafe manifest exits 3 and writes nothing", async () => {
    const refs = await stageUnsafe(at("evil-store"), at("escaped"));
    await using other = await startHolder(dir.path, [
      "--store",
      at("evil-store"),
    ], { program });
    const fetch = new Fetcher(program, other);
    for (const [what, ref] of refs) {
      await Deno.mkdir(at("cage"));
      const failure = failureOf(await fetch.dir(ref, at("cage", "out")));
      assertEquals(failure.exit_code, 3, what);
      assert(/unsafe_path|manifest/.test(failure.kind), what);
      assertEquals([...Deno.readDirSync(at("cage"))], [], what);
      assert(!await exists(at("escaped")), what);
      await Deno.remove(at("cage"));
    }
  });

  await t.step(
    "a chunk damaged in the store exits 3, not wrong bytes",
    async () => {
      const hash = blake3(new TextEncoder().encode("hello\n"));
      const data = at(
        ...["store", "dataforts", "blob", toHex(hash), "v0000000001", "dat"],
      );
      await Deno.writeTextFile(data, "hellO\n");
      await using other = await startHolder(
        dir.path,
        ["--store", at("store")],
        { program },
      );
      const fetch = new Fetcher(program, other);
      const failure = failureOf(await fetch.dir(tree, at("damaged")));
      assertEquals([failure.exit_code, failure.kind], [3, "not_found"]);
      assert(!await exists(at("damaged")));
    },
  );

  await t.step("a bad flag and a bad reference exit 2", async () => {
    const flag = await fetch.blob(blob, at("never"), "--frobnicate");
    assertEquals(flag.code, 2);
    assertStringIncludes(flag.stderr, "--frobnicate");
    const reference = await fetch.blob("b0b1b2b309", at("never"));
    assertEquals(reference.code, 2, reference.stderr);
    assert(!await exists(at("never")));
  });

  await t.step("serve stopped by SIGTERM exits 0", async () => {
    const { code, stderr } = await holder.stop();
    assertEquals([code, stderr], [0, ""]);
  });
}

/** Stages manifests that break the rules, as a hostile publisher would. */
async function stageUnsafe(
  dir: string,
  escaped: string,
): Promise<[string, string][]> {
  await using stage = await Stage.open(dir);
  const blob = await stage.blob(new TextEncoder().encode("escaped\n"));
  const { kind } = fileEntry("", blob);
  const refs: [string, string][] = [];
  for (const [what, entries] of UNSAFE) {
    refs.push([what, toHex(await stage.manifest(entries(kind, escaped)))]);
  }
  return refs;
}
