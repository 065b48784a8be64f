import { assertEquals } from "@std/assert";
import type { ProgressState } from "./progress_meter.ts";
import { plainProgress } from "./plain_progress.ts";

const WHOLE: ProgressState = {
  label: "fetching blob from node 7",
  bytes: 1_000_000n,
  totalBytes: 4_000_000n,
  rate: 100_000,
};

/** States and the sentences for them. */
const SENTENCES: [ProgressState, string][] = [
  [
    WHOLE,
    "fetching blob from node 7: 25 percent, 977 KiB of 3.81 MiB, 97.7 KiB per second, 30 seconds left",
  ],
  [
    { label: "x", bytes: 5n, files: 1, totalFiles: 2 },
    "x: 5 B, 1 of 2 files",
  ],
  [{ label: "x", bytes: 0n, files: 1 }, "x: 1 file"],
  [{ label: "x", bytes: 0n }, "x"],
  [{ ...WHOLE, stop: "the holder is away" }, "the holder is away"],
  [
    {
      ...WHOLE,
      rate: 10,
      stage: { name: "checking", text: "checking", bytes: 1n, totalBytes: 9n },
    },
    "checking: 11 percent, 1 B of 9 B, 10 B per second, 1 second left",
  ],
  [
    { label: "x", bytes: 0n, totalBytes: 3600n, rate: 1 },
    "x: 0 percent, 0 B of 3.52 KiB, 1 B per second, 60 minutes left",
  ],
  [
    { label: "x", bytes: 0n, totalBytes: 36_000n, rate: 1 },
    "x: 0 percent, 0 B of 35.2 KiB, 1 B per second, 10 hours left",
  ],
];

for (const [state, sentence] of SENTENCES) {
  Deno.test(`progress in words: ${sentence}`, () => {
    assertEquals(plainProgress(state), sentence);
  });
}
