/** Starts and commands a link proxy on another host; see `link_proxy_program.ts`. */

import { join } from "@std/path";
import type { LinkOptions } from "../../lib/wire/testing/link.ts";
import { type Program, ROOT, words } from "../../scripts/program.ts";
import type { LinkProxyOptions } from "./link_proxy.ts";

/** A link proxy in a process of its own. */
export class LinkProxyProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";
  /** `host:port` that clients send to. */
  address = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /**
   * Starts one.
   *
   * @param at What runs a program on its host.
   * @param options Those of the proxy that can be written down.
   */
  static async start(
    at: (program: Program) => Program,
    options: Omit<LinkProxyOptions, "onDelivered">,
  ): Promise<LinkProxyProcess> {
    const program = join(ROOT, "tests", "support", "link_proxy_program.ts");
    const [command, ...args] = at(words`${Deno.execPath()} run -A --quiet
      --no-check --config ${join(ROOT, "deno.json")} ${program}
      ${JSON.stringify(options)}`);
    const proxy = new LinkProxyProcess(
      new Deno.Command(command, { args, stdin: "piped", stdout: "piped" })
        .spawn(),
    );
    proxy.address = await proxy.#line();
    return proxy;
  }

  /** Changes both directions. */
  async change(options: Partial<LinkOptions>): Promise<void> {
    await this.#command(options);
  }

  /** Every client comes from a new port. */
  async rebind(): Promise<void> {
    await this.#command("rebind");
  }

  /** Bytes that came from the node so far. */
  bytes(): Promise<number> {
    return this.#command({});
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    while (!(await this.#lines.read()).done);
    await this.#child.status;
  }

  async #command(command: unknown): Promise<number> {
    const line = `${JSON.stringify(command)}\n`;
    await this.#writer.write(new TextEncoder().encode(line));
    return Number(await this.#line());
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("the link proxy ended");
      this.#text += value;
    }
  }
}
