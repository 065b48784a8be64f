import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { makeSmall } from "./blob_ref.ts";
import { blake3 } from "./hash.ts";
import {
  combineTrees,
  distinctNames,
  type NamedPart,
} from "./combine_trees.ts";
import {
  decodeDirManifest,
  type DirEntry,
  encodeDirManifest,
} from "./dir_manifest.ts";
import { checkManifest } from "./manifest_path.ts";
import { compareUtf8, sortByUtf8 } from "./utf8.ts";

const REF = makeSmall("uri", blake3(new Uint8Array(3)), 3);

function dir(name: string, ...paths: string[]): NamedPart {
  const entries = sortByUtf8(paths, (path) => path).map((path): DirEntry => ({
    path,
    kind: { type: "symlink", target: "x" },
  }));
  const manifest = encodeDirManifest({ version: 1, entries });
  return { name, kind: "dir", mode: 0o40755, manifest };
}

function pathsOf(parts: readonly NamedPart[]): string[] {
  return decodeDirManifest(combineTrees(parts)).entries
    .map(({ path }) => path);
}

Deno.test("files and trees lie below their names, in the order of manifests", () => {
  const parts: NamedPart[] = [
    dir("b", "y", "x"),
    { name: "a-b", kind: "blob", mode: 0o100644, ref: REF },
    dir("a", "c"),
  ];
  assertEquals(pathsOf(parts), ["a", "a-b", "a/c", "b", "b/x", "b/y"]);
  const { entries } = decodeDirManifest(combineTrees(parts));
  assertEquals(entries[0].kind, { type: "dir", mode: 0o40755 });
  assertEquals(entries[1].kind.type, "file");
  assertEquals(pathsOf([]), []);
});

Deno.test("a manifest that is none is refused", () => {
  const manifest = new Uint8Array([9, 9, 9]);
  assertThrows(() =>
    combineTrees([{ name: "a", kind: "dir", mode: 0, manifest }])
  );
});

Deno.test("names that some system takes for one are told apart", () => {
  assertEquals(
    distinctNames(["a.txt", "A.TXT", "a.txt", "a-2.txt", "b", "b", ".c", ".c"]),
    ["a.txt", "A-2.TXT", "a-3.txt", "a-2-2.txt", "b", "b-2", ".c", ".c-2"],
  );
  assertEquals(distinctNames(["\u00e9", "e\u0301"]), ["\u00e9", "e\u0301-2"]);
});

Deno.test("whatever the trees, a system that folds names can make the one of all", () => {
  const name = fc.stringMatching(/^[aAbB.é-]{1,4}$/).filter((text) =>
    !/^\.{1,2}$/.test(text)
  );
  const paths = fc.uniqueArray(fc.stringMatching(/^[a-c]{1,2}$/), {
    maxLength: 4,
  });
  fc.assert(fc.property(fc.array(fc.tuple(name, paths)), (trees) => {
    const names = distinctNames(trees.map(([name]) => name));
    const parts = trees.map(([, paths], at) => dir(names[at], ...paths));
    const manifest = decodeDirManifest(combineTrees(parts));
    checkManifest(manifest.entries, "darwin");
    const listed = manifest.entries.map(({ path }) => path);
    assertEquals(listed, [...listed].sort(compareUtf8));
  }));
});
