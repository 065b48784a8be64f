/** `send-dir`: the reference of a directory tree, and its chunks in a store. */

import { blobRefSize, encodeBlobRef } from "../../content/mod.ts";
import { IoError, UsageError } from "../../errors.ts";
import { attemptAsync, isNotFound } from "../../os/os_error.ts";
import {
  type HeldPath,
  holdArgument,
  nameWarnings,
  storeDir,
} from "../../store/mod.ts";
import { shortHex, toHex } from "../../text/hex.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument } from "../framework/options/option.ts";
import { DIR, readable } from "../framework/options/value_kind.ts";
import { formatBytes } from "../../text/human.ts";
import { HASHING_OPTIONS } from "../options/work_options.ts";
import {
  PATH_FILTER_OPTIONS,
  readPathFilter,
} from "../options/path_filter_options.ts";
import { publishUpdate } from "../progress/progress_updates.ts";
import { notCarriedFields } from "../publishing/not_carried.ts";
import {
  openStore,
  publish,
  publishInto,
  requireAllRead,
  shownAs,
  STORE_OPTIONS,
  STRICT_OPTION,
} from "../publishing/publish.ts";
import { inStage } from "../stage.ts";

/** Nothing of a name is a wrong argument, here too. */
function holdSource(typed: string): HeldPath {
  try {
    return holdArgument(typed);
  } catch (error) {
    if (!(error instanceof IoError && isNotFound(error.cause))) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** A source that is no directory is a wrong argument, not a failed read. */
async function requireDirectory(path: string): Promise<void> {
  const { isDirectory } = await attemptAsync("read", path, async () => {
    try {
      return await Deno.stat(path);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new UsageError(`'${path}' does not exist`, { cause: error });
    }
  });
  if (isDirectory) return;
  throw new UsageError(`'${path}' is not a directory`, {
    hint: "use send-blob for a file",
  });
}

export const verb: Verb = defineVerb({
  arguments: { path: argument(readable(DIR), "Directory to publish") },
  options: {
    ...STORE_OPTIONS,
    ...PATH_FILTER_OPTIONS,
    ...STRICT_OPTION,
    ...HASHING_OPTIONS,
  },
  description:
    "Hashes every file of the tree and prints the reference of its manifest, which is what recv-dir is given on the other side. Links are recorded, never followed; sockets, pipes and devices are skipped. A file that others write to is published as it was read; what vanishes meanwhile is left out, and so is what cannot be read, with exit code 3. Patterns are those of gitignore(5): the last that matches counts, ! takes back, a slash at the end means directories, one elsewhere a path from the root. With --store everything is staged in a store directory, which 'net-transfer serve --store DIR' serves, or published to a bucket of an S3-compatible store, which any web server in front of it serves, too.",
  examples: [
    { line: "send-dir ./photos", does: "Print the reference of a directory" },
    {
      line: "send-dir --store ./store ./photos",
      does: "Stage a directory in a store",
    },
    {
      line: "send-dir --store s3://backups/photos ./photos",
      does: "Publish a directory to a bucket",
    },
    {
      line: "send-dir --exclude-from .gitignore --exclude .git/ .",
      does: "Leave out what git ignores",
    },
  ],
  async run({ path: typed, ...values }, context) {
    const { store: storeAt } = values;
    using held = await inStage("open", () => holdSource(typed));
    const { path, shown } = held;
    const filter = await inStage("open", async () => {
      const filter = await readPathFilter(values, context.log);
      await requireDirectory(path);
      return filter;
    });
    await using store = await inStage("open", () => openStore(values, context));
    const { ref, stats } = await publish(
      path,
      values,
      { label: `reading ${shown}` },
      context,
      (options, report) =>
        publishInto(store, (chunks) =>
          storeDir(chunks, path, {
            ...shownAs(held, options),
            filter,
            onProgress: report && ((at) => report(publishUpdate(at))),
          })),
    );
    for (const warning of nameWarnings(stats)) context.log.warn(warning);
    const remoteRef = toHex(encodeBlobRef(ref));
    const { files, dirs, symlinks, totalBytes } = stats;
    const { changed, vanished, unreadable, skipped } = stats;
    await context.emit({
      fields: {
        remote_ref: remoteRef,
        manifest_size: blobRefSize(ref),
        staged_to: storeAt,
        files,
        dirs,
        symlinks,
        total_bytes: totalBytes,
        skipped,
        changed,
        vanished,
        unreadable,
        not_carried: notCarriedFields(stats.notCarried),
      },
      text: () =>
        `${shortHex(remoteRef)} (${files} ${files === 1 ? "file" : "files"}, ${
          formatBytes(totalBytes)
        }${storeAt === undefined ? "" : `, staged to ${storeAt}`})`,
    });
    requireAllRead(shown, stats);
  },
});
