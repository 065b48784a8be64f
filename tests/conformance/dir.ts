/**
 * Directories: what the reference's own tests pin.
 *
 * @module
 */

import { join } from "@std/path";
import { compareTrees } from "../../scripts/compare_trees.ts";
import { names, recvDir, type Row, sizeOf } from "./row.ts";

async function differences(
  one: string,
  other: string,
): Promise<readonly unknown[]> {
  return (await compareTrees(one, other)).differences;
}

/** The rows. */
export const DIR_ROWS: readonly Row[] = [
  {
    id: "dir-six-files",
    description: "six files in nested directories arrive, nothing else beside",
    source: "cli/tests/transfer_cli_dir.rs",
    expected: "same",
    reference: {
      code: 0,
      files: 6,
      atomic: true,
      differences: [],
      beside: ["out"],
    },
    async run(place) {
      const { code, stdout } = await recvDir(place, place.refs.tree, "out");
      const { files, atomic } = JSON.parse(stdout);
      return {
        code,
        files,
        atomic,
        differences: await differences(
          join(place.sources, "tree"),
          join(place.dir, "out"),
        ),
        beside: await names(place.dir),
      };
    },
  },
  {
    id: "dir-result-fields",
    description: "the result of recv-dir begins with the reference's fields",
    source: "cli/src/commands/transfer.rs",
    expected: "same",
    reference: {
      first: [
        ...["peer", "out", "files", "dirs", "symlinks", "bytes"],
        ...["duration_secs", "throughput_mib_s", "atomic"],
      ],
    },
    async run(place) {
      const { stdout } = await recvDir(place, place.refs.tree, "out");
      return { first: Object.keys(JSON.parse(stdout)).slice(0, 9) };
    },
  },
  {
    id: "dir-big-leaf",
    description: "a leaf of several chunks arrives beside a small one",
    source: "cli/tests/transfer_cli_dir.rs",
    expected: "same",
    reference: { code: 0, files: 2, bytes: 9 * 2 ** 20 + 5, differences: [] },
    async run(place) {
      const { code, stdout } = await recvDir(place, place.refs.bigLeaf, "out");
      const { files, bytes } = JSON.parse(stdout);
      const at: [string, string] = [
        join(place.sources, "big_leaf"),
        join(place.dir, "out"),
      ];
      return { code, files, bytes, differences: await differences(...at) };
    },
  },
  {
    id: "dir-links",
    description: "a link arrives verbatim and is counted",
    source: "tests/dir_transfer.rs",
    expected: "same",
    reference: { code: 0, symlinks: 1, target: "file" },
    async run(place) {
      const { code, stdout } = await recvDir(place, place.refs.links, "out");
      const target = await Deno.readLink(join(place.dir, "out", "link"));
      return { code, symlinks: JSON.parse(stdout).symlinks, target };
    },
  },
  {
    id: "dir-modes",
    description: "the mode of a directory is applied",
    source: "src/adapter/net/dataforts/dir.rs",
    expected: "fixed",
    reason: "the mode is recorded; leaving it out opens what was private",
    reference: { code: 0, mode: 0o755 },
    ours: { code: 0, mode: 0o700 },
    async run(place) {
      const { code } = await recvDir(place, place.refs.tree, "out");
      const { mode } = await Deno.stat(join(place.dir, "out", "private"));
      return { code, mode: (mode ?? 0) & 0o777 };
    },
  },
  {
    id: "dir-send-same-reference",
    description: "send-dir prints what serving the same tree prints",
    source: "cli/tests/transfer_cli_dir.rs",
    expected: "same",
    reference: { code: 0, same: true },
    async run(place) {
      const tree = join(place.sources, "tree");
      const { code, stdout } = await place.run(
        ...["send-dir", tree, "--output", "json"],
      );
      const { remote_ref: ref } = JSON.parse(stdout);
      return { code, same: ref === place.refs.tree };
    },
  },
  {
    id: "dir-second-fetch",
    description: "a second fetch removes stale files and updates changed ones",
    source: "tests/dir_transfer.rs",
    expected: "same",
    reference: { code: 0, differences: [], beside: ["out"] },
    async run(place) {
      await recvDir(place, place.refs.oldTree, "out");
      const { code } = await recvDir(place, place.refs.tree, "out");
      const at: [string, string] = [
        join(place.sources, "tree"),
        join(place.dir, "out"),
      ];
      return {
        code,
        differences: await differences(...at),
        beside: await names(place.dir),
      };
    },
  },
  {
    id: "dir-side-by-side",
    description: "two fetches into sibling targets are both whole",
    source: "tests/dir_transfer.rs",
    expected: "same",
    reference: { codes: [0, 0], differences: [[], []], beside: ["a", "b"] },
    async run(place) {
      const sources = ["tree", "big_leaf"];
      const runs = await Promise.all([
        recvDir(place, place.refs.tree, "a"),
        recvDir(place, place.refs.bigLeaf, "b"),
      ]);
      return {
        codes: runs.map(({ code }) => code),
        differences: await Promise.all(
          ["a", "b"].map((name, at) =>
            differences(join(place.sources, sources[at]), join(place.dir, name))
          ),
        ),
        beside: await names(place.dir),
      };
    },
  },
  {
    id: "dir-mixed",
    description: "files of 0, 24, 5000 and 50 000 bytes and an empty directory",
    source: "tests/dir_transfer.rs",
    expected: "same",
    reference: { code: 0, sizes: [0, 24, 5000, 50_000], empty: [] },
    async run(place) {
      const { code } = await recvDir(place, place.refs.tree, "out");
      const at = (path: string) => join(place.dir, "out", path);
      const files = ["d/e/g", "d/c", "b", "d/e/f"];
      return {
        code,
        sizes: await Promise.all(files.map((path) => sizeOf(at(path)))),
        empty: await names(at("empty")),
      };
    },
  },
  {
    id: "dir-many-small",
    description: "200 small files in 12 directories arrive",
    source: "tests/dir_transfer.rs",
    expected: "same",
    reference: { code: 0, files: 200, dirs: 12, differences: [] },
    async run(place) {
      const { code, stdout } = await recvDir(place, place.refs.many, "out");
      const { files, dirs } = JSON.parse(stdout);
      const at: [string, string] = [
        join(place.sources, "many"),
        join(place.dir, "out"),
      ];
      return { code, files, dirs, differences: await differences(...at) };
    },
  },
  {
    id: "dir-six-large",
    description: "six files of a chunk each arrive at concurrency 16",
    source: "tests/dir_transfer.rs",
    expected: "same",
    reference: { code: 0, files: 6, bytes: 24 * 2 ** 20, differences: [] },
    async run(place) {
      const { code, stdout } = await recvDir(
        ...[place, place.refs.six, "out"] as const,
        ...["--concurrency", "16"],
      );
      const { files, bytes } = JSON.parse(stdout);
      const at: [string, string] = [
        join(place.sources, "six"),
        join(place.dir, "out"),
      ];
      return { code, files, bytes, differences: await differences(...at) };
    },
  },
  {
    id: "dir-concurrency-limit",
    description: "a concurrency that no semaphore has room for",
    source: "cli/src/commands/transfer.rs",
    expected: "fixed",
    reason: "a number that is too large is a usage error, not a crash",
    reference: { code: 101 },
    ours: { code: 2 },
    async run(place) {
      const { code } = await recvDir(
        ...[place, place.refs.tree, "out"] as const,
        ...["--concurrency", "4611686018427387904"],
      );
      return { code };
    },
  },
];
