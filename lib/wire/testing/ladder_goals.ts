/**
 * What transfers with the default congestion control are to get of the links of
 * the ladder, and what the links allow at most.
 */

import { BYTES_PER_MBIT } from "./link.ts";
import { requestP99, type Rung, type RungFigures, RUNGS } from "./rungs.ts";

/** Share of a full datagram's IP packet that is content. */
const PAYLOAD = 0.953;
/** Bytes of the first flight. */
const FIRST_FLIGHT = 32 * 1200;

/** One line of what must hold. */
export interface Goal {
  /** The link, a key of {@linkcode RUNGS}. */
  readonly rung: string;
  /** What is measured. */
  readonly what: string;
  readonly value: (figures: RungFigures) => number;
  /** Whether `bound` is the least; else the most. */
  readonly least: boolean;
  readonly bound: number;
  /** The best that the link allows, where that is known. */
  readonly reach?: number;
}

/** What a goal has come to. */
export type Verdict = "yes" | "no" | "beyond reach";

/** Judges a figure. */
export function judge(goal: Goal, value: number): Verdict {
  const { least, bound, reach } = goal;
  const within = (x: number) => least ? x >= bound : x <= bound;
  if (within(value)) return "yes";
  return reach === undefined || within(reach) ? "no" : "beyond reach";
}

/** The mean of several runs. */
export function meanFigures(runs: readonly RungFigures[]): RungFigures {
  const mean = (value: (figures: RungFigures) => number) =>
    runs.reduce((sum, run) => sum + value(run), 0) / runs.length;
  return {
    share: mean((run) => run.share),
    steadyShare: mean((run) => run.steadyShare),
    shares: runs[0].shares.map((_, i) => mean((run) => run.shares[i])),
    fairness: mean((run) => run.fairness),
    halfAfterRtts: mean((run) => run.halfAfterRtts),
    queueMs: mean((run) => run.queueMs),
    overflowed: mean((run) => run.overflowed),
    lost: mean((run) => run.lost),
    retransmitted: mean((run) => run.retransmitted),
    requestsMs: runs.flatMap(({ requestsMs }) => requestsMs),
    closes: runs.flatMap(({ closes }) => closes),
  };
}

const lossOf = ({ loss = 0, bursts }: Rung["link"]) =>
  bursts === undefined ? loss : bursts.enter / (bursts.enter + bursts.leave);

function share(rung: string, bound: number, whole = false): Goal {
  return {
    rung,
    what: whole ? "share of the link" : "share after start-up",
    value: (figures) => whole ? figures.share : figures.steadyShare,
    least: true,
    bound,
    reach: PAYLOAD * (1 - lossOf(RUNGS[rung].link)),
  };
}

function halfAfter(rung: string): Goal {
  const { rate, delay } = RUNGS[rung].link;
  const half = rate * BYTES_PER_MBIT * delay;
  return {
    rung,
    what: "round trips to half of the rate",
    value: (figures) => figures.halfAfterRtts,
    least: false,
    bound: 6,
    // The request takes half a round trip; each further one doubles the flight.
    reach: 1.5 + Math.max(0, Math.log2(half / FIRST_FLIGHT)),
  };
}

function most(
  rung: string,
  what: string,
  bound: number,
  value: Goal["value"],
): Goal {
  return { rung, what, value, least: false, bound };
}

/** Links on which small requests are bounded. */
const REQUEST_RUNGS = [
  "clean",
  "wifi",
  "wan",
  "4g",
  "aspera",
  "satellite",
  "satellite-bursts",
  "dsl",
  "loss-10",
  "loss-20",
  "loss-30",
  "bloat",
];

/** All that must hold. */
export const GOALS: readonly Goal[] = [
  ...["clean", "wifi", "wan", "4g", "aspera"].map((rung) => share(rung, 0.93)),
  share("satellite", 0.88),
  share("dsl", 0.88),
  share("loss-10", 0.8, true),
  share("loss-20", 0.7, true),
  share("loss-30", 0.5, true),
  ...["clean", "wifi", "wan", "4g", "aspera", "satellite"].map(halfAfter),
  ...["clean", "jitter", "reorder"].map((rung) =>
    most(
      rung,
      "queue p95 in round trips",
      1,
      ({ queueMs }) => queueMs / (2 * RUNGS[rung].link.delay),
    )
  ),
  most("bloat", "queue p95 in s", 0.15, ({ queueMs }) => queueMs / 1000),
  ...REQUEST_RUNGS.map((rung) =>
    most(
      rung,
      "request p99 beyond 2 round trips in s",
      0.05,
      (figures) =>
        requestP99(figures) / 1000 - 4 * RUNGS[rung].link.delay / 1000,
    )
  ),
  ...["two", "two-shallow"].map((rung): Goal => ({
    rung,
    what: "fairness (Jain)",
    value: ({ fairness }) => fairness,
    least: true,
    bound: 0.95,
  })),
  {
    rung: "beside-cubic",
    what: "share of the weaker flow",
    value: ({ shares }) => Math.min(...shares),
    least: true,
    bound: 0.25,
  },
  ...["lan", "clean", "wifi", "bloat", "shallow", "jitter", "reorder"].map(
    (rung) =>
      most(
        rung,
        "dropped by own pressure",
        0.01,
        ({ overflowed }) => overflowed,
      ),
  ),
  ...Object.keys(RUNGS)
    .filter((rung) =>
      RUNGS[rung].flows === undefined && RUNGS[rung].changes === undefined
    )
    .map((rung) =>
      most(
        rung,
        "sent again beyond what was lost",
        0.02,
        ({ retransmitted, lost }) => retransmitted - lost,
      )
    ),
];
