/**
 * What of a tree besides its contents arrives, and what of it is published.
 *
 * @module
 */

import { join } from "@std/path";
import {
  checkManifestPath,
  compareUtf8,
  decodeDirManifest,
  type DirEntry,
  encodeBlobRef,
  encodeDirManifest,
  SEND_URI,
} from "../../lib/content/mod.ts";
import { chunkPayload } from "../../lib/content/testing/chunk_payload.ts";
import { noise } from "../../scripts/make_tree.ts";
import { names, type Place, recvDir, type Row } from "./row.ts";

const SOURCE = "src/adapter/net/dataforts/dir.rs";

async function sendDir(place: Place, dir: string, ...more: string[]) {
  const finished = await place.run(
    ...["send-dir", dir, "--output", "json", ...more],
  );
  return { ...finished, result: JSON.parse(finished.stdout) };
}

/** Publishes a directory in the store that is served, and fetches it. */
async function through(place: Place, dir: string) {
  const sent = await sendDir(place, dir, "--store", place.liveStore);
  const { remote_ref: ref } = sent.result;
  const received = await recvDir(place, ref, "out");
  return { codes: [sent.code, received.code], result: sent.result };
}

/** Whether a path of a manifest is one below the target. */
function isSafe(path: string): boolean {
  try {
    checkManifestPath(path);
    return true;
  } catch {
    return false;
  }
}

/** The rows. */
export const DIR_METADATA_ROWS: readonly Row[] = [
  {
    id: "dir-safe-join",
    description: "a path of a manifest stays below the target, or is refused",
    source: SOURCE,
    expected: "same",
    reference: {
      safe: { "a/b/c.txt": true },
      unsafe: {
        "../escape": false,
        "a/../../escape": false,
        "/abs/path": false,
        "": false,
        "./a": false,
      },
    },
    run() {
      const unsafe = ["../escape", "a/../../escape", "/abs/path", "", "./a"];
      const look = (paths: readonly string[]) =>
        Object.fromEntries(paths.map((path) => [path, isSafe(path)]));
      return Promise.resolve({
        safe: look(["a/b/c.txt"]),
        unsafe: look(unsafe),
      });
    },
  },
  {
    id: "dir-manifest-round-trip",
    description: "a manifest of a directory, a file and a link is one file",
    source: SOURCE,
    expected: "same",
    reference: { same: true, files: 1 },
    run() {
      const { ref } = chunkPayload(noise(5, 50), SEND_URI);
      const blob = encodeBlobRef(ref);
      const entries: DirEntry[] = [
        { path: "d", kind: { type: "dir", mode: 0o40755 } },
        { path: "d/f", kind: { type: "file", mode: 0o100644, blob } },
        { path: "l", kind: { type: "symlink", target: "d/f" } },
      ];
      const manifest = { version: 1, entries };
      const decoded = decodeDirManifest(encodeDirManifest(manifest));
      return Promise.resolve({
        same: JSON.stringify(decoded) === JSON.stringify(manifest),
        files: decoded.entries.filter(({ kind }) => kind.type === "file")
          .length,
      });
    },
  },
  {
    id: "dir-file-modes",
    description: "the mode of a file is applied",
    source: SOURCE,
    expected: "same",
    reference: { code: 0, mode: 0o640 },
    async run(place) {
      const { code } = await recvDir(place, place.refs.tree, "out");
      const at = join(place.dir, "out", "private", "h");
      return { code, mode: ((await Deno.stat(at)).mode ?? 0) & 0o7777 };
    },
  },
  {
    id: "dir-setid",
    description: "a set-user-id bit of the sender",
    source: SOURCE,
    expected: "fixed",
    reason: "a stranger does not decide what runs with our rights",
    reference: { code: 0, mode: 0o4755 },
    ours: { code: 0, mode: 0o755 },
    async run(place) {
      const { code } = await recvDir(place, place.refs.setid, "out");
      const { mode } = await Deno.stat(join(place.dir, "out", "file"));
      return { code, mode: (mode ?? 0) & 0o7777 };
    },
  },
  {
    id: "dir-times",
    description: "times are not restored",
    source: SOURCE,
    expected: "same",
    reference: { codes: [0, 0], restored: false },
    async run(place) {
      const tree = join(place.dir, "source");
      await Deno.mkdir(tree);
      await Deno.writeTextFile(join(tree, "file"), "old");
      await Deno.utime(join(tree, "file"), 1000, 1000);
      const { codes } = await through(place, tree);
      const { mtime } = await Deno.stat(join(place.dir, "out", "file"));
      return { codes, restored: mtime?.getTime() === 1_000_000 };
    },
  },
  {
    id: "dir-hidden-and-special",
    description: "hidden files are published, pipes are not",
    source: SOURCE,
    expected: "same",
    reference: { codes: [0, 0], inside: [".hidden", "file"] },
    async run(place) {
      const tree = join(place.dir, "source");
      await Deno.mkdir(tree);
      await Deno.writeTextFile(join(tree, "file"), "a");
      await Deno.writeTextFile(join(tree, ".hidden"), "b");
      const fifo = new Deno.Command("mkfifo", { args: [join(tree, "pipe")] });
      await fifo.output();
      const { codes } = await through(place, tree);
      return { codes, inside: await names(join(place.dir, "out")) };
    },
  },
  {
    id: "dir-sort-order",
    description: "entries are sorted by the bytes of their UTF-8",
    source: SOURCE,
    expected: "same",
    // As UTF-16, which a string compares by, U+1F600 comes before U+FF21.
    reference: { order: ["a", "z", "\uff21", "\u{1f600}"] },
    run() {
      const paths = ["\u{1f600}", "z", "\uff21", "a"];
      return Promise.resolve({ order: paths.sort(compareUtf8) });
    },
  },
  {
    id: "dir-send-fields",
    description: "the result of send-dir begins with the reference's fields",
    source: "cli/src/commands/transfer.rs",
    expected: "same",
    reference: { first: ["remote_ref", "manifest_size", "staged_to"] },
    async run(place) {
      const tree = join(place.sources, "tree");
      const store = join(place.dir, "store");
      const { result } = await sendDir(place, tree, "--store", store);
      return { first: Object.keys(result).slice(0, 3) };
    },
  },
  {
    id: "dir-send-unstaged",
    description: "send-dir without --store says nothing of a store",
    source: "cli/src/commands/transfer.rs",
    expected: "same",
    reference: { staged: false },
    async run(place) {
      const { result } = await sendDir(place, join(place.sources, "tree"));
      return { staged: "staged_to" in result };
    },
  },
  {
    id: "dir-link-fails",
    description: "a link that cannot be made",
    source: SOURCE,
    expected: "fixed",
    reason: "a tree without one of its links is not the tree",
    reference: { code: 0, beside: ["out"] },
    ours: { code: 3, beside: [] },
    async run(place) {
      const { code } = await recvDir(place, place.refs.longLink, "out");
      return { code, beside: await names(place.dir) };
    },
  },
  {
    id: "dir-path-twice",
    description: "a manifest with the same path twice",
    source: SOURCE,
    expected: "fixed",
    reason: "the reference keeps the last; nobody can say which was meant",
    reference: { code: 0, beside: ["out"] },
    ours: { code: 3, beside: [] },
    async run(place) {
      const { code } = await recvDir(place, place.refs.twice, "out");
      return { code, beside: await names(place.dir) };
    },
  },
];
