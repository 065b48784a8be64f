/** A real S3-compatible server, where the machine has one. */

import { join } from "@std/path";
import { startOnFreePort } from "./free_port.ts";
import { BUCKET } from "./s3_server.ts";

const KEY = "AKIAREAL";
const SECRET = "hunter2/+=";

const PROGRAM = (Deno.env.get("PATH") ?? "").split(":")
  .map((dir) => join(dir, "versitygw"))
  .find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });

/** The obstacle to tests with it. */
export const withoutVersitygw: string | undefined = PROGRAM === undefined
  ? "no versitygw here (go install github.com/versity/versitygw/cmd/versitygw)"
  : undefined;

/** Serves a bucket on loopback. */
export class Versitygw implements AsyncDisposable {
  private constructor(
    private readonly child: Deno.ChildProcess,
    private readonly port: number,
  ) {}

  /**
   * Starts it.
   *
   * @param dir Where its objects go.
   */
  static async start(dir: string): Promise<Versitygw> {
    await Deno.mkdir(join(dir, BUCKET), { recursive: true });
    const { child, port } = await startOnFreePort((port) =>
      new Deno.Command(PROGRAM ?? "versitygw", {
        args: ["--port", `127.0.0.1:${port}`, "posix", dir],
        env: { ROOT_ACCESS_KEY: KEY, ROOT_SECRET_KEY: SECRET },
        stdout: "null",
        stderr: "null",
      }).spawn()
    );
    return new Versitygw(child, port);
  }

  /** What tells a process where it is, and the keys. */
  get env(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${this.port}`,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.status;
  }
}
