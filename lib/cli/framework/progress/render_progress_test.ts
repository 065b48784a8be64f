import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { needsEscape } from "../../../text/escape.ts";
import { anyText } from "../output/testing/arbitrary_fields.ts";
import { displayWidth } from "../terminal/display_width.ts";
import { renderProgress } from "./render_progress.ts";

const HALF = {
  label: "fetching blob from peer 42",
  bytes: 512n * 1024n,
  totalBytes: 1024n * 1024n,
  rate: 256 * 1024,
};

const FILES = { ...HALF, files: 3, totalFiles: 12 };

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

Deno.test("renderProgress shows a stalled transfer unlike one that just began", () => {
  assertEquals(
    renderProgress({ ...HALF, rate: 0 }, 80),
    "[=====>----] 512 KiB / 1 MiB (0 B/s)",
  );
  assertEquals(
    renderProgress({ ...HALF, rate: undefined }, 80),
    "[=====>----] 512 KiB / 1 MiB",
  );
});

Deno.test("renderProgress shows words and counts while the sizes are not known", () => {
  const unsized = { label: "hashing -", bytes: 0n };
  assertEquals(renderProgress(unsized, 80), "hashing -");
  assertEquals(
    renderProgress({ ...unsized, bytes: 2048n, files: 7, rate: 1024 }, 80),
    "hashing - 2 KiB 7 files (1 KiB/s)",
  );
});

Deno.test("renderProgress shows files and the end of the path", () => {
  assertEquals(
    renderProgress({ ...FILES, path: "a/b.txt" }, 120),
    "[===============>--------------] 512 KiB / 1 MiB 3 / 12 files (256 KiB/s) 2.0 s left a/b.txt",
  );
  assertEquals(
    renderProgress({ ...FILES, path: "a/very/deep/path/日本.txt" }, 80),
    "[=====>----] 512 KiB / 1 MiB 3 / 12 files (256 KiB/s) 2.0 s left …path/日本.txt",
  );
});

Deno.test("renderProgress leaves out the bar first, then rate, time and files", () => {
  assertEquals(
    [64, 50, 40, 31, 20, 10, 2, 1].map((width) => renderProgress(FILES, width)),
    [
      "512 KiB / 1 MiB 3 / 12 files (256 KiB/s) 2.0 s left",
      "512 KiB / 1 MiB 3 / 12 files 2.0 s left",
      "512 KiB / 1 MiB 3 / 12 files 2.0 s left",
      "512 KiB / 1 MiB 3 / 12 files",
      "512 KiB / 1 MiB",
      "512 KiB …",
      "…",
      "",
    ],
  );
});

Deno.test("renderProgress fills no width and passes no control on", () => {
  const size = fc.bigInt({ min: 0n, max: 2n ** 64n });
  const state = fc.record({
    label: anyText,
    bytes: size,
    totalBytes: size,
    files: fc.nat(),
    totalFiles: fc.nat(),
    path: anyText,
    rate: fc.double({ min: 0, max: 1e12, noNaN: true }),
  }, { requiredKeys: ["label", "bytes"] });
  fc.assert(
    fc.property(state, fc.integer({ min: 1, max: 200 }), (state, width) => {
      const line = renderProgress(state, width);
      assert(displayWidth(line) < width, line);
      assert(!needsEscape(line), line);
    }),
  );
});
