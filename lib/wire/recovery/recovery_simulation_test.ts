import { assert } from "@std/assert";
import { Bbr } from "./congestion/bbr.ts";
import type { CongestionController } from "./congestion/congestion_controller.ts";
import { Cubic } from "./congestion/cubic.ts";
import { seededRandom } from "../testing/random.ts";
import {
  type FlowFigures,
  type LinkOptions,
  simulate,
} from "../testing/recovery_simulation.ts";

const cubic = () => new Cubic();
const bbr = () => new Bbr(1200, seededRandom(7));

/** One bulk flow; prints what it achieved. */
function run(
  name: string,
  make: () => CongestionController,
  link: LinkOptions & {
    duration: number;
    datagram?: number;
    receiveBuffer?: number;
  },
): FlowFigures {
  const controller = make();
  const [figures] = simulate({ ...link, flows: [{ controller }] });
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `${name}, ${controller.constructor.name}: goodput ${
      percent(figures.goodput)
    }, lost ${percent(figures.lost)}, in queue ${
      figures.queueDelay.toFixed(1)
    } ms`,
  );
  return figures;
}

const WAN = { rate: 100, rtt: 40, duration: 4000 };

Deno.test("both controllers fill 100 Mbit/s over 40 ms without loss", () => {
  assert(run("100 Mbit/s, 40 ms", cubic, WAN).goodput > 0.85);
  assert(run("100 Mbit/s, 40 ms", bbr, WAN).goodput > 0.85);
});

Deno.test("BBR fills a link that loses 0.5 % at random, CUBIC keeps to the TCP formula", () => {
  const link = { ...WAN, loss: 0.005 };
  const fair = run("0.5 % loss", cubic, { ...link, duration: 10_000 });
  assert(fair.goodput > 0.03 && fair.goodput < 0.12);
  assert(run("0.5 % loss", bbr, link).goodput > 0.85);
});

Deno.test("BBR uses a weak mobile link that loses 2 %", () => {
  const link = { rate: 20, rtt: 90, loss: 0.02, duration: 10_000 };
  assert(run("20 Mbit/s, 90 ms, 2 % loss", bbr, link).goodput > 0.8);
});

Deno.test("CUBIC leaves slow start before a deep queue is full", () => {
  const deep = { ...WAN, queue: 5_000_000 };
  const figures = run("deep queue", cubic, deep);
  assert(figures.lost === 0);
  assert(figures.goodput > 0.85);
});

Deno.test("BBR keeps a deep queue nearly empty", () => {
  const figures = run("deep queue", bbr, { ...WAN, queue: 5_000_000 });
  assert(figures.queueDelay < 25);
});

Deno.test("reordering by jitter costs neither controller its rate", () => {
  const link = { rate: 50, rtt: 20, jitter: 4, duration: 4000 };
  assert(run("jitter of 4 ms", cubic, link).goodput > 0.8);
  assert(run("jitter of 4 ms", bbr, link).goodput > 0.8);
});

Deno.test("both controllers are back soon after an outage of two seconds", () => {
  const outage: [number, number] = [1000, 3000];
  const link = { rate: 20, rtt: 40, outage, duration: 8000 };
  assert(run("outage", cubic, link).goodput > 0.5);
  assert(run("outage", bbr, link).goodput > 0.5);
});

Deno.test("a window of three large datagrams survives loss without probe time-outs", () => {
  const loopback = {
    rate: 16_000,
    rtt: 0.2,
    queue: 212_992,
    datagram: 65_507,
    receiveBuffer: 212_992,
    duration: 1000,
  };
  for (const make of [cubic, bbr]) {
    const clean = run("loopback", make, loopback);
    const lossy = run("loopback, 0.5 % loss", make, {
      ...loopback,
      loss: 0.005,
    });
    assert(lossy.ptos <= 1);
    assert(lossy.goodput > 0.8 * clean.goodput);
  }
});

Deno.test("two flows of one kind share a link", () => {
  for (const make of [cubic, bbr]) {
    const flows = [{ controller: make() }, { controller: make() }];
    const [a, b] = simulate({ rate: 30, rtt: 30, duration: 15_000, flows });
    assert(a.goodput + b.goodput > 0.85);
    assert(Math.min(a.goodput, b.goodput) > 0.2);
  }
});
