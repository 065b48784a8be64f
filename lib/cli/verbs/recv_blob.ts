/** `recv-blob`: fetches a blob into a file, or to stdout. */

import { type BlobRef, blobRefSize } from "../../content/mod.ts";
import { TransferError } from "../../errors.ts";
import {
  fetchBlob,
  type FetchBlobResult,
  fetchBlobStream,
  type FetchBlobStreamOptions,
  type FetchFrom,
  type FetchTotals,
  kindWarnings,
  previewBlob,
  type ProgressEvent,
} from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import {
  type OptionTable,
  required,
  type ValuesOf,
} from "../framework/options/option.ts";
import { FILE, type ValueKind } from "../framework/options/value_kind.ts";
import {
  HASH_CACHE_OPTION,
  withHashCache,
} from "../options/hash_cache_option.ts";
import { PROGRESS_OPTIONS } from "../options/work_options.ts";
import { SPARSE_OPTIONS } from "../receiving/metadata_options.ts";
import { FOUND_OPTIONS } from "../receiving/found_options.ts";
import { TRUST_PARENT_OPTION } from "../options/trust_parent_option.ts";
import {
  fsyncOptions,
  receive,
  RECEIVE_OPTIONS,
  referenceOption,
} from "../receiving/receive.ts";
import type { ReferenceSource } from "../node/reference.ts";
import type { Getting } from "../receiving/asking.ts";
import {
  decideFile,
  decideNew,
  replaceOption,
} from "../receiving/decide_target.ts";
import { writeStdout } from "../write_stdout.ts";

/** A file to write: never what can only be a directory. */
const TARGET: ValueKind<string> = {
  ...FILE,
  parse(value) {
    const path = FILE.parse(value);
    if (path.endsWith("/")) {
      throw new RangeError("a directory; give the name of the file, too");
    }
    return path;
  },
};

const BLOB_REF = referenceOption("blob-ref", "send-blob");

/** The target that is stdout. */
export const STDOUT = "-";

async function fetchToStdout(
  from: FetchFrom,
  ref: BlobRef,
  options: FetchBlobStreamOptions,
): Promise<FetchBlobResult> {
  const warnings: string[] = [];
  let totals: FetchTotals | undefined;
  const onProgress = (event: ProgressEvent) => {
    if (event.type === "done") totals = event;
    options.onProgress?.(event);
  };
  const onWarning = (text: string) => void warnings.push(text);
  const how = { ...options, onProgress, onWarning };
  let isFirst = true;
  for await (const chunk of fetchBlobStream(from, ref, how)) {
    if (isFirst) warnings.push(...kindWarnings(ref, chunk));
    isFirst = false;
    await writeStdout(chunk);
  }
  if (totals === undefined) {
    throw new TransferError("internal", "the stream ended without a result");
  }
  return { ...totals, warnings };
}

/** What may be said of a fetch into a file. */
export const FILE_OPTIONS = {
  ...HASH_CACHE_OPTION,
  ...PROGRESS_OPTIONS,
  ...fsyncOptions({ fsync: "default" }),
  ...FOUND_OPTIONS,
  ...SPARSE_OPTIONS,
  ...TRUST_PARENT_OPTION,
} satisfies OptionTable;

/** The same, with what is fetched, and where it goes. */
export interface RecvBlobValues
  extends ValuesOf<typeof FILE_OPTIONS & typeof RECEIVE_OPTIONS> {
  readonly blobRef: ReferenceSource | undefined;
  readonly out: string;
  readonly replace: boolean;
}

/**
 * Fetches a blob.
 *
 * @param getting Who decides, when it is known what it is, whether it is fetched;
 * then nothing is replaced unless that was said.
 */
export async function recvBlob(
  values: RecvBlobValues,
  context: Context,
  getting?: Getting,
): Promise<void> {
  const { out } = values;
  const toStdout = out === STDOUT;
  await receive(
    {
      kind: "blob",
      given: values.blobRef,
      option: BLOB_REF,
      label: "fetching blob",
      getting,
      look: (_from, ref) => Promise.resolve({ bytes: blobRefSize(ref) }),
      decide: toStdout
        ? undefined
        : () =>
          getting
            ? decideNew(values, "blob", context)
            : decideFile(values, context),
      fetch: (from, ref, options, decision) =>
        toStdout
          ? withHashCache(
            values,
            context,
            (hashCache) => fetchToStdout(from, ref, { ...options, hashCache }),
          )
          : withHashCache(values, context, (hashCache) =>
            fetchBlob(from, ref, out, {
              ...options,
              hashCache,
              fsync: !values.noFsync,
              replace: decision?.replace,
              trustParent: values.trustParent,
              sparse: !values.noSparse,
            })),
      preview: (from, ref, options) =>
        withHashCache(
          values,
          context,
          (hashCache) =>
            previewBlob(from, ref, toStdout ? undefined : out, {
              ...options,
              hashCache,
            }),
        ),
      sizes: ({ bytes }) => ({ bytes }),
      describe: () => `${toStdout ? "to stdout" : out}: `,
      // A program that reads the content from stdout must not get the result.
      to: toStdout ? "stderr" : "stdout",
    },
    values,
    context,
  );
}

export const verb: Verb = defineVerb({
  arguments: {},
  options: {
    blobRef: BLOB_REF,
    out: required("out", TARGET, {
      help: "File to write; - is stdout, then the result goes to stderr",
    }),
    ...replaceOption("Replace a file that is there without a warning"),
    ...FILE_OPTIONS,
    ...RECEIVE_OPTIONS,
  },
  scope: "remote",
  description:
    "Every chunk is checked against the reference before it is written. The file appears under its name only when it is complete; until then it grows beside it as OUT.partial. A run that is stopped, by whatever, leaves that, and the next one goes on with what is right of it.",
  examples: [
    {
      line: "recv-blob --ticket @photo.ticket --out photo.raw",
      does: "Fetch what a ticket names, from where it says",
    },
    {
      line:
        "recv-blob --blob-ref @photo.ref --out photo.raw --node-addr 192.0.2.1:7700 --node-pubkey KEY --psk-file node.psk",
      does: "Fetch with the flags that 'net-transfer serve' printed",
    },
    {
      line: "recv-blob --profile home --blob-ref @dump.ref --out - | psql",
      does: "Fetch to stdout from the node of a profile",
    },
    {
      line: "recv-blob --dry-run --ticket @photo.ticket --out photo.raw",
      does: "Tell whether it could be fetched, and what it would replace",
    },
  ],
  run: (values, context) => recvBlob(values, context),
});
