/** The reference of a tree, and how many files and directories it has. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { cli, resultOf, test } from "../support/cli.ts";

const sendDir = (
  ...args: string[]
): Promise<{ remote_ref: string; files: number; dirs: number }> =>
  resultOf(cli`send-dir ${args}`);

test(
  "send-dir with patterns publishes the tree that is left",
  async (dir) => {
    const tree = await dir.tree("tree", {
      "docs/a.md": "1",
      "docs/a.log": "2",
      "build/out.o": "3",
      "main.ts": "4",
    });
    const rules = await dir.write("rules", "# made\nbuild/\r\n*.log\n");

    const excluded = await sendDir(tree, "--exclude-from", rules);
    assertEquals([excluded.files, excluded.dirs], [2, 1]);
    const more = ["--exclude", "!a.log"];
    const back = await sendDir(tree, "--exclude-from", rules, ...more);
    assertEquals(back.files, 3);
    const included = await sendDir(tree, "--include", "*.md");
    assertEquals([included.files, included.dirs], [1, 1]);
    const both = await sendDir(
      ...[tree, "--include=/docs/", "--include=main.ts", "--exclude=*.log"],
    );
    assertEquals(both.remote_ref, excluded.remote_ref);

    await Deno.remove(join(tree, "build"), { recursive: true });
    await Deno.remove(join(tree, "docs", "a.log"));
    assertEquals((await sendDir(tree)).remote_ref, excluded.remote_ref);
  },
);

test(
  "send-dir refuses a pattern that can match nothing, and warns of one in a file",
  async (dir) => {
    const wrong = await cli`send-dir ${dir.path} --exclude [ab`;
    assertEquals([wrong.code, wrong.stdout], [2, ""]);
    assertStringIncludes(wrong.stderr, "never ends it");

    const none = dir.at("none");
    const missing = await cli`send-dir ${dir.path} --exclude-from ${none}`;
    assertEquals([missing.code, missing.stdout], [1, ""]);
    assertStringIncludes(missing.stderr, "cannot read the pattern file");

    const rules = await dir.write("rules", "a\n[b\n");
    const warned = await cli`send-dir ${dir.path} --exclude-from ${rules}`;
    assertEquals(warned.code, 0);
    assertStringIncludes(warned.stderr, "line=2");
  },
);
