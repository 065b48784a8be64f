import { dirname, join } from "@std/path";

/** What a tree is made of, by path: contents, a link; a directory ends in `/`. */
export type TreeEntries = Readonly<
  Record<string, string | Uint8Array | { readonly link: string }>
>;

/** Of every directory, whatever the umask: below one of others nothing lands. */
const DIRECTORY = { recursive: true, mode: 0o755 };

/** A directory that is removed when it is disposed of. */
export class TempDir implements AsyncDisposable {
  private constructor(
    /** Where it is. */
    readonly path: string,
  ) {}

  /** Makes one. */
  static async make(parent?: string): Promise<TempDir> {
    const prefix = "net_transfer_";
    return new TempDir(await Deno.makeTempDir({ dir: parent, prefix }));
  }

  /** Makes a tree in a directory that is there, and not removed by this. */
  static async fill(path: string, entries: TreeEntries): Promise<void> {
    await new TempDir(path).tree(".", entries);
  }

  /** A path in it. */
  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Writes a file, and the directories it is in; gives its path. */
  async write(
    name: string,
    content: string | Uint8Array,
    options: Deno.WriteFileOptions = {},
  ): Promise<string> {
    const path = this.at(name);
    await Deno.mkdir(dirname(path), DIRECTORY);
    const text = typeof content === "string";
    const bytes = text ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(path, bytes, options);
    return path;
  }

  /** Makes a tree; gives its path. */
  async tree(name: string, entries: TreeEntries): Promise<string> {
    for (const [path, entry] of Object.entries(entries)) {
      const at = join(name, path);
      if (typeof entry === "string" || entry instanceof Uint8Array) {
        if (path.endsWith("/")) await this.mkdir(at);
        else await this.write(at, entry);
      } else {
        await this.mkdir(dirname(at));
        await Deno.symlink(entry.link, this.at(at));
      }
    }
    return this.at(name);
  }

  /** Makes a directory, and those it is in; gives its path. */
  async mkdir(name: string): Promise<string> {
    await Deno.mkdir(this.at(name), DIRECTORY);
    return this.at(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
