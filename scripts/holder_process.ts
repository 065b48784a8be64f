/**
 * The program in processes of its own: one that serves, others that run to
 * their end.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";

const ROOT: string = fromFileUrl(new URL("../", import.meta.url));

/** What starts the program; its arguments follow. */
export type Program = readonly string[];

/** The program as it lies here, run from its sources. */
export function sourceProgram(
  permissions: readonly string[] = ["-A"],
): Program {
  return [
    Deno.execPath(),
    "run",
    ...permissions,
    "--quiet",
    "--no-check",
    "--config",
    join(ROOT, "deno.json"),
    join(ROOT, "cli.ts"),
  ];
}

/** What a finished process left. */
export interface Finished {
  /** Exit code. */
  readonly code: number;
  /** Everything on stdout. */
  readonly stdout: string;
  /** Everything on stderr. */
  readonly stderr: string;
}

/** Runs the program to its end; it never reads from our terminal. */
export async function runProgram(
  program: Program,
  args: readonly string[],
): Promise<Finished> {
  const { code, stdout, stderr } = await command(program, args).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

function command(program: Program, args: readonly string[]): Deno.Command {
  const [path, ...rest] = program;
  return new Deno.Command(path, {
    args: [...rest, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** A path that a {@linkcode HolderProcess} serves. */
export interface ServedRef {
  /** The path as it was given. */
  path: string;
  /** Whether it is a file or a directory. */
  kind: "blob" | "dir";
  /** Its reference, as hex. */
  ref: string;
  /** Bytes of content. */
  size: number;
}

/** What `serve` printed when it was ready. */
interface Ready {
  node_pubkey: string;
  listen: string[];
  refs: ServedRef[];
}

/** How a {@linkcode HolderProcess} is started. */
export interface HolderOptions {
  /** What starts the program. @default {the sources} */
  program?: Program;
  /** Where its keys go; made there by the program itself. */
  keys: string;
  /** Address and port to listen on. @default {"127.0.0.1:0"} */
  listen?: string;
}

/** A process that serves; it is stopped when disposed of. */
export class HolderProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Promise<string>;
  readonly #ready: Ready;
  readonly #psk: string;
  readonly #rest: Promise<void>;

  private constructor(
    child: Deno.ChildProcess,
    stderr: Promise<string>,
    ready: Ready,
    psk: string,
    rest: Promise<void>,
  ) {
    this.#child = child;
    this.#stderr = stderr;
    this.#ready = ready;
    this.#psk = psk;
    this.#rest = rest;
  }

  /**
   * Starts a process that serves and waits until it is ready.
   *
   * @param args What is served: paths, or `--store DIR`.
   * @throws {Error} With what the process said, when it does not get ready.
   */
  static async start(
    args: readonly string[],
    options: HolderOptions,
  ): Promise<HolderProcess> {
    const program = options.program ?? sourceProgram();
    const identity = join(options.keys, "node.toml");
    const made = await runProgram(program, [
      ...["identity", "generate", "--force", "--out", identity],
    ]);
    if (made.code !== 0) throw new Error(made.stderr);
    const child = command(program, [
      ...["serve", ...args, "--output", "ndjson", "--identity", identity],
      ...["--listen", options.listen ?? "127.0.0.1:0"],
    ]).spawn();
    const stderr = new Response(child.stderr).text();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let line = "";
    while (!line.includes("\n")) {
      const { value, done } = await lines.read();
      if (done) {
        const { code } = await child.status;
        throw new Error(`serve ended with ${code}: ${await stderr}`);
      }
      line += value;
    }
    const rest = (async () => {
      while (!(await lines.read()).done);
    })();
    // The key is made beside the identity.
    const psk = join(options.keys, "node.psk");
    return new HolderProcess(child, stderr, JSON.parse(line), psk, rest);
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** `host:port` to attach to. */
  get address(): string {
    return this.#ready.listen[0];
  }

  /** The names of the fields it printed. */
  get fields(): string[] {
    return Object.keys(this.#ready);
  }

  /** What it serves. */
  get refs(): readonly ServedRef[] {
    return this.#ready.refs;
  }

  /** The flags that others attach with. */
  attach(psk: readonly string[] = ["--psk-file", this.#psk]): string[] {
    return [
      ...["--node-addr", this.address],
      ...["--node-pubkey", this.#ready.node_pubkey],
      ...psk,
    ];
  }

  /**
   * Asks it to stop and waits until it has.
   *
   * @param signal How it is asked.
   * @returns Its exit code and what it logged.
   */
  async stop(
    signal: Deno.Signal = "SIGTERM",
  ): Promise<{ code: number; stderr: string }> {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended already, or the runtime knows of it only now.
      if (!(error instanceof TypeError)) throw error;
    }
    const { code } = await this.#child.status;
    await this.#rest;
    return { code, stderr: await this.#stderr };
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
