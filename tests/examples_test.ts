/** Every `@example` of the library type-checks and runs. */

import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { join, relative, toFileUrl } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { DEFAULT_PORT } from "../lib/mesh/mod.ts";
import { ROOT, runProgram, words } from "../scripts/program.ts";
import { TempDir } from "../scripts/temp_dir.ts";

/** A fenced block of TypeScript in a comment. */
const BLOCK = /^ *\* ```ts\n(.*?)^ *\* ```$/gms;
const IMPORT = /^import [^;]*;\n/gm;

/** The name of what a comment is about, which its example need not import. */
const EXPORT = /^export (?:async )?(?:class|const|function\*?) (\w+)/m;

/** The examples of a module as tests, by their place; their imports come first. */
function testsOf(path: string, text: string): [place: string, test: string][] {
  const here = toFileUrl(path);
  return Array.from(text.matchAll(BLOCK), ({ 1: block, index }) => {
    const code = block.replaceAll(/^ *\* ?/gm, "");
    const place = `${relative(ROOT, path)}:${
      text.slice(0, index).split("\n").length
    }`;
    const imports: string[] = code.match(IMPORT) ?? [];
    const name = EXPORT.exec(text.slice(index))?.[1];
    if (name !== undefined && !imports.some((line) => line.includes(name))) {
      imports.push(`import { ${name} } from "${here}";\n`);
    }
    const head = imports.join("").replaceAll(
      /(?<=")\.[^"]*/g,
      (to) => new URL(to, here).href,
    );
    const body = code.replaceAll(IMPORT, "").replaceAll(/^export /gm, "");
    return [place, `${head}Deno.test("${place}", async () => {\n${body}});\n`];
  });
}

/** Writes each example into a file, and one that imports all of them. */
async function writeTests(dir: string): Promise<number> {
  const modules: AsyncIterable<{ path: string }> = walk(join(ROOT, "lib"), {
    match: [/(?<!_test|_bundle)\.ts$/],
    skip: [/\/testing$/],
  });
  const paths = await Array.fromAsync(modules, ({ path }) => path);
  const tests = new Map<string, string>();
  for (const path of [join(ROOT, "mod.ts"), ...paths.sort()]) {
    for (const [place, test] of testsOf(path, await Deno.readTextFile(path))) {
      tests.set(`${place.replaceAll(/[/:]/g, "_")}.ts`, test);
    }
  }
  for (const [name, test] of tests) {
    await Deno.writeTextFile(join(dir, name), test);
  }
  // All in one module graph: each would else load the library anew.
  const all = Array.from(tests.keys(), (name) => `import "./${name}";\n`);
  await Deno.writeTextFile(join(dir, "all_test.ts"), all.join(""));
  return tests.size;
}

Deno.test("every example of the library checks and runs", async () => {
  await using dir = await TempDir.make();
  // What examples publish.
  await dir.tree(".", { "photos/a.txt": "hello\n", "film.mkv": "hello\n" });
  // An example may show a value and leave it at that.
  const { imports, unstable, compilerOptions } = config;
  const loose = { noUnusedLocals: false, noUnusedParameters: false };
  const ours = {
    imports: { ...imports, [config.name]: toFileUrl(join(ROOT, "mod.ts")) },
    unstable,
    compilerOptions: { ...compilerOptions, ...loose },
  };
  await dir.write("deno.json", JSON.stringify(ours));
  const count = await writeTests(dir.path);
  assert(count > 30, `only ${count} examples were found`);
  const { code, stdout, stderr } = await runProgram(
    [Deno.execPath(), "test"],
    // There may be another node at the default port.
    words`-A --deny-net=[::]:${DEFAULT_PORT} --quiet --no-lock all_test.ts`,
    { cwd: dir.path, env: { NO_COLOR: "1", TMPDIR: dir.path } },
  );
  assertEquals(code, 0, stdout + stderr);
  assertEquals(Number(/(\d+) passed/.exec(stdout)?.[1]), count);
});
