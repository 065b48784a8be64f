/**
 * Small files written whole or not at all.
 *
 * @module
 */

import { TransferError } from "../errors.ts";
import { explaining } from "./failure.ts";

/** Options of {@linkcode writeWholeFile}. */
export interface WriteWholeFileOptions {
  /** What the file is, for messages: `PSK file`. */
  what: string;
  /** Permission bits. */
  mode: number;
  /** Whether a file of that name may be replaced. */
  replace: boolean;
}

/**
 * Writes a file so that nobody ever sees a part of it.
 *
 * @returns Whether it was written: `false` when there is one already that may
 * not be replaced.
 * @throws {TransferError} Of kind `io` when it cannot be written, or what may
 * be replaced is no regular file.
 */
export async function writeWholeFile(
  path: string,
  text: string,
  { what, mode, replace }: WriteWholeFileOptions,
): Promise<boolean> {
  const temporary = `${path}.tmp.${Deno.pid}`;
  return await explaining(`cannot write the ${what} '${path}'`, async () => {
    try {
      if (replace) await requireReplaceable(path, what);
      await writeNew(temporary, text, mode);
      if (replace) await Deno.rename(temporary, path);
      // Unlike a rename, a link never replaces.
      else await Deno.link(temporary, path);
      return true;
    } catch (error) {
      if (!replace && error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    } finally {
      await Deno.remove(temporary).catch(() => {});
    }
  });
}

/** A rename would put a file in the place of a device, a pipe or a link. */
async function requireReplaceable(path: string, what: string): Promise<void> {
  const found = await Deno.lstat(path).catch((error: unknown) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (found === undefined || found.isFile) return;
  throw new TransferError(
    "io",
    `cannot write the ${what} '${path}': what is there is no regular file`,
    { hint: "choose another name", fields: { path } },
  );
}

async function writeNew(
  path: string,
  text: string,
  mode: number,
): Promise<void> {
  // Left by a process of the same id that was killed.
  await Deno.remove(path).catch(() => {});
  using file = await Deno.open(path, { write: true, createNew: true, mode });
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(await file.write(bytes));
  await file.sync();
}
