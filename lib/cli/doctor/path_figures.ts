/** The figures of a path as results tell them, from both of its ends. */

import type { Session, SessionStats } from "../../mesh/mod.ts";
import type { PathFigures } from "../../transfer/mod.ts";

/** What happened to the packets of one direction. */
export interface Direction {
  readonly packets: number;
  readonly lost: number;
  /** Lost ones of all, 0 to 1. */
  readonly loss: number;
  /** Bytes of stream data that were sent again. */
  readonly retransmitted: number;
  readonly limitedMs: SessionStats["limitedMs"];
}

/** A moment in the life of a session, as both of its ends see it. */
export interface Moment {
  /** When it was, in milliseconds. */
  readonly ms: number;
  readonly here: SessionStats;
  readonly there: PathFigures;
  /** Datagrams that our own socket had no room for, if the system says. */
  readonly drops: number | undefined;
}

/** The present of a session whose peer has just told its figures. */
export function momentOf(
  session: Pick<Session, "stats" | "socketDrops">,
  there: PathFigures,
  ms: number = performance.now(),
): Moment {
  return { ms, here: session.stats, there, drops: session.socketDrops };
}

/** Packets that were lost, those left out that were only late. */
function goneOf({ packetsLost, packetsLate }: PathFigures): number {
  return Math.max(0, packetsLost - packetsLate);
}

/** Share of all packets of an end that were lost, 0 to 1. */
export function lossOf(figures: PathFigures): number {
  const { packetsSent } = figures;
  return packetsSent > 0 ? goneOf(figures) / packetsSent : 0;
}

/** What an end has sent between two moments. */
export function sentBetween(
  before: PathFigures,
  after: PathFigures,
): Direction {
  const packets = after.packetsSent - before.packetsSent;
  const lost = Math.max(0, goneOf(after) - goneOf(before));
  const limited = (name: keyof SessionStats["limitedMs"]) =>
    after.limitedMs[name] - before.limitedMs[name];
  return {
    packets,
    lost,
    loss: packets > 0 ? lost / packets : 0,
    retransmitted: after.bytesRetransmitted - before.bytesRetransmitted,
    limitedMs: {
      application: limited("application"),
      flowControl: limited("flowControl"),
      path: limited("path"),
      buffer: limited("buffer"),
      rate: limited("rate"),
    },
  };
}

/**
 * Bytes a second that came to one end in datagrams between two moments, of which
 * the later one is a round trip after the end of what was measured. What streams
 * hand over may be more for a while: a gap that closes lets through what had
 * come before.
 *
 * @returns `undefined` when there was no time between them.
 */
export function arrivalRate(
  before: Moment,
  after: Moment,
  end: "here" | "there",
): number | undefined {
  const bytes = after[end].bytesReceived - before[end].bytesReceived;
  // To this end bytes come for as long as the other does not know of the end.
  const idle = end === "there" ? after.here.minRttMs : 0;
  const ms = after.ms - before.ms - idle;
  return ms > 0 ? bytes / ms * 1000 : undefined;
}

/** Share of the datagrams that our own socket dropped between two moments. */
export function dropsBetween(
  before: Moment,
  after: Moment,
): number | undefined {
  if (before.drops === undefined || after.drops === undefined) return undefined;
  const drops = after.drops - before.drops;
  const received = after.here.packetsReceived - before.here.packetsReceived;
  return drops + received > 0 ? drops / (drops + received) : 0;
}
