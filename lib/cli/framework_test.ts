/** The framework of the command line could serve any other program. */

import { assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { fromFileUrl } from "@std/path";

const FRAMEWORK: string = fromFileUrl(new URL("framework/", import.meta.url));

/** The program's name, its verbs, variables, things and exit codes. */
const PRODUCT =
  /net[-_ ]?(?:transfer|mesh)|transfer|recv|send[-_]|\bserve|identity|blob|ticket|\bpsk|\bnodes?\b(?!:)|\bpeers?\b|manifest|chunk|holder|fetch|profile|NET_|EXIT_/i;

/** The class of all our errors, from the leaf that every room may import. */
const ERROR_CLASS = /\bTransferError\b/g;

Deno.test("the framework names nothing of the product", async () => {
  const found: string[] = [];
  let seen = 0;
  const skip = [/_test\.ts$/, /\/testing\//];
  for await (const { path } of walk(FRAMEWORK, { exts: [".ts"], skip })) {
    seen++;
    const lines = (await Deno.readTextFile(path)).split("\n");
    for (const [at, line] of lines.entries()) {
      if (PRODUCT.test(line.replace(ERROR_CLASS, ""))) {
        found.push(`${path.slice(FRAMEWORK.length)}:${at + 1}: ${line.trim()}`);
      }
    }
  }
  assertEquals(found, []);
  assertEquals(seen > 20, true, "the sources were found");
});
