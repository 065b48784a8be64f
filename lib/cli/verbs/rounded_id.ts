/**
 * Ids that a tool has rounded: many programs read every number as a double,
 * which keeps 53 of the 64 bits.
 */

import { TransferError } from "../../errors.ts";
import type { Session } from "../../mesh/mod.ts";
import { type CallRpcOptions, listTransfers } from "../../transfer/mod.ts";
import { Id } from "../framework/output/report.ts";
import type { Log } from "../framework/terminal/log.ts";

/** Whether a tool that reads numbers as doubles may write the one for the other. */
export function isRoundingOf(given: bigint, id: bigint): boolean {
  return given !== id && Number(given) === Number(id);
}

/**
 * The transfers of the node of which an id is the rounding; none where the node
 * does not let us list them.
 */
export async function findRounded(
  session: Session,
  given: bigint,
  options: CallRpcOptions,
): Promise<readonly bigint[]> {
  if (given <= BigInt(Number.MAX_SAFE_INTEGER)) return [];
  try {
    const { rows } = await listTransfers(session, { ...options, all: true });
    return rows.map(({ transferId }) => transferId)
      .filter((id) => isRoundingOf(given, id));
  } catch (error) {
    if (error instanceof TransferError && error.kind === "permission") {
      return [];
    }
    throw error;
  }
}

/** Says of which transfers an id is the rounding. */
export function warnRounded(
  given: bigint,
  meant: readonly bigint[],
  log: Log,
): void {
  if (meant.length === 0) return;
  const [id, ...others] = meant.map((id) => new Id(id).hex);
  const more = others.length === 0 ? "" : ` or of ${others.length} others`;
  log.warn(
    `no transfer ${given} runs; a tool that rounds numbers makes it of ${id}${more}: give the transfer_id_hex of 'ls'`,
  );
}
