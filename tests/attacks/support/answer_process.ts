import { fromFileUrl } from "@std/path";
import { attach } from "../../../lib/mesh/attach.ts";
import { exchange, PSK } from "../../../lib/mesh/testing/echo_node.ts";
import { fromHex } from "../../../lib/text/hex.ts";

const PROGRAM = fromFileUrl(new URL("answer_program.ts", import.meta.url));
/** Milliseconds after which an honest client counts as locked out. */
const PATIENCE_MS = 60_000;

/** What an honest client got of a node. */
export interface Honest {
  /** Milliseconds that attaching took. */
  readonly attachMs: number;
  /** Megabits per second of what it fetched. */
  readonly rate: number;
}

/** A node that answers each stream with many bytes, in a process of its own. */
export class AnswerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #out: ReadableStreamDefaultReader<string>;
  readonly #in: WritableStreamDefaultWriter<Uint8Array>;
  #read = "";
  address: Deno.NetAddr = { transport: "udp", hostname: "", port: 0 };
  publicKey: Uint8Array = new Uint8Array(0);

  private constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", PROGRAM],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#out = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#in = this.#child.stdin.getWriter();
  }

  static async start(): Promise<AnswerProcess> {
    const node = new AnswerProcess();
    const { hostname, port, key } = JSON.parse(await node.#line());
    node.address = { transport: "udp", hostname, port };
    node.publicKey = fromHex(key);
    return node;
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#read.indexOf("\n");
      if (end >= 0) {
        const line = this.#read.slice(0, end);
        this.#read = this.#read.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#out.read();
      if (done) throw new Error("the node has ended");
      this.#read += value;
    }
  }

  /** Milliseconds of processor time that it has used. */
  async cpu(): Promise<number> {
    await this.#in.write(new Uint8Array(1));
    return JSON.parse(await this.#line()).cpu;
  }

  /** Attaches and fetches something; `undefined` when there is no answer. */
  async honest(): Promise<Honest | undefined> {
    const { hostname, port } = this.address;
    const start = performance.now();
    try {
      await using session = await attach({
        address: `${hostname}:${port}`,
        publicKey: this.publicKey,
        psk: PSK,
        connectTimeoutMs: PATIENCE_MS,
      });
      const attached = performance.now();
      const { length } = await exchange(session, Uint8Array.of(1));
      const seconds = (performance.now() - attached) / 1000;
      return {
        attachMs: attached - start,
        rate: 8 * length / 1e6 / seconds,
      };
    } catch {
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#in.close();
    await this.#out.cancel();
    await this.#child.status;
  }
}
