/** `send-blob`: the reference of a file, and its chunks in a store. */

import { encodeBlobRef } from "../../content/mod.ts";
import { StoreError, UsageError } from "../../errors.ts";
import { attemptAsync } from "../../os/os_error.ts";
import { holdArgument, storeBlob } from "../../store/mod.ts";
import { shortHex, toHex } from "../../text/hex.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument } from "../framework/options/option.ts";
import { PATH, readable } from "../framework/options/value_kind.ts";
import { formatBytes } from "../../text/human.ts";
import { HASHING_OPTIONS } from "../options/work_options.ts";
import {
  openStore,
  publish,
  publishInto,
  shownAs,
  STORE_OPTIONS,
  STRICT_OPTION,
} from "../publishing/publish.ts";
import { inStage, StageFailure } from "../stage.ts";

interface Source {
  /** A path, or bytes that come only once. */
  readonly content: string | ReadableStream<Uint8Array>;
  /** Bytes in the end, if they are known. */
  readonly size?: bigint;
}

/**
 * A regular file is handed on as its path; a pipe, which can be opened only
 * once, as a stream.
 */
async function openSource(path: string): Promise<Source | "directory"> {
  if (path === "-") return { content: Deno.stdin.readable };
  return await attemptAsync("open", path, async () => {
    const file = await Deno.open(path, { read: true });
    const { isFile, isDirectory, size } = await file.stat();
    if (isDirectory) {
      file.close();
      return "directory";
    }
    if (!isFile) return { content: file.readable };
    file.close();
    // Files of the kernel say 0 and have content.
    return { content: path, size: size > 0 ? BigInt(size) : undefined };
  });
}

/**
 * A directory is a wrong argument, as a file is to send-dir. The reference finds
 * out when it reads, and ends as reading does.
 */
function isDirectory(shown: string, asReference: boolean): Error {
  const message = `'${shown}' is a directory`;
  const options = {
    hint: "use send-dir for a directory",
    fields: { path: shown },
  };
  return asReference
    ? new StageFailure("publish", new StoreError(message, options))
    : new UsageError(message, options);
}

export const verb: Verb = defineVerb({
  arguments: { path: argument(readable(PATH), "File to publish; - is stdin") },
  options: {
    ...STORE_OPTIONS,
    ...STRICT_OPTION,
    ...HASHING_OPTIONS,
  },
  description:
    "Hashes the file chunk by chunk and prints its reference, which is what recv-blob is given on the other side. A file that others write to is published as it was read. With --store the chunks are staged in a store directory, which 'net-transfer serve --store DIR' serves, or published to a bucket of an S3-compatible store, which any web server in front of it serves, too.",
  examples: [
    { line: "send-blob photo.raw", does: "Print the reference of a file" },
    {
      line: "send-blob --store ./store backup.tar",
      does: "Stage a file in a store",
    },
    {
      line: "send-blob --store ./store - < dump.sql",
      does: "Stage what is read from stdin",
    },
  ],
  async run({ path: typed, ...values }, context) {
    const { store: storeDir } = values;
    await using store = await inStage("open", () => openStore(values, context));
    using held = await inStage("open", () => holdArgument(typed));
    const { path, shown } = held;
    const source = await inStage("open", () => openSource(path));
    if (source === "directory") {
      throw isDirectory(shown, context.asReference);
    }
    const { content, size: totalBytes } = source;
    const about = { label: `hashing ${shown}`, start: { totalBytes } };
    const { ref, size, chunks, changed } = await publish(
      path,
      values,
      about,
      context,
      (options, report) =>
        publishInto(store, (chunks) =>
          storeBlob(chunks, content, {
            ...shownAs(held, options),
            onProgress: report &&
              (({ bytes }) => report({ bytes: BigInt(bytes) })),
          })),
    );
    const blobRef = toHex(encodeBlobRef(ref));
    await context.emit({
      fields: {
        blob_ref: blobRef,
        hash: ref.kind === "small" ? toHex(ref.hash) : undefined,
        size,
        chunks,
        staged_to: storeDir,
        changed: changed > 0 ? changed : undefined,
      },
      text: () =>
        `${shortHex(blobRef)} (${formatBytes(size)} in ${chunks} ${
          chunks === 1 ? "chunk" : "chunks"
        }${storeDir === undefined ? "" : `, staged to ${storeDir}`})`,
    });
  },
});
