/** What arguments of the command line name, UTF-8 or not. */

import { IoError, UsageError } from "../errors.ts";
import { osErrorWords } from "../os/os_error.ts";
import { bytesOf, showArgument } from "../os/raw_arguments.ts";
import { rawPaths } from "./raw_paths.ts";

/** A path that the runtime can open, for as long as it is held. */
export interface HeldPath extends Disposable {
  readonly path: string;
  /** The path as people read it. */
  readonly shown: string;
}

/**
 * Holds what an argument names; a link at its end is followed.
 *
 * @param text As `lib/os/raw_arguments.ts` reads it.
 * @throws {UsageError} When it is not UTF-8 and the process cannot open such.
 * @throws {IoError} When there is nothing of that name.
 */
export function holdArgument(text: string): HeldPath {
  if (text.isWellFormed()) {
    return { path: text, shown: text, [Symbol.dispose]: () => {} };
  }
  const shown = showArgument(text);
  const raw = rawPaths;
  if (raw === undefined) {
    throw new UsageError(`'${shown}' is not UTF-8: it cannot be opened here`, {
      hint: "rename it, or grant --allow-ffi on Linux",
    });
  }
  try {
    const { fd, alias } = raw.hold(bytesOf(text), { follow: true });
    return { path: alias, shown, [Symbol.dispose]: () => raw.release(fd) };
  } catch (error) {
    throw new IoError(`cannot open '${shown}': ${osErrorWords(error)}`, {
      cause: error,
      fields: { path: shown },
    });
  }
}
