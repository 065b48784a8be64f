/**
 * Directory manifests: a whole tree of files, directories and symbolic links as
 * one list, sorted by path, each file with the reference of its content.
 */

import { ManifestError } from "../errors.ts";
import { DIR_ENTRIES_MAX, DIR_MANIFEST_MAX } from "../limits.ts";
import { PostcardError, PostcardReader, PostcardWriter } from "./postcard.ts";

/** What a manifest entry is. */
export type DirEntryKind =
  | {
    type: "file";
    /** Full `st_mode`, type bits included; 0 = not known. */
    mode: number;
    /** The encoded reference of the content. */
    blob: Uint8Array;
  }
  | {
    type: "dir";
    /** Full `st_mode`, type bits included; 0 = not known. */
    mode: number;
  }
  | {
    type: "symlink";
    /** The text of the link, as it is. */
    target: string;
  };

/** One entry of a {@linkcode DirManifest}. */
export interface DirEntry {
  /** Names below the root joined with `/`; not checked by the decoder. */
  path: string;
  /** What it is. */
  kind: DirEntryKind;
}

/** A directory tree; the root itself has no entry. */
export interface DirManifest {
  /** Version of the format, {@linkcode DIR_MANIFEST_VERSION}. */
  version: number;
  /** The entries, by {@linkcode compareUtf8} of their paths where we wrote them. */
  entries: DirEntry[];
}

/** The one version of the format. */
export const DIR_MANIFEST_VERSION = 1;

/**
 * Encodes a manifest, its entries in the order they have.
 *
 * @example
 * ```ts
 * import { encodeDirManifest } from "./dir_manifest.ts";
 *
 * encodeDirManifest({ version: 1, entries: [] }); // Uint8Array [1, 0]
 * ```
 */
export function encodeDirManifest(
  manifest: DirManifest,
): Uint8Array<ArrayBuffer> {
  const encoder = new DirManifestEncoder(
    manifest.entries.length,
    manifest.version,
  );
  for (const entry of manifest.entries) encoder.add(entry);
  return encoder.take();
}

/** Room an encoder has at most for what comes, in bytes. */
const SPARE_MAX = 128 * 1024;

/**
 * Encodes a manifest whose entries come one at a time, and gives it away in
 * parts, so that it is never in memory whole.
 */
export class DirManifestEncoder {
  #writer = new PostcardWriter();

  /**
   * Begins a manifest.
   *
   * @param count How many entries will be added.
   * @param version That of the format.
   */
  constructor(count: number, version = DIR_MANIFEST_VERSION) {
    this.#writer.u8(version);
    this.#writer.u64(count);
  }

  /** Bytes that {@linkcode DirManifestEncoder.take} would give. */
  get length(): number {
    return this.#writer.length;
  }

  /** Adds the next entry. */
  add(entry: DirEntry): void {
    writeEntry(this.#writer, entry);
  }

  /** Gives away the bytes since the last time. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#writer.finish();
    this.#writer = new PostcardWriter(Math.min(bytes.length, SPARE_MAX));
    return bytes;
  }
}

function writeEntry(writer: PostcardWriter, { path, kind }: DirEntry): void {
  writer.string(path);
  switch (kind.type) {
    case "file":
      writer.u32(0);
      writer.u32(kind.mode);
      writer.byteVec(kind.blob);
      break;
    case "dir":
      writer.u32(1);
      writer.u32(kind.mode);
      break;
    case "symlink":
      writer.u32(2);
      writer.string(kind.target);
      break;
  }
}

/**
 * Decodes a manifest. Paths, their order and the references are not checked:
 * see `checkManifest`.
 *
 * @param bytes One encoded manifest; the references of the result are views of
 * it.
 * @throws {ManifestError} When the bytes are not a manifest of the one known
 * version, or pass {@linkcode DIR_MANIFEST_MAX} or {@linkcode DIR_ENTRIES_MAX}.
 */
export function decodeDirManifest(bytes: Uint8Array): DirManifest {
  const entries = [...readDirEntries(bytes)];
  return { version: DIR_MANIFEST_VERSION, entries };
}

/**
 * Reads the entries of a manifest one at a time, for a caller that has no room for all.
 *
 * @param bytes One encoded manifest; the references are views of it.
 * @throws {ManifestError} As {@linkcode decodeDirManifest}, but only when what
 * is wrong is reached; the version is looked at last.
 */
export function* readDirEntries(
  bytes: Uint8Array,
): Generator<DirEntry, void, undefined> {
  checkLength(bytes);
  try {
    const reader = new PostcardReader(bytes);
    const version = reader.u8();
    const count = countEntries(reader);
    for (let i = 0; i < count; i++) yield readEntry(reader);
    checkVersion(version);
  } catch (error) {
    throw manifestErrorOf(error);
  }
}

/**
 * Finds the entries of a manifest, so that any of them can be read at any time.
 *
 * @param bytes One encoded manifest.
 * @returns For each entry where it starts, for {@linkcode readDirEntry}.
 * @throws {ManifestError} As {@linkcode decodeDirManifest}.
 */
export function indexDirEntries(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  checkLength(bytes);
  return reading(() => {
    const reader = new PostcardReader(bytes);
    const version = reader.u8();
    const count = countEntries(reader);
    const starts = new Uint32Array(
      Math.min(count, Math.floor(reader.remaining / ENTRY_BYTES_MIN)),
    );
    for (let i = 0; i < count; i++) {
      starts[i] = reader.offset;
      readEntry(reader);
    }
    checkVersion(version);
    return starts;
  });
}

/**
 * Reads one entry of a manifest.
 *
 * @param bytes One encoded manifest; a reference is a view of it.
 * @param start Where the entry starts, as {@linkcode indexDirEntries} says.
 * @throws {ManifestError} When there is no entry.
 */
export function readDirEntry(bytes: Uint8Array, start: number): DirEntry {
  return reading(() => readEntry(new PostcardReader(bytes, start)));
}

/**
 * Checks the beginning of a manifest, so that something else is told before all
 * of it is there.
 *
 * @param start Its first bytes.
 * @param size Its length, in bytes.
 * @throws {ManifestError} When no manifest of that length begins so.
 */
export function checkManifestStart(start: Uint8Array, size: number): void {
  const isWhole = start.length >= size;
  reading(() => {
    const reader = new PostcardReader(start);
    const version = reader.u8();
    try {
      const count = reader.count();
      // Whatever else is wrong with a number that large: it is none of entries.
      if (count > size / ENTRY_BYTES_MIN) throw notAManifest(MORE_THAN_FIT);
      checkCount(count, version);
      for (let i = 0; i < count; i++) readEntry(reader);
      if (!isWhole) throw notAManifest(ENDS_EARLY);
    } catch (error) {
      const isCut = error instanceof PostcardError && error.isEnd && !isWhole;
      if (!isCut) throw error;
    }
    checkVersion(version);
  });
}

const MORE_THAN_FIT = "it counts more entries than it has room for";
const ENDS_EARLY = "its entries end long before it does";

function checkLength(bytes: Uint8Array): void {
  if (bytes.length <= DIR_MANIFEST_MAX) return;
  throw badManifest(
    `${bytes.length} bytes exceed the limit of ${DIR_MANIFEST_MAX}`,
  );
}

function checkVersion(version: number): void {
  if (version === DIR_MANIFEST_VERSION) return;
  throw notAManifest(`unsupported manifest version ${version}`);
}

/** An empty path, the discriminant of its kind, and a mode or an empty text. */
const ENTRY_BYTES_MIN = 3;

/** Runs `read`; what postcard finds wrong is wrong with the manifest. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw manifestErrorOf(error);
  }
}

function manifestErrorOf(error: unknown): unknown {
  return error instanceof PostcardError
    ? notAManifest(`decode: ${error.message}`)
    : error;
}

function countEntries(reader: PostcardReader): number {
  const count = reader.count();
  checkCount(count);
  return count;
}

/** With another version it is hardly a manifest at all. */
function checkCount(count: number, version = DIR_MANIFEST_VERSION): void {
  if (count <= DIR_ENTRIES_MAX) return;
  const reason = `${count} entries exceed the limit of ${DIR_ENTRIES_MAX}`;
  throw version === DIR_MANIFEST_VERSION
    ? badManifest(reason)
    : notAManifest(reason);
}

function readEntry(reader: PostcardReader): DirEntry {
  return { path: reader.string(), kind: readKind(reader) };
}

function readKind(reader: PostcardReader): DirEntryKind {
  switch (reader.variant(3)) {
    case 0:
      return { type: "file", mode: reader.u32(), blob: reader.byteVec() };
    case 1:
      return { type: "dir", mode: reader.u32() };
    default:
      return { type: "symlink", target: reader.string() };
  }
}

function badManifest(reason: string, hint?: string): ManifestError {
  return new ManifestError(`dir transfer: bad manifest: ${reason}`, { hint });
}

/** Bytes that no sender of trees made. */
function notAManifest(reason: string): ManifestError {
  return badManifest(
    reason,
    "the reference is probably one of a file: fetch it with recv-blob",
  );
}
