/** What `-v` tells of the path of a fetch. */

import { TransferError } from "../../errors.ts";
import { TRANSFER_QUERY_MS } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import {
  type FetchBlobResult,
  lookAtPath,
  type PathFigures,
  UnknownProcedureError,
} from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import { REASONS, stageFields } from "../doctor/doctor_report.ts";
import { hashRate } from "../doctor/hash_rate.ts";
import {
  type Limit,
  limitingStage,
  remedy,
  type StageRates,
} from "../doctor/limiting_stage.ts";
import { lossOf } from "../doctor/path_figures.ts";
import { type Fields, Float, Id } from "../framework/output/report.ts";

/** Of less than so many bytes nothing can be concluded. */
const CONCLUSIVE_BYTES = 1024 * 1024;
/** Milliseconds that the hash is measured, to tell it from the disk. */
const HASH_MS = 10;

type Fetched = Pick<FetchBlobResult, "bytes" | "durationMs" | "landingMs">;

/** The holder's figures, unless it is older or has no more time for us. */
async function lookThere(
  session: Session,
  { signal, log }: Pick<Context, "signal" | "log">,
): Promise<PathFigures | undefined> {
  try {
    return await lookAtPath(session, { signal, timeoutMs: TRANSFER_QUERY_MS });
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    const why = error instanceof UnknownProcedureError
      ? "it is older, or does not let itself be measured"
      : error.message;
    log.info("the holder tells nothing of the path", { reason: why });
    return undefined;
  }
}

/** A figure in thousandths: no clock is finer here. */
function rounded(figure: number): Float {
  return new Float(Math.round(figure * 1000) / 1000);
}

/** How fast the disk and the hash were, told apart by the speed of the hash. */
function landingRates({ bytes, landingMs = 0 }: Fetched): StageRates {
  if (landingMs <= 0 || bytes === 0n) return {};
  const hash = hashRate(HASH_MS);
  const msPerByte = landingMs / Number(bytes);
  const writing = msPerByte - 1000 / hash;
  return writing > 0 ? { hash, disk: 1000 / writing } : { hash };
}

function limitOf(fetched: Fetched, there: PathFigures): Limit | undefined {
  const { bytes, durationMs, landingMs } = fetched;
  if (durationMs <= 0 || bytes < CONCLUSIVE_BYTES) return undefined;
  return limitingStage(landingRates(fetched), {
    rate: Number(bytes) / durationMs * 1000,
    limitedMs: there.limitedMs,
    loss: lossOf(there),
    congestion: there.congestion,
    landing: landingMs && landingMs / durationMs,
  });
}

/**
 * Logs what is known of the path of a fetch that is done, and what limited it.
 *
 * @param path Its session, and the relay that it began by way of if it did.
 * @returns The same for programs; `undefined` unless more is logged than usual.
 */
export async function reportPath(
  { session, relay }: { readonly session: Session; readonly relay: bigint },
  fetched: Fetched,
  context: Pick<Context, "globals" | "log" | "signal">,
): Promise<Fields | undefined> {
  const { globals, log } = context;
  if (globals.verbose === 0) return undefined;
  const { stats: here, socketDrops } = session;
  const there = await lookThere(session, context);
  const figures: Fields = {
    direct: session.route === "direct",
    relay: session.carrier === undefined ? new Id(relay) : undefined,
    rtt_min_ms: Number.isFinite(here.minRttMs)
      ? rounded(here.minRttMs)
      : undefined,
    rtt_ms: rounded(here.rttMs),
    rtt_variation_ms: rounded(here.rttVariationMs),
    loss_percent: there && rounded(lossOf(there) * 100),
    bytes_retransmitted: there?.bytesRetransmitted,
    datagram_bytes: there?.datagramSize,
    congestion: there?.congestion,
    socket_drops: socketDrops,
  };
  log.info("path", figures);
  const limit = there && limitOf(fetched, there);
  if (limit === undefined) return figures;
  const hint = remedy(limit, Deno.build.os);
  log.info(`limited by: ${limit.stage}`, {
    reason: REASONS[limit.reason],
    hint,
  });
  return { ...figures, limit: stageFields(limit) };
}
