/** Directories: what the reference's own tests pin. */

import { words } from "../../scripts/program.ts";
import type { Served } from "./place.ts";
import { recorded } from "./recorded.ts";
import { from, type Row, type Rows } from "./row.ts";

/** A row of a tree that arrives as it was published, with nothing beside it. */
function arrives(
  description: string,
  ref: keyof Served,
  source: string,
  result: Readonly<Record<string, unknown>>,
  ...flags: string[]
): Omit<Row, "source"> {
  return {
    description,
    reference: { code: 0, ...result, differences: [], beside: ["out"] },
    async run(place) {
      const { code, stdout } = await place
        .recvDir(place.refs[ref], "out", ...flags);
      const fields = JSON.parse(stdout);
      const differences = await place.differences(source);
      return {
        code,
        ...Object.fromEntries(
          Object.keys(result).map((name) => [name, fields[name]]),
        ),
        differences,
        beside: await place.names(),
      };
    },
  };
}

const CLI_TESTS = "cli/tests/transfer_cli_dir.rs";
const VERBS = "cli/src/commands/transfer.rs";

/** The rows. */
export const DIR_ROWS: Rows = from("tests/dir_transfer.rs", {
  "dir-six-files": {
    source: CLI_TESTS,
    ...arrives(
      "six files in nested directories arrive, nothing else beside",
      "tree",
      "tree",
      { files: 6, atomic: true },
    ),
  },
  "dir-result-fields": {
    description: "the result of recv-dir begins with the reference's fields",
    source: VERBS,
    reference: {
      first: words`peer out files dirs symlinks bytes duration_secs
        throughput_mib_s atomic`,
    },
    async run(place) {
      const { stdout } = await place.recvDir(place.refs.tree);
      return { first: Object.keys(JSON.parse(stdout)).slice(0, 9) };
    },
  },
  "dir-big-leaf": {
    source: CLI_TESTS,
    ...arrives(
      "a leaf of several chunks arrives beside a small one",
      "bigLeaf",
      "big_leaf",
      { files: 2, bytes: 9 * 2 ** 20 + 5 },
    ),
  },
  "dir-links": {
    description: "a link arrives verbatim and is counted",
    reference: { code: 0, symlinks: 1, target: "file" },
    async run(place) {
      const { code, stdout } = await place.recvDir(place.refs.links);
      const target = await Deno.readLink(place.at("out", "link"));
      return { code, symlinks: JSON.parse(stdout).symlinks, target };
    },
  },
  "dir-modes": {
    description: "the mode of a directory is applied",
    source: "src/adapter/net/dataforts/dir.rs",
    reason: "the mode is recorded; leaving it out opens what was private",
    reference: { code: 0, mode: 0o755 },
    ours: { code: 0, mode: 0o700 },
    async run(place) {
      const { code } = await place.recvDir(place.refs.tree);
      return { code, mode: await place.mode("out", "private") };
    },
  },
  "dir-send-same-reference": {
    description: "send-dir prints what serving the same tree prints",
    source: CLI_TESTS,
    reference: { code: 0, same: true },
    async run(place) {
      const { code, stdout } = await place
        .run`send-dir ${place.source("tree")} --output json`;
      return { code, same: JSON.parse(stdout).remote_ref === place.refs.tree };
    },
  },
  "dir-second-fetch": {
    description: "a second fetch removes stale files and updates changed ones",
    reference: { code: 0, differences: [], beside: ["out"] },
    async run(place) {
      await place.recvDir(place.refs.oldTree);
      const { code } = await place.recvDir(place.refs.tree);
      const differences = await place.differences("tree");
      return { code, differences, beside: await place.names() };
    },
  },
  "dir-side-by-side": {
    description: "two fetches into sibling targets are both whole",
    reference: { codes: [0, 0], differences: [[], []], beside: ["a", "b"] },
    async run(place) {
      const runs = await Promise.all([
        place.recvDir(place.refs.tree, "a"),
        place.recvDir(place.refs.bigLeaf, "b"),
      ]);
      const codes = runs.map(({ code }) => code);
      const differences = await Promise.all([
        place.differences("tree", "a"),
        place.differences("big_leaf", "b"),
      ]);
      return { codes, differences, beside: await place.names() };
    },
  },
  "dir-mixed": {
    description: "files of 0, 24, 5000 and 50 000 bytes and an empty directory",
    reference: { code: 0, sizes: [0, 24, 5000, 50_000], empty: [] },
    async run(place) {
      const { code } = await place.recvDir(place.refs.tree);
      const files = ["d/e/g", "d/c", "b", "d/e/f"];
      return {
        code,
        sizes: await Promise.all(
          files.map((path) => place.size(`out/${path}`)),
        ),
        empty: await place.names("out", "empty"),
      };
    },
  },
  "dir-many-small": arrives(
    "200 small files in 12 directories arrive",
    "many",
    "many",
    { files: 200, dirs: 12 },
  ),
  "dir-six-large": arrives(
    "six files of a chunk each arrive at concurrency 16",
    "six",
    "six",
    { files: 6, bytes: 24 * 2 ** 20 },
    ...["--concurrency", "16"],
  ),
  "dir-concurrency-limit": {
    description: "a concurrency that no semaphore has room for",
    source: VERBS,
    reason: "more than there is counts as all there is; the reference aborts",
    reference: recorded("H.concurrency-sem"),
    ours: { code: 0 },
    async run(place) {
      const flags = ["--concurrency", "2305843009213693952"];
      const { code } = await place.recvDir(place.refs.tree, "out", ...flags);
      return { code };
    },
  },
});
