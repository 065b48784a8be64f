/** Directory manifests made at random, valid ones and hostile ones. */

import {
  blake3,
  type DirEntry,
  encodeBlobRef,
  encodeDirManifest,
  makeSmall,
} from "../../../lib/content/mod.ts";
import type { Random } from "../../../lib/wire/testing/random.ts";
import { CONTENT } from "./hostile_manifests.ts";

const BLOB = encodeBlobRef(makeSmall("", blake3(CONTENT), CONTENT.length));

/** Names that anybody may have. */
const GOOD = [
  "a",
  "b",
  "c",
  "d.txt",
  "é",
  "日本",
  "with space",
  "target",
  "in",
];

/** Names that lead elsewhere, are none, or are somebody's already. */
const ODD = [
  ...["..", ".", "", "...", "..\u200b", "outside", "secret", "victim"],
  ...["A", "e\u0301", "ﬁ", "a\0b", "\0", "a\n", "\u001b[2J", "\u202ea", "\r"],
  ...["NUL", "con.txt", "a:b", "a\\..\\b", "trail.", "trail ", "~", "-rf", "*"],
  ...["x".repeat(255), "x".repeat(256), "é".repeat(128), "\ud800"],
  ".net-transfer.fetch_lock",
  ".net-transfer.fetch_0000000000000000",
  ".net-transfer.moved_0000000000000000",
  ".net-transfer.removing_0000000000000000",
  ".net-transfer.replaced_0000000000000000",
  ".target.fetch_lock",
  ".target.replaced_0000000000000000",
  ...["target.partial", "journal", "entries"],
];

const MODES = [
  ...[0o644, 0o755, 0o600, 0, 0o777, 0o444, 0o555, 0o4755, 0o2755, 0o1777],
  ...[0o100644, 0o104755, 0o40755, 0o42777, 0o120777, 0xffffffff],
];

/** Makes manifests by a seed. */
export class RandomManifests {
  /**
   * @param random What they follow from.
   * @param outside A path of what must not be touched.
   */
  constructor(
    private readonly random: Random,
    private readonly outside: string,
  ) {}

  /** The next one. */
  next(): Uint8Array<ArrayBuffer> {
    const { random } = this;
    const isOdd = random.chance(0.6);
    const count = 1 + random.below(random.chance(0.1) ? 120 : 12);
    const entries = Array.from({ length: count }, () => this.#entry(isOdd));
    // As it comes, or as the format wants it.
    if (random.chance(0.7)) entries.sort((a, b) => a.path < b.path ? -1 : 1);
    const bytes = encodeDirManifest({ version: 1, entries }).slice();
    return isOdd && random.chance(0.3) ? this.#damage(bytes) : bytes;
  }

  #entry(isOdd: boolean): DirEntry {
    const { random } = this;
    const path = this.#path(isOdd);
    const mode = isOdd ? random.pick(MODES) : random.pick(MODES.slice(0, 7));
    const kind = random.next();
    if (kind < 0.2) return { path, kind: { type: "dir", mode } };
    if (kind < 0.4) {
      return { path, kind: { type: "symlink", target: this.#target(isOdd) } };
    }
    const blob = isOdd && random.chance(0.1)
      ? this.#damage(BLOB.slice())
      : BLOB;
    return { path, kind: { type: "file", mode, blob } };
  }

  #path(isOdd: boolean): string {
    const { random } = this;
    const odd = isOdd && random.chance(0.4);
    if (odd && random.chance(0.1)) return `${this.outside}/planted`;
    const depth = 1 + random.below(odd && random.chance(0.1) ? 60 : 4);
    const names = Array.from(
      { length: depth },
      () => random.pick(odd && random.chance(0.5) ? ODD : GOOD),
    );
    const slash = odd && random.chance(0.1) ? "//" : "/";
    return (odd && random.chance(0.1) ? "/" : "") + names.join(slash);
  }

  #target(isOdd: boolean): string {
    const { random } = this;
    if (!isOdd || random.chance(0.3)) return this.#path(false);
    if (random.chance(0.3)) return this.outside;
    if (random.chance(0.3)) return `${this.outside}/secret`;
    return `${"../".repeat(random.below(6))}${this.#path(true)}`;
  }

  #damage(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { random } = this;
    const kind = random.below(3);
    if (kind === 0) return bytes.slice(0, random.below(bytes.length));
    if (kind === 1) {
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        bytes[random.below(bytes.length)] ^= 1 << random.below(8);
      }
      return bytes;
    }
    const at = random.below(bytes.length);
    const some = random.bytes(1 + random.below(12));
    return Uint8Array.from([
      ...bytes.subarray(0, at),
      ...some,
      ...bytes.subarray(at),
    ]);
  }
}
