/** Reading every chunk of a store. */

import { existsSync } from "node:fs";
import { equals } from "@std/bytes/equals";
import { orderedMap } from "../../async/ordered_map.ts";
import { Semaphore } from "../../async/semaphore.ts";
import { blake3, sortByUtf8 } from "../../content/mod.ts";
import { StoreError } from "../../errors.ts";
import { isExhausted, isOsError, osErrorWords } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { fromHex } from "../../text/hex.ts";
import {
  fileLength,
  readRecords,
  resolveGeneration,
} from "../chunk_directory.ts";
import { LARGE_AT_ONCE, readSlice, SYNC_BYTES } from "../file_slices.ts";
import { HashPool } from "../hash_pool.ts";
import { isMissing } from "../if_present.ts";
import { type HeapRecord, RecordChecksum } from "../store_record.ts";
import { TimeSlice } from "../time_slice.ts";

/** Something in a store that is not a chunk as it should be. */
export interface StoreProblem {
  /** Its name in the directory of the chunks: 64 hex digits of a chunk. */
  readonly name: string;
  /** What is wrong: bytes, access, or that it is nothing of a store. */
  readonly problem: "damaged" | "unreadable" | "foreign";
  /** The same as the end of a sentence. */
  readonly reason: string;
}

/** What {@linkcode verifyStore} found. */
export interface StoreVerdict {
  /** Chunks that are right. */
  readonly chunks: number;
  /** Bytes of their content. */
  readonly bytes: number;
  /** Places without a chunk, which lookups of other programs leave. */
  readonly empty: number;
  /** In the order of the names. */
  readonly problems: readonly StoreProblem[];
}

/** Options of {@linkcode verifyStore}. */
export interface VerifyStoreOptions {
  /** Ends the work; its reason is thrown. */
  readonly signal?: AbortSignal;
  /**
   * Threads that hash, once there is enough to do; 1 is that of the caller.
   *
   * @default {1}
   */
  readonly jobs?: number;
  /** Told how much has been read. */
  readonly onProgress?: (progress: { files: number; bytes: number }) => void;
}

/**
 * Reads every chunk of a store and checks its bytes and its record. Nothing is
 * changed. It may run beside programs that add to the store, serve from it or
 * collect what is not needed: what comes and goes meanwhile is no problem, and
 * what looks damaged is looked at again in the end, since it may have been
 * under repair.
 *
 * @param path The directory above `dataforts`.
 * @throws {StoreError} When the store cannot be listed.
 */
export async function verifyStore(
  path: string,
  { signal, jobs, onProgress }: VerifyStoreOptions = {},
): Promise<StoreVerdict> {
  const blobs = `${path}/dataforts/blob`;
  using pool = new HashPool(jobs);
  const reader = new ChunkReader(blobs, pool, await RecordChecksum.load());
  const totals = { chunks: 0, bytes: 0, empty: 0 };
  const suspects: string[] = [];
  const slice = new TimeSlice();
  const looks = orderedMap(listNames(path, blobs), async (name) => {
    if (slice.isOver) await slice.giveWay(signal);
    return { name, look: await reader.look(name) };
  }, { ahead: () => pool.ahead + 1, signal });
  for await (const { name, look } of looks) {
    if (typeof look === "number") {
      totals.chunks++;
      totals.bytes += look;
      onProgress?.({ files: totals.chunks, bytes: totals.bytes });
    } else if (look === "empty") totals.empty++;
    else if (look !== "gone") suspects.push(name);
  }
  const problems: StoreProblem[] = [];
  for (const name of suspects) {
    signal?.throwIfAborted();
    const look = await reader.look(name);
    if (typeof look === "object") problems.push({ name, ...look });
    else if (typeof look === "number") {
      totals.chunks++;
      totals.bytes += look;
    }
  }
  return { ...totals, problems: sortByUtf8(problems, ({ name }) => name) };
}

async function* listNames(
  path: string,
  blobs: string,
): AsyncGenerator<string, void, undefined> {
  try {
    for await (const { name } of Deno.readDir(blobs)) yield name;
  } catch (error) {
    // Nothing was ever stored.
    if (isMissing(error)) return;
    if (!isOsError(error)) throw error;
    throw new StoreError(
      `Cannot read the store ${quoteText(path)}: ${osErrorWords(error)}`,
      { cause: error, fields: { path } },
    );
  }
}

/** Length of a chunk that is right, or what is there instead. */
type Look = number | "empty" | "gone" | Omit<StoreProblem, "name">;

class ChunkReader {
  readonly #large = new Semaphore(LARGE_AT_ONCE);

  constructor(
    private readonly blobs: string,
    private readonly pool: HashPool,
    private readonly checksum: RecordChecksum,
  ) {}

  /** Looks at what lies under a name, and reads it. */
  async look(name: string): Promise<Look> {
    const directory = `${this.blobs}/${name}`;
    try {
      return await this.#read(name, directory);
    } catch (error) {
      if (!isOsError(error) || isExhausted(error)) throw error;
      if (!isMissing(error)) {
        return { problem: "unreadable", reason: osErrorWords(error) };
      }
      return existsSync(directory)
        ? damaged("a file of it is missing, or is none")
        : "gone";
    }
  }

  async #read(name: string, directory: string): Promise<Look> {
    if (!/^[0-9a-f]{64}$/.test(name)) {
      return foreign("its name is not a hash");
    }
    const { isDirectory, isSymlink } = Deno.lstatSync(directory);
    if (isSymlink) return foreign("it is a link");
    if (!isDirectory) return foreign("it is not a directory");
    const generation = resolveGeneration(directory, this.checksum);
    const records = readRecords(generation);
    const dat = `${generation}/dat`;
    const there = fileLength(dat);
    if (records.length === 0) {
      // Listing it tells whether it may be looked into at all.
      Deno.readDirSync(directory);
      return there === 0 ? "empty" : damaged("its index names no bytes");
    }
    const hash = fromHex(name);
    let problem = damaged("its bytes are others");
    for (const record of records) {
      const { offset, length } = record;
      if (offset + length > there) {
        problem = damaged(
          `it has ${Math.max(0, there - offset)} of ${length} bytes`,
        );
        continue;
      }
      const { isRight, hasSum } = await this.#check(dat, record, hash);
      if (isRight && hasSum) return length;
      if (isRight) problem = damaged("its record has another checksum");
    }
    return problem;
  }

  async #check(
    dat: string,
    { offset, length, sum }: HeapRecord,
    hash: Uint8Array,
  ): Promise<{ isRight: boolean; hasSum: boolean }> {
    const bytes = length === 0
      ? new Uint8Array()
      : await readSlice(dat, offset, length, this.#large);
    if (bytes === undefined) return { isRight: false, hasSum: false };
    // Before the bytes are handed to a thread.
    const hasSum = this.checksum.low28(bytes) === sum;
    return { isRight: equals(await this.#hash(bytes), hash), hasSum };
  }

  /** Small ones cost less here than on their way to another thread. */
  async #hash(bytes: Uint8Array): Promise<Uint8Array> {
    const { length } = bytes;
    if (length <= SYNC_BYTES) return blake3(bytes);
    const { hashes } = await this.pool.hash({
      bytes: bytes as Uint8Array<ArrayBuffer>,
      chunks: [{ file: 0, offset: 0, start: 0, length }],
      filled: length,
      kind: "part",
    });
    return hashes;
  }
}

function damaged(reason: string): Omit<StoreProblem, "name"> {
  return { problem: "damaged", reason };
}

function foreign(reason: string): Omit<StoreProblem, "name"> {
  return { problem: "foreign", reason };
}
