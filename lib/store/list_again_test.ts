import { assertEquals } from "@std/assert";
import { unless } from "../../tests/support/unless.ts";
import { blake3 } from "../content/mod.ts";
import { SourceStore } from "./source_store.ts";
import { noReplacing, saveAs } from "./testing/replacing.ts";
import { makeTempDir, runScript, writeTree } from "./testing/temp_tree.ts";

const CONTENT = new TextEncoder().encode("content");

Deno.test({
  ...unless(
    noReplacing,
    "a file that was written anew is served when its content is what was published, again and again",
  ),
  fn: async () => {
    using temp = makeTempDir();
    writeTree(temp.path, { "d/e/a": CONTENT });
    await using store = await SourceStore.of([temp.path]);
    for (const _ of "twice") {
      saveAs(`${temp.path}/d/e/a`, CONTENT);
      assertEquals(await store.get(blake3(CONTENT)), CONTENT);
      assertEquals(store.hasChanged, false);
    }
    saveAs(`${temp.path}/d/e/a`, new TextEncoder().encode("another"));
    assertEquals(await store.get(blake3(CONTENT)), undefined);
    assertEquals(store.stateOf(blake3(CONTENT)), "changed");
  },
});

Deno.test({
  ...unless(
    noReplacing,
    "what lies elsewhere, or is older, is not read in the place of a file, whatever its content",
  ),
  fn: async () => {
    for (
      const replacement of [
        "mv ../old d/e/a",
        "ln -sf ../../../old d/e/a",
        "mv d/e d/f; ln -s ../../other d/e",
        "mv d/e d/f; cp -r ../other d/e",
      ]
    ) {
      using temp = makeTempDir();
      writeTree(temp.path, {
        "tree/d/e/a": CONTENT,
        "old": CONTENT,
        "other/a": CONTENT,
      });
      await using store = await SourceStore.of([`${temp.path}/tree`]);
      runScript(`${temp.path}/tree`, replacement);
      assertEquals(await store.get(blake3(CONTENT)), undefined, replacement);
    }
  },
});
