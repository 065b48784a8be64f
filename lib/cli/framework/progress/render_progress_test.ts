import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { needsEscape } from "../../../text/escape.ts";
import { anyText } from "../output/testing/arbitrary_fields.ts";
import { displayWidth } from "../terminal/display_width.ts";
import type { ProgressState } from "./progress_meter.ts";
import { renderProgress } from "./render_progress.ts";

const HALF = {
  label: "fetching blob from peer 42",
  bytes: 512n * 1024n,
  totalBytes: 1024n * 1024n,
  rate: 256 * 1024,
};

const RATE = "(256 KiB/s) 2.0 s left";
const FILES = { ...HALF, files: 3, totalFiles: 12 };

const SHORT_BAR = "[=====>----] 512 KiB / 1 MiB";
const LONG_BAR = "[===============>--------------] 512 KiB / 1 MiB";
const UNSIZED = { label: "hashing -", bytes: 0n };

const DRAWN: [string, ProgressState, width: number, line: string][] = [
  ["a bar, sizes, rate and time", HALF, 100, `${LONG_BAR} ${RATE}`],
  ["a short bar on a narrow terminal", HALF, 80, `${SHORT_BAR} ${RATE}`],
  ["a stalled transfer", { ...HALF, rate: 0 }, 80, `${SHORT_BAR} (0 B/s)`],
  ["one that began", { ...HALF, rate: undefined }, 80, SHORT_BAR],
  ["its words while no size is known", UNSIZED, 80, "hashing -"],
  [
    "counts while no total is known",
    { ...UNSIZED, bytes: 2048n, files: 7, rate: 1024 },
    80,
    "hashing - 2 KiB 7 files (1 KiB/s)",
  ],
  [
    "files and a path",
    { ...FILES, path: "a/b.txt" },
    120,
    `${LONG_BAR} 3 / 12 files ${RATE} a/b.txt`,
  ],
  [
    "the end of a long path",
    { ...FILES, path: "a/very/deep/path/日本.txt" },
    80,
    `${SHORT_BAR} 3 / 12 files ${RATE} …path/日本.txt`,
  ],
];

Deno.test("renderProgress draws what is known", () => {
  for (const [what, state, width, line] of DRAWN) {
    assertEquals(renderProgress(state, width), line, what);
  }
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
