/**
 * stdout: everything is written, or it is an error.
 *
 * @module
 */

import { TransferError } from "../errors.ts";
import { explaining } from "./failure.ts";

/**
 * Writes all of the bytes.
 *
 * @throws {TransferError} Of kind `io` when stdout is closed or full.
 */
export async function writeStdout(bytes: Uint8Array): Promise<void> {
  await explaining("cannot write to stdout", async () => {
    let rest = bytes;
    try {
      while (rest.length > 0) {
        rest = rest.subarray(await Deno.stdout.write(rest));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      // As when `head` has seen enough: no fault of the system.
      throw new TransferError(
        "io",
        "cannot write to stdout: its reader has closed it",
        { cause: error },
      );
    }
  });
}
