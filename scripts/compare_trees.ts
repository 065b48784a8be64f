/**
 * Compares two directory trees: kinds, bytes, permission bits and link targets.
 */

import { equals } from "@std/bytes/equals";
import { join } from "@std/path";

/** Bytes read from each file at once. */
const BLOCK = 1024 * 1024;
/** Permission bits that a transfer keeps. */
const MODE_BITS = 0o777;

/** A socket, a pipe or a device, which no transfer carries. */
const OTHER = "something else";

/** What was compared. */
export interface Comparison {
  /** Regular files that are the same. */
  files: number;
  /** Bytes of them. */
  bytes: number;
  /** One sentence for each difference, at most {@linkcode compareTrees}' limit. */
  differences: string[];
}

/**
 * Compares two trees.
 *
 * The roots themselves may differ in mode: a directory manifest does not say
 * what the root's is.
 *
 * @param expected Path of one tree.
 * @param actual Path of the other.
 * @param limit Stops after this many differences.
 */
export async function compareTrees(
  expected: string,
  actual: string,
  limit = 20,
): Promise<Comparison> {
  const result: Comparison = { files: 0, bytes: 0, differences: [] };
  await compareDirs(expected, actual, "", result, limit);
  return result;
}

function namesOf(dir: string): Set<string> {
  return new Set(Array.from(Deno.readDirSync(dir), ({ name }) => name));
}

async function compareDirs(
  expected: string,
  actual: string,
  path: string,
  result: Comparison,
  limit: number,
): Promise<void> {
  const { differences } = result;
  const left = namesOf(join(expected, path));
  const right = namesOf(join(actual, path));
  for (const name of [...left.union(right)].sort()) {
    if (differences.length >= limit) return;
    const at = join(path, name);
    if (!right.has(name)) {
      const info = Deno.lstatSync(join(expected, at));
      if (kindOf(info) !== OTHER) differences.push(`${at} is missing`);
    } else if (!left.has(name)) differences.push(`${at} is too much`);
    else await compareEntries(expected, actual, at, result, limit);
  }
}

function kindOf(info: Deno.FileInfo): string {
  if (info.isSymlink) return "a link";
  if (info.isDirectory) return "a directory";
  return info.isFile ? "a file" : OTHER;
}

async function compareEntries(
  expected: string,
  actual: string,
  path: string,
  result: Comparison,
  limit: number,
): Promise<void> {
  const { differences } = result;
  const [left, right] = [join(expected, path), join(actual, path)];
  const [was, is] = [Deno.lstatSync(left), Deno.lstatSync(right)];
  if (kindOf(was) !== kindOf(is)) {
    differences.push(`${path} is ${kindOf(is)}, not ${kindOf(was)}`);
    return;
  }
  if (was.isSymlink) {
    const [to, other] = [Deno.readLinkSync(left), Deno.readLinkSync(right)];
    if (to !== other) differences.push(`${path} points to ${other}, not ${to}`);
    return;
  }
  const [mode, other] = [modeOf(was), modeOf(is)];
  if (mode !== other) {
    differences.push(`${path} has the mode ${other}, not ${mode}`);
  }
  if (was.isDirectory) {
    return await compareDirs(expected, actual, path, result, limit);
  }
  if (was.size !== is.size || !sameBytes(left, right)) {
    differences.push(`${path} has other bytes`);
    return;
  }
  result.files++;
  result.bytes += was.size;
}

function modeOf({ mode }: Deno.FileInfo): string {
  return ((mode ?? 0) & MODE_BITS).toString(8);
}

function sameBytes(left: string, right: string): boolean {
  using a = Deno.openSync(left);
  using b = Deno.openSync(right);
  const [one, two] = [new Uint8Array(BLOCK), new Uint8Array(BLOCK)];
  for (;;) {
    const length = fill(a, one);
    const same = fill(b, two) === length &&
      equals(one.subarray(0, length), two.subarray(0, length));
    if (!same || length === 0) return same;
  }
}

function fill(file: Deno.FsFile, block: Uint8Array): number {
  let length = 0;
  while (length < block.length) {
    const read = file.readSync(block.subarray(length));
    if (read === null) break;
    length += read;
  }
  return length;
}
