import { IoError } from "../../errors.ts";
import { isOsError, osErrorWords } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";

/**
 * Removes what a directory was tried with. Some let nothing be removed, such as
 * those that are append-only: nothing can be put in place there, and what they
 * were tried with stays.
 *
 * @param probe What was made.
 * @param parent The directory.
 * @param remove Removes it.
 * @throws {IoError} When that cannot be done; it says what stays.
 */
export function removeProbe(
  probe: string,
  parent: string,
  remove: () => void,
): void {
  try {
    remove();
  } catch (error) {
    if (!isOsError(error)) throw error;
    throw new IoError(
      `nothing can be removed from ${quoteText(parent)}, so nothing can be ` +
        `put in place there: ${osErrorWords(error)}`,
      {
        cause: error,
        hint: `choose another directory, or make it one that is not ` +
          `append-only (chattr -a); remove ${quoteText(probe)} then, with ` +
          "which it was tried",
        fields: { path: parent, left_behind: probe },
      },
    );
  }
}
