/**
 * Runs the command line in a process of its own.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";

const CLI: string = fromFileUrl(new URL("../../cli.ts", import.meta.url));
const CONFIG: string = fromFileUrl(new URL("../../deno.json", import.meta.url));

/** What a finished process left. */
export interface Finished {
  /** Exit code. */
  readonly code: number;
  /** Everything on stdout. */
  readonly stdout: string;
  /** Everything on stderr. */
  readonly stderr: string;
}

/** How a process is started. */
export interface CliOptions {
  /** Variables besides PATH, HOME and DENO_DIR; HOME is `home`. */
  env?: Record<string, string>;
  /** The home directory; a missing one when left out. */
  home?: string;
  /** Written to stdin. */
  stdin?: Uint8Array | string;
  /** The working directory. */
  cwd?: string;
}

function environment({ env, home }: CliOptions): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const name of ["PATH", "DENO_DIR", "TMPDIR"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) inherited[name] = value;
  }
  // The cache of the runtime is found from the real home directory.
  inherited.DENO_DIR ??= join(Deno.env.get("HOME") ?? "/root", ".cache/deno");
  return { ...inherited, HOME: home ?? "/nonexistent", ...env };
}

/** The command of a process that runs the command line. */
export function cliCommand(
  args: readonly string[],
  options: CliOptions = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      "--config",
      CONFIG,
      CLI,
      ...args,
    ],
    clearEnv: true,
    env: environment(options),
    cwd: options.cwd,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs the command line to its end. */
export async function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<Finished> {
  const child = cliCommand(args, options).spawn();
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    const { stdin } = options;
    const bytes = typeof stdin === "string"
      ? new TextEncoder().encode(stdin)
      : stdin;
    // A process that needs no stdin may be gone before all is written.
    await writer.write(bytes).then(() => writer.close()).catch(() => {});
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Makes a directory that is gone after `use`. */
export async function withTempDir(
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "net_transfer_cli_" });
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
