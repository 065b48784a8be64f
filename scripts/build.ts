/**
 * Compiles the program into one binary, `dist/net-transfer`.
 *
 * `deno task build [--denort PATH] [--out PATH]`
 *
 * The program is bundled first, so that a command starts in half the time.
 * `deno compile` then puts the program behind a runtime called `denort`, which it
 * downloads. Where it cannot, `--denort`, or `DENORT_BIN` in the environment,
 * names one that is there; the compiler of its own version is then used, by
 * way of npm where it is another than the running one.
 */

import { indexOfNeedle } from "@std/bytes/index-of-needle";
import { walkSync } from "@std/fs";
import { parseArgs } from "@std/cli/parse-args";
import { dirname, join, relative, resolve } from "@std/path";
import { bundleProgram } from "./bundle_program.ts";
import { ROOT, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

const WINDOWS = Deno.build.os === "windows";
/** Where the binary goes unless told otherwise. */
export const DEFAULT_OUTPUT: string = join(
  ROOT,
  "dist",
  WINDOWS ? "net-transfer.exe" : "net-transfer",
);

/** How {@linkcode buildBinary} works. */
export interface BuildOptions {
  /** Path of the binary. @default {DEFAULT_OUTPUT} */
  out?: string;
  /** Path of a runtime for compiled programs. @default {what the compiler downloads} */
  denort?: string;
}

/** What {@linkcode buildBinary} made. */
export interface Built {
  /** Path of the binary. */
  path: string;
  /** Its size in bytes. */
  size: number;
  /** What compiled it. */
  compiler: string;
}

/**
 * Compiles the program as it lies in the working tree, without tests and
 * without the packages that only tests and scripts use.
 *
 * @throws {Error} When the compiler fails; it has said why.
 */
export async function buildBinary(options: BuildOptions = {}): Promise<Built> {
  const out: string = resolve(options.out ?? DEFAULT_OUTPUT);
  const compiler = await compilerFor(options.denort);
  await using temporary = await TempDir.make();
  const bundle = await bundleSources(temporary.path, await gitRevision());
  await Deno.mkdir(dirname(out), { recursive: true });
  // The cache would be a file below the directory for temporary files, which
  // others can put there first.
  await run(
    words`${compiler} compile --quiet --allow-all --no-check --no-code-cache
      --output ${out} cli.js`,
    bundle,
    options.denort ? { DENORT_BIN: resolve(options.denort) } : {},
    "; where it cannot download denort, name one with --denort",
  );
  const { size } = await Deno.stat(out);
  return { path: out, size, compiler: compiler.join(" ") };
}

/**
 * Bundles the program as it lies in the working tree.
 *
 * @param dir An empty directory.
 * @param revision What it says it is made of.
 * @returns Path of a directory with `cli.js` and its `deno.json`.
 */
export async function bundleSources(
  dir: string,
  revision?: string,
): Promise<string> {
  const source = join(dir, "source");
  const bundle = join(dir, "bundle");
  const { imports, unstable } = await copyProgram(source, revision);
  await run([Deno.execPath(), "install", "--quiet", "--frozen"], source);
  await bundleProgram(source, imports, bundle);
  await writeJson(join(bundle, "deno.json"), { unstable });
  return bundle;
}

/**
 * Runs a command that says itself what is wrong.
 *
 * @param hint What the error ends with.
 * @throws {Error} When it fails.
 */
async function run(
  [command, ...args]: string[],
  cwd: string,
  env: Record<string, string> = {},
  hint = "",
): Promise<void> {
  const { success } = await new Deno.Command(command, {
    args,
    cwd,
    env: {
      ...env,
      DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "mozilla,system",
    },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (!success) {
    throw new Error(`${[command, ...args].join(" ")} failed${hint}`);
  }
}

/** The command that compiles for a runtime: its version must be the same. */
async function compilerFor(denort: string | undefined): Promise<string[]> {
  if (denort === undefined) return [Deno.execPath()];
  const version = runtimeVersion(await Deno.readFile(denort));
  if (version === undefined) throw new Error(`${denort} is no denort`);
  if (version === Deno.version.deno) return [Deno.execPath()];
  return [WINDOWS ? "npx.cmd" : "npx", "-y", `deno@${version}`];
}

/**
 * Finds the version in a `denort`, which has no flag that tells it.
 *
 * @param binary The whole file.
 */
export function runtimeVersion(binary: Uint8Array): string | undefined {
  const mark = new TextEncoder().encode("Deno/");
  for (
    let at = indexOfNeedle(binary, mark);
    at >= 0;
    at = indexOfNeedle(binary, mark, at + 1)
  ) {
    const text = new TextDecoder("latin1").decode(binary.subarray(at, at + 24));
    const version = /^Deno\/(\d+\.\d+\.\d+)/.exec(text)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}

/** A `deno.json`, as far as it matters here. */
interface Config {
  imports: Record<string, string>;
  unstable: string[];
}

/**
 * Copies what the bundle is made of.
 *
 * @returns The configuration of the copy.
 */
async function copyProgram(
  dir: string,
  revision: string | undefined,
): Promise<Config> {
  for (const path of [...programFiles(), "deno.lock"]) {
    const text = await Deno.readTextFile(join(ROOT, path));
    await Deno.mkdir(join(dir, dirname(path)), { recursive: true });
    await Deno.writeTextFile(
      join(dir, path),
      path === "lib/cli/version.ts" ? withRevision(text, revision) : text,
    );
  }
  const config = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  // The bundler looks for packages in `node_modules`.
  await writeJson(join(dir, "deno.json"), {
    ...config,
    nodeModulesDir: "auto",
  });
  return config;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The files that the program is made of: neither tests nor what tests use. */
export function programFiles(): string[] {
  const files: Iterable<{ path: string }> = walkSync(join(ROOT, "lib"), {
    match: [/(?<!_test)\.ts$/],
    skip: [/\/testing$/],
  });
  const paths = Array.from(files, ({ path }) => relative(ROOT, path));
  return ["cli.ts", ...paths.sort()];
}

/** Writes the revision into the file that tells it. */
function withRevision(text: string, revision: string | undefined): string {
  if (revision === undefined) return text;
  const mark = "GIT_REVISION: string | null = null";
  if (!text.includes(mark)) throw new Error(`version.ts lacks "${mark}"`);
  return text.replace(mark, `GIT_REVISION: string | null = "${revision}"`);
}

/**
 * The commit of the working tree, `-dirty` when that has changes; none outside
 * of git.
 */
async function gitRevision(): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
      cwd: ROOT,
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  try {
    const { out, denort = Deno.env.get("DENORT_BIN") } = parseArgs(Deno.args, {
      string: ["out", "denort"],
      unknown(name: string) {
        throw new Error(`there is no argument ${name}`);
      },
    });
    const built = await buildBinary({ out, denort: denort || undefined });
    const mib = (built.size / 2 ** 20).toFixed(1);
    console.log(`${built.path} (${mib} MiB, compiled by ${built.compiler})`);
  } catch (error) {
    console.error(`build: ${error instanceof Error ? error.message : error}`);
    Deno.exitCode = 1;
  }
}
