/**
 * stdout: everything is written, or it is an error.
 *
 * @module
 */

import { explaining } from "./failure.ts";

/**
 * Writes all of the bytes.
 *
 * @throws {TransferError} Of kind `io` when stdout is closed or full.
 */
export async function writeStdout(bytes: Uint8Array): Promise<void> {
  await explaining("cannot write to stdout", async () => {
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(await Deno.stdout.write(rest));
  });
}
