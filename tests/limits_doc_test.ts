/**
 * Sizes that the documents name are those of lib/limits.ts: each phrase stands
 * here with the constants it tells of, and whatever else is found is a fault.
 */

import { assert, assertEquals } from "@std/assert";
import * as limits from "../lib/limits.ts";

type Limit = keyof typeof limits;

const UNITS: Record<string, number> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** The constants a size stands for, or why it is none of them. */
const SIZES: Record<string, readonly Limit[] | string> = {
  "8 KiB": "a response that moves",
  "60 KiB": "datagrams on loopback",
  "64 KiB": ["REQUEST_MAX", "SERVE_SMALL_BYTES", "TREE_CHUNK_LEAST"],
  "256 KiB": ["SERVE_RESERVE_BYTES"],
  "1 MiB": "the shortest chunks of other writers",
  "2 MiB": ["REQUESTS_WINDOW"],
  "4 MiB": ["CHUNK_SIZE"],
  "8 MiB": ["STREAM_WINDOW", "INFLIGHT_BYTES", "SERVE_BYTES"],
  "8¼ MiB": "SERVE_BYTES and SERVE_RESERVE_BYTES",
  "16 MiB": ["CHUNK_MAX"],
  "24 MiB": ["CONNECTION_WINDOW"],
  "32 MiB": ["STREAM_WINDOW_MAX", "BLOB_INFLIGHT_BYTES", "UPSTREAM_BYTES"],
  "64 MiB": ["CONNECTION_WINDOW_MAX", "SERVE_NODE_BYTES", "PROBE_BYTES_MAX"],
  "128 MiB": ["WINDOW_GROWTH_MAX"],
  "16 GiB": ["BLOB_SIZE_MAX"],
};

/** Sentences whose numbers are bounds, with the constants they must agree with. */
const SENTENCES: readonly [file: string, sentence: string, bounds: Limit[]][] =
  [
    ["SECURITY.md", "of a peer that attached # MiB for a session, # KiB", [
      "REQUESTS_WINDOW",
      "REQUEST_MAX",
    ]],
    ["SECURITY.md", "of a node attached to # and # MiB, # and # MiB", [
      "CONNECTION_WINDOW",
      "STREAM_WINDOW",
      "CONNECTION_WINDOW_MAX",
      "STREAM_WINDOW_MAX",
    ]],
    ["SECURITY.md", "bulk data of # MiB and # s each", [
      "PROBE_BYTES_MAX",
      "PROBE_MS",
    ]],
    ["SECURITY.md", "after `--timeout`, # s by default", [
      "REQUEST_TIMEOUT_MS",
    ]],
    ["SECURITY.md", "paths longer than # bytes", ["DIR_PATH_MAX"]],
  ];

function textOf(file: string): string {
  return Deno.readTextFileSync(new URL(`../${file}`, import.meta.url))
    .replace(/\s+/g, " ");
}

Deno.test("every size in SECURITY.md, architecture.md and wire.md is a bound of limits.ts, or said to be none", () => {
  for (const file of ["SECURITY.md", "docs/architecture.md", "docs/wire.md"]) {
    for (const [size] of textOf(file).matchAll(/[\d.]+[¼½]? [KMG]iB/g)) {
      assert(
        size in SIZES,
        `${file} names ${size}, which no entry here explains`,
      );
    }
  }
  for (const [size, bounds] of Object.entries(SIZES)) {
    if (typeof bounds === "string") continue;
    const [count, unit] = size.split(" ");
    for (const name of bounds) {
      assertEquals(Number(limits[name]), Number(count) * UNITS[unit], name);
    }
  }
});

Deno.test("sentences that tell a bound have the numbers of limits.ts", () => {
  for (const [file, sentence, bounds] of SENTENCES) {
    const escaped = sentence.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const found = textOf(file).match(
      new RegExp(escaped.replaceAll("#", "(\\d+)")),
    );
    if (found === null) throw new Error(`${file} has no "${sentence}"`);
    for (const [i, name] of bounds.entries()) {
      const value = Number(limits[name]);
      const told = Number(found[i + 1]);
      const units = [1, 1000, 2 ** 10, 2 ** 20];
      assert(
        units.some((unit) => told * unit === value),
        `${file}: ${name} is ${value}, not ${told}`,
      );
    }
  }
});
