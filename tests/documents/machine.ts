/**
 * A machine as documents speak of it: a directory with a home, a configuration
 * and a shell in which `net-transfer` is this program.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { sourceProgram } from "../../scripts/holder_process.ts";

/** What a serving process printed. */
export interface Ready {
  /** Addresses to attach to. */
  readonly listen: readonly string[];
  /** The flags to attach with. */
  readonly attach: string;
  /** Its public key. */
  readonly node_pubkey: string;
  /** Its ticket. */
  readonly ticket: string;
  /** What it serves in place. */
  readonly refs: readonly { kind: string; ref: string; ticket: string }[];
}

/** A directory, and a shell in it. */
export class Machine {
  readonly #dir: string;
  readonly #bin: string;

  private constructor(dir: string, bin: string) {
    this.#dir = dir;
    this.#bin = bin;
  }

  /**
   * Makes an empty machine.
   *
   * @param dir Where the machines are, each in a directory of its own.
   * @param name Its name.
   */
  static async create(dir: string, name: string): Promise<Machine> {
    const machine = new Machine(join(dir, name), join(dir, "bin"));
    await Deno.mkdir(machine.at());
    await Deno.mkdir(machine.#bin, { recursive: true });
    const program = sourceProgram().map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(
      join(machine.#bin, "net-transfer"),
      `#!/bin/sh\nexec ${program} "$@"\n`,
      { mode: 0o755 },
    );
    return machine;
  }

  /** A path on it. */
  at(...names: string[]): string {
    return join(this.#dir, ...names);
  }

  /**
   * Runs a script that succeeds.
   *
   * @returns What it prints.
   */
  async run(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.#shell(script).output();
    assertEquals(code, 0, `${script}\n${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }

  /**
   * Runs a script that ends in `serve`, for as long as `use` takes; it listens
   * on this machine only, wherever the document has it listen.
   */
  async serve<T>(
    script: string,
    use: (ready: Ready) => Promise<T>,
  ): Promise<T> {
    const child = this.#shell(
      script.replace("net-transfer serve", "exec net-transfer serve")
        .replaceAll("0.0.0.0:7700", "127.0.0.1:0"),
    ).spawn();
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    try {
      return await use(await readReady(reader, stderr));
    } finally {
      terminate(child);
      while (!(await reader.read()).done);
      await child.status;
      await stderr;
    }
  }

  /** Brings a file with a secret over from another machine. */
  async bring(from: string, name: string): Promise<void> {
    await Deno.copyFile(from, this.at(name));
    await Deno.chmod(this.at(name), 0o600);
  }

  #shell(script: string): Deno.Command {
    return new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", script],
      cwd: this.at(),
      env: {
        HOME: this.at(),
        XDG_CONFIG_HOME: this.at(".config"),
        NET_MESH_CONFIG: "",
        DENO_DIR: Deno.env.get("DENO_DIR") ??
          join(Deno.env.get("HOME") ?? "", ".cache/deno"),
        PATH: `${this.#bin}:${Deno.env.get("PATH")}`,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }
}

/** The file that a holder's pre-shared key lies in. */
export function pskFileOf({ attach }: Ready): string {
  const path = /--psk-file (\S+)/.exec(attach)?.[1];
  if (path === undefined) throw new Error(`no PSK file in: ${attach}`);
  return path;
}

/** Waits for the result of `serve`; the results of other commands may precede it. */
async function readReady(
  reader: ReadableStreamDefaultReader<string>,
  stderr: Promise<string>,
): Promise<Ready> {
  let printed = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`serve ended: ${await stderr}`);
    printed += value;
    const last = /^\{\n(?: .*\n)*? {2}"listen"(?:.*\n)*?\}\n/m.exec(printed);
    if (last) return JSON.parse(last[0]);
  }
}

/** Asks a process to end that may have ended by itself, when a test has failed. */
function terminate(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
