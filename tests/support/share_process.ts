/** A process that shares, as programs see it. */

import { TextLineStream } from "./text_lines.ts";
import {
  type Program,
  programCommand,
  signal,
  words,
} from "../../scripts/program.ts";
import { type CliOptions, isolated } from "./cli.ts";
import { TEST_PROGRAM } from "./test_program.ts";

/** What it prints when it is ready. */
export interface Sharing {
  readonly event: string;
  readonly name: string;
  readonly kind: string;
  readonly files: number;
  readonly bytes: number;
  readonly ref: string;
  readonly code?: string;
  readonly ticket: string;
  readonly command: string;
  readonly node_pubkey: string;
  readonly listen: readonly string[];
}

/** What it comes to. */
export interface Shared {
  readonly code: number;
  readonly stderr: string;
  readonly event: string;
  readonly ended: string;
  readonly fetches: number;
  readonly bytes_sent: number;
}

/** How it is started. */
export interface ShareProcessOptions extends CliOptions {
  /** @default {loopback} */
  readonly listen?: string;
  /** Whether it announces a code on the network. @default {false} */
  readonly hasCode?: boolean;
  readonly program?: Program;
}

/** `share` in a process of its own, on this machine alone. */
export class ShareProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #stderr: Promise<string>;
  #isOver = false;

  private constructor(
    child: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
    stderr: Promise<string>,
    /** What it printed when it was ready. */
    readonly ready: Sharing,
  ) {
    this.#child = child;
    this.#lines = lines;
    this.#stderr = stderr;
  }

  /** Starts it, and waits until it is ready. */
  static async start(
    args: readonly string[],
    {
      listen = "127.0.0.1:0",
      hasCode = false,
      program = TEST_PROGRAM,
      ...options
    }: ShareProcessOptions = {},
  ): Promise<ShareProcess> {
    const line = words`share --listen ${listen} --output ndjson
      ${hasCode ? [] : ["--no-code"]} ${args}`;
    const child = programCommand(program, line, isolated(options)).spawn();
    if (options.stdin !== undefined) {
      await new Response(options.stdin as string).body?.pipeTo(child.stdin);
    }
    const stderr = new Response(child.stderr).text();
    const lines = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
    const { value } = await lines.read();
    if (value === undefined) throw new Error(await stderr);
    return new ShareProcess(child, lines, stderr, JSON.parse(value));
  }

  /** Waits for the next thing that it prints. */
  async next(): Promise<{ readonly event: string; readonly code: string }> {
    const { value = "{}" } = await this.#lines.read();
    return JSON.parse(value);
  }

  /** Waits until it ends by itself. */
  async ended(): Promise<Shared> {
    let last = "{}";
    for (;;) {
      const { value } = await this.#lines.read();
      if (value === undefined) break;
      last = value;
    }
    const { code } = await this.#child.status;
    this.#isOver = true;
    return { ...JSON.parse(last), code, stderr: await this.#stderr };
  }

  /** Sends a signal. */
  signal(name: Deno.Signal): void {
    signal(this.#child, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.signal("SIGKILL");
    await this.ended();
  }
}
