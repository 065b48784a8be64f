/**
 * The manifests of trees that were fetched, so that `verify` can say later what
 * of them differs, without a node. They lie among the caches: what is lost there
 * costs a list. Nothing that is read there is believed, as a reference tells
 * what its manifest is.
 */

import { dirname, join } from "@std/path";
import {
  blake3,
  type BlobRef,
  blobRefSize,
  encodeBlobRef,
} from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import {
  KEPT_MANIFEST_MAX,
  KEPT_MANIFESTS_BYTES,
  KEPT_MANIFESTS_MAX,
} from "../../limits.ts";
import { isDirectory } from "../../os/is_directory.ts";
import { isOsError } from "../../os/os_error.ts";
import { isSafelyThere } from "../../os/safe_ancestors.ts";
import { readSmallFile } from "../../os/small_file.ts";
import { writeWholeFile } from "../../os/whole_file.ts";
import { manifestOf } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import { cacheDir } from "../options/cache_dir.ts";

const WHAT = "kept manifest";

/** The directory of kept manifests, if the process may use it. */
function manifestsDir(...access: ("read" | "write")[]): string | undefined {
  const dir = cacheDir();
  if (dir === undefined) return undefined;
  const path = join(dir, "manifests");
  // A home that does not exist is not made.
  if (access.includes("write") && !isDirectory(dirname(dirname(dir)))) {
    return undefined;
  }
  const isGranted = access.every((name) =>
    Deno.permissions.querySync({ name, path }).state === "granted"
  );
  return isGranted ? path : undefined;
}

/** Of what a reference names: the URI in it is for people. */
function nameOf(ref: BlobRef): string {
  return toHex(blake3(encodeBlobRef({ ...ref, uri: "" })));
}

/**
 * Keeps a manifest.
 *
 * @param ref The reference that names it.
 * @param manifest Its bytes.
 * @returns Whether it could be kept; not what is only a part of it.
 */
export async function keepManifest(
  ref: BlobRef,
  manifest: Uint8Array,
): Promise<boolean> {
  const dir = manifestsDir("read", "write");
  if (dir === undefined || manifest.length > KEPT_MANIFEST_MAX) return false;
  // Memory that a worker sees, too, is nothing to write from.
  const bytes = manifest.slice();
  try {
    if (await manifestOf(ref, bytes) === undefined) return false;
    await writeWholeFile(join(dir, nameOf(ref)), bytes, {
      what: WHAT,
      mode: 0o600,
      replace: true,
      parents: true,
      durable: false,
    });
    removeOldest(dir);
    return true;
  } catch (error) {
    if (error instanceof TransferError || isOsError(error)) return false;
    throw error;
  }
}

/** Notes that a kept manifest was of use, so that it is kept longer than others. */
export function renewManifest(ref: BlobRef): void {
  const dir = manifestsDir("write");
  if (dir === undefined) return;
  const now = new Date();
  try {
    Deno.utimeSync(join(dir, nameOf(ref)), now, now);
  } catch (error) {
    // Another fetch has removed it.
    if (!isOsError(error)) throw error;
  }
}

/** A manifest that an earlier fetch kept, if it is the one that is named. */
export async function keptManifest(
  ref: BlobRef,
): Promise<Uint8Array | undefined> {
  const dir = manifestsDir("read");
  const size = blobRefSize(ref);
  if (dir === undefined || size > BigInt(KEPT_MANIFEST_MAX)) return undefined;
  try {
    // Who could write there could keep us waiting, with a pipe of that name.
    if (!isSafelyThere(dir)) return undefined;
    const { bytes } = await readSmallFile(join(dir, nameOf(ref)), {
      what: WHAT,
      max: Number(size),
    });
    return await manifestOf(ref, bytes);
  } catch (error) {
    if (error instanceof TransferError) return undefined;
    throw error;
  }
}

/** How much is kept. */
const BOUNDS = { bytes: KEPT_MANIFESTS_BYTES, count: KEPT_MANIFESTS_MAX };

/**
 * Removes the oldest files of a directory, so that the rest is within bounds;
 * who fetches a tree again renews its manifest.
 */
export function removeOldest(dir: string, { bytes, count } = BOUNDS): void {
  const kept = Array.from(Deno.readDirSync(dir), ({ name }) => {
    const path = join(dir, name);
    const { mtime, size } = Deno.lstatSync(path);
    return { path, size, written: mtime?.getTime() ?? 0 };
  }).sort((a, b) => b.written - a.written);
  let total = 0;
  for (const [index, { path, size }] of kept.entries()) {
    total += size;
    if (total > bytes || index >= count) Deno.removeSync(path);
  }
}
