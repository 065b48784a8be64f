import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ManifestError, UnsafePathError } from "../errors.ts";
import type { DirEntry, DirEntryKind } from "./dir_manifest.ts";
import {
  checkManifest,
  checkManifestPath,
  refusedEntries,
} from "./manifest_path.ts";
import type { NameRules, PathPlatform } from "./name_rules.ts";
import { anyText } from "./testing/arbitraries.ts";

const FILE: DirEntryKind = { type: "file", mode: 0, blob: new Uint8Array() };
const DIR: DirEntryKind = { type: "dir", mode: 0 };
const LINK: DirEntryKind = { type: "symlink", target: "x" };

function refusesPath(
  path: string,
  reason: string,
  platform?: PathPlatform,
): void {
  const error = assertThrows(
    () => checkManifestPath(path, platform),
    UnsafePathError,
  );
  assert(error.message.startsWith("dir transfer: unsafe manifest path "));
  assert(error.message.endsWith(`: ${reason}`), error.message);
}

type Entries = [path: string, kind: DirEntryKind][];

function check(entries: Entries, platform?: PathPlatform | NameRules): void {
  checkManifest(entries.map(([path, kind]) => ({ path, kind })), platform);
}

/** The entries are refused in either order. */
function refuses(
  entries: Entries,
  reason: RegExp,
  platform?: PathPlatform | NameRules,
): void {
  for (const order of [entries, [...entries].reverse()]) {
    const error = assertThrows(() => check(order, platform), UnsafePathError);
    assert(reason.test(error.message), error.message);
  }
}

Deno.test("checkManifestPath gives the names of a path, normalized", () => {
  assertEquals(checkManifestPath("a"), ["a"]);
  assertEquals(checkManifestPath("a/b.txt"), ["a", "b.txt"]);
  for (const path of ["a//b", "a/./b", "a/b/", "a/b/.", "a///././b//"]) {
    assertEquals(checkManifestPath(path), ["a", "b"]);
  }
});

Deno.test("checkManifestPath takes names that only look odd", () => {
  const odd = "... .git ..a a.. a\\b C:x -rf \ufeff".split(" ");
  for (const path of [...odd, " ", "a\nb"]) {
    assertEquals(checkManifestPath(path), [path]);
  }
});

Deno.test("checkManifestPath refuses paths that leave the root or name nothing", () => {
  refusesPath("", "it is empty");
  for (const path of ["/", "/etc/passwd", "//a"]) {
    refusesPath(path, "it is absolute");
  }
  for (const path of [".", "./a"]) refusesPath(path, '"." is not a name');
  for (const path of ".. ../a a/.. a/../b a/b/../../.. a//../b".split(" ")) {
    refusesPath(path, '".." is not a name');
  }
});

Deno.test("checkManifestPath refuses NUL bytes and what is too long", () => {
  refusesPath("a\0b", "it has a NUL byte");
  // The first and the last character of each length in UTF-8.
  const edges = ["n\x7f", "é\x80\u07ff", "\u0800\uffff", "😀"];
  for (const [index, characters] of edges.entries()) {
    const most = Math.floor(255 / (index + 1));
    for (const character of characters) {
      assertEquals(checkManifestPath(character.repeat(most)).length, 1);
      refusesPath(
        character.repeat(most + 1),
        "a name is longer than 255 bytes",
      );
    }
  }
  const deep = Array(2048).fill("d").join("/");
  assertEquals(checkManifestPath(deep).length, 2048);
  refusesPath(`${deep}/d`, "it is longer than 4096 bytes");
  const long = Array(16).fill("n".repeat(255)).join("/");
  assertEquals(checkManifestPath(long).length, 16);
  refusesPath(`${long}/n`, "it is longer than 4096 bytes");
  refusesPath(`a${"/".repeat(4096)}`, "it is longer than 4096 bytes");
});

Deno.test("checkManifestPath refuses what Windows reserves, for Windows only", () => {
  const reserved = "con NUL.txt Aux.tar.gz com1 LPT9.x COM¹ conin$".split(" ");
  reserved.push("prn .x");
  for (const name of reserved) {
    refusesPath(`a/${name}`, `Windows reserves the name "${name}"`, "windows");
  }
  refusesPath("a\\b", String.raw`Windows has no "\\" in names`, "windows");
  refusesPath("C:", 'Windows has no ":" in names', "windows");
  refusesPath("a\nb", String.raw`Windows has no "\n" in names`, "windows");
  for (const path of ["a.", "a /b"]) {
    const reason = "Windows drops the dot or space at the end of a name";
    refusesPath(path, reason, "windows");
  }
  for (const name of [...reserved, "a\\b", "a.", "a "]) {
    assertEquals(checkManifestPath(name), [name]);
    assertEquals(checkManifestPath(name, "darwin"), [name]);
  }
  for (const name of ["console", "com10", "nul_.txt", "a b.c", ".con", "com"]) {
    assertEquals(checkManifestPath(name, "windows"), [name]);
  }
});

Deno.test("checkManifestPath quotes and escapes the path it refuses", () => {
  const error = assertThrows(
    () => checkManifestPath("../\x1b[2J\n"),
    UnsafePathError,
  );
  assertEquals(
    error.message,
    String
      .raw`dir transfer: unsafe manifest path "../\u{1b}[2J\n": ".." is not a name`,
  );
});

Deno.test("checkManifestPath gives names that stay below the root, or refuses", () => {
  const part = fc.oneof(fc.constantFrom("", ".", "..", "a", "a\0"), anyText(5));
  const path = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(path, fc.constantFrom("posix", "windows"), (path, platform) => {
      let names;
      try {
        names = checkManifestPath(path, platform as PathPlatform);
      } catch (error) {
        if (error instanceof UnsafePathError) return;
        throw error;
      }
      assert(names.length > 0);
      for (const name of names) {
        assert(
          name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name),
        );
      }
      assertEquals(checkManifestPath(names.join("/")), names);
    }),
    { numRuns: 500 },
  );
});

Deno.test("checkManifest takes a sound tree in any order, its parents listed or not", () => {
  const early: Entries = [["a", DIR], ["a/b", FILE], ["a/c", LINK]];
  check([...early, ["d/e/f", FILE], ["d", DIR]]);
  const late: Entries = [["d/e/f", FILE], ["d/e", DIR], ["a/b", FILE]];
  check([...late, ["a", DIR], ["d/g", FILE]]);
  check([]);
});

Deno.test("checkManifest refuses an unsafe path anywhere in the manifest", () => {
  refuses([["a", DIR], ["a/../../x", FILE]], /".." is not a name/);
});

Deno.test("checkManifest refuses two entries for one place, also after normalization", () => {
  refuses([["a", FILE], ["a", FILE]], /it is listed twice/);
  refuses([["a", DIR], ["a", DIR]], /it is listed twice/);
  refuses([["a", FILE], ["a", LINK]], /it is listed twice/);
  refuses([["a/b", FILE], ["a//b", FILE]], /it is listed twice/);
  refuses([["a/b", FILE], ["a/./b/", DIR]], /it is listed twice/);
});

Deno.test("checkManifest refuses entries below a file or a link", () => {
  for (const kind of [FILE, LINK]) {
    refuses([["a", kind], ["a/b", FILE]], /below/);
    refuses([["a", kind], ["a/b/c/d", FILE]], /below/);
    refuses([["x/a", kind], ["x/a//b", DIR]], /below/);
    refuses([["a", kind], ["a/b", DIR], ["a/b/c", FILE]], /below/);
  }
});

Deno.test("checkManifest refuses names that differ by case only where case does not count", () => {
  const cases: Entries[] = [
    [["readme", FILE], ["README", FILE]],
    [["lib/x", FILE], ["Lib/y", FILE]],
    [["lib", DIR], ["Lib/y", FILE]],
    [["straße", FILE], ["STRASSE", FILE]],
    [["σας", FILE], ["ΣΑΣ", FILE]],
    [["\u212a", FILE], ["k", FILE]],
  ];
  for (const entries of cases) {
    check(entries);
    check(entries, "posix");
    refuses(entries, /are the same name on this system/, "darwin");
    refuses(entries, /are the same name on this system/, "windows");
  }
});

Deno.test("checkManifest refuses names that differ by normalization only where that does not count", () => {
  const names = ["caf\u00e9", "cafe\u0301"];
  const entries = names.map((name): Entries[number] => [name, FILE]);
  check(entries);
  refuses(entries, /are the same name on this system/, "darwin");
  refuses([[".git", DIR], [".g\u200cit/x", FILE]], /the same name/, "darwin");
});

Deno.test("checkManifest takes names spelled one way each, where case does not count", () => {
  for (const platform of ["darwin", "windows"] as const) {
    check(
      [["Lib", DIR], ["Lib/É", FILE], ["Lib/x/Y", FILE], ["Lib/x/Z", FILE]],
      platform,
    );
    refuses([["Lib/x", FILE], ["Lib/x", FILE]], /it is listed twice/, platform);
    refuses([["Lib/X", LINK], ["Lib/X/y", FILE]], /below/, platform);
  }
});

Deno.test("checkManifest bounds the directories that a manifest implies", () => {
  // Each path adds 500 directories in a branch of its own.
  const below = "/d".repeat(500);
  const entries = Array.from({ length: 201 }, (_, i): DirEntry => ({
    path: `${i}${below}`,
    kind: FILE,
  }));
  checkManifest(entries.slice(0, 200));
  assertThrows(
    () => checkManifest(entries),
    ManifestError,
    "more than 100000 directories that it does not list",
  );
});

/** A file system that takes all names for what they are. */
const PLAIN: NameRules = {
  foldsCase: false,
  foldsUnicode: false,
  windowsNames: false,
  dropsDots: false,
  asciiNames: false,
};

Deno.test("checkManifest folds what the file system of the target folds, and nothing else", () => {
  const byCase: Entries = [["readme", FILE], ["README", FILE]];
  const byForm: Entries = [["caf\u00e9", FILE], ["cafe\u0301", FILE]];
  const same = /are the same name on this system/;
  check([...byCase, ...byForm], PLAIN);
  const foldsCase = { ...PLAIN, foldsCase: true };
  refuses(byCase, same, foldsCase);
  refuses([["É", FILE], ["é", FILE]], same, foldsCase);
  check([...byForm, ["ß", FILE], ["ss", FILE]], foldsCase);
  refuses(byForm, same, { ...PLAIN, foldsUnicode: true });
  check(byCase, { ...PLAIN, foldsUnicode: true });
});

Deno.test("checkManifest refuses names that the file system of the target has not", () => {
  const windowsNames = { ...PLAIN, windowsNames: true };
  refuses([["a:b", FILE]], /the file system has no ":" in names/, windowsNames);
  check([["con", FILE], ["dot.", FILE]], windowsNames);
  const dropsDots = { ...PLAIN, dropsDots: true };
  refuses([["dot.", FILE]], /the file system drops the dot/, dropsDots);
  const asciiNames = { ...PLAIN, asciiNames: true };
  refuses(
    [["caf\u00e9", FILE]],
    /the file system has no "é" in names/,
    asciiNames,
  );
  check([["a:b", FILE], ["dot.", FILE]], asciiNames);
});

Deno.test("refusedEntries finds what a file system cannot hold, with all that lies in it, and keeps the first of two that are one there", () => {
  const listed: Entries = [
    ["README", FILE],
    ["a:b", DIR],
    ["a:b/x", FILE],
    ["both", FILE],
    ["both/x", FILE],
    ["d", DIR],
    ["d/tail.", FILE],
    ["d/fine", FILE],
    ["readme", DIR],
    ["readme/x", DIR],
    ["readme/x/y", FILE],
    ["z", FILE],
  ];
  const entries = listed.map(([path, kind]) => ({ path, kind }));
  const rules: NameRules = {
    ...PLAIN,
    foldsCase: true,
    windowsNames: true,
    dropsDots: true,
  };
  const refused = refusedEntries(entries, rules);
  assertEquals([...refused.keys()], [1, 2, 4, 6, 8, 9, 10]);
  assert(/has no ":" in names/.test(refused.get(1)?.message ?? ""));
  assertEquals(refusedEntries([entries[0]], rules).size, 0);
});

Deno.test("what refusedEntries leaves is what checkManifest takes", () => {
  const name = fc.constantFrom("a", "A", "b", "a:", "c.", "\u00e9", "e\u0301");
  const path = fc.array(name, { minLength: 1, maxLength: 3 });
  const kind = fc.constantFrom(FILE, DIR, LINK);
  const entry = fc.tuple(path, kind);
  const rules = fc.record({
    foldsCase: fc.boolean(),
    foldsUnicode: fc.boolean(),
    windowsNames: fc.boolean(),
    dropsDots: fc.boolean(),
    asciiNames: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), rules, (listed, where) => {
      const entries = listed.map(([names, kind]): DirEntry => ({
        path: names.join("/"),
        kind,
      }));
      const refused = refusedEntries(entries, where);
      checkManifest(entries.filter((_, at) => !refused.has(at)), where);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("judging takes a step for each name of a manifest, however its paths are made", () => {
  const deep = "d/".repeat(2040);
  const lists: Record<string, (i: number) => string> = {
    "directories of its own for each": (i) => `${i}/${deep}f`,
    "the same directories": (i) => `${deep}${i}`,
    "now the one, then the other": (i) => `${i % 2}/${deep}${i}`,
    "others from the end on": (i) => `${deep.slice(0, 4000 - 2 * i)}x/${i}`,
  };
  for (const [name, pathOf] of Object.entries(lists)) {
    const entries: DirEntry[] = [];
    for (let i = 0; i < 40; i++) entries.push({ path: pathOf(i), kind: FILE });
    const names = entries.reduce((sum, { path }) => {
      return sum + path.split("/").length;
    }, 0);
    for (const where of ["posix", "darwin"] as const) {
      const work = { steps: 0 };
      checkManifest(entries, where, work);
      assert(
        work.steps <= names,
        `${name}: ${work.steps} steps, ${names} names`,
      );
    }
    const refused: DirEntry[] = [
      { path: "A", kind: FILE },
      { path: "a", kind: DIR },
      ...entries,
    ];
    const work = { steps: 0 };
    assertEquals(refusedEntries(refused, "darwin", work).size, 1);
    const most = 2 * (names + 2);
    assert(work.steps <= most, `${name}: ${work.steps} steps, ${names} names`);
  }
});

Deno.test("nothing lies below a file, whatever the system sees of its name", () => {
  refuses([["\u200c", FILE], ["\u200c/a", FILE]], /below/, "darwin");
});
