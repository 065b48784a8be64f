import { assertEquals } from "@std/assert";
import { dataRuns, HOLE_BLOCK } from "./data_runs.ts";

/** Zeros with ones at some places, at an odd place of a buffer. */
function zeros(length: number, ...ones: number[]): Uint8Array {
  const bytes = new Uint8Array(length + 3).fill(1, 0, 3).subarray(3);
  for (const at of ones) bytes[at] = 1;
  return bytes;
}

Deno.test("dataRuns leaves out whole blocks of zeros alone", () => {
  assertEquals(dataRuns(zeros(3 * HOLE_BLOCK)), []);
  assertEquals(dataRuns(zeros(3 * HOLE_BLOCK, HOLE_BLOCK)), [
    { start: HOLE_BLOCK, end: 2 * HOLE_BLOCK },
  ]);
  assertEquals(dataRuns(zeros(3 * HOLE_BLOCK, 0, 3 * HOLE_BLOCK - 1)), [
    { start: 0, end: HOLE_BLOCK },
    { start: 2 * HOLE_BLOCK, end: 3 * HOLE_BLOCK },
  ]);
});

Deno.test("dataRuns writes what is no whole block, zeros too", () => {
  assertEquals(dataRuns(zeros(HOLE_BLOCK + 5)), [
    { start: HOLE_BLOCK, end: HOLE_BLOCK + 5 },
  ]);
  assertEquals(dataRuns(zeros(HOLE_BLOCK - 1)), undefined);
  assertEquals(dataRuns(zeros(0)), undefined);
});

Deno.test("dataRuns sees a one anywhere in a block", () => {
  for (let at = 0; at < HOLE_BLOCK; at++) {
    if (at > 9 && at < HOLE_BLOCK - 9 && at % 4093 !== 0) continue;
    assertEquals(dataRuns(zeros(HOLE_BLOCK, at)), undefined, `at ${at}`);
  }
});
