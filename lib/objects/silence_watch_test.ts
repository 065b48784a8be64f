import { assert, assertEquals } from "@std/assert";
import { OBJECT_PROGRESS_BYTES } from "../limits.ts";
import { SilenceWatch } from "./silence_watch.ts";

/** Timers that fire when the test says so. */
class Timers {
  time = 0;
  callback?: () => void;

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    this.callback = () => {
      this.time += ms;
      callback();
    };
    return () => this.callback = undefined;
  }
}

Deno.test("a request without any progress for the whole time is ended", () => {
  const timers = new Timers();
  using watch = new SilenceWatch(1000, undefined, timers);
  timers.callback?.();
  assert(watch.signal.aborted);
  assert(watch.isSilent);
});

Deno.test("a byte now and then is no progress", () => {
  const timers = new Timers();
  using watch = new SilenceWatch(1000, undefined, timers);
  watch.noteBytes(1);
  timers.callback?.();
  assert(watch.isSilent);
});

Deno.test("a request that goes on is left alone, until it is silent", () => {
  const timers = new Timers();
  using watch = new SilenceWatch(1000, undefined, timers);
  for (let i = 0; i < 5; i++) {
    watch.noteBytes(OBJECT_PROGRESS_BYTES / 2);
    watch.noteBytes(OBJECT_PROGRESS_BYTES / 2);
    timers.callback?.();
    assert(!watch.signal.aborted);
  }
  timers.callback?.();
  assert(watch.isSilent);
});

Deno.test("the caller's reason is kept apart from silence", () => {
  const caller = new AbortController();
  using watch = new SilenceWatch(1000, caller.signal, new Timers());
  caller.abort("no longer wanted");
  assertEquals([watch.signal.reason, watch.isSilent], [
    "no longer wanted",
    false,
  ]);
});

Deno.test("a caller that has gone before ends the request at once", () => {
  using watch = new SilenceWatch(1000, AbortSignal.abort("gone"), new Timers());
  assertEquals(watch.signal.reason, "gone");
});
