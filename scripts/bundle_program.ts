import { isBuiltin } from "node:module";
import { build, type Plugin, stop } from "esbuild";
import { NATIVE_PACKAGES } from "./native_packages.ts";

/**
 * Bundles a program into one file for what every command needs and one more
 * for each part that is imported on demand. A command of hundreds of small
 * files spends more time on finding, reading and linking them than on its work.
 *
 * Names are kept, so that a stack still says where it was.
 *
 * @param source Directory of the program: `cli.ts`, what it imports, and the
 * packages in `node_modules`.
 * @param imports What the program's configuration maps to packages.
 * @param out Directory of the result, whose entry is `cli.js`.
 */
export async function bundleProgram(
  source: string,
  imports: Readonly<Record<string, string>>,
  out: string,
): Promise<void> {
  try {
    await build({
      absWorkingDir: source,
      entryPoints: ["cli.ts"],
      outdir: out,
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      mainFields: ["module", "main"],
      target: "es2022",
      charset: "utf8",
      logLevel: "error",
      alias: Object.fromEntries(
        Object.entries(imports)
          .filter(([name]) => !NATIVE_PACKAGES.includes(name))
          .map(([name, target]) => [name, packagePath(target)]),
      ),
      plugins: [nativePackages(), builtinModules(), pureModules()],
    });
  } finally {
    await stop();
  }
}

/** `npm:name@1.0.0/file.js` as it lies in `node_modules`: `name/file.js`. */
function packagePath(target: string): string {
  return target.replace(/^npm:(@?[^@]+)@[^/]+/, "$1");
}

/** Leaves out packages with machine code, which no compiled program loads. */
function nativePackages(): Plugin {
  const namespace = "native";
  return {
    name: "native-packages",
    setup(bundler) {
      bundler.onResolve(
        { filter: /^[^./]/ },
        ({ path }) =>
          NATIVE_PACKAGES.includes(path) ? { path, namespace } : undefined,
      );
      bundler.onLoad(
        { filter: /./, namespace },
        ({ path }) => ({
          contents: `throw new Error("${path} is not in this program");`,
        }),
      );
    },
  };
}

/**
 * Has packages that `require` a module of the runtime get it by an import: there
 * is no `require` in the result.
 */
function builtinModules(): Plugin {
  const namespace = "builtin";
  return {
    name: "builtin-modules",
    setup(bundler) {
      bundler.onResolve({ filter: /./ }, ({ path, kind }) => {
        if (kind !== "require-call" || !isBuiltin(path)) return;
        return { path: path.replace(/^node:/, ""), namespace };
      });
      bundler.onLoad({ filter: /./, namespace }, ({ path }) => ({
        contents: `export * from "node:${path}";`,
      }));
    },
  };
}

/**
 * Lets a module be left out when nothing of it is used: no module but the entry
 * does anything when it is imported.
 */
function pureModules(): Plugin {
  return {
    name: "pure-modules",
    setup(bundler) {
      bundler.onResolve(
        { filter: /./ },
        async ({ path, pluginData, ...at }) => {
          if (at.kind === "entry-point" || pluginData === "resolved") return;
          const found = await bundler.resolve(path, {
            ...at,
            pluginData: "resolved",
          });
          return found.external ? found : { ...found, sideEffects: false };
        },
      );
    },
  };
}
