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

const FILES = { ...HALF, files: 3, totalFiles: 12 };
const UNSIZED = { label: "hashing -", bytes: 0n };
const REMOVING = { name: "removing", text: "removing the old tree" };
const CHECKING = {
  name: "checking",
  text: "checking what is there",
  bytes: 30n,
  totalBytes: 100n,
};
const ATTACHING = {
  name: "attaching",
  text: "attaching to 203.0.113.17:7700",
  limitMs: 15_000,
};

const DRAWN: [string, ProgressState, width: number, line: string][] = [
  [
    "percent, sizes, rate, time and a bar",
    HALF,
    100,
    " 50%   512 KiB / 1 MiB   256 KiB/s     0:02  [===============>              ]",
  ],
  [
    "a stalled transfer",
    { ...HALF, rate: 0 },
    60,
    " 50%   512 KiB / 1 MiB       0 B/s           [======>     ]",
  ],
  [
    "one that began, with everything in its place",
    { ...HALF, rate: undefined },
    60,
    " 50%   512 KiB / 1 MiB                       [======>     ]",
  ],
  ["its words while no size is known", UNSIZED, 80, "hashing -"],
  [
    "counts while no total is known",
    { ...UNSIZED, bytes: 2048n, files: 7, rate: 1024 },
    80,
    "hashing - 2.00 KiB  7 files  1.00 KiB/s",
  ],
  [
    "files and a path",
    { ...FILES, path: "a/b.txt" },
    120,
    " 50%   512 KiB / 1 MiB   256 KiB/s     0:02   3 / 12 files  a/b.txt",
  ],
  [
    "the end of a long path",
    { ...FILES, path: "a/very/deep/path/日本.txt" },
    80,
    " 50%   512 KiB / 1 MiB   256 KiB/s     0:02   3 / 12 files  …deep/path/日本.txt",
  ],
  [
    "what it stands still for, and how long already",
    { ...FILES, stop: "holder lost, attaching", lastedMs: 12_900 },
    40,
    " 50%  holder lost, attaching (12 s)",
  ],
  [
    "what it waits for, and how long still",
    { ...UNSIZED, stage: ATTACHING, lastedMs: 200 },
    40,
    "attaching to 203.0.113.17:7700 (15 s)",
  ],
  [
    "the time still, whatever must be cut",
    { ...UNSIZED, stage: ATTACHING, lastedMs: 9000 },
    20,
    "attaching to… (6 s)",
  ],
  [
    "a stage with counts of its own",
    { ...FILES, stage: { ...REMOVING, files: 1234, path: "a/b" } },
    80,
    "removing the old tree 1234 files  a/b",
  ],
  [
    "a stage of known size",
    { ...FILES, stage: CHECKING, rate: 10 },
    60,
    " 30%  checking what is there     10 B/s     0:07",
  ],
];

Deno.test("renderProgress draws what is known", () => {
  for (const [what, state, width, line] of DRAWN) {
    assertEquals(renderProgress(state, width), line, what);
  }
});

Deno.test("renderProgress keeps percent, rate and time at 40 columns and below", () => {
  assertEquals(
    [70, 60, 50, 40, 30, 20, 10, 2, 1].map((width) =>
      renderProgress(FILES, width)
    ),
    [
      " 50%   512 KiB / 1 MiB   256 KiB/s     0:02   3 / 12 files",
      " 50%   512 KiB / 1 MiB   256 KiB/s     0:02   3 / 12 files",
      " 50%   512 KiB / 1 MiB   256 KiB/s     0:02",
      " 50%   512 KiB   256 KiB/s     0:02",
      " 50%   256 KiB/s     0:02",
      " 50%   256 KiB/s",
      " 50%",
      "…",
      "",
    ],
  );
});

Deno.test("nothing of a progress line changes its place while it counts", () => {
  const total = 40n * 2n ** 30n;
  const ends = (state: ProgressState, width: number) => {
    const line = renderProgress(state, width);
    return [/%/, /[KMGTPE]?i?B(?= |$)/, /B\/s/, /files/].map((unit) =>
      line.match(unit) === null
        ? undefined
        : line.search(unit) + line.match(unit)![0].length
    );
  };
  for (const width of [40, 80, 200]) {
    const at = (bytes: bigint, files: number, rate: number) =>
      ends({
        ...FILES,
        bytes,
        totalBytes: total,
        files,
        totalFiles: 12_345,
        rate,
      }, width);
    const first = at(1n, 1, 1);
    for (
      const [bytes, files, rate] of [
        [1023n, 9, 1023],
        [2n ** 20n * 5n / 2n, 99, 2 ** 20 * 10],
        [2n ** 30n * 10n, 999, 999 * 2 ** 20],
        [total, 12_345, 2 ** 30],
      ] as const
    ) assertEquals(at(bytes, files, rate), first, `${width} ${bytes}`);
  }
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
    stop: anyText,
    stage: fc.record({
      name: anyText,
      text: anyText,
      bytes: size,
      totalBytes: size,
      files: fc.nat(),
      path: anyText,
      limitMs: fc.nat(),
    }, { requiredKeys: ["name", "text"] }),
    lastedMs: fc.nat(),
  }, { requiredKeys: ["label", "bytes"] });
  fc.assert(
    fc.property(state, fc.integer({ min: 1, max: 200 }), (state, width) => {
      const line = renderProgress(state, width);
      assert(displayWidth(line) < width, line);
      assert(!needsEscape(line), line);
    }),
  );
});
