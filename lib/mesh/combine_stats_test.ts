import { assertEquals } from "@std/assert";
import { combineStats } from "./combine_stats.ts";
import type { SessionStats } from "./session.ts";

/** Figures that are all made of one number. */
function stats(n: number): SessionStats {
  return {
    rttMs: n,
    minRttMs: n,
    rttVariationMs: n,
    congestionWindow: n,
    bytesInFlight: n,
    datagramSize: n,
    packetsSent: n,
    packetsLost: n,
    packetsLate: n,
    bytesSent: n,
    bytesRetransmitted: n,
    packetsReceived: n,
    packetsMissing: n,
    bytesReceived: n,
    congestion: "bbr",
    limitedMs: { application: n, flowControl: n, path: n, buffer: n, rate: n },
  };
}

Deno.test("one session is what it is", () => {
  assertEquals(combineStats(stats(3), []), stats(3));
});

Deno.test("counts of several add up, what describes the path does not", () => {
  assertEquals(combineStats(stats(5), [stats(2), stats(7)]), {
    ...stats(14),
    rttMs: 5,
    minRttMs: 2,
    rttVariationMs: 5,
    datagramSize: 7,
  });
});
