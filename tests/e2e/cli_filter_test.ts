import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { runCli, withTempDir } from "./cli_process.ts";

async function makeTree(root: string): Promise<void> {
  for (const path of ["docs/a.md", "docs/a.log", "build/out.o", "main.ts"]) {
    const full = join(root, path);
    await Deno.mkdir(join(full, ".."), { recursive: true });
    await Deno.writeTextFile(full, path);
  }
}

/** The reference of a tree, and how many files and directories it has. */
async function sendDir(
  ...args: string[]
): Promise<{ remote_ref: string; files: number; dirs: number }> {
  const { code, stdout, stderr } = await runCli(["send-dir", ...args]);
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

Deno.test("send-dir with patterns publishes the tree that is left", async () => {
  await withTempDir(async (dir) => {
    const tree = join(dir, "tree");
    const rules = join(dir, "rules");
    await makeTree(tree);
    await Deno.writeTextFile(rules, "# made\nbuild/\r\n*.log\n");

    const excluded = await sendDir(tree, "--exclude-from", rules);
    assertEquals([excluded.files, excluded.dirs], [2, 1]);
    const back = await sendDir(
      tree,
      "--exclude-from",
      rules,
      "--exclude",
      "!a.log",
    );
    assertEquals(back.files, 3);
    const included = await sendDir(tree, "--include", "*.md");
    assertEquals([included.files, included.dirs], [1, 1]);
    const both = await sendDir(
      tree,
      "--include=/docs/",
      "--include=main.ts",
      "--exclude=*.log",
    );
    assertEquals(both.remote_ref, excluded.remote_ref);

    await Deno.remove(join(tree, "build"), { recursive: true });
    await Deno.remove(join(tree, "docs", "a.log"));
    assertEquals((await sendDir(tree)).remote_ref, excluded.remote_ref);
  });
});

Deno.test("send-dir refuses a pattern that can match nothing, and warns of one in a file", async () => {
  await withTempDir(async (dir) => {
    const wrong = await runCli(["send-dir", dir, "--exclude", "[ab"]);
    assertEquals([wrong.code, wrong.stdout], [2, ""]);
    assertStringIncludes(wrong.stderr, "never ends it");

    const missing = await runCli(
      ["send-dir", dir, "--exclude-from", join(dir, "none")],
    );
    assertEquals([missing.code, missing.stdout], [1, ""]);
    assertStringIncludes(missing.stderr, "cannot read the pattern file");

    const rules = join(dir, "rules");
    await Deno.writeTextFile(rules, "a\n[b\n");
    const warned = await runCli(["send-dir", dir, "--exclude-from", rules]);
    assertEquals(warned.code, 0);
    assertStringIncludes(warned.stderr, "line=2");
  });
});
