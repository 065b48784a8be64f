/**
 * Senders behind one bottleneck on a virtual clock: loss detection, congestion
 * control and pacing as a connection drives them, without packets' contents.
 */

import { BinaryHeap } from "@std/data-structures/binary-heap";
import { AckRanges } from "../packet/ack_ranges.ts";
import type { CongestionController } from "../recovery/congestion/congestion_controller.ts";
import { LossDetection, type LossReport } from "../recovery/loss_detection.ts";
import { Pacer } from "../recovery/pacer.ts";
import { seededRandom } from "./random.ts";

/** The bottleneck and what lies around it. */
export interface LinkOptions {
  rate: number;
  /** Round trip without a queue, in milliseconds. */
  rtt: number;
  /** Most bytes in the queue; one bandwidth-delay product by default. */
  queue?: number;
  /** Share of packets lost at random. */
  loss?: number;
  /** Mean length of a run of random losses, 1 by default. */
  lossBurst?: number;
  /** Up to this many milliseconds more for each packet, which may reorder. */
  jitter?: number;
  /** Nothing passes from the first time to the second, in milliseconds. */
  outage?: [number, number];
}

/** What to run over the link. */
export interface SimulationOptions extends LinkOptions {
  /** One sender for each; `start` is when it begins, in milliseconds. */
  flows: { controller: CongestionController; start?: number }[];
  duration: number;
  /** Bytes of a datagram, 1200 by default. */
  datagram?: number;
  /** Most bytes in flight that the peer's socket buffer allows. */
  receiveBuffer?: number;
  /** Seed of every random decision. */
  seed?: number;
}

/** What one flow achieved. */
export interface FlowFigures {
  /** Useful bytes as a share of what the link could carry while the flow ran. */
  goodput: number;
  /** Share of sent packets that were lost. */
  lost: number;
  /** Share of sent packets that were declared lost by mistake. */
  spurious: number;
  /** Mean time in the queue, in milliseconds. */
  queueDelay: number;
  ptos: number;
  window: number;
}

const MAX_ACK_DELAY_MS = 25;
const ACK_EVERY = 2;
/** Timers fire on whole milliseconds, as a runtime's do. */
const TIMER_TICK_MS = 1;

interface Event {
  time: number;
  order: number;
  run: () => void;
}

/** Runs callbacks in the order of their virtual times. */
class Clock {
  now = 0;
  readonly #events = new BinaryHeap((a: Event, b: Event) =>
    a.time - b.time || a.order - b.order
  );
  #order = 0;

  at(time: number, run: () => void): void {
    const event = { time: Math.max(time, this.now), order: this.#order++, run };
    this.#events.push(event);
  }

  run(until: number): void {
    for (;;) {
      const next: Event | undefined = this.#events.peek();
      if (next === undefined || next.time > until) break;
      this.#events.pop();
      this.now = next.time;
      next.run();
    }
    this.now = until;
  }
}

/** A drop-tail queue in front of a line of fixed rate. */
class Link {
  readonly bytesPerMs: number;
  readonly #queue: number;
  readonly #options: LinkOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  #freeAt = 0;
  #losing = false;

  constructor(options: LinkOptions, clock: Clock, random: () => number) {
    this.bytesPerMs = options.rate * 125;
    this.#queue = options.queue ??
      Math.max(this.bytesPerMs * options.rtt, 30_000);
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
  }

  /** Carries a packet; returns its time in the queue, −1 if it is dropped. */
  carry(size: number, arrive: () => void): number {
    const { outage, rtt, jitter = 0 } = this.#options;
    const now = this.#clock.now;
    const waiting = Math.max(this.#freeAt - now, 0);
    if (waiting * this.bytesPerMs + size > this.#queue + size) return -1;
    if (outage !== undefined && now >= outage[0] && now < outage[1]) return -1;
    this.#freeAt = now + waiting + size / this.bytesPerMs;
    if (this.#isUnlucky()) return waiting;
    const more = jitter > 0 ? this.#random() * jitter : 0;
    this.#clock.at(this.#freeAt + rtt / 2 + more, arrive);
    return waiting;
  }

  /** Two states (Gilbert's model): the mean share and the mean run are given. */
  #isUnlucky(): boolean {
    const { loss = 0, lossBurst = 1 } = this.#options;
    if (loss === 0) return false;
    const enter = this.#losing
      ? 1 - 1 / lossBurst
      : loss / (lossBurst * (1 - loss));
    this.#losing = this.#random() < enter;
    return this.#losing;
  }
}

class Flow {
  readonly recovery = new LossDetection<null>(MAX_ACK_DELAY_MS);
  readonly #received = new AckRanges();
  readonly #pacer: Pacer;
  readonly #clock: Clock;
  readonly #link: Link;
  readonly #rtt: number;
  readonly #datagram: number;
  readonly #inFlightLimit: number;
  #number = 0;
  #sendAt = Infinity;
  #timerAt = Infinity;
  #unacked = 0;
  #ackAt = Infinity;
  #limited = false;
  received = 0;
  spurious = 0;
  lost = 0;
  ptos = 0;
  queued = 0;

  constructor(
    readonly controller: CongestionController,
    readonly start: number,
    clock: Clock,
    link: Link,
    options: SimulationOptions,
  ) {
    this.#clock = clock;
    this.#link = link;
    this.#rtt = options.rtt;
    this.#datagram = options.datagram ?? 1200;
    this.#inFlightLimit = options.receiveBuffer ?? Infinity;
    this.#pacer = new Pacer(this.#datagram);
    controller.onMtuChange(this.#datagram);
    clock.at(start, () => {
      // The handshake has measured the path once.
      this.recovery.rtt.update(options.rtt, 0, start);
      this.#pump();
    });
  }

  get sent(): number {
    return this.#number;
  }

  #pump(): void {
    const { recovery, controller } = this;
    const now = this.#clock.now;
    const size = this.#datagram;
    this.#pacer.setRate(controller.pacingRate(recovery.rtt.smoothed), now);
    this.#limited = false;
    while (recovery.bytesInFlight + size <= controller.window) {
      if (recovery.bytesInFlight + size > this.#inFlightLimit) {
        this.#limited = true;
        break;
      }
      const at = this.#pacer.nextSendTime(now, size);
      if (at > now) {
        this.#wakeAt(at);
        break;
      }
      this.#send();
    }
    this.#setTimer();
  }

  #send(): void {
    const { recovery, controller } = this;
    const number = this.#number++;
    const size = this.#datagram;
    const now = this.#clock.now;
    const packet = {
      number,
      time: now,
      size,
      ackEliciting: true,
      inFlight: true,
      mtuProbe: false,
      frames: null,
    };
    recovery.onPacketSent(packet);
    this.#pacer.onSent(size);
    controller.onPacketSent(packet, recovery.bytesInFlight, this.#limited);
    const waited = this.#link.carry(size, () => this.#arrive(number));
    if (waited > 0) this.queued += waited;
  }

  #wakeAt(time: number): void {
    const at = Math.ceil(time / TIMER_TICK_MS) * TIMER_TICK_MS;
    if (at >= this.#sendAt) return;
    this.#sendAt = at;
    this.#clock.at(at, () => {
      if (this.#sendAt !== at) return;
      this.#sendAt = Infinity;
      this.#pump();
    });
  }

  #setTimer(): void {
    const due = this.recovery.nextTimeout();
    if (due === Infinity) return;
    const at = Math.ceil(due / TIMER_TICK_MS) * TIMER_TICK_MS;
    if (at >= this.#timerAt) return;
    this.#timerAt = at;
    this.#clock.at(at, () => {
      if (this.#timerAt !== at) return;
      this.#timerAt = Infinity;
      const report = this.recovery.onTimeout(this.#clock.now);
      if (report.kind === "loss") this.#onLoss(report);
      if (report.kind === "pto") {
        this.ptos++;
        this.#send();
      }
      this.#pump();
    });
  }

  #arrive(number: number): void {
    const inOrder = number === this.#received.largest + 1;
    this.#received.add(number);
    this.received += this.#datagram;
    this.#unacked++;
    if (!inOrder || this.#unacked >= ACK_EVERY) {
      this.#acknowledge(0);
    } else if (this.#ackAt === Infinity) {
      const at = this.#clock.now + MAX_ACK_DELAY_MS;
      this.#ackAt = at;
      this.#clock.at(at, () => {
        if (this.#ackAt === at) this.#acknowledge(MAX_ACK_DELAY_MS);
      });
    }
  }

  #acknowledge(delay: number): void {
    this.#unacked = 0;
    this.#ackAt = Infinity;
    const ranges = this.#received.ranges().map((range) => ({ ...range }));
    this.#clock.at(
      this.#clock.now + this.#rtt / 2,
      () => this.#onAck({ ranges, delay }),
    );
  }

  #onAck(frame: { ranges: { start: number; end: number }[]; delay: number }) {
    const { recovery, controller } = this;
    const now = this.#clock.now;
    const report = recovery.onAck(frame, now);
    this.spurious += report.spurious.length;
    if (report.undo) controller.onSpuriousCongestion();
    this.#onLoss(report);
    if (report.ackedBytes > 0) {
      controller.onAck({
        now,
        ackedBytes: report.ackedBytes,
        newestNumber: report.newestAckedNumber,
        newestTime: report.newestAckedTime,
        latestRtt: recovery.rtt.latest,
        smoothedRtt: recovery.rtt.smoothed,
        minRtt: recovery.rtt.min,
        rttSampled: report.rttSampled,
        bytesInFlight: recovery.bytesInFlight,
        appLimited: this.#limited,
      });
    }
    this.#pump();
  }

  #onLoss(report: LossReport<null>): void {
    this.lost += report.lost.length;
    if (report.lostBytes === 0) return;
    const { lostBytes, newestLostTime, persistent } = report;
    const now = this.#clock.now;
    this.controller.onCongestionEvent({
      now,
      lostBytes,
      newestLostTime,
      persistent,
    });
  }
}

/**
 * Runs bulk flows over a link.
 *
 * @returns The figures of each flow, in the order given.
 */
export function simulate(options: SimulationOptions): FlowFigures[] {
  const clock = new Clock();
  const link = new Link(options, clock, seededRandom(options.seed ?? 1));
  const datagram = options.datagram ?? 1200;
  const flows = options.flows.map(({ controller, start = 0 }) =>
    new Flow(controller, start, clock, link, options)
  );
  clock.run(options.duration);
  return flows.map((flow) => ({
    goodput: (flow.received - flow.spurious * datagram) /
      (link.bytesPerMs * (options.duration - flow.start)),
    lost: (flow.lost - flow.spurious) / flow.sent,
    spurious: flow.spurious / flow.sent,
    queueDelay: flow.queued / flow.sent,
    ptos: flow.ptos,
    window: flow.controller.window,
  }));
}
