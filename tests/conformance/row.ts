/**
 * One behaviour of the reference implementation, and what this program does.
 *
 * @module
 */

import { join } from "@std/path";
import type { Finished, HolderProcess } from "../../scripts/holder_process.ts";
import type { CliOptions } from "../e2e/cli_process.ts";
import type { HostileNode } from "./hostile_node.ts";

/** What can be observed of a run. */
export type Outcome = Readonly<Record<string, unknown>>;

/** A behaviour. */
export interface Row {
  /** Unique. */
  readonly id: string;
  /** What is looked at. */
  readonly description: string;
  /** Where the reference pins or shows it. */
  readonly source: string;
  /**
   * Whether this program does the same, better on purpose, or otherwise
   * without being better.
   */
  readonly expected: "same" | "fixed" | "differs";
  /** What the reference does. */
  readonly reference: Outcome;
  /** What this program does where that is not the same. */
  readonly ours?: Outcome;
  /** Why it is not the same. */
  readonly reason?: string;
  /** Makes it happen. */
  run(place: Place): Promise<Outcome>;
}

/** What is being served while rows run. */
export interface Served {
  /** 204 800 bytes: one chunk. */
  readonly small: string;
  /** 10 MiB: several chunks. */
  readonly large: string;
  /** Two chunks, of which the holder has the first only. */
  readonly torn: string;
  /** Six files in nested directories. */
  readonly tree: string;
  /** The same tree as it was before. */
  readonly oldTree: string;
  /** One leaf of several chunks and a small one. */
  readonly bigLeaf: string;
  /** A link and a file. */
  readonly links: string;
  /** 200 small files in 12 directories. */
  readonly many: string;
  /** Six files of one chunk each. */
  readonly six: string;
  /** A manifest that climbs out of its target. */
  readonly escape: string;
  /** A file whose content is not held. */
  readonly hollow: string;
  /** No manifest at all. */
  readonly notManifest: string;
  /** A manifest of version 2. */
  readonly futureManifest: string;
  /** A manifest with the same path twice. */
  readonly twice: string;
  /** A file with a name that no file system takes. */
  readonly longName: string;
  /** A file, and a link whose target no file system takes. */
  readonly longLink: string;
  /** A file with the set-user-id bit. */
  readonly setid: string;
  /** A chunk under a reference that declares one byte less. */
  readonly misdeclared: string;
  /** A chunk tree of two chunks. */
  readonly chunkTree: string;
}

/** Where a row works: a directory of its own, and a running holder. */
export interface Place {
  /** Empty at first. */
  readonly dir: string;
  /** The paths of what was published. */
  readonly sources: string;
  readonly refs: Served;
  readonly holder: HolderProcess;
  /** A store that the holder serves. */
  readonly liveStore: string;
  readonly hostile: HostileNode;
  /** Runs the program. */
  run(...args: string[]): Promise<Finished>;
  /** Runs the program with variables, with something on stdin. */
  runWith(options: CliOptions, ...args: string[]): Promise<Finished>;
  /** Starts the program. */
  start(...args: string[]): Deno.ChildProcess;
  /** Runs the program as `script`, where it is `"$@"`. */
  shell(script: string, ...args: string[]): Promise<Finished>;
}

/** Thrown by a row that cannot be observed on this machine, with the reason. */
export class Skipped extends Error {}

/** A reference to content that nobody has. */
export const NOWHERE: string = "ab".repeat(32);

/** Runs `recv-blob` into `name`. */
export function recvBlob(
  place: Place,
  ref: string,
  name: string,
  ...more: string[]
): Promise<Finished> {
  return place.run(
    ...["recv-blob", "--blob-ref", ref, "--out", join(place.dir, name)],
    ...[...place.holder.attach(), "--output", "json", ...more],
  );
}

/** Runs `recv-dir` into `name`. */
export function recvDir(
  place: Place,
  ref: string,
  name: string,
  ...more: string[]
): Promise<Finished> {
  return place.run(
    ...["recv-dir", "--remote-ref", ref, "--out", join(place.dir, name)],
    ...[...place.holder.attach(), "--output", "json", ...more],
  );
}

/**
 * Waits until something is the case.
 *
 * @throws {DOMException} When it is still not after 20 seconds.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const patience = AbortSignal.timeout(20_000);
  while (!await condition()) {
    patience.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What lies in a directory, hidden names with their random parts starred. */
export async function names(dir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    found.push(name.replace(/[0-9a-f]{16}$/, "*"));
  }
  return found.sort();
}

/** Whether two files hold the same bytes. */
export async function sameBytes(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([Deno.readFile(one), Deno.readFile(other)]);
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The size of a file, or `null` where there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  return await Deno.lstat(path).then(({ size }) => size, () => null);
}
