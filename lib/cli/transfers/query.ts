import { TransferError } from "../../errors.ts";
import { TRANSFER_QUERY_MS } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import { toHex } from "../../text/hex.ts";
import type { CallRpcOptions, TransferRow } from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import { withHint } from "../failure.ts";
import { attach } from "../node/attach.ts";
import type { AttachValues } from "../node/node_options.ts";
import { readAttachTarget } from "../node/read_settings.ts";
import { type Argument, argument } from "../framework/options/option.ts";
import { parseU64 } from "../framework/options/value_kind.ts";
import type { Fields } from "../framework/output/report.ts";
import { formatBytes } from "../framework/terminal/human.ts";
import { inStage } from "../stage.ts";

export const TRANSFER_ID: Argument<bigint> = argument(
  { metavar: "TRANSFER_ID", parse: parseU64 },
  "Id of the transfer, as 'net-transfer ls' prints it: decimal or 0x-hexadecimal",
);

/** Attaches to the node that the options name and calls a procedure of it. */
export async function callNode<T>(
  values: AttachValues,
  verb: string,
  context: Context,
  call: (session: Session, options: CallRpcOptions) => Promise<T>,
): Promise<T> {
  const target = await readAttachTarget(values, verb, context);
  await using attachment = await attach(target, context);
  const { value, origin } = target.requestTimeoutMs;
  const timeoutMs = origin.kind === "flag"
    ? value
    : Math.min(value, TRANSFER_QUERY_MS);
  const { signal } = context;
  return await inStage("rpc", async () => {
    try {
      return await call(attachment.session, { signal, timeoutMs });
    } catch (error) {
      throw withAdminHint(error);
    }
  });
}

function withAdminHint(error: unknown): unknown {
  return error instanceof TransferError && error.kind === "permission"
    ? withHint(
      error,
      "its --admin-list and --admin-cancel say who may; to be known by a key, attach with --identity",
    )
    : error;
}

/** A row as `ls` and `status` print it. */
export function transferFields(row: TransferRow): Fields {
  return {
    transfer_id: row.transferId,
    peer: row.peer,
    hash: toHex(row.hash),
    bytes_received: row.bytesReceived,
    total_bytes: row.totalBytes,
  };
}

/** How far a transfer is: `1 MiB of 4 MiB`. */
export function howFar({ bytesReceived, totalBytes }: TransferRow): string {
  const received = formatBytes(bytesReceived);
  return totalBytes === undefined
    ? received
    : `${received} of ${formatBytes(totalBytes)}`;
}
