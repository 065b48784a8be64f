import { assertEquals } from "@std/assert";
import type { SessionStats } from "../../mesh/mod.ts";
import type { PathFigures } from "../../transfer/mod.ts";
import {
  arrivalRate,
  dropsBetween,
  lossOf,
  type Moment,
  momentOf,
  sentBetween,
} from "./path_figures.ts";

const BEFORE: SessionStats = {
  rttMs: 40,
  minRttMs: 40,
  rttVariationMs: 1,
  congestionWindow: 100_000,
  bytesInFlight: 0,
  datagramSize: 1472,
  packetsSent: 1000,
  packetsLost: 20,
  packetsLate: 10,
  bytesSent: 1_400_000,
  bytesRetransmitted: 15_000,
  packetsReceived: 500,
  packetsMissing: 1,
  bytesReceived: 50_000,
  congestion: "bbr",
  limitedMs: { application: 5, flowControl: 1, path: 100, buffer: 2, rate: 3 },
};
const AFTER: SessionStats = {
  ...BEFORE,
  packetsSent: 3000,
  packetsLost: 80,
  packetsLate: 30,
  bytesRetransmitted: 65_000,
  packetsReceived: 1490,
  limitedMs: {
    application: 6,
    flowControl: 3,
    path: 1100,
    buffer: 6,
    rate: 8,
  },
};

const moment = (
  here: SessionStats,
  there: PathFigures,
  drops: number | undefined,
): Moment => ({ ms: 0, here, there, drops });

Deno.test("a packet that was only late is none that was lost", () => {
  assertEquals(lossOf(BEFORE), 0.01);
  assertEquals(lossOf({ ...BEFORE, packetsSent: 0 }), 0);
  // Those that are late may have been lost before the figures were begun.
  assertEquals(lossOf({ ...BEFORE, packetsLost: 1, packetsLate: 2 }), 0);
});

Deno.test("of what was sent between two moments only the difference counts", () => {
  assertEquals(sentBetween(BEFORE, AFTER), {
    packets: 2000,
    lost: 40,
    loss: 0.02,
    retransmitted: 50_000,
    limitedMs: {
      application: 1,
      flowControl: 2,
      path: 1000,
      buffer: 4,
      rate: 5,
    },
  });
  const { packets, lost, loss } = sentBetween(BEFORE, BEFORE);
  assertEquals([packets, lost, loss], [0, 0, 0]);
  // What had been lost by the first moment has come by the second.
  const late = { ...AFTER, packetsLost: 20, packetsLate: 20 };
  assertEquals(sentBetween(BEFORE, late).lost, 0);
});

Deno.test("drops of our socket are a share of what came to it, where the system tells", () => {
  const before = moment(BEFORE, BEFORE, 5);
  assertEquals(dropsBetween(before, moment(AFTER, AFTER, 15)), 0.01);
  assertEquals(dropsBetween(before, moment(BEFORE, AFTER, 5)), 0);
  assertEquals(
    dropsBetween(before, moment(AFTER, AFTER, undefined)),
    undefined,
  );
  assertEquals(
    dropsBetween(moment(BEFORE, BEFORE, undefined), moment(AFTER, AFTER, 1)),
    undefined,
  );
});

Deno.test("what came in datagrams is a rate, for either end", () => {
  const got = { ...AFTER, bytesReceived: 1_050_000 };
  const before = moment(BEFORE, BEFORE, 0);
  const here = { ...moment(got, AFTER, 0), ms: 500 };
  assertEquals(arrivalRate(before, here, "here"), 2_000_000);
  // Nothing comes to the other end for the last round trip.
  const there = { ...moment(AFTER, got, 0), ms: 540 };
  assertEquals(arrivalRate(before, there, "there"), 2_000_000);
  assertEquals(arrivalRate(before, before, "here"), undefined);
});

Deno.test("a moment is what both ends know at once", () => {
  const session = { stats: AFTER, socketDrops: 7 };
  assertEquals(momentOf(session, BEFORE, 0), moment(AFTER, BEFORE, 7));
});
