/**
 * The degradation ladder: kinds of links that transfers meet, from a local
 * network to a satellite, and faults that come on top.
 */

import { BYTES_PER_MBIT, type LinkOptions } from "./link.ts";
import {
  type FlowOptions,
  LinkSimulation,
  type LinkSimulationOptions,
} from "./link_simulation.ts";
import type { CongestionAlgorithm } from "../packet/congestion_algorithm.ts";

/** A kind of link. */
export interface Rung {
  /** What it is, for people. */
  readonly name: string;
  /**
   * Both directions; acknowledgements are lost and delayed as data is, without
   * a bottleneck.
   */
  readonly link: Partial<LinkOptions> & { rate: number; delay: number };
  /** What happens under way, by the time in milliseconds. */
  readonly changes?: readonly [number, Partial<LinkOptions>][];
  /** Seconds that tell enough of it. @default {60} */
  readonly seconds?: number;
  /** Whether the second half of the flows begins later on the same link. */
  readonly flows?: "one" | "two" | "beside";
}

/** Links by the word that chooses them. */
export const RUNGS: Readonly<Record<string, Rung>> = {
  lan: {
    name: "LAN 1 Gbit/s, 0.2 ms",
    link: { rate: 1000, delay: 0.1 },
    seconds: 10,
  },
  clean: { name: "100 Mbit/s, 40 ms", link: { rate: 100, delay: 20 } },
  wifi: {
    name: "Wi-Fi 100 Mbit/s, 16 ms, 0.1 % in bursts",
    link: { rate: 100, delay: 8, bursts: { enter: 0.0003, leave: 0.3 } },
  },
  wan: {
    name: "WAN 200 Mbit/s, 80 ms, 0.5 %",
    link: { rate: 200, delay: 40, loss: 0.005 },
  },
  "4g": {
    name: "4G 20 Mbit/s, 90 ms, 2 %",
    link: { rate: 20, delay: 45, loss: 0.02 },
  },
  aspera: {
    name: "100 Mbit/s, 200 ms, 2 %",
    link: { rate: 100, delay: 100, loss: 0.02 },
  },
  satellite: {
    name: "satellite 50 Mbit/s, 600 ms, 1 %",
    link: { rate: 50, delay: 300, loss: 0.01 },
  },
  "satellite-bursts": {
    name: "satellite 50 Mbit/s, 600 ms, 1 % in bursts",
    link: { rate: 50, delay: 300, bursts: { enter: 0.002, leave: 0.2 } },
  },
  dsl: {
    name: "DSL 1.5 Mbit/s, 300 ms, 5 %",
    link: { rate: 1.5, delay: 150, loss: 0.05 },
  },
  "loss-10": {
    name: "20 Mbit/s, 50 ms, 10 %",
    link: { rate: 20, delay: 25, loss: 0.1 },
  },
  "loss-20": {
    name: "20 Mbit/s, 50 ms, 20 %",
    link: { rate: 20, delay: 25, loss: 0.2 },
  },
  "loss-30": {
    name: "20 Mbit/s, 50 ms, 30 %",
    link: { rate: 20, delay: 25, loss: 0.3 },
  },
  bloat: {
    name: "10 Mbit/s, 40 ms, 1 s of queue",
    link: { rate: 10, delay: 20, queue: 1_250_000 },
  },
  shallow: {
    name: "50 Mbit/s, 40 ms, 4 ms of queue",
    link: { rate: 50, delay: 20, queue: 25_000 },
  },
  jitter: {
    name: "50 Mbit/s, 40 ms, 10 ms of jitter that reorders",
    link: { rate: 50, delay: 20, jitter: 10, jitterReorders: true },
  },
  reorder: {
    name: "50 Mbit/s, 40 ms, 2 % reordered",
    link: { rate: 50, delay: 20, reorder: 0.02 },
  },
  "black-hole": {
    name: "50 Mbit/s, 40 ms, MTU 1280 from 5 s on",
    link: { rate: 50, delay: 20 },
    changes: [[5000, { mtu: 1280 }]],
  },
  blackout: {
    name: "50 Mbit/s, 40 ms, nothing for 5 s",
    link: { rate: 50, delay: 20 },
    changes: [[8000, { down: true }], [13_000, { down: false }]],
  },
  "rtt-jump": {
    name: "20 Mbit/s, 20 ms, 300 ms from 8 s on",
    link: { rate: 20, delay: 10 },
    changes: [[8000, { delay: 150 }]],
  },
  two: {
    name: "two flows, 50 Mbit/s, 40 ms",
    link: { rate: 50, delay: 20 },
    flows: "two",
  },
  "two-shallow": {
    name: "two flows, 50 Mbit/s, 40 ms, 10 ms of queue",
    link: { rate: 50, delay: 20, queue: 60_000 },
    flows: "two",
  },
  "beside-cubic": {
    name: "beside a CUBIC flow, 50 Mbit/s, 40 ms",
    link: { rate: 50, delay: 20 },
    flows: "beside",
  },
};

/** What a run on a rung has shown. Rates are of content. */
export interface RungFigures {
  /** Share of the link that the first flow had, from its start. */
  readonly share: number;
  /** The same without the first five seconds. */
  readonly steadyShare: number;
  /**
   * Share of the link of every flow after the first ten seconds, or five of a
   * short run.
   */
  readonly shares: readonly number[];
  /** Jain's fairness index of these. */
  readonly fairness: number;
  /** Round trips until one round trip has used half of the link. */
  readonly halfAfterRtts: number;
  /** 95th percentile of the time in the bottleneck's queue, in milliseconds. */
  readonly queueMs: number;
  /** Share of the datagrams that the bottleneck's queue dropped. */
  readonly overflowed: number;
  /** Share of the datagrams that the path lost. */
  readonly lost: number;
  /** Share of the first sender's packets that it took for lost. */
  readonly retransmitted: number;
  /** What each request of 1 KiB beside the bulk took, in milliseconds. */
  readonly requestsMs: readonly number[];
  /** Why connections ended that should not. */
  readonly closes: readonly string[];
}

/** A request of 1 KiB with its answer, in kbit. */
const PING_KBITS = 9;

/**
 * Runs a transfer on a rung.
 *
 * @param rung The link.
 * @param congestion Congestion control of the holder.
 * @param duration Milliseconds.
 * @param seed What makes this run different from others.
 */
export function runRung(
  { link, changes = [], flows = "one" }: Rung,
  congestion: CongestionAlgorithm,
  duration: number,
  seed = 1,
): RungFigures {
  const first: FlowOptions = { congestion, pingMs: pingMs(link) };
  const later: FlowOptions = {
    congestion: flows === "beside" ? "cubic" : congestion,
    start: 2000,
  };
  // What is not data has the same faults, but room.
  const { rate: _rate, queue: _queue, ...back } = link;
  const options: LinkSimulationOptions = {
    down: link,
    up: back,
    seed,
    flows: flows === "one" ? [first] : [first, later],
  };
  const simulation = new LinkSimulation(options);
  for (const [at, change] of changes) {
    simulation.at(at, () => {
      Object.assign(simulation.down.options, change);
      Object.assign(simulation.up.options, change);
    });
  }
  simulation.run(duration);
  const settled = Math.min(10_000, duration / 2);
  const shares = simulation.flows.map((flow) =>
    flow.rate(settled, duration) / link.rate
  );
  const [flow] = simulation.flows;
  const { packetsLost, packetsSent } = flow.server.connection.stats;
  const { datagrams, lost, overflowed } = simulation.down.counters;
  return {
    share: flow.rate(0, duration) / link.rate,
    steadyShare: flow.rate(Math.min(5000, duration / 2), duration) / link.rate,
    shares,
    fairness: shares.reduce((a, b) => a + b) ** 2 /
      (shares.length * shares.reduce((sum, share) => sum + share ** 2, 0)),
    halfAfterRtts: halfAfter(simulation.down.carried, link),
    queueMs: percentile(simulation.down.waits, 0.95),
    overflowed: overflowed / datagrams,
    lost: lost / datagrams,
    retransmitted: packetsLost / packetsSent,
    requestsMs: flow.pings,
    closes: simulation.flows.flatMap(({ closes }) => closes),
  };
}

/** Milliseconds between small requests: they are to take a third of a percent of the link at most. */
function pingMs({ rate }: Rung["link"]): number {
  return Math.max(500, 300 * PING_KBITS / rate);
}

/** Round trips until the bytes of one, of at least 10 ms, fill half of the link. */
function halfAfter(
  carried: readonly number[],
  { rate, delay }: Rung["link"],
): number {
  const span = Math.max(10, Math.ceil(2 * delay));
  const enough = rate * BYTES_PER_MBIT * span / 2;
  let sum = 0;
  for (let tick = 0; tick < carried.length; tick++) {
    sum += (carried[tick] ?? 0) - (carried[tick - span] ?? 0);
    if (sum >= enough) return tick / (2 * delay);
  }
  return Infinity;
}

/** 99th percentile of the small requests, in milliseconds. */
export function requestP99({ requestsMs }: RungFigures): number {
  return percentile(requestsMs, 0.99);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
