/** The links of a tree, which the main side makes: a confined worker may not. */

import { checkManifestPath } from "../content/mod.ts";
import { TransferError } from "../errors.ts";
import { isLacking } from "../os/lacking.ts";
import { attemptAsync, lookAt } from "../os/os_error.ts";
import { quoteText } from "../text/escape.ts";
import { joinPath } from "./worker/target.ts";
import type { SealedTree } from "./worker/worker_protocol.ts";

/** Links that are made at once. */
const LINKS_AT_ONCE = 64;

/**
 * Checks where the worker has links made: in the temp tree beside the target, at
 * paths that a manifest may have, and nowhere else, whatever it says.
 */
export function requireOwnTree(
  { root, links }: SealedTree,
  prefix: string,
): void {
  const name = root.startsWith(prefix) ? root.slice(prefix.length) : "";
  if (!/^fetch_[0-9a-f]{16}$/.test(name) || !lookAt(root)?.isDirectory) {
    throw new TransferError(
      "internal",
      `the landing worker named ${
        quoteText(root)
      }, which is no tree of its own`,
    );
  }
  for (const { path } of links) checkManifestPath(path);
}

/**
 * The worker, confined to one directory, may not make links.
 *
 * @returns The paths of those that the file system cannot hold.
 */
export async function makeLinks(
  { root, links }: SealedTree,
): Promise<string[]> {
  const lacking: string[] = [];
  for (let start = 0; start < links.length; start += LINKS_AT_ONCE) {
    const some = links.slice(start, start + LINKS_AT_ONCE);
    await Promise.all(some.map(async ({ path, target }) => {
      const link = joinPath(root, path);
      try {
        await attemptAsync(
          "create the link",
          link,
          () => Deno.symlink(target, link),
        );
      } catch (error) {
        if (!(error instanceof Error && isLacking(error.cause))) throw error;
        lacking.push(path);
      }
    }));
  }
  return lacking;
}
