/**
 * `recv-blob`: fetches a blob into a file, or to stdout.
 *
 * @module
 */

import {
  fetchBlob,
  type FetchBlobResult,
  fetchBlobStream,
  type FetchOptions,
  previewBlob,
} from "../../transfer/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import {
  type OptionTable,
  required,
  type ValuesOf,
} from "../framework/options/option.ts";
import { PROGRESS_OPTIONS } from "../options/progress_options.ts";
import { FILE, type ValueKind } from "../framework/options/value_kind.ts";
import { fetchUpdate } from "../progress/progress_updates.ts";
import { withProgress } from "../framework/progress/with_progress.ts";
import { writeStdout } from "../write_stdout.ts";
import { describePreview, reportPreview } from "../receiving/dry_run.ts";
import {
  describePace,
  fsyncOptions,
  originFields,
  paceOf,
  receive,
  RECEIVE_OPTIONS,
  referenceOption,
  type Source,
  type Wanted,
} from "../receiving/receive.ts";

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

type Values = ValuesOf<typeof OPTIONS>;

/** What `--out` says instead of a file. */
const STDOUT = "-";

/** Writes a blob to stdout, verified chunk by chunk. */
async function fetchToStdout(
  { session, ref }: Source,
  options: FetchOptions,
): Promise<FetchBlobResult> {
  const since = performance.now();
  let bytes = 0n;
  for await (const piece of fetchBlobStream(session, ref, options)) {
    await writeStdout(piece);
    bytes += BigInt(piece.length);
  }
  const durationMs = performance.now() - since;
  return { bytes, bytesFetched: bytes, durationMs, warnings: [] };
}

function fetchWithProgress(
  source: Source,
  { out, noFsync, progress }: Values,
  context: Context,
): Promise<FetchBlobResult> {
  const { session, ref, peer } = source;
  const label = `fetching blob from peer ${peer}`;
  return withProgress(progress, { label }, context, async (report) => {
    const options: FetchOptions = {
      ...source.options,
      onProgress: report && ((event) => report(fetchUpdate(event))),
    };
    return out === STDOUT
      ? await fetchToStdout(source, options)
      : await fetchBlob(session, ref, out, { ...options, fsync: !noFsync });
  });
}

async function recvBlob(values: Values, context: Context): Promise<void> {
  const { blobRef: given, out } = values;
  const wanted: Wanted = { kind: "blob", given, option: OPTIONS.blobRef };
  if (values.dryRun) return await dryRun(wanted, values, context);
  const { peer, address, result } = await receive(
    wanted,
    values,
    context,
    (source) => fetchWithProgress(source, values, context),
  );
  for (const warning of result.warnings) context.log.warn(warning);
  const { bytes } = result;
  const pace = paceOf(bytes, result.durationMs);
  const origin = originFields(result.bytesFetched, address);
  await context.emit({
    fields: { peer, out, bytes, ...pace, ...origin },
    text: () => `received ${nameOf(out)}: ${describePace(bytes, pace, peer)}`,
  }, resultStream(out));
}

async function dryRun(
  wanted: Wanted,
  values: Values,
  context: Context,
): Promise<void> {
  const { out } = values;
  const { peer, result } = await receive(
    wanted,
    values,
    context,
    ({ session, ref, options }) =>
      previewBlob(session, ref, out === STDOUT ? undefined : out, options),
  );
  const { bytes } = result;
  await context.emit({
    fields: { peer, out, bytes, ...reportPreview(result, context.log) },
    text: () =>
      `would receive ${nameOf(out)}: ${describePreview(result, peer)}`,
  }, resultStream(out));
}

function nameOf(out: string): string {
  return out === STDOUT ? "to stdout" : out;
}

/** A program that reads the content from stdout must not get the result. */
function resultStream(out: string): "stdout" | "stderr" {
  return out === STDOUT ? "stderr" : "stdout";
}

/** The verb. */
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
