import { assertEquals } from "@std/assert";
import { Notify } from "../async/notify.ts";
import { REATTACH_MAX_MS, REATTACH_MS } from "../limits.ts";
import { RelayAttachment, type RelayEvent } from "./relay_attachment.ts";

/** An attachment to a relay that is not there; its pauses end when the test says so. */
function unattached(random: number) {
  const events: RelayEvent[] = [];
  const pauses: number[] = [];
  const paused = new Notify();
  const over = new Notify();
  const attachment = new RelayAttachment({
    attach: () => Promise.reject(new Error("no answer")),
    listen: () => {
      throw new Error("there is no session");
    },
    onEvent: (event) => events.push(event),
    random: () => random,
    pause: (ms, { signal }) => {
      pauses.push(ms);
      paused.notifyAll();
      return over.wait(signal);
    },
  });
  return { attachment, events, pauses, paused, over };
}

Deno.test("each failure to attach doubles the pause, up to its bound", async () => {
  const { attachment, events, pauses, paused, over } = unattached(1);
  while (pauses.length < 12) {
    await paused.wait();
    over.notifyAll();
  }
  const expected = pauses.map((_, i) =>
    Math.min(REATTACH_MS * 2 ** i, REATTACH_MAX_MS)
  );
  assertEquals(pauses, expected);
  assertEquals(events[0], {
    type: "detached",
    reason: "no answer",
    retryMs: REATTACH_MS,
  });
  await attachment.close();
});

Deno.test("a pause is at least half as long as it may be", async () => {
  const { attachment, pauses, paused } = unattached(0);
  await attachment.tried;
  if (pauses.length === 0) await paused.wait();
  assertEquals(pauses, [REATTACH_MS / 2]);
  await attachment.close();
});

Deno.test("closing ends a pause and every further attempt", async () => {
  const { attachment, events, paused } = unattached(1);
  await paused.wait();
  await attachment.close();
  await attachment.close();
  assertEquals(events.length, 1);
});
