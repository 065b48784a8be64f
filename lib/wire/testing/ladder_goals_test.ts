import { assert, assertEquals } from "@std/assert";
import { type Goal, GOALS, judge, meanFigures } from "./ladder_goals.ts";
import { type RungFigures, RUNGS } from "./rungs.ts";

const figures: RungFigures = {
  share: 0.5,
  steadyShare: 0.6,
  shares: [0.4, 0.2],
  fairness: 0.9,
  halfAfterRtts: 4,
  queueMs: 10,
  overflowed: 0,
  lost: 0.1,
  retransmitted: 0.11,
  requestsMs: [80],
  closes: [],
};

const goal = (changes: Partial<Goal>): Goal => ({
  rung: "clean",
  what: "share",
  value: ({ share }) => share,
  least: true,
  bound: 0.5,
  ...changes,
});

Deno.test("a goal is missed, or beyond what the link allows", () => {
  assertEquals(judge(goal({}), 0.5), "yes");
  assertEquals(judge(goal({}), 0.49), "no");
  assertEquals(judge(goal({ reach: 0.6 }), 0.49), "no");
  assertEquals(judge(goal({ reach: 0.49 }), 0.48), "beyond reach");
  assertEquals(judge(goal({ least: false }), 0.51), "no");
  assertEquals(
    judge(goal({ least: false, reach: 0.52 }), 0.53),
    "beyond reach",
  );
});

Deno.test("figures of several runs are their mean", () => {
  const other = {
    ...figures,
    share: 0.7,
    shares: [0.6, 0.4],
    closes: ["server: timeout"],
  };
  const mean = meanFigures([figures, other]);
  assertEquals(mean.share, 0.6);
  assertEquals(mean.shares.map((share) => share.toFixed(2)), ["0.50", "0.30"]);
  assertEquals([mean.queueMs, mean.closes], [10, ["server: timeout"]]);
});

Deno.test("every goal is of a known link and is measured", () => {
  for (const { rung, value } of GOALS) {
    assert(RUNGS[rung] !== undefined, rung);
    assert(Number.isFinite(value(figures)), rung);
  }
});
