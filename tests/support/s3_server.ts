/** A process with an S3-compatible server. */

import { fromFileUrl } from "@std/path";
import { S3_KEY, S3_SECRET } from "../../lib/objects/testing/small_s3.ts";
import { ROOT, words } from "../../scripts/program.ts";

/** Its only bucket. */
export const BUCKET = "photos";
/** Serves a bucket on loopback; what is in it stays in a directory. */
export class S3Server implements AsyncDisposable {
  private constructor(
    private readonly child: Deno.ChildProcess,
    /** Its port. */
    readonly port: number,
  ) {}

  /**
   * Starts it.
   *
   * @param dir Where its objects go.
   * @param port A port that it had before.
   */
  static async start(dir: string, port = 0): Promise<S3Server> {
    const program = fromFileUrl(
      new URL("s3_server_program.ts", import.meta.url),
    );
    const child = new Deno.Command(Deno.execPath(), {
      args: words`run -A --quiet --no-check --config ${ROOT}/deno.dev.json
        ${program} ${dir} ${BUCKET} ${port}`,
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream());
    let text = "";
    for await (const part of output) {
      text += part;
      if (text.includes("\n")) break;
    }
    if (!text.includes("\n")) throw new Error("the S3 server does not start");
    return new S3Server(child, Number(new URL(text.trim()).port));
  }

  /** What tells a process where it is, and the keys. */
  get env(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${this.port}`,
      AWS_ACCESS_KEY_ID: S3_KEY,
      AWS_SECRET_ACCESS_KEY: S3_SECRET,
    };
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It was killed before.
    }
    await this.child.status;
  }
}
