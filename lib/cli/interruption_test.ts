import { assertEquals } from "@std/assert";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { Interruption } from "./interruption.ts";

Deno.test({
  ...unless(onWindows, "a process that goes on after it was stopped is told"),
  async fn() {
    const resumed = Promise.withResolvers<void>();
    using interruption = new Interruption(() => resumed.resolve());
    const { signal } = interruption;
    // To one that runs it is no more than the news.
    Deno.kill(Deno.pid, "SIGCONT");
    // Who listens to a signal does not keep a process alive.
    const timer = setInterval(() => {}, 1000);
    await resumed.promise;
    clearInterval(timer);
    assertEquals([signal.aborted, interruption.exitCode], [false, undefined]);
  },
});
