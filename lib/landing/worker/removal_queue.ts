/** What a landing has to remove, bit by bit, and what it says of it. */

import { TreeRemoval } from "./remove_tree.ts";
import { staysBehind } from "./swap.ts";

/** How far the removal is. */
export interface RemovalProgress {
  /** Files and links that are gone. */
  files: number;
  /** Bytes of those, where they are counted. */
  bytes: number;
  /** Whether nothing is left to be done. */
  done: boolean;
  /** What could not be removed, one sentence each; once all is done. */
  warnings: string[];
}

/** What is still there of what was to be removed. */
export interface RemovalRest {
  /** The first tree that is still there. */
  path: string;
  /** Files and links in it, as far as they were counted. */
  files: number;
  /** Whether they were all counted. */
  counted: boolean;
}

/** Milliseconds that may be spent on counting what is left. */
const COUNT_MS = 500;

/** Trees that are removed one after another. */
export class RemovalQueue {
  readonly #waiting: string[] = [];
  #running: TreeRemoval | undefined;
  #files = 0;
  #bytes = 0;
  #warnings: string[] = [];

  /**
   * Makes an empty queue.
   *
   * @param countBytes Whether bytes are counted, too.
   * @param uid Our owner on this file system.
   */
  constructor(
    private readonly countBytes = false,
    private readonly uid?: number | null,
  ) {}

  /** Whether something is to be removed. */
  get hasWork(): boolean {
    return this.#running !== undefined || this.#waiting.length > 0;
  }

  /** Adds a tree, which has a name that says that it is being removed. */
  add(path: string): void {
    this.#waiting.push(path);
  }

  /**
   * Removes for a while.
   *
   * @param ms For how long about.
   * @param mountless Whether it is known that nothing is mounted in the trees.
   */
  step(ms: number, mountless: boolean): RemovalProgress {
    const until = performance.now() + ms;
    for (;;) {
      const removal = this.#running ?? this.#next(mountless);
      if (removal === undefined) break;
      this.#running = removal;
      try {
        if (!removal.step(until)) break;
      } catch (error) {
        this.#warnings.push(staysBehind(removal.root, error));
      }
      this.#files += removal.removed.files;
      this.#bytes += removal.removed.bytes;
      this.#running = undefined;
    }
    const { files = 0, bytes = 0 } = this.#running?.removed ?? {};
    return {
      files: this.#files + files,
      bytes: this.#bytes + bytes,
      done: !this.hasWork,
      warnings: this.#warnings,
    };
  }

  /** Counts what is left, for a while. */
  rest(): RemovalRest | undefined {
    const path = this.#running?.root ?? this.#waiting[0];
    if (path === undefined) return undefined;
    const until = performance.now() + COUNT_MS;
    const pending = [path];
    let files = 0;
    for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
      try {
        for (const { name, isDirectory } of Deno.readDirSync(dir)) {
          if (isDirectory) pending.push(`${dir}/${name}`);
          else files++;
        }
      } catch {
        // It is counted for a message only; the next run tells what is wrong.
        return { path, files, counted: false };
      }
      if (performance.now() >= until) {
        return { path, files, counted: pending.length === 0 };
      }
    }
    return { path, files, counted: true };
  }

  #next(mountless: boolean): TreeRemoval | undefined {
    const path = this.#waiting.shift();
    if (path === undefined) return undefined;
    return new TreeRemoval(path, {
      mountless,
      countBytes: this.countBytes,
      uid: this.uid,
    });
  }
}
