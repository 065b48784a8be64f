import { encodeBlobRef } from "../../content/mod.ts";
import { StoreError } from "../../errors.ts";
import { attemptAsync } from "../../os/os_error.ts";
import { storeBlob } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { JOBS_OPTIONS, jobsOf } from "../options/jobs_options.ts";
import {
  argument,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { PROGRESS_OPTIONS } from "../options/progress_options.ts";
import { openStore, STORE_OPTIONS } from "../options/store_options.ts";
import { PATH } from "../framework/options/value_kind.ts";
import {
  type ReportProgress,
  withProgress,
} from "../framework/progress/with_progress.ts";
import { formatBytes } from "../framework/terminal/human.ts";
import { inStage } from "../stage.ts";

const OPTIONS = {
  ...STORE_OPTIONS,
  ...JOBS_OPTIONS,
  ...PROGRESS_OPTIONS,
} satisfies OptionTable;

/** What is published. */
interface Source {
  /** A path, or bytes that come only once. */
  readonly content: string | ReadableStream<Uint8Array>;
  /** Bytes in the end, if they are known. */
  readonly size?: bigint;
}

/** A regular file is handed on as its path; a pipe, which can be opened only once, as a stream. */
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

async function sendBlob(
  path: string,
  { store: storeDir, jobs, progress }: ValuesOf<typeof OPTIONS>,
  context: Context,
): Promise<void> {
  await using store = await inStage("open", () => openStore(storeDir));
  const source = await inStage("open", () => openSource(path));
  const { ref, size, chunks } = await inStage("publish", () => {
    if (source === "directory") {
      throw new StoreError(`'${path}' is a directory`, {
        hint: "use send-dir for a directory",
        fields: { path },
      });
    }
    const { content, size: totalBytes } = source;
    const about = { label: `hashing ${path}`, start: { totalBytes } };
    const hash = (report: ReportProgress | undefined) =>
      storeBlob(store, content, {
        signal: context.signal,
        jobs: jobsOf(jobs),
        onProgress: report && (({ bytes }) => report({ bytes: BigInt(bytes) })),
      });
    const work = () => withProgress(progress, about, context, hash);
    return attemptAsync("publish", path, work);
  });
  const blobRef = toHex(encodeBlobRef(ref));
  await context.emit({
    fields: {
      blob_ref: blobRef,
      hash: ref.kind === "small" ? toHex(ref.hash) : undefined,
      size,
      chunks,
      staged_to: storeDir,
    },
    text: () =>
      `${blobRef} (${formatBytes(size)} in ${chunks} ${
        chunks === 1 ? "chunk" : "chunks"
      }${storeDir === undefined ? "" : `, staged to ${storeDir}`})`,
  });
}

export const verb: Verb = defineVerb({
  arguments: { path: argument(PATH, "File to publish; - is stdin") },
  options: OPTIONS,
  description:
    "Hashes the file chunk by chunk and prints its reference, which is what recv-blob is given on the other side. With --store the chunks are staged in a store directory, which 'net-transfer serve --store DIR' serves.",
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
  run: ({ path, ...values }, context) => sendBlob(path, values, context),
});
