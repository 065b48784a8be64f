/** The file system of one target: what is asked of it, and what it lacked. */

import { IoError } from "../../errors.ts";
import { isLacking } from "../../os/lacking.ts";
import { attempt } from "../../os/os_error.ts";
import { failsLate } from "../../os/volume_kind.ts";
import { quoteText } from "../../text/escape.ts";
import type { FileSystemTraits } from "./file_system.ts";

/** What can be missing without the landing failing. */
type Lack = "modes" | "groups" | "sync" | "locks" | "links";

/** How a target's file system is used. */
export interface TargetFileSystemOptions {
  /**
   * Whether permission bits of a manifest are given to what is made.
   *
   * @default {true}
   */
  perms?: boolean;
  /**
   * Whether runs of zeros become holes, where there can be any.
   *
   * @default {true}
   */
  sparse?: boolean;
}

/**
 * Does what the file system can do, and counts what it cannot: one sentence
 * for each kind, at the end, not for each file.
 */
export class TargetFileSystem {
  private readonly lacked = new Map<Lack, { count: number; first: string }>();
  private hidden = "";
  private shown = "";
  /** Whether what is written is synced and read again before it counts. */
  readonly failsLate: boolean;
  /**
   * Whether what was written is looked at again when it is closed: also where
   * nobody tells who keeps the bytes.
   */
  readonly readsBack: boolean;
  /** Whether runs of zeros are left out of files. */
  readonly sparse: boolean;
  private readonly perms: boolean;

  /**
   * Wraps a file system.
   *
   * @param traits What a probe found.
   * @param parent Where it was probed, for messages.
   * @param options What is wanted of it.
   */
  constructor(
    readonly traits: FileSystemTraits,
    private readonly parent: string,
    { perms = true, sparse = true }: TargetFileSystemOptions = {},
  ) {
    this.failsLate = failsLate(traits.volume);
    this.readsBack = traits.volume !== "local";
    this.sparse = sparse && traits.holes;
    this.perms = perms;
  }

  /**
   * The mode to give to a new file while it is created, where that works.
   *
   * @param mode What the manifest says.
   */
  modeOf(mode: number | undefined): number | undefined {
    return this.perms ? mode : undefined;
  }

  /**
   * Sets the mode of something that we made.
   *
   * @param path The path, in a directory of our own.
   * @param mode The permission bits.
   * @throws {IoError} When it cannot be set, though there are modes.
   */
  setMode(path: string, mode: number): void {
    if (Deno.build.os === "windows") return;
    if (!this.traits.keepsModes) {
      this.note("modes", path);
      return;
    }
    this.orNote(
      "modes",
      path,
      () =>
        attempt("change the mode of", path, () => Deno.chmodSync(path, mode)),
    );
  }

  /**
   * Gives a group to something that we made.
   *
   * @param path The path.
   * @param gid The group.
   * @returns Whether it has it now; a group that we are not in may not be given.
   * @throws {IoError} When something else fails.
   */
  setGroup(path: string, gid: number): boolean {
    return this.orNote(
      "groups",
      path,
      () =>
        attempt("change the group of", path, () => {
          Deno.chownSync(path, null, gid);
        }),
    );
  }

  /**
   * Flushes an open file.
   *
   * @param file The file.
   * @param path Its name, for messages.
   * @param wanted Whether somebody relies on it, and is to be told where it
   * cannot be done.
   * @throws {IoError} When what was written is not on the disk.
   */
  sync(file: Deno.FsFile, path: string, wanted: boolean): void {
    const flush = () => attempt("sync", path, () => file.syncSync());
    if (wanted) this.orNote("sync", path, flush);
    else this.orIgnore(flush);
  }

  /**
   * Makes what happened to the names in a directory durable; Windows has no
   * such thing.
   *
   * @param path The directory.
   * @throws {IoError} When the disk fails.
   */
  syncDirectory(path: string): void {
    if (Deno.build.os === "windows") return;
    this.orNote("sync", path, () =>
      attempt("sync", path, () => {
        using dir = Deno.openSync(path, { read: true });
        dir.syncSync();
      }));
  }

  /**
   * Checks that a directory can be put elsewhere, as a tree is when it is whole.
   *
   * @throws {IoError} When it would lose what is in it.
   */
  requireRenames(): void {
    if (this.traits.keepsRenamed) return;
    throw new IoError(
      `the file system of ${quoteText(this.parent)} loses what is in a ` +
        "directory when it is renamed, so no tree can be put in place there; " +
        "nothing was changed",
      {
        hint: "choose a target on another file system, or mount this one by " +
          "another driver",
        fields: { path: this.parent },
      },
    );
  }

  /**
   * Tells where people will find what is being made elsewhere.
   *
   * @param hidden The path of the temp tree or file.
   * @param shown The path of the target.
   */
  showAs(hidden: string, shown: string): void {
    this.hidden = hidden;
    this.shown = shown;
  }

  /** Notes that something is missing. */
  note(lack: Lack, path: string): void {
    const known = this.lacked.get(lack);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const first = this.hidden !== "" && path.startsWith(this.hidden)
      ? this.shown + path.slice(this.hidden.length)
      : path;
    this.lacked.set(lack, { count: 1, first });
  }

  /** Sentences for the user: one for each kind of what was missing. */
  warnings(): string[] {
    const where = `the file system of ${quoteText(this.parent)}`;
    return [...this.lacked].map(([lack, { count, first }]) => {
      const which = count === 1
        ? quoteText(first)
        : `${count} ${NOUNS[lack] ?? "files and directories"}, the first is ${
          quoteText(first)
        }`;
      return SENTENCES[lack](where, which);
    });
  }

  private orNote(lack: Lack, path: string, run: () => void): boolean {
    const done = this.orIgnore(run);
    if (!done) this.note(lack, path);
    return done;
  }

  /** Runs, and tells whether the file system has what it takes. */
  private orIgnore(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      if (error instanceof Error && isLacking(error.cause)) return false;
      throw error;
    }
  }
}

const NOUNS: Partial<Record<Lack, string>> = { links: "symbolic links" };

const SENTENCES: Record<Lack, (where: string, which: string) => string> = {
  modes: (where, which) =>
    `${where} does not keep the modes it is given: those of the manifest are ` +
    `missing on ${which}`,
  groups: (_, which) =>
    "the group of what was replaced could not be given, as you are not in " +
    `it or there are no groups: ${which}`,
  sync: (where, which) =>
    `${where} cannot flush ${which}: a crash may lose what was written`,
  links: (where, which) =>
    `${where} has no symbolic links, which are left out: ${which}`,
  locks: (where, which) =>
    `${where} has no locks: a file, ${which}, keeps others of this program ` +
    "out, but not where the file is removed",
};
