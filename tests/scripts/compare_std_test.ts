import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { compareStd, STD_RELEASE } from "../../scripts/compare_std.ts";
import { packageFile } from "../../scripts/npm_cache.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { test as testIn } from "../support/cli.ts";
import { unless } from "../support/unless.ts";

/** The bundler's process is told to end, which takes it a moment. */
const OUTLIVED = { sanitizeOps: false, sanitizeResources: false };

function test(name: string, body: (dir: TempDir) => Promise<void>): void {
  testIn({ name, ...OUTLIVED }, body);
}

const SOURCES = {
  "path/mod.ts": `// What the module does.
import { isWindows } from "@std/internal/os";
import type { Options } from "./types.ts";
export type { Options };
export const debounce = ((wait: number) => wait) as (wait: number) => number;
export function join(path?: string, _options?: Options): string {
  if (path === undefined) return ".";
  return isWindows ? \`\\\\\${path}\` : path;
}`,
  "path/types.ts": "export interface Options { deep?: boolean }",
  "internal/os.ts": `export const isWindows: boolean =
  globalThis.Deno?.build.os === "windows";`,
};

const PUBLISHED = {
  "path/mod.js": `import { isWindows } from "../internal/os.js";
export const debounce = (wait) => wait;
export function join(path, _options) {
  if (path === undefined) {
    return ".";
  }
  return isWindows ? \`\\\\\${path}\` : path;
}`,
  "internal/os.js":
    `export const isWindows = globalThis.Deno?.build.os === "windows";`,
};

test("compareStd finds modules and their imports equal, whatever their types, comments and layout", async (dir) => {
  const sources = await dir.tree("sources", SOURCES);
  const published = await dir.tree("published", PUBLISHED);
  assertEquals(await compareStd(published, sources, ["path/mod.js"]), {
    modules: ["internal/os.js", "path/mod.js"],
    different: [],
  });
});

for (
  const [what, module, from, to] of [
    ["another condition", "path/mod.js", "=== undefined", "!== undefined"],
    ["a statement more", "internal/os.js", "export", "fetch('x');\nexport"],
    [
      "an import more",
      "path/mod.js",
      "import",
      'import "../internal/os.js";\nimport',
    ],
  ] as const
) {
  test(`compareStd finds ${what}`, async (dir) => {
    const sources = await dir.tree("sources", SOURCES);
    const published = await dir.tree("published", {
      ...PUBLISHED,
      [module]: PUBLISHED[module].replace(from, to),
    });
    const { different } = await compareStd(published, sources, ["path/mod.js"]);
    assertEquals(different, [module]);
  });
}

test("compareStd finds a module that has no source", async (dir) => {
  const { "internal/os.ts": _, ...rest } = SOURCES;
  const sources = await dir.tree("sources", rest);
  const published = await dir.tree("published", PUBLISHED);
  const { different } = await compareStd(published, sources, ["path/mod.js"]);
  assertEquals(different, ["internal/os.js"]);
});

test("compareStd refuses a module that imports another package", async (dir) => {
  const sources = await dir.tree("sources", SOURCES);
  const published = await dir.tree("published", {
    "path/mod.js": 'import "left-pad";',
  });
  await assertRejects(
    () => compareStd(published, sources, ["path/mod.js"]),
    Error,
    "path/mod.js imports left-pad, which is another package",
  );
});

const checkout = Deno.env.get("STD_SOURCES");

Deno.test({
  ...OUTLIVED,
  ...unless(
    checkout ? undefined : `no STD_SOURCES, a checkout of denoland/std`,
    `the standard library that we import is that of ${STD_RELEASE}, module by module`,
  ),
  async fn() {
    if (checkout === undefined) throw new Error("no STD_SOURCES");
    const targets = Object.entries<string>(config.imports)
      .filter(([name]) => name.startsWith("@std/"))
      .map(([, target]) => target);
    const [[prefix]] = targets.map((target) => /^npm:[^/]+\//.exec(target)!);
    const { modules, different } = await compareStd(
      dirname(await packageFile(`${prefix}package.json`)),
      checkout,
      targets.map((target) => target.slice(prefix.length)),
    );
    assert(modules.length > 100, `${modules.length} modules`);
    assertEquals(different, []);
  },
});
