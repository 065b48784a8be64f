import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { seededRandom } from "../testing/random.ts";
import { RateLimit, type RateShare } from "./rate_limit.ts";

/** One that has something to send, as much as `rate` bytes per millisecond. */
class Sender {
  sent = 0;
  #waits = false;
  #at = 0;

  constructor(
    readonly share: RateShare,
    readonly size = 1200,
    /** What its path takes; more of it waits there, not for the limit. */
    readonly rate = Infinity,
  ) {}

  get at(): number {
    return this.#at;
  }

  /** Sends what it may and tells when to be called again. */
  run(now: number, late = 0): void {
    for (;;) {
      if (this.sent >= this.rate * now) {
        if (this.#waits) this.share.leave(now);
        this.#waits = false;
        this.#at = now + this.size / this.rate;
        return;
      }
      const at = this.share.nextSendTime(now, this.size);
      if (at > now) {
        if (!this.#waits) this.share.enter(now);
        this.#waits = true;
        this.#at = this.share.nextSendTime(now, this.size) + late;
        return;
      }
      const bytes = Math.min(this.size, this.share.available);
      assert(bytes > 0);
      this.share.onSent(bytes);
      this.sent += bytes;
    }
  }

  stop(now: number): void {
    if (this.#waits) this.share.leave(now);
    this.#at = Infinity;
  }
}

/** Runs senders until `end`; returns what each has sent. */
function run(
  senders: Sender[],
  end: number,
  late: () => number = () => 0,
  start = 0,
): number[] {
  const before = senders.map(({ sent }) => sent);
  for (const sender of senders) sender.run(start, late());
  for (;;) {
    const next = senders.reduce((a, b) => b.at < a.at ? b : a);
    if (next.at > end) break;
    next.run(next.at, late());
  }
  return senders.map(({ sent }, i) => sent - before[i]);
}

for (const rate of [1000, 20_000, 1_000_000, 200_000_000]) {
  Deno.test(`RateLimit keeps ${rate} bytes per second within 3 % over 10 s, whatever the packets`, () => {
    for (const size of [100, 1200, 60_000]) {
      const limit = new RateLimit(rate, 0);
      const [sent] = run([new Sender(limit.share(), size)], 10_000);
      assertAlmostEquals(sent / (10 * rate), 1, 0.03);
    }
  });
}

Deno.test("RateLimit loses nothing to timers that fire late", () => {
  const random = seededRandom(1);
  const limit = new RateLimit(5_000_000, 0);
  const late = () => random() < 0.1 ? 200 * random() : random();
  const [sent] = run([new Sender(limit.share())], 20_000, late);
  assertAlmostEquals(sent / 100_000_000, 1, 0.03);
});

Deno.test("RateLimit gives all that send equal parts", () => {
  for (const rate of [4000, 4_000_000]) {
    const limit = new RateLimit(rate, 0);
    const senders = [300, 1200, 1200, 60_000].map((size) =>
      new Sender(limit.share(), size)
    );
    const sent = run(senders, 20_000);
    for (const bytes of sent) assertAlmostEquals(bytes / (5 * rate), 1, 0.05);
  }
});

Deno.test("RateLimit gives others what one does not use", () => {
  const limit = new RateLimit(3_000_000, 0);
  const slow = new Sender(limit.share(), 1200, 300);
  const senders = [slow, new Sender(limit.share()), new Sender(limit.share())];
  const [used, ...others] = run(senders, 10_000);
  assertAlmostEquals(used / 3_000_000, 1, 0.03);
  for (const bytes of others) assertAlmostEquals(bytes / 13_500_000, 1, 0.03);
  slow.stop(10_000);
  const [all] = run(senders.slice(1), 20_000, undefined, 10_000);
  assertAlmostEquals(all / 15_000_000, 1, 0.03);
});

Deno.test("RateLimit counts the connections of one share once", () => {
  const limit = new RateLimit(2_000_000, 0);
  const one = limit.share();
  const senders = [one, one, one, limit.share()].map((share) =>
    new Sender(share)
  );
  const [a, b, c, other] = run(senders, 10_000);
  assertAlmostEquals((a + b + c) / 10_000_000, 1, 0.03);
  assertAlmostEquals(other / 10_000_000, 1, 0.03);
});

Deno.test("RateLimit changes at once, and saves nothing up while it is lifted or idle", () => {
  const limit = new RateLimit(1_000_000, 0);
  const sender = new Sender(limit.share());
  run([sender], 5000);
  limit.setRate(100_000, 5000);
  const [slow] = run([sender], 15_000, undefined, 5000);
  assertAlmostEquals(slow / 1_000_000, 1, 0.03);
  sender.stop(15_000);
  limit.setRate(Infinity, 15_000);
  assertEquals(limit.share().nextSendTime(20_000, 1200), 20_000);
  limit.setRate(50_000, 30_000);
  const [last] = run([new Sender(limit.share())], 50_000, undefined, 40_000);
  assertAlmostEquals(last / 500_000, 1, 0.03);
});

Deno.test("RateLimit refuses a rate at which nothing would ever leave", () => {
  for (const rate of [0, -1, NaN]) {
    assertThrows(() => new RateLimit(rate, 0), RangeError);
  }
});

Deno.test("RateLimit is asked no more often than once in a second at the lowest rates", () => {
  const share = new RateLimit(1, 0).share();
  share.enter(0);
  assertEquals(share.nextSendTime(0, 1200), 1000);
  assertEquals(share.nextSendTime(1000, 1200), 2000);
  assertEquals(share.nextSendTime(64_000, 1200), 64_000);
});
