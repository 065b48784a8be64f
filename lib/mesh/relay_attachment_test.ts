import { assertEquals } from "@std/assert";
import { REATTACH_MAX_MS, REATTACH_MS } from "../limits.ts";
import { RelayAttachment, type RelayEvent } from "./relay_attachment.ts";

/** Timers that fire when told to. */
class Timers {
  readonly #waiting = new Map<number, { ms: number; fire: () => void }>();
  #next = 1;

  /** How long each timer that runs was set to. */
  get running(): number[] {
    return Array.from(this.#waiting.values(), ({ ms }) => ms);
  }

  /** Fires all that run. */
  fire(): void {
    const due = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { fire } of due) fire();
  }

  /** Puts these in the place of the real ones while `test` runs. */
  async replace(test: () => Promise<void>): Promise<void> {
    const { setTimeout, clearTimeout } = globalThis;
    Object.assign(globalThis, {
      setTimeout: (fire: () => void, ms: number) => {
        this.#waiting.set(this.#next, { ms, fire });
        return this.#next++;
      },
      clearTimeout: (id: number) => this.#waiting.delete(id),
    });
    try {
      await test();
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout });
    }
  }
}

/** An attachment to a relay that is not there, and what it tells. */
function unattached(random: number) {
  const events: RelayEvent[] = [];
  let told = Promise.withResolvers<void>();
  const attachment = new RelayAttachment({
    attach: () => Promise.reject(new Error("nobody there")),
    listen: () => {
      throw new Error("there is no session");
    },
    onEvent: (event) => {
      events.push(event);
      told.resolve();
      told = Promise.withResolvers();
    },
    random: () => random,
  });
  return { attachment, events, nextEvent: () => told.promise };
}

Deno.test("each failure to attach doubles the pause, up to its bound", () => {
  const timers = new Timers();
  return timers.replace(async () => {
    const { attachment, events, nextEvent } = unattached(1);
    const pauses: number[] = [];
    for (let i = 0; i < 12; i++) {
      await nextEvent();
      await Promise.resolve();
      pauses.push(...timers.running);
      timers.fire();
    }
    const expected = pauses.map((_, i) =>
      Math.min(REATTACH_MS * 2 ** i, REATTACH_MAX_MS)
    );
    assertEquals([pauses.length, pauses], [12, expected]);
    assertEquals(events[0], {
      type: "detached",
      reason: "nobody there",
      retryMs: REATTACH_MS,
    });
    await attachment.close();
  });
});

Deno.test("a pause is at least half as long as it may be", () => {
  const timers = new Timers();
  return timers.replace(async () => {
    const { attachment } = unattached(0);
    await attachment.tried;
    await Promise.resolve();
    assertEquals(timers.running, [REATTACH_MS / 2]);
    await attachment.close();
  });
});

Deno.test("closing ends a pause at once and leaves no timer", () => {
  const timers = new Timers();
  return timers.replace(async () => {
    const { attachment, events, nextEvent } = unattached(1);
    await nextEvent();
    await attachment.close();
    await attachment.close();
    assertEquals(timers.running, []);
    assertEquals([events.length, attachment.sessions], [1, 0]);
  });
});
