/** What a listing tells of entries that cannot be compared. */

import { PublishNotes, type PublishWarning } from "../publish_notes.ts";

/** Entries of a tree that were not read as they lie, by their paths below it. */
export class DirNotes {
  /** To be given to who lists and reads the tree. */
  readonly notes: PublishNotes;
  /** Why entries cannot be read. */
  readonly unreadable = new Map<string, string>();
  /** Sockets, pipes and devices. */
  readonly others = new Map<string, string>();
  /** Files that are written to. */
  readonly changed = new Map<string, string>();

  constructor(root: string) {
    const prefix = root.endsWith("/") ? root : `${root}/`;
    const kept: Partial<Record<PublishWarning["kind"], Map<string, string>>> = {
      unreadable: this.unreadable,
      skipped: this.others,
      changed: this.changed,
    };
    this.notes = new PublishNotes({
      onWarning: ({ kind, path, reason }) =>
        kept[kind]?.set(path.slice(prefix.length), reason),
    });
  }

  /** Whether an entry lies in a directory that cannot be read. */
  isHidden(path: string): boolean {
    if (this.unreadable.size === 0) return false;
    for (
      let end = path.lastIndexOf("/");
      end > 0;
      end = path.lastIndexOf("/", end - 1)
    ) {
      if (this.unreadable.has(path.slice(0, end))) return true;
    }
    return false;
  }
}
