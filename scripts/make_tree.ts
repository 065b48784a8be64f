/**
 * Makes directory trees to measure and to demonstrate with; the same arguments
 * make the same tree everywhere.
 */

import { join } from "@std/path";

/** What {@linkcode makeTree} makes. */
export interface TreeShape {
  /** Regular files. */
  files: number;
  /** Bytes of all of them together. */
  bytes: number;
}

/** The tree that transfers of many files are measured with: a large `node_modules`. */
export const MANY_FILES: TreeShape = { files: 30_000, bytes: 537_000_000 };

/** Files per directory, and directories per package, as in `node_modules`. */
const FILES_IN_DIR = 12;
const DIRS_IN_PACKAGE = 5;
/** Spread of the sizes: the standard deviation of their logarithms. */
const SPREAD = 1.8;

/** Bytes that do not compress and differ from seed to seed. */
export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(length / 4) * 4);
  const words = new Uint32Array(bytes.buffer);
  let x = (Math.imul(seed, 0x9e3779b9) ^ 0x2545f491) >>> 0 || 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return bytes.subarray(0, length);
}

/** Log-normal sizes that add up to `bytes`. */
function sizes({ files, bytes }: TreeShape): number[] {
  const random = new Uint32Array(noise(8 * files, 1).buffer);
  let at = 0;
  const next = () => random[at++] / 2 ** 32;
  const weights = Array.from({ length: files }, () => {
    // Box and Muller's normal numbers.
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return Math.exp(SPREAD * radius * Math.cos(2 * Math.PI * next()));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const result = weights.map((weight) => Math.floor(weight / total * bytes));
  const short = bytes - result.reduce((sum, size) => sum + size, 0);
  if (files > 0) result[0] += short;
  return result;
}

/**
 * Makes a tree of many files.
 *
 * @param dir A directory that does not exist yet.
 */
export async function makeTree(dir: string, shape: TreeShape): Promise<void> {
  const all = sizes(shape);
  const content = noise(Math.max(0, ...all), 2);
  for (let from = 0; from < all.length; from += FILES_IN_DIR) {
    const number = from / FILES_IN_DIR;
    const inPackage = number % DIRS_IN_PACKAGE;
    const name = `package-${Math.floor(number / DIRS_IN_PACKAGE)}`;
    const path = join(dir, name, ...inPackage === 0 ? [] : [`d${inPackage}`]);
    await Deno.mkdir(path, { recursive: true });
    all.slice(from, from + FILES_IN_DIR).forEach((size, i) => {
      const bytes = content.slice(0, size);
      // Files that differ, so that hardly a chunk is the same twice.
      bytes.set(
        new Uint8Array(Uint32Array.of(from + i).buffer).subarray(0, size),
      );
      Deno.writeFileSync(join(path, `file-${i}.js`), bytes);
    });
  }
}
