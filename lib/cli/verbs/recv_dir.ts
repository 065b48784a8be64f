/**
 * `recv-dir`: fetches a directory tree and puts it in place in one step.
 *
 * @module
 */

import { FETCH_CONCURRENCY, FETCH_CONCURRENCY_MAX } from "../../limits.ts";
import { fetchDir, type FetchDirResult } from "../../transfer/mod.ts";
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
  withDefault,
} from "../option.ts";
import { startProgressLine } from "../progress_line.ts";
import { FROM, fsyncOptions, paceOf } from "../receive.ts";
import {
  readReference,
  REFERENCE,
  referenceOfTicket,
  resolveReference,
} from "../reference.ts";
import { count, DIR } from "../value_kind.ts";

const OPTIONS = {
  remoteRef: optional("remote-ref", REFERENCE, {
    help:
      "What to fetch: the hex that send-dir printed, a ticket, @FILE, or - for stdin",
    shownDefault: "what the ticket names",
  }),
  out: required("out", DIR, {
    help: "Directory to make; one that exists is replaced as a whole",
  }),
  concurrency: withDefault(
    "concurrency",
    count(0, FETCH_CONCURRENCY_MAX),
    "0",
    {
      help: "Files in flight at once",
      shownDefault: String(FETCH_CONCURRENCY),
    },
  ),
  from: FROM,
  ...fsyncOptions(false),
  ...ATTACH_OPTIONS,
} satisfies OptionTable;

type Values = ValuesOf<typeof OPTIONS> & AttachValues;

async function recvDir(values: Values, context: Context): Promise<void> {
  const kind = "dir";
  const { remoteRef, insecurePermissions, out } = values;
  const given = remoteRef &&
    await readReference(remoteRef, { kind, insecurePermissions });
  const target = await resolveAttachTarget(values, "recv-dir", context);
  const wanted = given ??
    referenceOfTicket(target.ticket, kind, displayOption(OPTIONS.remoteRef));
  await using attachment = await attachTo(target, values, context);
  const { session, peer } = attachment;
  context.enter("recv_dir");
  const ref = await attachment.use(() =>
    resolveReference(wanted, session, {
      signal: context.signal,
      timeoutMs: target.requestTimeoutMs,
    })
  );
  const fetched = await attachment.use(fetchWithProgress);
  for (const warning of fetched.warnings) context.log.warn(warning);
  const { files, dirs, symlinks, bytes, bytesFetched, durationMs } = fetched;
  const pace = paceOf(bytes, durationMs);
  const { duration_secs: seconds, throughput_mib_s: rate } = pace;
  await context.emit({
    fields: {
      peer,
      out,
      files,
      dirs,
      symlinks,
      bytes,
      ...pace,
      atomic: true,
      bytes_fetched: bytesFetched,
      bytes_reused: 0,
      resumed: false,
      sources: [{ source: session.remote.address, bytes: bytesFetched }],
    },
    text: () =>
      `received ${out}: ${files} ${files === 1 ? "file" : "files"}, ${
        formatBytes(bytes)
      } in ${formatSeconds(seconds.value)} (${
        formatRate(rate.value * 2 ** 20)
      }) from node ${peer}`,
  });

  async function fetchWithProgress(): Promise<FetchDirResult> {
    using line = startProgressLine(
      `reconstructing directory from peer ${peer}`,
      context,
    );
    return await fetchDir(session, ref, out, {
      signal: context.signal,
      timeoutMs: target.requestTimeoutMs,
      onProgress: line.onProgress,
      concurrency: values.concurrency || FETCH_CONCURRENCY,
      fsync: values.fsync,
    });
  }
}

/** The verb. */
export const verb: Verb = defineVerb({
  arguments: {},
  options: OPTIONS,
  scope: "remote",
  description:
    "The tree grows in a hidden directory beside the target and takes its place by a rename when it is complete. Paths that would leave the target are refused before anything is written.",
  examples: [{
    line:
      "recv-dir --remote-ref @photos.ref --out ./photos --node-addr 192.0.2.1:7700 --node-pubkey KEY --psk-file node.psk",
    does: "Fetch with the flags that 'net-transfer serve' printed",
  }],
  run: recvDir,
});
