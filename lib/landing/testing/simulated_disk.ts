/**
 * The disk below a directory, as a process sees it that is killed at some call,
 * or whose machine loses its power then: calls that change something are
 * counted, of a fatal write one half happens, from the fatal call on all of them
 * fail, and what was never synced can be taken away.
 */

import { patchCall } from "./patch_call.ts";

/** Thrown instead of a change from the moment of death on. */
export class Killed extends Error {
  constructor() {
    super("killed");
  }
}

/** Calls that change the disk, with the paths among their arguments. */
const CHANGES = {
  mkdirSync: [0],
  removeSync: [0],
  renameSync: [0, 1],
  linkSync: [1],
  symlinkSync: [1],
  copyFileSync: [1],
  writeFileSync: [0],
  chmodSync: [],
  chownSync: [],
  truncateSync: [],
  utimeSync: [],
} as const;

/** Calls of an open file that change it. */
const FILE_CHANGES = ["writeSync", "write", "truncateSync"] as const;
const FILE_SYNCS = ["syncSync", "sync"] as const;
/** Calls that open a file. */
const OPENING = ["openSync", "open"] as const;

/** What is lost of a file at once, in bytes. */
const BLOCK = 65_536;

/** Patches the calls while it lives; others of the same thread see it, too. */
export class SimulatedDisk implements Disposable {
  /** Changes so far. */
  count = 0;
  /** The change that is the first not to happen. */
  dieAt = Infinity;
  /** Told of each rename before it happens. */
  onRename: (from: string, to: string) => void = () => {};
  /** Inodes of files and directories with changes that were not synced. */
  readonly #unsynced = new Set<number>();
  readonly #restore: (() => void)[] = [];

  constructor() {
    for (const [name, paths] of Object.entries(CHANGES)) {
      this.#patch(Deno, name, (call, args) => {
        if (name === "writeFileSync") this.#tear(call, args, 1);
        if (name === "copyFileSync") this.#tearCopy(call, String(args[1]));
        this.#change();
        if (name === "renameSync") {
          this.onRename(String(args[0]), String(args[1]));
        }
        const result = call();
        for (const index of paths) this.#touch(String(args[index]), name);
        return result;
      });
    }
    for (const name of OPENING) this.#patchOpen(name);
    for (const name of FILE_CHANGES) {
      this.#patch(Deno.FsFile.prototype, name, (call, args, file) => {
        const { ino } = (file as Deno.FsFile).statSync();
        this.#unsynced.add(ino ?? 0);
        if (name !== "write") this.#tear(call, args, 0);
        this.#change();
        return call();
      });
    }
    for (const name of FILE_SYNCS) {
      this.#patch(Deno.FsFile.prototype, name, (call, _, file) => {
        this.#change();
        const { ino } = (file as Deno.FsFile).statSync();
        this.#unsynced.delete(ino ?? 0);
        return call();
      });
    }
  }

  /** A new file is a change, and so is one that may be new. */
  #patchOpen(name: typeof OPENING[number]): void {
    this.#patch(Deno, name, (call, args) => {
      const options = args[1] as Deno.OpenOptions | undefined;
      const isNew = options?.createNew === true || options?.create === true;
      if (isNew) this.#change();
      const opened = call();
      const note = () => this.#touch(String(args[0]), "writeFileSync");
      if (isNew && opened instanceof Promise) return opened.finally(note);
      if (isNew) note();
      return opened;
    });
  }

  /** Has one half of a fatal write happen. */
  #tear(call: () => unknown, args: unknown[], at: number): void {
    const bytes = args[at];
    if (this.count !== this.dieAt || !(bytes instanceof Uint8Array)) return;
    args[at] = bytes.subarray(0, bytes.length >> 1);
    call();
    if (typeof args[0] === "string") this.#touch(args[0], "writeFileSync");
  }

  /** Has one half of a fatal copy happen. */
  #tearCopy(call: () => unknown, to: string): void {
    const { count, dieAt } = this;
    if (count !== dieAt) return;
    this.dieAt = Infinity;
    call();
    Deno.truncateSync(to, Deno.lstatSync(to).size >> 1);
    this.#touch(to, "copyFileSync");
    [this.count, this.dieAt] = [count, dieAt];
  }

  /** What below a path, itself included, is not on the disk as it is. */
  unsynced(path: string): string[] {
    const found: string[] = [];
    for (const [at, info] of everything(path)) {
      // A link is there with its name, and may have the number of what is gone.
      if (info.isSymlink) continue;
      if (this.#unsynced.has(info.ino ?? 0)) found.push(at);
    }
    return found;
  }

  /** Whether names in a directory are not on the disk as they are. */
  hasUnsyncedNames(dir: string): boolean {
    return this.#unsynced.has(Deno.lstatSync(dir).ino ?? 0);
  }

  /** Takes away some or all of what was written to files and never synced. */
  losePower(dir: string, random: () => number): void {
    const { dieAt } = this;
    this.dieAt = Infinity;
    for (const [path, info] of [...everything(dir)]) {
      if (!info.isFile || !this.#unsynced.has(info.ino ?? 0)) continue;
      const mode = info.mode ?? 0o600;
      Deno.chmodSync(path, 0o600);
      const bytes = Deno.readFileSync(path);
      const fate = random();
      for (let at = 0; at < bytes.length; at += BLOCK) {
        if (fate < 0.3 || random() < 0.5) bytes.fill(0, at, at + BLOCK);
      }
      const length = random() < 0.5
        ? bytes.length
        : Math.floor(random() * bytes.length);
      using file = Deno.openSync(path, { write: true });
      file.truncateSync(0);
      if (length > 0) file.writeSync(bytes.subarray(0, length));
      Deno.chmodSync(path, mode & 0o7777);
    }
    this.dieAt = dieAt;
  }

  [Symbol.dispose](): void {
    for (const restore of this.#restore.splice(0)) restore();
  }

  #change(): void {
    if (this.count++ >= this.dieAt) throw new Killed();
  }

  /** A name was made, or is gone: its directory has changed, and it is new. */
  #touch(path: string, call: string): void {
    const parent = path.slice(0, path.lastIndexOf("/")) || "/";
    this.#note(parent);
    const isNew = ["writeFileSync", "copyFileSync", "mkdirSync"].includes(call);
    if (isNew) this.#note(path);
  }

  #note(path: string): void {
    try {
      this.#unsynced.add(Deno.lstatSync(path).ino ?? 0);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #patch(
    owner: object,
    name: string,
    wrap: Parameters<typeof patchCall>[2],
  ): void {
    this.#restore.push(patchCall(owner, name, wrap));
  }
}

function* everything(
  path: string,
): Generator<[string, Deno.FileInfo], void, void> {
  const info = Deno.lstatSync(path);
  yield [path, info];
  if (!info.isDirectory) return;
  for (const { name } of Deno.readDirSync(path)) {
    yield* everything(`${path}/${name}`);
  }
}
