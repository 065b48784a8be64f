/**
 * Publishes the package from a temporary copy of the committed files, in which
 * the imports that `jsr.imports.json` lists are swapped in; the working tree
 * stays as it is.
 *
 * `deno run -A scripts/publish.ts [--dry-run]`; every argument goes on to
 * `deno publish`.
 */

import { join } from "@std/path";
import jsrImports from "../jsr.imports.json" with { type: "json" };
import { ROOT, runProgram } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

/** The part of a `deno.json` that matters here. */
export interface Config {
  /** What import specifiers stand for. */
  imports: Record<string, string>;
}

/**
 * Puts other targets behind the specifiers of a configuration.
 *
 * @param config The configuration, which is not changed.
 * @param replacements Target by specifier.
 * @throws {Error} When a specifier is not in the configuration: a list that
 * has gone stale would publish imports that nobody meant.
 */
export function swapImports<T extends Config>(
  config: T,
  replacements: Record<string, string>,
): T {
  const unknown = Object.keys(replacements).filter((specifier) =>
    !(specifier in config.imports)
  );
  if (unknown.length > 0) {
    throw new Error(`deno.json does not import ${unknown.join(", ")}`);
  }
  return { ...config, imports: { ...config.imports, ...replacements } };
}

/**
 * Writes the package, ready to publish, into a directory.
 *
 * @param dir An empty directory.
 */
export async function preparePackage(dir: string): Promise<void> {
  const unpack = 'git archive --format=tar HEAD | tar -x -C "$1"';
  const sh = ["sh", "-euc", unpack, "sh"];
  const { code, stderr } = await runProgram(sh, [dir], { cwd: ROOT });
  if (code !== 0) throw new Error(`git archive failed: ${stderr}`);
  const path = join(dir, "deno.json");
  const config: Config = JSON.parse(await Deno.readTextFile(path));
  const swapped = swapImports(config, jsrImports);
  await Deno.writeTextFile(path, `${JSON.stringify(swapped, null, 2)}\n`);
  // The lock names the packages that were swapped out.
  await Deno.remove(join(dir, "deno.lock"));
}

if (import.meta.main) {
  await using dir = await TempDir.make();
  await preparePackage(dir.path);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--allow-dirty", ...Deno.args],
    cwd: dir.path,
  }).spawn().status;
  Deno.exitCode = code;
}
