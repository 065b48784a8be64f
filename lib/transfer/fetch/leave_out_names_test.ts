import { assertEquals, assertThrows } from "@std/assert";
import {
  type DirEntry,
  encodeDirManifest,
  readDirEntries,
} from "../../content/mod.ts";
import { UnsafePathError } from "../../errors.ts";
import { leaveOutNames } from "./leave_out_names.ts";

const ENTRIES: DirEntry[] = [
  { path: "a:b", kind: { type: "dir", mode: 0o755 } },
  {
    path: "a:b/x",
    kind: { type: "file", mode: 0o644, blob: new Uint8Array(3) },
  },
  { path: "d", kind: { type: "dir", mode: 0o755 } },
  { path: "d/x", kind: { type: "file", mode: 0o644, blob: new Uint8Array(3) } },
];
const MANIFEST = encodeDirManifest({ version: 1, entries: ENTRIES });

function refusing(...indexes: number[]): Map<number, UnsafePathError> {
  return new Map(indexes.map((index) => [index, new UnsafePathError("no")]));
}

Deno.test("a manifest without what cannot be there has the rest as it was, and what is left out is listed", () => {
  const { manifest, refused } = leaveOutNames(MANIFEST, refusing(0, 1));
  assertEquals([...readDirEntries(manifest)], ENTRIES.slice(2));
  assertEquals(refused, [
    { path: "a:b", kind: "unsafe_path", reason: "name" },
    { path: "a:b/x", kind: "unsafe_path", reason: "name" },
  ]);
});

Deno.test("a manifest of which all can be there is the same", () => {
  assertEquals(leaveOutNames(MANIFEST, refusing()), {
    manifest: MANIFEST,
    refused: [],
  });
});

Deno.test("a manifest of which no file could be there is refused", () => {
  assertThrows(
    () => leaveOutNames(MANIFEST, refusing(0, 1, 3)),
    UnsafePathError,
    "no",
  );
});
