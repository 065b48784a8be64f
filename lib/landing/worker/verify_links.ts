import { IoError } from "../../errors.ts";
import { attempt } from "../../os/os_error.ts";
import { quoteText } from "../../text/escape.ts";
import { joinPath } from "./target.ts";
import type { TreeLink } from "./worker_protocol.ts";

/**
 * Checks that links are as they were to be made.
 *
 * @param root The tree that they are in.
 * @param lacking Paths of those that could not be.
 * @throws {IoError} When one is another one, or none.
 */
export function verifyLinks(
  root: string,
  links: readonly TreeLink[],
  lacking: ReadonlySet<string>,
): void {
  for (const { path, target } of links) {
    if (lacking.has(path)) continue;
    const full = joinPath(root, path);
    const found = attempt("read", full, () => Deno.readLinkSync(full));
    if (found !== target) {
      throw new IoError(`${quoteText(path)} is not the link it was`);
    }
  }
}
