/** What of a tree besides its contents arrives, and what of it is published. */

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
import type { Place } from "./place.ts";
import { from, type Rows } from "./row.ts";

async function sendDir(place: Place, dir: string, ...more: string[]) {
  const finished = await place.run`send-dir ${dir} --output json ${more}`;
  return { ...finished, result: JSON.parse(finished.stdout) };
}

/** Publishes a directory in the store that is served, and fetches it. */
async function through(place: Place, dir: string) {
  const sent = await sendDir(place, dir, "--store", place.liveStore);
  const received = await place.recvDir(sent.result.remote_ref);
  return [sent.code, received.code];
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
export const DIR_METADATA_ROWS: Rows = from(
  "src/adapter/net/dataforts/dir.rs",
  {
    "dir-safe-join": {
      description: "a path of a manifest stays below the target, or is refused",
      reference: {
        "a/b/c.txt": true,
        "../escape": false,
        "a/../../escape": false,
        "/abs/path": false,
        "": false,
        "./a": false,
      },
      run() {
        const safe = ["a/b/c.txt"];
        const unsafe = ["../escape", "a/../../escape", "/abs/path", "", "./a"];
        return Promise.resolve(Object.fromEntries(
          [...safe, ...unsafe].map((path) => [path, isSafe(path)]),
        ));
      },
    },
    "dir-manifest-round-trip": {
      description: "a manifest of a directory, a file and a link is one file",
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
    "dir-file-modes": {
      description: "the mode of a file is applied",
      reference: { code: 0, mode: 0o640 },
      async run(place) {
        const { code } = await place.recvDir(place.refs.tree);
        return { code, mode: await place.mode("out", "private", "h") };
      },
    },
    "dir-setid": {
      description: "a set-user-id bit of the sender",
      reason: "a stranger does not decide what runs with our rights",
      reference: { code: 0, mode: 0o4755 },
      ours: { code: 0, mode: 0o755 },
      async run(place) {
        const { code } = await place.recvDir(place.refs.setid);
        return { code, mode: await place.mode("out", "file") };
      },
    },
    "dir-sticky": {
      description: "the sticky bit of a directory arrives",
      reference: { codes: [0, 0], mode: 0o1777 },
      async run(place) {
        await Deno.mkdir(place.at("source", "open"), { recursive: true });
        await Deno.chmod(place.at("source", "open"), 0o1777);
        const codes = await through(place, place.at("source"));
        return { codes, mode: await place.mode("out", "open") };
      },
    },
    "dir-link-leaves": {
      description: "a link that leads out of the tree",
      reason: "as the reference since 0.27.2: refused unless it is asked for",
      reference: { codes: [0, 0], beside: ["out", "source"] },
      ours: { codes: [0, 3], beside: ["source"] },
      async run(place) {
        await Deno.mkdir(place.at("source"));
        await Deno.symlink("../elsewhere", place.at("source", "link"));
        const codes = await through(place, place.at("source"));
        return { codes, beside: await place.names() };
      },
    },
    "dir-times": {
      description: "times are not restored",
      reference: { codes: [0, 0], restored: false },
      async run(place) {
        await Deno.mkdir(place.at("source"));
        const file = await place.write("source/file", "old");
        await Deno.utime(file, 1000, 1000);
        const codes = await through(place, place.at("source"));
        const { mtime } = await Deno.stat(place.at("out", "file"));
        return { codes, restored: mtime?.getTime() === 1_000_000 };
      },
    },
    "dir-hidden-and-special": {
      description: "hidden files are published, pipes are not",
      reference: { codes: [0, 0], inside: [".hidden", "file"] },
      async run(place) {
        await Deno.mkdir(place.at("source"));
        await place.write("source/file", "a");
        await place.write("source/.hidden", "b");
        await new Deno.Command("mkfifo", { args: [place.at("source", "pipe")] })
          .output();
        const codes = await through(place, place.at("source"));
        return { codes, inside: await place.names("out") };
      },
    },
    "dir-sort-order": {
      description: "entries are sorted by the bytes of their UTF-8",
      // As UTF-16, which a string compares by, U+1F600 comes before U+FF21.
      reference: { order: ["a", "z", "\uff21", "\u{1f600}"] },
      run() {
        const paths = ["\u{1f600}", "z", "\uff21", "a"];
        return Promise.resolve({ order: paths.sort(compareUtf8) });
      },
    },
    "dir-send-fields": {
      description: "the result of send-dir begins with the reference's fields",
      source: "cli/src/commands/transfer.rs",
      reference: { first: ["remote_ref", "manifest_size", "staged_to"] },
      async run(place) {
        const store = ["--store", place.at("store")];
        const { result } = await sendDir(place, place.source("tree"), ...store);
        return { first: Object.keys(result).slice(0, 3) };
      },
    },
    "dir-send-unstaged": {
      description: "send-dir without --store says nothing of a store",
      source: "cli/src/commands/transfer.rs",
      reference: { staged: false },
      async run(place) {
        const { result } = await sendDir(place, place.source("tree"));
        return { staged: "staged_to" in result };
      },
    },
    "dir-link-fails": {
      description: "a link that cannot be made",
      reason: "a tree without one of its links is not the tree",
      reference: { code: 0, beside: ["out"] },
      ours: { code: 3, beside: [] },
      async run(place) {
        const { code } = await place.recvDir(place.refs.longLink);
        return { code, beside: await place.names() };
      },
    },
    "dir-path-twice": {
      description: "a manifest with the same path twice",
      reason: "the reference keeps the last; nobody can say which was meant",
      reference: { code: 0, beside: ["out"] },
      ours: { code: 3, beside: [] },
      async run(place) {
        const { code } = await place.recvDir(place.refs.twice);
        return { code, beside: await place.names() };
      },
    },
  },
);
