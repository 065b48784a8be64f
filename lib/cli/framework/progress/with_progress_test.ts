import { assertEquals, assertRejects } from "@std/assert";
import type { ProgressDisplay } from "./progress_display.ts";
import { showWhile } from "./with_progress.ts";

/** Records what it would show. */
function recorder(waitsForSizes: boolean) {
  const shown: string[] = [];
  const display: ProgressDisplay = {
    intervalMs: 0,
    waitsForSizes,
    show: (name, { bytes, totalBytes }) =>
      shown.push(`${name} ${bytes}/${totalBytes}`),
  };
  return { shown, display };
}

Deno.test("showWhile starts with the sizes and ends with what became of it", async () => {
  const { shown, display } = recorder(true);
  const result = await showWhile(display, { label: "x" }, (report) => {
    assertEquals(shown, []);
    report({ totalBytes: 9n });
    report({ bytes: 4n });
    report({ bytes: 9n });
    return Promise.resolve("result");
  });
  assertEquals(result, "result");
  assertEquals(shown, [
    "start 0/9",
    "progress 4/9",
    "progress 9/9",
    "done 9/9",
  ]);
});

Deno.test("showWhile starts at once where sizes never come, or the display does not wait for them", async () => {
  for (const waitsForSizes of [true, false]) {
    const { shown, display } = recorder(waitsForSizes);
    const about = { label: "x", ...(waitsForSizes ? { start: {} } : {}) };
    await showWhile(display, about, () => {
      assertEquals(shown, ["start 0/undefined"]);
      return Promise.resolve();
    });
  }
});

Deno.test("showWhile passes a failure on, after a start and an end in any case", async () => {
  const { shown, display } = recorder(true);
  await assertRejects(
    () =>
      showWhile(display, { label: "x" }, () => Promise.reject(new Error("no"))),
    Error,
    "no",
  );
  assertEquals(shown, ["start 0/undefined", "failed 0/undefined"]);
});
