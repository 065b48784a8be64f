import {
  fetchBlob,
  type FetchBlobResult,
  fetchBlobStream,
  previewBlob,
} from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import {
  type OptionTable,
  required,
  type ValuesOf,
} from "../framework/options/option.ts";
import { FILE, type ValueKind } from "../framework/options/value_kind.ts";
import { PROGRESS_OPTIONS } from "../options/progress_options.ts";
import {
  fsyncOptions,
  receive,
  RECEIVE_OPTIONS,
  referenceOption,
  type Source,
} from "../receiving/receive.ts";
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

const OPTIONS = {
  blobRef: referenceOption("blob-ref", "send-blob"),
  out: required("out", TARGET, {
    help: "File to write; - is stdout, then the result goes to stderr",
  }),
  ...PROGRESS_OPTIONS,
  ...fsyncOptions(true),
  ...RECEIVE_OPTIONS,
} satisfies OptionTable;

/** What `--out` says instead of a file. */
const STDOUT = "-";

/** Writes a blob to stdout, verified chunk by chunk. */
async function fetchToStdout(
  { session, ref, options }: Source,
): Promise<FetchBlobResult> {
  const since = performance.now();
  let bytes = 0n;
  for await (const chunk of fetchBlobStream(session, ref, options)) {
    await writeStdout(chunk);
    bytes += BigInt(chunk.length);
  }
  const durationMs = performance.now() - since;
  return { bytes, bytesFetched: bytes, durationMs, warnings: [] };
}

function fetchToFile(
  { session, ref, options }: Source,
  out: string,
  fsync: boolean,
): Promise<FetchBlobResult> {
  return fetchBlob(session, ref, out, { ...options, fsync });
}

async function recvBlob(
  values: ValuesOf<typeof OPTIONS>,
  context: Context,
): Promise<void> {
  const { blobRef: given, out, noFsync } = values;
  const toStdout = out === STDOUT;
  await receive(
    {
      kind: "blob",
      given,
      option: OPTIONS.blobRef,
      label: "fetching blob",
      fetch: (source) =>
        toStdout ? fetchToStdout(source) : fetchToFile(source, out, !noFsync),
      preview: ({ session, ref, options }) =>
        previewBlob(session, ref, toStdout ? undefined : out, options),
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
  options: OPTIONS,
  scope: "remote",
  description:
    "Every chunk is checked against the reference before it is written. The file appears under its name only when it is complete; until then it grows beside it as OUT.partial.",
  examples: [
    {
      line:
        "recv-blob --blob-ref @photo.ref --out photo.raw --node-addr 192.0.2.1:7700 --node-pubkey KEY --psk-file node.psk",
      does: "Fetch with the flags that 'net-transfer serve' printed",
    },
    {
      line: "recv-blob --ticket @photo.ticket --out photo.raw",
      does: "Fetch what a ticket names, from where it says",
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
  run: recvBlob,
});
