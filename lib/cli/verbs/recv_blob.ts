/**
 * `recv-blob`: fetches a blob into a file, or to stdout.
 *
 * @module
 */

import type { BlobRef } from "../../content/mod.ts";
import type { Session } from "../../mesh/mod.ts";
import {
  fetchBlob,
  type FetchBlobResult,
  fetchBlobStream,
  type FetchOptions,
} from "../../transfer/mod.ts";
import { attachTo } from "../attach.ts";
import {
  ATTACH_OPTIONS,
  type AttachValues,
  resolveAttachTarget,
} from "../attach_target.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { formatBytes, formatRate, formatSeconds } from "../human.ts";
import {
  displayOption,
  optional,
  type OptionTable,
  required,
  type ValuesOf,
} from "../option.ts";
import { startProgressLine } from "../progress_line.ts";
import { FROM, fsyncOptions, paceOf } from "../receive.ts";
import {
  readReference,
  REFERENCE,
  referenceOfTicket,
  resolveReference,
} from "../reference.ts";
import { writeStdout } from "../stdout.ts";
import { FILE } from "../value_kind.ts";

const OPTIONS = {
  blobRef: optional("blob-ref", REFERENCE, {
    help:
      "What to fetch: the hex that send-blob printed, a ticket, @FILE, or - for stdin",
    shownDefault: "what the ticket names",
  }),
  out: required("out", FILE, {
    help: "File to write; - is stdout, then the result goes to stderr",
  }),
  from: FROM,
  ...fsyncOptions(true),
  ...ATTACH_OPTIONS,
} satisfies OptionTable;

type Values = ValuesOf<typeof OPTIONS> & AttachValues;

/** Writes a blob to stdout, verified chunk by chunk. */
async function fetchToStdout(
  session: Session,
  ref: BlobRef,
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

async function recvBlob(values: Values, context: Context): Promise<void> {
  const kind = "blob";
  const { blobRef, insecurePermissions, out } = values;
  const given = blobRef &&
    await readReference(blobRef, { kind, insecurePermissions });
  const toStdout = out === "-";
  const target = await resolveAttachTarget(values, "recv-blob", context);
  const wanted = given ??
    referenceOfTicket(target.ticket, kind, displayOption(OPTIONS.blobRef));
  await using attachment = await attachTo(target, values, context);
  const { session, peer } = attachment;
  context.enter("recv_blob");
  const ref = await attachment.use(() =>
    resolveReference(wanted, session, {
      signal: context.signal,
      timeoutMs: target.requestTimeoutMs,
    })
  );
  const fetched = await attachment.use(fetchWithProgress);
  for (const warning of fetched.warnings) context.log.warn(warning);
  const { bytes, bytesFetched, durationMs } = fetched;
  const pace = paceOf(bytes, durationMs);
  const { duration_secs: seconds, throughput_mib_s: rate } = pace;
  await context.emit({
    fields: {
      peer,
      out,
      bytes,
      ...pace,
      bytes_fetched: bytesFetched,
      bytes_reused: 0,
      resumed: false,
      sources: [{ source: session.remote.address, bytes: bytesFetched }],
    },
    text: () =>
      `received ${toStdout ? "to stdout" : out}: ${formatBytes(bytes)} in ${
        formatSeconds(seconds.value)
      } (${formatRate(rate.value * 2 ** 20)}) from node ${peer}`,
  }, toStdout ? "stderr" : "stdout");

  async function fetchWithProgress(): Promise<FetchBlobResult> {
    using line = startProgressLine(
      `fetching blob from peer ${peer}`,
      context,
    );
    const options = {
      signal: context.signal,
      timeoutMs: target.requestTimeoutMs,
      onProgress: line.onProgress,
    };
    return toStdout
      ? await fetchToStdout(session, ref, options)
      : await fetchBlob(session, ref, out, {
        ...options,
        fsync: !values.noFsync,
      });
  }
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
  ],
  run: recvBlob,
});
