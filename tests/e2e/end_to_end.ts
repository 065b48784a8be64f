/**
 * The main job of the program, from one process to another, for any way to
 * start it.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import {
  blake3,
  type DirEntry,
  encodeBlobRef,
  encodeDirManifest,
  makeSmall,
  SEND_URI,
  toHex,
} from "../../lib/content/mod.ts";
import { DiskStore } from "../../lib/store/mod.ts";
import { compareTrees } from "../../scripts/compare_trees.ts";
import {
  HolderProcess,
  type Program,
  runProgram,
} from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";

/** More than two chunks. */
const LARGE = 9 * 2 ** 20 + 7;
/** Bytes that stand where they must not be touched. */
const BEFORE = "as it was\n";

/** Makes a tree with one of everything. */
export async function makeTree(dir: string): Promise<void> {
  await Deno.mkdir(join(dir, "a", "b", "c"), { recursive: true });
  await Deno.mkdir(join(dir, "nothing"));
  await Deno.writeFile(join(dir, "empty"), new Uint8Array());
  await Deno.writeTextFile(join(dir, "a", "ünïcode \u{1f4e6}"), "hello\n");
  await Deno.writeFile(join(dir, "a", "b", "small"), noise(5000, 1));
  await Deno.writeFile(join(dir, "a", "b", "c", "large"), noise(LARGE, 2));
  for (let i = 0; i < 50; i++) {
    await Deno.writeFile(join(dir, "a", `many-${i}`), noise(i * 97, 3 + i));
  }
  await Deno.writeTextFile(join(dir, "run"), "#!/bin/sh\n");
  if (Deno.build.os === "windows") return;
  await Deno.chmod(join(dir, "run"), 0o755);
  await Deno.chmod(join(dir, "a", "b", "small"), 0o600);
  await Deno.chmod(join(dir, "nothing"), 0o700);
  await Deno.symlink("a/b", join(dir, "inside"));
  await Deno.symlink("gone", join(dir, "a", "dangling"));
}

/** Runs `use` with a directory that is gone afterwards. */
export async function withDir(
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "net_transfer_e2e_" });
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** What the program said when it failed. */
function errorOf(stderr: string): { kind: string; exit_code: number } {
  const line = stderr.trimEnd().split("\n").at(-1) ?? "";
  return JSON.parse(line).error;
}

/** Manifests that a receiver must refuse, and why. */
const UNSAFE: [string, (file: DirEntry["kind"]) => DirEntry[]][] = [
  ["a path that climbs out", (file) => [{ path: "../escaped", kind: file }]],
  [
    "a path that climbs out from within",
    (file) => [{ path: "a/../../escaped", kind: file }],
  ],
  ["an absolute path", (file) => [{ path: "/tmp/escaped", kind: file }]],
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
    return this.#run(["recv-dir", "--remote-ref", ref, "--out", out, ...more]);
  }

  blob(ref: string, out: string, ...more: string[]) {
    return this.#run(["recv-blob", "--blob-ref", ref, "--out", out, ...more]);
  }

  #run(args: string[]) {
    const attach = args.includes("--psk-hex")
      ? this.holder.attach([])
      : this.holder.attach();
    const output = ["--output", "ndjson"];
    return runProgram(this.program, [...args, ...attach, ...output]);
  }
}

/**
 * Runs the whole program through its main job and its main refusals.
 *
 * @param t The test whose steps these become.
 * @param program What starts the program.
 */
export async function endToEnd(
  t: Deno.TestContext,
  program: Program,
): Promise<void> {
  await withDir(async (dir) => {
    const at = (...names: string[]): string => join(dir, ...names);
    await makeTree(at("tree"));
    await Deno.writeFile(at("blob"), noise(LARGE, 99));
    const paths = [at("tree"), at("blob")];
    await using holder = await HolderProcess.start(paths, {
      program,
      keys: dir,
    });
    const fetch = new Fetcher(program, holder);
    const [tree, blob] = holder.refs.map(({ ref }) => ref);

    await t.step("a directory served in place arrives as it is", async () => {
      const { code, stdout, stderr } = await fetch.dir(tree, at("copy"));
      assertEquals(code, 0, stderr);
      const { files, symlinks, atomic } = JSON.parse(stdout);
      assertEquals([files, symlinks, atomic], [55, 2, true]);
      const { differences, ...same } = await compareTrees(
        at("tree"),
        at("copy"),
      );
      assertEquals([differences, same.files], [[], 55]);
    });

    await t.step("fetched again it replaces the old tree whole", async () => {
      await Deno.writeTextFile(at("copy", "stale"), BEFORE);
      await Deno.writeTextFile(at("copy", "run"), BEFORE);
      const { code, stderr } = await fetch.dir(tree, at("copy"));
      assertEquals(code, 0, stderr);
      const { differences } = await compareTrees(at("tree"), at("copy"));
      assertEquals(differences, []);
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
        const { code, stdout, stderr } = await runProgram(program, [
          ...[verb, at(path), "--store", at("store"), "--output", "ndjson"],
        ]);
        assertEquals(code, 0, stderr);
        const { remote_ref, blob_ref } = JSON.parse(stdout);
        refs.push(remote_ref ?? blob_ref);
      }
      assertEquals(refs, [tree, blob], "the same content has one reference");
      await using other = await HolderProcess.start(
        ["--store", at("store")],
        { program, keys: dir },
      );
      const fetch = new Fetcher(program, other);
      assertEquals((await fetch.dir(refs[0], at("staged"))).code, 0);
      const { differences } = await compareTrees(at("tree"), at("staged"));
      assertEquals(differences, []);
      assertEquals((await fetch.blob(refs[1], at("blob3"))).code, 0);
      assertEquals(
        await Deno.readFile(at("blob3")),
        await Deno.readFile(at("blob")),
      );
    });

    await t.step("a wrong pre-shared key exits 6", async () => {
      const { code, stdout, stderr } = await fetch.blob(
        blob,
        at("never"),
        ...["--psk-hex", "00".repeat(32), "--connect-timeout", "1s"],
      );
      assertEquals([code, stdout], [6, ""], stderr);
      assertEquals(errorOf(stderr).exit_code, 6);
      assert(!await exists(at("never")));
    });

    await t.step(
      "content that is not held exits 3 and touches nothing",
      async () => {
        await Deno.mkdir(at("kept"));
        await Deno.writeTextFile(at("kept", "file"), BEFORE);
        await Deno.writeTextFile(at("kept.txt"), BEFORE);
        const hash = "ab".repeat(32);
        const dirFailure = await fetch.dir(hash, at("kept"));
        assertEquals(dirFailure.code, 3, dirFailure.stderr);
        assertEquals(errorOf(dirFailure.stderr).kind, "not_found");
        const blobFailure = await fetch.blob(hash, at("kept.txt"));
        assertEquals(blobFailure.code, 3, blobFailure.stderr);
        assertEquals(errorOf(blobFailure.stderr).kind, "not_found");
        assertEquals(await Deno.readTextFile(at("kept", "file")), BEFORE);
        assertEquals(await Deno.readTextFile(at("kept.txt")), BEFORE);
      },
    );

    await t.step("an unsafe manifest exits 3 and writes nothing", async () => {
      const refs = await stageUnsafe(at("evil-store"));
      await using other = await HolderProcess.start(
        ["--store", at("evil-store")],
        { program, keys: dir },
      );
      const fetch = new Fetcher(program, other);
      for (const [what, ref] of refs) {
        await Deno.mkdir(at("cage"));
        const { code, stderr } = await fetch.dir(ref, at("cage", "out"));
        assertEquals(code, 3, `${what}: ${stderr}`);
        assert(/unsafe_path|manifest/.test(errorOf(stderr).kind), what);
        assertEquals([...Deno.readDirSync(at("cage"))], [], what);
        assert(!await exists(at("escaped")), what);
        assert(!await exists("/tmp/escaped"), what);
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
        await using other = await HolderProcess.start(
          ["--store", at("store")],
          { program, keys: dir },
        );
        const fetch = new Fetcher(program, other);
        const { code, stderr } = await fetch.dir(tree, at("damaged"));
        assertEquals(code, 3, stderr);
        assertEquals(errorOf(stderr).kind, "not_found");
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
  });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Stages manifests that break the rules, as a hostile publisher would. */
async function stageUnsafe(dir: string): Promise<[string, string][]> {
  await Deno.mkdir(dir);
  await using store = await DiskStore.open(dir);
  const put = async (bytes: Uint8Array) => {
    const hash = blake3(bytes);
    await store.put(hash, bytes);
    return encodeBlobRef(makeSmall(SEND_URI, hash, BigInt(bytes.length)));
  };
  const blob = await put(new TextEncoder().encode("escaped\n"));
  const refs: [string, string][] = [];
  for (const [what, entries] of UNSAFE) {
    const file: DirEntry["kind"] = { type: "file", mode: 0o644, blob };
    const manifest = encodeDirManifest({ version: 1, entries: entries(file) });
    refs.push([what, toHex(await put(manifest))]);
  }
  return refs;
}
