/** The program in a process that serves. */

import { encodeHex } from "@std/encoding/hex";
import { join } from "@std/path";
import { checkOutput } from "./clean_output.ts";
import {
  type Program,
  programCommand,
  type RunOptions,
  signal,
  sourceProgram,
  words,
} from "./program.ts";

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
  /** Its ticket. */
  ticket: string;
  /** Of a directory: entries with what cannot be carried, by what it is. */
  readonly not_carried?: Readonly<Record<string, number>>;
}

/** What `serve` printed when it was ready. */
export interface Ready {
  readonly node_pubkey: string;
  /** Addresses to attach to. */
  readonly listen: readonly string[];
  /** The flags to attach with. */
  readonly attach: string;
  readonly ticket: string;
  /** With a key of each name that tickets were asked for: of the node, of `refs`. */
  readonly psk_tickets?: readonly {
    readonly psk: string;
    readonly ticket: string;
    readonly refs: readonly string[];
  }[];
  /** Bytes per second, if there is a limit. */
  readonly limit_rate?: number | null;
  readonly refs: readonly ServedRef[];
}

/** How a {@linkcode HolderProcess} is started. */
export interface HolderOptions extends RunOptions {
  /** What starts the program. @default {the sources} */
  readonly program?: Program;
  /**
   * Where a new identity and pre-shared key go. @default {where the program has
   * them}
   */
  readonly keys?: string;
  /** Address and port to listen on. @default {"127.0.0.1:0"} */
  readonly listen?: string;
}

/** A process that serves; it is stopped when disposed of. */
export class HolderProcess implements AsyncDisposable {
  /** What it printed, parsed. */
  readonly ready: Ready;
  #isChecked = false;

  private constructor(
    readonly child: Deno.ChildProcess,
    /** What it printed, to the letter. */
    readonly printed: string,
    private readonly stderr: Promise<string>,
    private readonly rest: Promise<void>,
  ) {
    this.ready = JSON.parse(printed);
  }

  /**
   * Starts a process that serves and waits until it is ready.
   *
   * @param args What is served: paths, or `--store DIR`.
   * @throws {Error} With what the process said, when it does not get ready.
   */
  static async start(
    args: readonly string[],
    { program = sourceProgram(), keys, listen, ...run }: HolderOptions,
  ): Promise<HolderProcess> {
    const own: string[] = [];
    if (keys !== undefined) {
      const identity = join(keys, "node.toml");
      const seed = encodeHex(crypto.getRandomValues(new Uint8Array(32)));
      const mode = 0o600;
      await Deno.writeTextFile(identity, `seed_hex = "${seed}"\n`, { mode });
      // The pre-shared key is made beside it.
      own.push("--identity", identity);
    }
    const child = programCommand(
      program,
      words`serve ${args} --output ndjson ${own}
        --listen ${listen ?? "127.0.0.1:0"}`,
      run,
    ).spawn();
    const stderr = new Response(child.stderr).text();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let printed = "";
    while (!printed.includes("\n")) {
      const { value, done } = await lines.read();
      if (done) {
        const { code } = await child.status;
        throw new Error(`serve ended with ${code}: ${await stderr}`);
      }
      printed += value;
    }
    const rest = (async () => {
      while (!(await lines.read()).done);
    })();
    return new HolderProcess(child, printed, stderr, rest);
  }

  /** `host:port` to attach to. */
  get address(): string {
    return this.ready.listen[0];
  }

  /** Its id, to the digit. */
  get id(): string {
    return /"node_id":(\d+)/.exec(this.printed)![1];
  }

  /** What it serves. */
  get refs(): readonly ServedRef[] {
    return this.ready.refs;
  }

  /** The file with its pre-shared key. */
  get pskFile(): string {
    return /--psk-file '?(.*?)'?$/.exec(this.ready.attach)![1];
  }

  /**
   * The flags that others attach with.
   *
   * @param psk Those of the pre-shared key. @default {its file}
   * @param address Where they reach it. @default {where it listens}
   */
  attach(psk?: readonly string[], address: string = this.address): string[] {
    return words`--node-addr ${address}
      --node-pubkey ${this.ready.node_pubkey}
      ${psk ?? ["--psk-file", this.pskFile]}`;
  }

  /**
   * Asks it to stop and waits until it has.
   *
   * @param how The signal.
   * @returns Its exit code and what it logged.
   */
  async stop(
    how: Deno.Signal = "SIGTERM",
  ): Promise<{ code: number; stderr: string }> {
    signal(this.child, how);
    const { code } = await this.child.status;
    await this.rest;
    const stderr = await this.stderr;
    // Asked twice it has been looked at.
    if (!this.#isChecked) {
      checkOutput(["serve"], { stdout: this.printed, stderr });
    }
    this.#isChecked = true;
    return { code, stderr };
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
