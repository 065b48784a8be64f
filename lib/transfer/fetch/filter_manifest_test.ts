import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeDirManifest,
  type DirEntry,
  encodeDirManifest,
  makeSmall,
} from "../../content/mod.ts";
import { ManifestError, UnsafePathError } from "../../errors.ts";
import { makePathFilter, parsePathPatterns } from "../../store/mod.ts";
import { filterManifest } from "./filter_manifest.ts";
import { fileEntry } from "../testing/fixture.ts";

const CONTENT = makeSmall("", new Uint8Array(32), 5n);

function tree(...paths: string[]): DirEntry[] {
  return paths.map((path) =>
    path.endsWith("/")
      ? { path: path.slice(0, -1), kind: { type: "dir", mode: 0o750 } }
      : fileEntry(path, CONTENT)
  );
}

function keep(
  entries: DirEntry[],
  rules: { include?: string; exclude?: string },
): DirEntry[] {
  const filter = makePathFilter({
    include: parsePathPatterns(rules.include ?? ""),
    exclude: parsePathPatterns(rules.exclude ?? ""),
  });
  const manifest = encodeDirManifest({ version: 1, entries });
  return decodeDirManifest(filterManifest(manifest, filter)).entries;
}

Deno.test("filterManifest keeps what matches and the directories above it, as they are", () => {
  const entries = tree("a/", "a/b/", "a/b/c.md", "a/b/c.o", "d/", "e.md");
  assertEquals(
    keep(entries, { include: "*.md" }),
    tree("a/", "a/b/", "a/b/c.md", "e.md"),
  );
  assertEquals(
    keep(entries, { exclude: "b/" }),
    tree("a/", "d/", "e.md"),
  );
  assertEquals(keep(entries, {}), entries);
  assertEquals(keep(entries, { include: "nothing" }), []);
});

Deno.test("filterManifest finds the directories above what is kept in any order and spelling", () => {
  const entries = tree("a//x.md", "a/./", "b/c/x.o", "b/c/", "b/");
  assertEquals(keep(entries, { include: "*.md" }), tree("a//x.md", "a/./"));
  const manifest = encodeDirManifest({ version: 1, entries });
  const onlyFiles = filterManifest(manifest, (_, type) => type === "file");
  assertEquals(decodeDirManifest(onlyFiles).entries, entries);
});

Deno.test("filterManifest asks once about each entry", () => {
  const entries = tree("a/", "a/b", "c");
  const asked: string[] = [];
  const manifest = encodeDirManifest({ version: 1, entries });
  filterManifest(manifest, (path, type) => {
    asked.push(`${type} ${path}`);
    return false;
  });
  assertEquals(asked, ["dir a", "file a/b", "file c"]);
});

Deno.test("filterManifest refuses a hostile manifest wherever the hostile entry is", () => {
  for (const path of ["../x.o", "/x.o", "a.md/x.o", "a.md"]) {
    assertThrows(
      () => keep(tree("a.md", path), { include: "a.md", exclude: "*.o" }),
      UnsafePathError,
    );
  }
  const broken: DirEntry = {
    path: "x.o",
    kind: { type: "file", mode: 0, blob: new Uint8Array(3) },
  };
  assertThrows(() => keep([broken], { include: "*.md" }), ManifestError);
});
