/** What statx(2) of Linux writes, as the runtime would tell it. */

import type { FileFacts } from "./file_identity.ts";

/** How long `struct statx` is, in bytes. */
export const STATX_BYTES = 256;

/**
 * Type, and whatever is compared or told: mode, number of names, owner, group,
 * ctime, mtime, ino, size, blocks, birth time.
 */
export const STATX_MASK = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x40 | 0x80 | 0x100 |
  0x200 | 0x400 | 0x800;

const BIRTH_TIME = 0x800;
const TYPE = 0o170000;
const [REGULAR, DIRECTORY, LINK] = [0o100000, 0o040000, 0o120000];

/** What statx(2) tells of a file, a directory or whatever it is. */
export interface StatxFacts extends FileFacts {
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
  /** Type and permission bits. */
  readonly mode: number;
  /** How many names it has. */
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  /** Room that it takes, in units of 512 bytes. */
  readonly blocks: number;
}

/**
 * Decodes `struct statx` (uapi/linux/stat.h). Times are cut as the runtime cuts
 * them: that of the last change of anything to seconds, the others to
 * milliseconds.
 *
 * @param bytes {@linkcode STATX_BYTES} of them, of a system that writes the
 * lowest byte first.
 * @returns `undefined` for times before 1970, which the runtime tells in a way
 * of its own.
 */
export function decodeStatx(
  { buffer, byteOffset, byteLength }: Uint8Array,
): StatxFacts | undefined {
  const view = new DataView(buffer, byteOffset, byteLength);
  // In halves, as bigints would be garbage.
  const low = (at: number) => view.getUint32(at, true);
  const number = (at: number) =>
    view.getUint32(at + 4, true) * 2 ** 32 + low(at);
  const seconds = (at: number) =>
    view.getInt32(at + 4, true) * 2 ** 32 + low(at);
  const milliseconds = (at: number) =>
    seconds(at) * 1000 + Math.floor(view.getUint32(at + 8, true) / 1e6);
  const hasBirthTime = (view.getUint32(0, true) & BIRTH_TIME) !== 0;
  const born = hasBirthTime ? milliseconds(80) : undefined;
  const changed = seconds(96) * 1000;
  const written = milliseconds(112);
  if (Math.min(born ?? 0, changed, written) < 0) return undefined;
  const mode = view.getUint16(28, true);
  const type = mode & TYPE;
  return {
    isFile: type === REGULAR,
    isDirectory: type === DIRECTORY,
    isSymlink: type === LINK,
    mode,
    nlink: low(16),
    uid: low(20),
    gid: low(24),
    blocks: number(48),
    dev: deviceNumber(view.getUint32(136, true), view.getUint32(140, true)),
    ino: number(32),
    size: number(40),
    mtime: new Date(written),
    ctime: new Date(changed),
    birthtime: born === undefined ? null : new Date(born),
  };
}

/** One number of the two, as makedev(3) puts them together. */
function deviceNumber(major: number, minor: number): number {
  const high = (major & 0xffff_f000) >>> 0;
  const middle = (minor & 0xffff_ff00) >>> 0;
  return high * 2 ** 32 + middle * 2 ** 12 + ((major & 0xfff) << 8) +
    (minor & 0xff);
}
