/**
 * Compares the standard library as npm republishes it, in JavaScript, with its
 * sources in TypeScript, module by module.
 *
 * Both go through one printer without types, comments and layout, so that equal
 * text means equal programs: what it changes (braces around one statement,
 * `undefined` for `void 0`) it changes on both sides.
 */

import { stop, transform } from "esbuild";

/** The release of the standard library that our package was made of. */
export const STD_RELEASE = "release-2025.07.22";

/** What {@linkcode compareStd} found; paths are those of the JavaScript. */
export interface StdComparison {
  /** Every module that was compared. */
  readonly modules: readonly string[];
  /** Those that are another program than their source, or have none. */
  readonly different: readonly string[];
}

/**
 * Compares modules, and all that they import, with their sources.
 *
 * @param published The package: a directory with `path/mod.js` and the like.
 * @param sources A checkout of the standard library, with `path/mod.ts`.
 * @param entries What is imported of the package: `path/mod.js`.
 * @throws {Error} When a module imports something that is not in the package.
 */
export async function compareStd(
  published: string,
  sources: string,
  entries: Iterable<string>,
): Promise<StdComparison> {
  const modules = new Set<string>(entries);
  const different: string[] = [];
  try {
    // A set gives also what is added while it is read.
    for (const module of modules) {
      const js = await Deno.readTextFile(`${published}/${module}`);
      const code = withPaths(await printed(js, "js"), module);
      for (const path of importedBy(code)) {
        if (!path.startsWith("/")) {
          throw new Error(
            `${module} imports ${path}, which is another package`,
          );
        }
        modules.add(path.slice(1));
      }
      const source = await textOf(`${sources}/${sourceOf(module)}`);
      if (
        source === undefined ||
        withPaths(await printed(source, "ts"), module) !== code
      ) different.push(module);
    }
  } finally {
    await stop();
  }
  return { modules: [...modules].sort(), different: different.sort() };
}

function sourceOf(module: string): string {
  return module.replace(/\.js$/, ".ts");
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A program without types, comments and layout, one way of saying each thing. */
async function printed(source: string, loader: "js" | "ts"): Promise<string> {
  const { code } = await transform(source, {
    loader,
    target: "esnext",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    // Parentheses around an arrow function would be kept, and casts need some.
    supported: { arrow: false },
  });
  // Of a module of types nothing else is left.
  return code.replaceAll("export{};", "").trim();
}

const IMPORTED = /((?:\bfrom|\bimport|\bimport\()\s*)"([^"]+)"/g;

function importedBy(code: string): string[] {
  return Array.from(code.matchAll(IMPORTED), ([, , path]) => path);
}

/** Names what a module imports by its path in the package: `/path/mod.js`. */
function withPaths(code: string, module: string): string {
  return code.replace(IMPORTED, (_, before, name) => {
    return `${before}"${pathOf(name, module)}"`;
  });
}

/** `@std/cli/parse-args` is `/cli/parse_args.js`, `@std/path` its `mod.js`. */
function pathOf(name: string, module: string): string {
  if (name.startsWith("@std/")) {
    const path = name.slice("@std/".length).replaceAll("-", "_");
    return `/${path}${path.includes("/") ? "" : "/mod"}.js`;
  }
  if (!name.startsWith(".")) return name;
  return new URL(name.replace(/\.ts$/, ".js"), `file:///${module}`).pathname;
}
