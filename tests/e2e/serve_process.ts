/**
 * `serve` in a process of its own, with a home of its own.
 *
 * @module
 */

import { cliCommand } from "./cli_process.ts";

/** What it printed when it was ready. */
export interface Ready {
  /** Its public key, as hex. */
  readonly node_pubkey: string;
  /** Addresses to attach to. */
  readonly listen: string[];
  /** The flags to attach with. */
  readonly attach: string;
  /** Its ticket. */
  readonly ticket: string;
  /** What it serves in place. */
  readonly refs: {
    path: string;
    kind: string;
    ref: string;
    size: number;
    ticket: string;
  }[];
}

/** A running `serve`; disposing kills it. */
export class ServeProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Promise<string>;
  /** What it printed, to the letter. */
  readonly printed: string;
  /** The same, parsed. */
  readonly ready: Ready;

  private constructor(
    child: Deno.ChildProcess,
    printed: string,
    stderr: Promise<string>,
  ) {
    this.#child = child;
    this.#stderr = stderr;
    this.printed = printed;
    this.ready = JSON.parse(printed);
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param home Where its keys go.
   * @param args What follows `serve`; it listens on a free port of loopback.
   */
  static async start(
    home: string,
    args: readonly string[],
  ): Promise<ServeProcess> {
    const child = cliCommand(
      ["serve", "--listen", "127.0.0.1:0", "--output", "ndjson", ...args],
      { home },
    ).spawn();
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    let printed = "";
    while (!printed.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`serve did not start: ${await stderr}`);
      printed += value;
    }
    reader.releaseLock();
    return new ServeProcess(child, printed, stderr);
  }

  /** The flags to attach with. */
  get attach(): string[] {
    return this.ready.attach.split(" ");
  }

  /** Its id, to the digit. */
  get id(): string {
    return /"node_id":(\d+)/.exec(this.printed)![1];
  }

  /** Stops it and tells how it ended. */
  async stop(
    signal: Deno.Signal = "SIGTERM",
  ): Promise<{ code: number; stderr: string }> {
    this.#child.kill(signal);
    const { code } = await this.#child.status;
    return { code, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
    await this.#child.status;
    await this.#stderr;
  }
}
