import { assertEquals } from "@std/assert";
import { ProgressMeter, renderProgress } from "./progress.ts";

const HALF = {
  label: "fetching blob from peer 42",
  bytes: 512 * 1024,
  totalBytes: 1024 * 1024,
  rate: 256 * 1024,
};

Deno.test("renderProgress draws a bar, sizes, rate and time left", () => {
  assertEquals(
    renderProgress(HALF, 100),
    "[===============>--------------] 512 KiB / 1 MiB (256 KiB/s) 2.0 s left",
  );
  assertEquals(
    renderProgress(HALF, 80),
    "[=====>----] 512 KiB / 1 MiB (256 KiB/s) 2.0 s left",
  );
});

Deno.test("renderProgress shows the label while the size is not known", () => {
  assertEquals(
    renderProgress({ label: HALF.label, bytes: 0, rate: 0 }, 80),
    "fetching blob from peer 42",
  );
});

Deno.test("renderProgress never fills the width and never passes a control on", () => {
  const state = {
    ...HALF,
    files: 3,
    totalFiles: 12,
    path: `deep/${"x".repeat(200)}/evil\x1b[2J.txt`,
  };
  for (let width = 1; width < 200; width++) {
    const line = renderProgress(state, width);
    assertEquals([...line].length < width || width === 1, true, line);
    assertEquals(/\p{Cc}/u.test(line), false, line);
  }
  assertEquals(
    renderProgress({ ...state, path: "a/b.txt" }, 120),
    "[===============>--------------] 512 KiB / 1 MiB 3 / 12 files (256 KiB/s) 2.0 s left a/b.txt",
  );
});

Deno.test("ProgressMeter measures the rate over the last seconds", () => {
  const meter = new ProgressMeter("x");
  meter.add({ type: "start", totalBytes: 100_000n, totalFiles: 2 });
  meter.state(0);
  meter.add({ type: "bytes", fetched: 10_000n });
  assertEquals(meter.state(200).rate, 0);
  assertEquals(meter.state(1000).rate, 10_000);
  for (let second = 2; second <= 20; second++) meter.state(second * 1000);
  assertEquals(meter.state(21_000).rate, 0);
  meter.add({ type: "file", path: "a", size: 1n, files: 1 });
  const { files, totalFiles, path, bytes } = meter.state(22_000);
  assertEquals([files, totalFiles, path, bytes], [1, 2, "a", 10_000]);
});
