/**
 * Bundles each worker and all it imports into one string, so that it can run
 * from a data URL: `deno task bundle-worker`. With `--check` it only tells
 * whether the committed bundles are what the sources bundle to.
 *
 * The string is code to be read and compared: names and lines are those of the
 * sources, without comments, so that only a change of code changes it.
 */

import { build, type Plugin, stop, transform } from "esbuild";
import config from "../deno.json" with { type: "json" };
import { NATIVE_PACKAGES } from "./native_packages.ts";
import { packageFile } from "./npm_cache.ts";

const ROOT = new URL("../", import.meta.url);

/** What the oldest runtime that we support understands. */
const TARGET = "esnext";

/** A worker and where its bundle goes. */
interface Bundle {
  /** What it is, in two words. */
  name: string;
  entry: string;
  output: string;
}

const BUNDLES: readonly Bundle[] = [
  {
    name: "landing worker",
    entry: "lib/landing/worker/worker.ts",
    output: "lib/landing/worker_bundle.ts",
  },
  {
    name: "hashing worker",
    entry: "lib/store/hash_worker.ts",
    output: "lib/store/hash_worker_bundle.ts",
  },
  {
    name: "receiving worker",
    entry: "lib/mesh/receive_worker.ts",
    output: "lib/mesh/receive_worker_bundle.ts",
  },
];

/**
 * Bundles a worker.
 *
 * @returns The text of the output.
 */
async function bundleWorker({ name, entry }: Bundle): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: decodeURIComponent(ROOT.pathname),
    entryPoints: [entry],
    bundle: true,
    charset: "ascii",
    format: "esm",
    platform: "neutral",
    target: TARGET,
    write: false,
    logLevel: "error",
    plugins: [importMap(), withoutComments()],
  });
  // Where the packages lie is the machine's affair.
  const source = outputFiles[0].text
    .replace(/^\/\/ .*\/registry\.npmjs\.org\//gm, "// npm:");
  if (/[^\0-\x7f]/.test(source)) throw new Error(`${entry} is not ASCII`);
  return `// deno-fmt-ignore-file
// deno-lint-ignore-file
/**
 * The ${name} as one string. Generated from \`${entry}\` by
 * \`deno task bundle-worker\`; do not edit.
 *
 * @module
 */

/** Source of the worker, ASCII only. */
export const WORKER_SOURCE: string = \`
${source.replace(/[\\`]|\$(?={)/g, "\\$&")}\`;
`;
}

/** Drops comments, which the bundler would keep in classes. */
function withoutComments(): Plugin {
  return {
    name: "without-comments",
    setup(bundler) {
      bundler.onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
        const { code } = await transform(await Deno.readTextFile(path), {
          loader: path.endsWith(".ts") ? "ts" : "js",
          target: TARGET,
          minifyWhitespace: true,
          legalComments: "none",
        });
        return { contents: code, loader: "js" };
      });
    },
  };
}

/** Resolves what `deno.json` maps to npm packages in the runtime's own cache. */
function importMap(): Plugin {
  const imports: Record<string, string> = config.imports;
  return {
    name: "import-map",
    setup(bundler) {
      bundler.onResolve({ filter: /^[^./]/ }, async ({ path, kind }) => {
        if (kind === "entry-point" || !(path in imports)) return undefined;
        if (NATIVE_PACKAGES.includes(path)) {
          return { path: imports[path], external: true };
        }
        return { path: await packageFile(imports[path]), sideEffects: false };
      });
    },
  };
}

if (import.meta.main) {
  for (const bundle of BUNDLES) {
    const text = await bundleWorker(bundle);
    const output = new URL(bundle.output, ROOT);
    if (!Deno.args.includes("--check")) {
      await Deno.writeTextFile(output, text);
      console.log(`${bundle.output}: ${text.length} characters`);
    } else if (await Deno.readTextFile(output) !== text) {
      console.error(`${bundle.output} is stale: run deno task bundle-worker`);
      Deno.exitCode = 1;
    }
  }
  await stop();
}
