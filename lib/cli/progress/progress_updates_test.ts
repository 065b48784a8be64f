import { assertEquals } from "@std/assert";
import { ProgressMeter } from "../framework/progress/progress_meter.ts";
import { fetchUpdate, publishUpdate } from "./progress_updates.ts";

Deno.test("fetchUpdate turns the events of a fetch into updates", () => {
  const meter = new ProgressMeter("x");
  const add = (event: Parameters<typeof fetchUpdate>[0]) =>
    meter.update(fetchUpdate(event));
  add({ type: "start", totalBytes: 10n, totalFiles: 2 });
  assertEquals(meter.state(0), {
    label: "x",
    bytes: 0n,
    totalBytes: 10n,
    files: 0,
    totalFiles: 2,
  });
  add({ type: "bytes", fetched: 4n });
  add({ type: "file", path: "a", size: 1n, files: 1 });
  const { files, path, bytes } = meter.state(0);
  assertEquals([files, path, bytes], [1, "a", 4n]);
  add({ type: "stage", stage: "removing", files: 7 });
  assertEquals(meter.state(0).stage, {
    name: "removing",
    text: "removing the old tree",
    files: 7,
  });
  add({ type: "stage", stage: "removing", files: 7, finished: true });
  assertEquals(meter.state(0).stage, undefined);
  add({ type: "stage", stage: "checking", bytes: 1n, totalBytes: 2n });
  assertEquals(meter.state(0).stage?.text, "checking what is there");
  add({ type: "bytes", fetched: 14n });
  assertEquals(meter.state(0).bytes, 10n);
  add({
    type: "done",
    bytes: 10n,
    bytesFetched: 14n,
    bytesReused: 0n,
    sources: [],
    resumed: false,
    durationMs: 1,
  });
  assertEquals(meter.state(0).bytes, 10n);
});

Deno.test("fetchUpdate begins with what an earlier run left", () => {
  const meter = new ProgressMeter("x");
  meter.update(
    fetchUpdate({
      type: "stage",
      stage: "checking",
      bytes: 6n,
      totalBytes: 8n,
    }),
  );
  meter.update(fetchUpdate({ type: "start", totalBytes: 10n, bytes: 6n }));
  const { bytes, stage } = meter.state(0);
  assertEquals([bytes, stage], [6n, undefined]);
});

Deno.test("publishUpdate turns the progress of publishing into an update", () => {
  assertEquals(
    publishUpdate({ path: "a", files: 1, bytes: 5, totalBytes: 2 ** 53 - 1 }),
    {
      path: "a",
      files: 1,
      bytes: 5n,
      totalFiles: undefined,
      totalBytes: 2n ** 53n - 1n,
    },
  );
});
