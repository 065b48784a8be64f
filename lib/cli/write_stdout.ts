/** Writing to stdout, where a closed pipe is a failure of its own. */

import { IoError } from "../errors.ts";
import { osErrorWords } from "../os/os_error.ts";
import { inStage } from "./stage.ts";

export async function writeStdout(bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  try {
    while (rest.length > 0) {
      rest = rest.subarray(await Deno.stdout.write(rest));
    }
  } catch (error) {
    // As when `head` has seen enough: no fault of the system.
    const why = error instanceof Deno.errors.BrokenPipe
      ? "its reader has closed it"
      : osErrorWords(error);
    throw new IoError(`cannot write to stdout: ${why}`, { cause: error });
  }
}

/** Prints what is a verb's output as it is. */
export function printText(text: string): Promise<void> {
  return inStage("output", () => writeStdout(new TextEncoder().encode(text)));
}
