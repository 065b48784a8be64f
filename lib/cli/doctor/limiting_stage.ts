/**
 * Which stage limits a fetch, concluded from what was measured. Pure: figures in,
 * a verdict out.
 */

import type { CongestionAlgorithm, SessionStats } from "../../mesh/mod.ts";

/** The stages that bytes pass, from the holder to the disk. */
export type Stage =
  | "peer"
  | "network"
  | "socket"
  | "crypto"
  | "hash"
  | "disk";

/** What made the stage the limit. */
export type Reason =
  /** It is slower than the network. */
  | "slower"
  /** Receiving or decrypting takes most of the time of a thread. */
  | "processor"
  /** The receive buffer of the socket overflows. */
  | "drops"
  /** No more is sent at once than that buffer holds. */
  | "buffer"
  /** The holder had nothing to send. */
  | "nothing_to_send"
  /** It keeps to a rate that a user has set. */
  | "rate_limit"
  /** The window of flow control is too small for the round trip. */
  | "window"
  /** The congestion control takes losses for congestion. */
  | "loss"
  /** The path takes no more. */
  | "path"
  /** What came was being verified and written nearly all the time. */
  | "busy";

/** How fast a stage is by itself, in bytes per second; what is missing is not known. */
export interface StageRates {
  /** Writing and flushing. */
  readonly disk?: number;
  /** BLAKE3 on one thread. */
  readonly hash?: number;
  /** Opening packets. */
  readonly crypto?: number;
  /** Receiving datagrams. */
  readonly socket?: number;
}

/** What was seen while bytes came from a holder. */
export interface Transfer {
  /** Bytes per second. */
  readonly rate: number;
  /** What held the holder back, and how long. */
  readonly limitedMs: SessionStats["limitedMs"];
  /** Share of packets that were lost, 0 to 1. */
  readonly loss: number;
  /** Share of the datagrams that our own socket had no room for, if known. */
  readonly drops?: number;
  /** Share of the time for which something was being verified and written. */
  readonly landing?: number;
  /** What the holder decides with how much it sends. */
  readonly congestion: CongestionAlgorithm;
}

export interface Limit {
  readonly stage: Stage;
  readonly reason: Reason;
  /** Bytes per second that it lets through. */
  readonly rate: number;
}

/** A stage that is not this much slower than the network is as fast. */
const SLOWER = 0.9;
/**
 * Share of what one thread could receive, or decrypt, from which on it is busy: it
 * has the other one, acknowledgements, streams and timers to see to, too.
 */
const BUSY = 0.5;
/** Drops that are seen in the rate. */
const DROPS = 0.002;
/** Loss that keeps CUBIC below the rate of the path. */
const LOSS = 0.0005;
/** Verifying and writing that leave no time for anything else. */
const NO_TIME = 0.85;
/** A limit that held for more of the time than all others. */
const MOST = 0.5;

/** The slower of receiving and decrypting, which threads do all the time. */
function receiving({ crypto, socket }: StageRates): Limit | undefined {
  if (crypto === undefined || socket === undefined) return undefined;
  return {
    stage: crypto < socket ? "crypto" : "socket",
    reason: "processor",
    rate: Math.min(crypto, socket),
  };
}

/** The slower of the stages behind the network. */
function writing({ disk, hash }: StageRates): Limit | undefined {
  const stages: Limit[] = [];
  if (disk !== undefined) {
    stages.push({ stage: "disk", reason: "slower", rate: disk });
  }
  if (hash !== undefined) {
    stages.push({ stage: "hash", reason: "slower", rate: hash });
  }
  return stages.sort((one, other) => one.rate - other.rate)[0];
}

/** Why the transfer was not faster. */
function ofTransfer(rates: StageRates, transfer: Transfer): Limit {
  const { rate, drops = 0, loss, congestion, limitedMs } = transfer;
  if (drops >= DROPS) return { stage: "socket", reason: "drops", rate };
  const { application, flowControl, path, buffer, rate: set } = limitedMs;
  const most = (application + flowControl + path + buffer + set) *
    MOST;
  if (set > most) return { stage: "peer", reason: "rate_limit", rate };
  if (application > most) {
    return { stage: "peer", reason: "nothing_to_send", rate };
  }
  const thread = receiving(rates);
  if (thread !== undefined && rate >= thread.rate * BUSY) {
    return { ...thread, rate };
  }
  if (buffer > most) return { stage: "socket", reason: "buffer", rate };
  if (flowControl > most) return { stage: "network", reason: "window", rate };
  const misled = congestion === "cubic" && loss >= LOSS;
  return { stage: "network", reason: misled ? "loss" : "path", rate };
}

/**
 * Finds the stage that limits.
 *
 * @param transfer What was seen on the way; without it the stages of this
 * machine are compared alone.
 * @returns `undefined` when nothing is known.
 */
export function limitingStage(
  rates: StageRates,
  transfer?: Transfer,
): Limit | undefined {
  const behind = writing(rates);
  if (transfer === undefined) {
    const thread = receiving(rates);
    return behind && thread && thread.rate < behind.rate
      ? thread
      : behind ?? thread;
  }
  const { rate, landing = 0 } = transfer;
  if (behind !== undefined && landing >= NO_TIME) {
    return { stage: behind.stage, reason: "busy", rate };
  }
  return behind !== undefined && behind.rate < rate * SLOWER
    ? behind
    : ofTransfer(rates, transfer);
}

/** What can be done about a limit on an operating system, if anything. */
export function remedy(
  { stage, reason }: Limit,
  os: typeof Deno.build.os,
): string | undefined {
  switch (reason) {
    case "drops":
    case "buffer":
      return os === "linux"
        ? "give sockets more room: sysctl -w net.core.rmem_default=4194304, then start again"
        : undefined;
    case "loss":
      return "fetch with --congestion bbr, which losses do not slow down; the holder must not be told another";
    case "nothing_to_send":
      return "look at the holder: its disk, its processor, what else it serves";
    case "rate_limit":
      return "ask who runs the holder for a higher --limit-rate";
    case "slower":
    case "busy":
      return stage === "disk"
        ? "fetch to a faster disk; recv-blob with --no-fsync leaves flushing to the system"
        : undefined;
    default:
      return undefined;
  }
}
