/** What comes on stdin, kept in a file for as long as it is shared. */

import { join } from "@std/path";
import { attemptAsync } from "../../os/os_error.ts";
import type { Context } from "../command.ts";

/** A file of our own that has all of stdin; bounded by the disk alone. */
export class Spool implements Disposable {
  readonly #dir: string;

  private constructor(
    dir: string,
    /** Where it is. */
    readonly path: string,
  ) {
    this.#dir = dir;
    // A second signal ends the process without any cleaning up.
    globalThis.addEventListener("unload", this.#remove);
  }

  /** Reads stdin to its end. */
  static async fill(
    { signal }: Pick<Context, "signal">,
  ): Promise<Spool> {
    const dir = await attemptAsync(
      "make a directory for stdin in",
      "the directory for temporary files",
      () => Deno.makeTempDir({ prefix: "net-transfer-share-" }),
    );
    const path = join(dir, "stdin");
    const spool = new Spool(dir, path);
    try {
      await attemptAsync("keep stdin in", path, async () => {
        const file = await Deno.open(path, {
          write: true,
          createNew: true,
          mode: 0o600,
        });
        await Deno.stdin.readable.pipeTo(file.writable, { signal });
      });
    } catch (error) {
      spool[Symbol.dispose]();
      throw error;
    }
    return spool;
  }

  readonly #remove = () => {
    try {
      Deno.removeSync(this.#dir, { recursive: true });
    } catch {
      // Somebody has cleaned up already.
    }
  };

  [Symbol.dispose](): void {
    globalThis.removeEventListener("unload", this.#remove);
    this.#remove();
  }
}
