/** Files that are somebody else's, from which content is copied. */

import { isZeroChunk } from "../../content/mod.ts";
import { IoError, PermissionError, TransferError } from "../../errors.ts";
import { isOsError, osErrorWords } from "../../os/os_error.ts";
import { ExistingTree } from "../../store/mod.ts";
import { quoteText } from "../../text/escape.ts";
import type { BlobChunk } from "./blob_chunks.ts";
import type { ChunkPlace, LookOptions } from "./chunk_place.ts";
import type { FetchProgress } from "./progress.ts";
import { samplesOf, type WantedContent } from "./wanted_content.ts";

/**
 * Finds out what is at paths that content is to be taken from, so that nobody
 * waits for a fetch to learn that one of them is wrong.
 *
 * @param paths Files or directories, or links to them.
 * @returns Where they really are.
 * @throws {IoError} When one is neither, or cannot be read.
 * @throws {PermissionError} When the process may not read it.
 */
export function requireReusable(paths: readonly string[] = []): string[] {
  return paths.map((path) => {
    try {
      const real: string = Deno.realPathSync(path);
      const { isFile, isDirectory } = Deno.lstatSync(real);
      if (isDirectory) Deno.readDirSync(real)[Symbol.iterator]().next();
      if (isFile || isDirectory) return real;
    } catch (error) {
      throw refusal(path, error);
    }
    throw new IoError(
      `cannot take content from ${
        quoteText(path)
      }: it is neither a file nor a directory`,
      { fields: { path } },
    );
  });
}

function refusal(path: string, error: unknown): unknown {
  if (error instanceof Deno.errors.NotCapable) {
    const missing = `--allow-read=${path}`;
    return new PermissionError(
      `this process may not read ${quoteText(path)}: run with ${missing}`,
      { cause: error, fields: { path, missing } },
    );
  }
  if (!isOsError(error)) return error;
  return new IoError(
    `cannot take content from ${quoteText(path)}: ${osErrorWords(error)}`,
    {
      cause: error,
      hint: "correct the path, or go on without it",
      fields: { path },
    },
  );
}

/** Places of one chunk that are looked at. */
const PLACES_MAX = 64;

/** A file that is much like a wanted one. */
export interface LikeFile {
  /**
   * Makes a file that shares its blocks.
   *
   * @param path Where nothing is, or an empty file.
   * @returns Its length; nothing when it could not be made.
   */
  cloneTo(path: string, isThere?: boolean): number | undefined;
}

/** Files that were hashed just now, or are as they were when they were. */
export class ReusedFiles implements ChunkPlace {
  readonly #trees: readonly ExistingTree[];

  private constructor(
    trees: readonly ExistingTree[],
    /** What the user should know. */
    readonly warnings: readonly string[],
  ) {
    this.#trees = trees;
  }

  /**
   * Hashes what may be of use, until everything is found.
   *
   * @param paths As {@linkcode requireReusable} gives them.
   * @param wanted What is looked for; what is found is taken out of it.
   */
  static async look(
    paths: readonly string[],
    wanted: WantedContent,
    { jobs, hashCache, signal }: LookOptions,
    progress: FetchProgress,
  ): Promise<ReusedFiles> {
    const trees: ExistingTree[] = [];
    const warnings: string[] = [];
    let [bytes, total] = [0, 0];
    for (const path of paths) {
      if (wanted.isEmpty) break;
      const tell = () =>
        progress.stage("checking", {
          bytes: BigInt(bytes),
          totalBytes: BigInt(total),
          path,
        });
      try {
        const inside = await ExistingTree.list(path, signal);
        const tree = inside ?? ExistingTree.ofFile(path);
        // A file that was named itself is no file among others.
        const samples = inside !== undefined;
        const how = { hashCache, signal };
        const chosen = await choose(tree, wanted, samples, how);
        total += chosen.bytes;
        tell();
        const onChunk = (length: number, hash: Uint8Array) => {
          wanted.found(hash);
          bytes += length;
          tell();
        };
        const numbers = whileWanted(chosen.numbers, wanted);
        // What is hashed is what the tree has from then on.
        await Array.fromAsync(tree.hash(numbers, { ...how, jobs, onChunk }));
        trees.push(tree);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof TransferError)) throw error;
        warnings.push(
          `nothing is taken from ${quoteText(path)}: ${error.message}`,
        );
      }
    }
    progress.stage("checking", { finished: true });
    return new ReusedFiles(trees, warnings);
  }

  has(hash: Uint8Array): boolean {
    return this.#trees.some((tree) => tree.has(hash));
  }

  /**
   * Finds the file that is most like a wanted one: the one with the most of its
   * bytes, at least half of them, at the same places.
   *
   * @param chunks All of the wanted file.
   */
  async likest(
    chunks: AsyncIterable<BlobChunk>,
  ): Promise<LikeFile | undefined> {
    const alike = this.#trees.map(() => new Map<number, number>());
    let all = 0;
    for await (const { hash, offset, size = 0 } of chunks) {
      all += size;
      if (isZeroChunk(hash, size)) continue;
      for (const [at, tree] of this.#trees.entries()) {
        let places = 0;
        for (const place of tree.placesOf(hash)) {
          if (places++ === PLACES_MAX) break;
          if (place.offset !== offset) continue;
          const before = alike[at].get(place.file) ?? 0;
          alike[at].set(place.file, before + size);
        }
      }
    }
    let found: LikeFile | undefined;
    let most = all / 2;
    for (const [at, files] of alike.entries()) {
      for (const [file, bytes] of files) {
        if (bytes < most || bytes === 0) continue;
        most = bytes;
        found = { cloneTo: (...to) => this.#trees[at].cloneTo(file, ...to) };
      }
    }
    return found;
  }

  async read(hash: Uint8Array): Promise<Uint8Array | undefined> {
    for (const tree of this.#trees) {
      const bytes = await tree.read(hash);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }
}

/** Those that may be of use, the likely ones first. */
async function choose(
  tree: ExistingTree,
  wanted: WantedContent,
  samples: boolean,
  { hashCache, signal }: LookOptions,
): Promise<{ numbers: number[]; bytes: number }> {
  const likely: number[] = [];
  const possible: { number: number; size: number }[] = [];
  let bytes = 0;
  for (const { number, path, type, size } of tree.entries()) {
    const use = type === "file" ? wanted.useOf(path, size) : undefined;
    if (use === undefined) continue;
    const tries = samples && use === "possible";
    if (tries && !tree.isKnown(number, hashCache)) {
      possible.push({ number, size });
      continue;
    }
    likely.push(number);
    bytes += size;
  }
  for (const { number, size } of possible) {
    signal?.throwIfAborted();
    for await (const hash of tree.sample(number, samplesOf(size))) {
      if (!wanted.has(hash)) continue;
      likely.push(number);
      bytes += size;
      break;
    }
  }
  return { numbers: likely, bytes };
}

function* whileWanted(
  numbers: readonly number[],
  wanted: WantedContent,
): Generator<number, void, undefined> {
  for (const number of numbers) {
    if (wanted.isEmpty) return;
    yield number;
  }
}
