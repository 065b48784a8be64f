/** The file that tells other programs that a node is ready, and how to attach. */

import { attemptAsync, lookAt } from "../../os/os_error.ts";
import { checkWholeFile, writeWholeFile } from "../../os/whole_file.ts";
import { formatJson } from "../framework/output/json.ts";
import type { Report } from "../framework/output/report.ts";
import type { ServeValues } from "./serve_options.ts";

/** A file that is there while the node is ready. */
export class ReadyFile implements Disposable {
  readonly #path: string | undefined;
  readonly #trustParent: boolean;
  #isWritten = false;

  private constructor({ readyFile, trustParent }: ServeValues) {
    this.#path = readyFile;
    this.#trustParent = trustParent;
  }

  /**
   * Makes sure that it can be written, and that none of an earlier run is taken
   * for ours.
   */
  static async prepare(values: ServeValues): Promise<ReadyFile> {
    const file = new ReadyFile(values);
    if (file.#path === undefined) return file;
    await checkWholeFile(file.#path, file.#options);
    const { what } = file.#options;
    const path = file.#path;
    // Left there, it would tell of another node.
    if (lookAt(path) !== undefined) {
      await attemptAsync(
        `remove the old ${what}`,
        path,
        () => Deno.remove(path),
      );
    }
    return file;
  }

  get #options() {
    // A reference in it is as good as the content.
    const trustParent = this.#trustParent;
    return { what: "ready file", mode: 0o600, replace: true, trustParent };
  }

  async write({ fields }: Report): Promise<void> {
    if (this.#path === undefined) return;
    const text = `${formatJson(fields, 2)}\n`;
    await writeWholeFile(this.#path, text, this.#options);
    this.#isWritten = true;
    // A second signal ends the process without any cleaning up.
    globalThis.addEventListener("unload", this.#remove);
  }

  readonly #remove = () => {
    if (this.#path !== undefined && this.#isWritten) removeQuietly(this.#path);
  };

  [Symbol.dispose](): void {
    globalThis.removeEventListener("unload", this.#remove);
    this.#remove();
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Whoever started us may have removed it already.
  }
}
