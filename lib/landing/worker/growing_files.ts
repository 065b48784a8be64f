/** Files of which some chunks are there. */

import type { BlobRef } from "../../content/mod.ts";
import type { WantedRange } from "./content_check.ts";
import { Coverage } from "./coverage.ts";
import { WrittenEnds } from "./read_back.ts";

/** A file that is not complete. */
export interface GrowingFile {
  ref: BlobRef;
  /** What is there. */
  coverage: Coverage;
  /** What is read again in the end. */
  ends: WrittenEnds;
}

/** Such files by manifest entry. */
export class GrowingFiles {
  private readonly files = new Map<number, GrowingFile>();
  private total = 0;

  /** @param keepsEnds Whether they are looked at again in the end. */
  constructor(private readonly keepsEnds: boolean) {}

  /** Bytes that are there of all. */
  get bytes(): number {
    return this.total;
  }

  get(entry: number): GrowingFile | undefined {
    return this.files.get(entry);
  }

  /** Notes that a range of a file is there. */
  add(
    entry: number,
    ref: BlobRef,
    { offset, length, hash }: WantedRange,
  ): GrowingFile {
    const file = this.files.get(entry) ??
      { ref, coverage: new Coverage(), ends: new WrittenEnds() };
    this.files.set(entry, file);
    this.total -= file.coverage.bytes;
    file.coverage.add(offset, length);
    this.total += file.coverage.bytes;
    // The hash may lie in a message or the manifest, which are not to be kept.
    if (this.keepsEnds) file.ends.add({ offset, length, hash: hash.slice() });
    return file;
  }

  /** Forgets a file, which is complete or gone. */
  delete(entry: number): void {
    this.total -= this.files.get(entry)?.coverage.bytes ?? 0;
    this.files.delete(entry);
  }
}
