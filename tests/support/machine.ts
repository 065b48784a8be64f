/**
 * A machine as documents speak of it: a directory with a home, a configuration
 * and a shell in which `net-transfer` is this program.
 */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { checkOutput } from "../../scripts/clean_output.ts";
import type { Ready } from "../../scripts/holder_process.ts";
import { signal } from "../../scripts/program.ts";
import type { TempDir, TreeEntries } from "../../scripts/temp_dir.ts";
import { TEST_PROGRAM } from "./test_program.ts";

/** A directory, and a shell in it. */
export class Machine {
  private constructor(
    private readonly dir: TempDir,
    private readonly name: string,
  ) {}

  /**
   * Makes a machine.
   *
   * @param dir Where the machines are, each in a directory of its own.
   * @param name Its name.
   * @param files What lies on it.
   */
  static async create(
    dir: TempDir,
    name: string,
    files: TreeEntries = {},
  ): Promise<Machine> {
    await dir.mkdir(name);
    await dir.tree(name, files);
    const program = TEST_PROGRAM.map((word) => `'${word}'`).join(" ");
    const shim = `#!/bin/sh\nexec ${program} "$@"\n`;
    await dir.write("bin/net-transfer", shim, { mode: 0o755 });
    return new Machine(dir, name);
  }

  /** A path on it. */
  at(...names: string[]): string {
    return this.dir.at(this.name, ...names);
  }

  /** Writes a file that is for its user alone. */
  async write(name: string, text: string): Promise<void> {
    await this.dir.write(join(this.name, name), text, { mode: 0o600 });
  }

  /**
   * Runs a script that succeeds.
   *
   * @returns What it prints.
   */
  async run(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.#shell(script).output();
    const [out, error] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assertEquals(code, 0, `${script}\n${error}`);
    checkOutput([script], { stdout: out, stderr: error });
    return out;
  }

  /**
   * Runs a script that ends in `serve`, for as long as `use` takes; it listens
   * at a free port of loopback, wherever the document has it listen.
   */
  async serve<T>(
    script: string,
    use: (ready: Ready) => Promise<T>,
  ): Promise<T> {
    const listen = "--listen 127.0.0.1:0";
    const here = script.trimEnd().replace("net-transfer serve", "exec $&")
      .replaceAll(/--listen \S+/g, listen);
    const child = this.#shell(
      here.includes(listen) ? here : `${here} ${listen}`,
    ).spawn();
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    try {
      return await use(await readReady(reader, stderr));
    } finally {
      signal(child, "SIGTERM");
      while (!(await reader.read()).done);
      await child.status;
      await stderr;
    }
  }

  /** Brings a file with a secret over from another machine. */
  async bring(from: string, name: string): Promise<void> {
    await this.write(name, await Deno.readTextFile(from));
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
        PATH: `${this.dir.at("bin")}:${Deno.env.get("PATH")}`,
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
