/**
 * The fenced blocks of a Markdown document. Those that a test runs have a name
 * in a comment above them: `<!-- test: name -->`.
 */

import { join } from "@std/path";
import { ROOT } from "../../scripts/program.ts";

/** A fenced block. */
export interface Block {
  /** The name in the comment above it. */
  readonly name: string | undefined;
  /** What follows the fence, such as `sh`. */
  readonly language: string;
  /** What lies between the fences. */
  readonly text: string;
}

/** All blocks of a document. */
export class Blocks {
  readonly #path: string;
  /** In their order. */
  readonly all: readonly Block[];

  private constructor(path: string, all: readonly Block[]) {
    this.#path = path;
    this.all = all;
  }

  /**
   * Reads a document.
   *
   * @param path Relative to the repository.
   */
  static async of(path: string): Promise<Blocks> {
    const text = await Deno.readTextFile(join(ROOT, path));
    const found = text.matchAll(
      /(?:<!-- test: ([\w-]+) -->\n\n)?^```(\w+)\n(.*?)^```$/gms,
    );
    return new Blocks(
      path,
      [...found].map(([, name, language, text]) => ({ name, language, text })),
    );
  }

  /**
   * The text of a block.
   *
   * @throws {Error} When there is none of that name.
   */
  named(name: string): string {
    const found = this.all.find((block) => block.name === name);
    if (!found) throw new Error(`${this.#path} has no block named ${name}`);
    return found.text;
  }
}
