/** Tests leave alone what the threads of their process share. */

import { assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { join, relative } from "@std/path";
import { ROOT } from "../scripts/program.ts";

const TESTS = /^tests\/|\/testing\/|_test\.ts$/;
const SHARED = /\bDeno\.(chdir|umask|env\.set|env\.delete)\(/;
/** What runs in a process of its own. */
const ALONE = /\btestAlone\(|a process of its own/i;

Deno.test("no test changes directory, environment or umask of the others", async () => {
  const found: string[] = [];
  for (const top of ["lib", "tests", "scripts"]) {
    for await (const { path } of walk(join(ROOT, top), { exts: [".ts"] })) {
      const name = relative(ROOT, path).replaceAll("\\", "/");
      if (!TESTS.test(name)) continue;
      const text = (await Deno.readTextFile(path)).replaceAll(/[\s*]+/g, " ");
      if (SHARED.test(text) && !ALONE.test(text)) found.push(name);
    }
  }
  assertEquals(found, []);
});
