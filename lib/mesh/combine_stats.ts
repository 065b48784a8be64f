import type { SessionStats } from "./session.ts";

/**
 * The figures of several sessions with one node as those of one: counts add up,
 * what describes the path is that of the first, or the best that was seen.
 */
export function combineStats(
  first: SessionStats,
  others: readonly SessionStats[],
): SessionStats {
  const all = [first, ...others];
  const sum = (of: (stats: SessionStats) => number) =>
    all.reduce((total, stats) => total + of(stats), 0);
  return {
    ...first,
    minRttMs: Math.min(...all.map(({ minRttMs }) => minRttMs)),
    datagramSize: Math.max(...all.map(({ datagramSize }) => datagramSize)),
    congestionWindow: sum((stats) => stats.congestionWindow),
    bytesInFlight: sum((stats) => stats.bytesInFlight),
    packetsSent: sum((stats) => stats.packetsSent),
    packetsLost: sum((stats) => stats.packetsLost),
    packetsLate: sum((stats) => stats.packetsLate),
    bytesSent: sum((stats) => stats.bytesSent),
    bytesRetransmitted: sum((stats) => stats.bytesRetransmitted),
    packetsReceived: sum((stats) => stats.packetsReceived),
    packetsMissing: sum((stats) => stats.packetsMissing),
    bytesReceived: sum((stats) => stats.bytesReceived),
    limitedMs: {
      application: sum(({ limitedMs }) => limitedMs.application),
      flowControl: sum(({ limitedMs }) => limitedMs.flowControl),
      path: sum(({ limitedMs }) => limitedMs.path),
      buffer: sum(({ limitedMs }) => limitedMs.buffer),
      rate: sum(({ limitedMs }) => limitedMs.rate),
    },
  };
}
