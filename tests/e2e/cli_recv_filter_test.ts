import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import {
  type DirEntry,
  encodeBlobRef,
  encodeDirManifest,
  SEND_URI,
  toHex,
} from "../../lib/content/mod.ts";
import { chunkPayload } from "../../lib/content/testing/chunk_payload.ts";
import { DiskStore } from "../../lib/store/mod.ts";
import { HolderProcess } from "../../scripts/holder_process.ts";
import { runCli, withTempDir } from "./cli_process.ts";

async function makeTree(root: string): Promise<void> {
  for (
    const path of ["docs/a.md", "docs/a.log", "build/out.o", "lib/deep/x.ts"]
  ) {
    const full = join(root, path);
    await Deno.mkdir(join(full, ".."), { recursive: true });
    await Deno.writeTextFile(full, path);
  }
  await Deno.chmod(join(root, "lib"), 0o700);
}

/** Stages a tree that climbs out of its target, beside a good file. */
async function stageHostile(dir: string): Promise<string> {
  await Deno.mkdir(dir);
  await using store = await DiskStore.open(dir);
  const put = async (bytes: Uint8Array) => {
    const { ref, chunks } = chunkPayload(bytes, SEND_URI);
    for (const { hash, bytes } of chunks) await store.put(hash, bytes);
    return encodeBlobRef(ref);
  };
  const blob = await put(new TextEncoder().encode("content"));
  const entries: DirEntry[] = ["../evil.log", "good.md"].map((path) => ({
    path,
    kind: { type: "file", mode: 0o644, blob },
  }));
  return toHex(await put(encodeDirManifest({ version: 1, entries })));
}

/** The files and directories below a directory. */
async function names(root: string, below = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, below))) {
    const path = below === "" ? name : `${below}/${name}`;
    found.push(path);
    if (isDirectory) found.push(...await names(root, path));
  }
  return found.sort();
}

Deno.test("recv-dir with patterns fetches a part, into a new directory only", () =>
  withTempDir(async (dir) => {
    const tree = join(dir, "tree");
    const place = join(dir, "place");
    const rules = join(dir, "rules");
    await makeTree(tree);
    await Deno.mkdir(place);
    await Deno.writeTextFile(rules, "*.log\nbuild/\n");
    const hostile = await stageHostile(join(dir, "store"));
    await using holder = await HolderProcess.start(
      [tree, "--store", join(dir, "store")],
      { keys: dir },
    );
    const receive = (ref: string, name: string, ...patterns: string[]) =>
      runCli([
        ...["recv-dir", "--remote-ref", ref, "--out", join(place, name)],
        ...[...holder.attach(), "--output", "json", ...patterns],
      ]);
    const [{ ref }] = holder.refs;

    const excluded = await receive(ref, "one", "--exclude-from", rules);
    assertEquals([excluded.code, excluded.stderr], [0, ""]);
    const result = JSON.parse(excluded.stdout);
    assertEquals([result.files, result.dirs, result.bytes], [2, 3, 22]);
    assertEquals(Object.entries(result).at(-1), ["filtered", true]);
    assertEquals(
      await names(join(place, "one")),
      ["docs", "docs/a.md", "lib", "lib/deep", "lib/deep/x.ts"],
    );

    const included = await receive(ref, "two", "--include", "*.ts");
    assertEquals(JSON.parse(included.stdout).files, 1);
    assertEquals(
      await names(join(place, "two")),
      ["lib", "lib/deep", "lib/deep/x.ts"],
    );
    const { mode } = await Deno.stat(join(place, "two", "lib"));
    assertEquals((mode ?? 0) & 0o777, 0o700);

    const whole = await receive(ref, "three");
    assertEquals("filtered" in JSON.parse(whole.stdout), false);

    // Wherever the hostile entry is.
    const refused = await receive(hostile, "four", "--exclude", "*.log");
    assertEquals([refused.code, refused.stdout], [3, ""]);
    assertEquals(JSON.parse(refused.stderr).error.kind, "unsafe_path");
    assertEquals(
      (await names(place)).filter((name) => !name.includes("/")),
      ["one", "three", "two"],
    );
  }));

Deno.test("recv-dir with patterns refuses an existing target before it attaches", () =>
  withTempDir(async (dir) => {
    await Deno.mkdir(join(dir, "out"));
    const { code, stdout, stderr } = await runCli([
      ...["recv-dir", "--remote-ref", "ab".repeat(32), "--include", "*.md"],
      ...["--out", join(dir, "out"), "--node-addr", "127.0.0.1:9"],
      ...["--node-pubkey", "ab".repeat(32), "--psk-hex", "ab".repeat(32)],
    ]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, "would replace all of it");
    assertEquals(await names(dir), ["out"]);
  }));
