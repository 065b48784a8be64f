/** Where the manifest of a tree is, when no node is asked. */

import { type BlobRef, blobRefSize } from "../../content/mod.ts";
import { ConfigError, UsageError } from "../../errors.ts";
import { CHUNK_MAX, DIR_MANIFEST_MAX } from "../../limits.ts";
import { readSmallFile } from "../../os/small_file.ts";
import { type DiskStore, manifestOf, readManifestIn } from "../../store/mod.ts";
import { keptManifest } from "../receiving/kept_manifests.ts";
import type { ManifestOrigin } from "./verdict_report.ts";

export interface FoundManifest {
  readonly bytes: Uint8Array;
  readonly origin: ManifestOrigin;
}

/** Reads the file of `--manifest`, which has to be the one that is named. */
async function readGiven(file: string, ref: BlobRef): Promise<Uint8Array> {
  const notIt = new UsageError(
    `'${file}' is not the manifest that the reference names`,
    {
      hint: "fetch it: net-transfer recv-blob --blob-ref REF --out FILE",
      fields: { path: file },
    },
  );
  const size = blobRefSize(ref);
  if (size > BigInt(DIR_MANIFEST_MAX)) throw notIt;
  // Of a bare hash nobody knows the length.
  const max = size === 0n ? CHUNK_MAX : Number(size);
  try {
    const { bytes } = await readSmallFile(file, { what: "manifest", max });
    const manifest = await manifestOf(ref, bytes);
    if (manifest !== undefined) return manifest;
  } catch (error) {
    // It is longer than that.
    if (!(error instanceof ConfigError)) throw error;
  }
  throw notIt;
}

/**
 * Finds the manifest that a reference names: in a file or a store that was
 * given, else where a former fetch has kept it.
 *
 * @throws {UsageError} When a file was given that is another.
 */
export async function findManifest(
  ref: BlobRef,
  file: string | undefined,
  store: DiskStore | undefined,
  signal: AbortSignal,
): Promise<FoundManifest | undefined> {
  if (file !== undefined) {
    return { bytes: await readGiven(file, ref), origin: "file" };
  }
  const stored = store && await readManifestIn(store, ref, signal);
  if (stored !== undefined) return { bytes: stored, origin: "store" };
  const kept = await keptManifest(ref);
  return kept && { bytes: kept, origin: "fetch" };
}
