/** Directory manifests that ask for what nobody should get. */

import { concat } from "@std/bytes/concat";
import {
  blake3,
  type DirEntry,
  encodeBlobRef,
  encodeDirManifest,
  makeSmall,
} from "../../../lib/content/mod.ts";
import type { PathPlatform } from "../../../lib/content/mod.ts";

/** A manifest, and what is wrong with it. */
export interface HostileManifest {
  readonly name: string;
  readonly manifest: Uint8Array;
  /** Systems on which it is hostile; on every one when left out. */
  readonly on?: readonly PathPlatform[];
}

/** What each file of them holds. */
export const CONTENT: Uint8Array = new TextEncoder().encode("x");
const BLOB = encodeBlobRef(makeSmall("", blake3(CONTENT), CONTENT.length));
const utf8 = new TextEncoder();

const file = (
  path: string,
  mode = 0o644,
  blob: Uint8Array = BLOB,
): DirEntry => ({
  path,
  kind: { type: "file", mode, blob },
});
const dir = (path: string, mode = 0o755): DirEntry => ({
  path,
  kind: { type: "dir", mode },
});
const link = (path: string, target: string): DirEntry => ({
  path,
  kind: { type: "symlink", target },
});
const of = (...entries: DirEntry[]): Uint8Array =>
  encodeDirManifest({ version: 1, entries });

/** A string as the format has it, or bytes in the place of one. */
function text(value: string | number[]): number[] {
  const bytes = typeof value === "string" ? [...utf8.encode(value)] : value;
  return [bytes.length, ...bytes];
}

/** A manifest of one entry, written by hand. */
const raw = (...parts: (number[] | Uint8Array)[]): Uint8Array =>
  concat([
    Uint8Array.of(1, 1),
    ...parts.map((part) => Uint8Array.from(part)),
  ]);
/** The largest number of ten bytes, and one of eleven. */
const HUGE = [...new Array<number>(9).fill(0xff), 0x01];
const OVERLONG = [...new Array<number>(10).fill(0x80), 0x01];

/** Paths that lead out, or are none. */
const PATHS: Record<string, string> = {
  "the directory above": "../x",
  "above, from further down": "a/../../x",
  "up and back": "a/../b",
  "up at the end": "a/..",
  "up alone": "..",
  "up, a slash after it": "../",
  "up after a dot": "./../x",
  "up after two slashes": "a//../../x",
  "far up": `${"../".repeat(40)}tmp/x`,
  absolute: "/tmp/x",
  "absolute by two slashes": "//tmp/x",
  "the root": "/",
  nothing: "",
  "a dot": ".",
  "a dot in front": "./x",
  NUL: "a\0b",
  "NUL alone": "\0",
  "NUL in the last name": "a/\0",
  "a name of 256 bytes": "x".repeat(256),
  "a name of 256 bytes in 128 letters": "é".repeat(128),
  "a path of 4097 bytes": `${"x/".repeat(2048)}x`,
};

/** Entries that need the same place, or one below a file or link. */
const COLLISIONS: Record<string, DirEntry[]> = {
  "a file twice": [file("a"), file("a")],
  "a directory twice": [dir("a"), dir("a")],
  "a link twice": [link("a", "b"), link("a", "c")],
  "twice by two slashes": [file("a/b"), file("a//b")],
  "twice by a dot": [file("a/b"), file("a/./b")],
  "twice by a slash at the end": [file("a"), file("a/")],
  "a file, then a directory": [file("a"), dir("a")],
  "a directory, then a file": [dir("a"), file("a")],
  "a file, then a link": [file("a"), link("a", "b")],
  "a link, then a file": [link("a", ".."), file("a")],
  "a directory, then a link": [dir("a"), link("a", "..")],
  "a link, then a directory": [link("a", ".."), dir("a")],
  "below a file": [file("a"), file("a/b")],
  "below a file that comes later": [file("a/b"), file("a")],
  "far below a file": [file("a"), file("a/b/c/d")],
  "below a link inside": [link("a", "."), file("a/b")],
  "below a link outside": [link("a", "/tmp"), file("a/b")],
  "below a link that comes later": [file("a/b"), link("a", "..")],
  "a directory below a link": [link("a", ".."), dir("a/b")],
  "a link below a link": [link("a", ".."), link("a/b", "c")],
  "below a link, by two slashes": [link("a", ".."), file("a//b")],
};

/** Links that lead out of the tree, or nowhere. */
const LINKS: Record<string, DirEntry[]> = {
  "an absolute link": [link("a", "/etc/passwd")],
  "a link up": [link("a", "..")],
  "a link up and on": [link("a", "../outside/x")],
  "a link up from below": [link("a/b", "../../outside")],
  "a link down and up": [link("a", "b/../../outside")],
  "a link up behind dots": [link("a", "././../outside")],
  "a link up behind slashes": [link("a", ".///../outside")],
  "a link out by another": [link("a", "d/b"), link("d/b", "../..")],
  "a link out by what another leads to": [
    link("d/e/b", ".."),
    link("d/e/a", "b/../../outside"),
  ],
  "a link out by two others": [
    link("d/e/f/a", "b/../outside"),
    link("d/e/f/b", "c/.."),
    link("d/e/f/c", "../../.."),
  ],
  "a link to itself": [link("a", "a")],
  "a loop of two": [link("a", "b"), link("b", "a")],
  "a loop of three, from elsewhere": [
    link("a", "d/b"),
    link("d/b", "../c"),
    link("c", "a"),
  ],
  "a loop that grows": [link("a", "a/b")],
  "41 links in a row": Array.from(
    { length: 42 },
    (_, i) => link(`l${i}`, i === 41 ? "." : `l${i + 1}`),
  ),
  "a link to nothing": [link("a", "")],
  "a link to NUL": [link("a", "x\0y")],
  "a link of 4096 bytes": [link("a", "x".repeat(4096))],
};

const small = (size: bigint): Uint8Array =>
  encodeBlobRef(makeSmall("", blake3(CONTENT), size));
/** A reference of the version that holds a list, written by hand. */
const listOf = (...parts: number[][]): Uint8Array =>
  Uint8Array.from([0xb0, 0xb1, 0xb2, 0xb3, 2, 1, 0, 0, ...parts.flat()]);
const treeOf = (size: number[], depth: number): Uint8Array =>
  Uint8Array.from([
    ...[0xb0, 0xb1, 0xb2, 0xb3, 3, 1, 0, 0],
    ...blake3(CONTENT),
    ...size,
    depth,
  ]);
const chunk = [...blake3(CONTENT)];
const MIB4 = [0x80, 0x80, 0x80, 0x02];

/** References of a file that no file can have. */
const REFERENCES: Record<string, Uint8Array> = {
  "no reference": new Uint8Array(),
  "a reference without its magic": Uint8Array.of(1, 2, 3, 4, 5),
  "a reference that ends in its magic": BLOB.slice(0, 4),
  "a reference that is cut off": BLOB.slice(0, -1),
  "a reference of version 9": Uint8Array.of(0xb0, 0xb1, 0xb2, 0xb3, 9),
  "a chunk longer than 16 MiB": small(16_777_217n),
  "a chunk of more than 16 GiB": small(2n ** 34n + 1n),
  "the longest chunk that can be written": small(2n ** 64n - 1n),
  "a length that the chunk does not have": small(2n),
  "a list without chunks": listOf([0], [0]),
  "a list with a chunk of no bytes": listOf([1], chunk, [0], [0]),
  "a list whose sum is another": listOf([1], chunk, [1], [2]),
  "a list with a short chunk in the middle": listOf(
    ...[[2], chunk, [1], chunk, [1], [2]],
  ),
  "a list with a chunk above 4 MiB": listOf(
    ...[[1], chunk, [0x81, 0x80, 0x80, 0x02], [0x81, 0x80, 0x80, 0x02]],
  ),
  "a list of more chunks than bytes": listOf([0xff, 0xff, 0x7f]),
  "a list of 2^64 - 1 chunks": listOf(HUGE),
  "a tree of no bytes": treeOf([0], 1),
  "a tree without levels": treeOf([1], 0),
  "a tree of five levels": treeOf(MIB4, 5),
  "a tree with more levels than bytes": treeOf([5], 4),
  "a tree longer than any file": treeOf([...HUGE], 4),
  "a tree whose root is no node": treeOf(MIB4, 1),
  "a tree of one level with an unknown root": Uint8Array.from([
    ...[0xb0, 0xb1, 0xb2, 0xb3, 3, 1, 0, 0],
    ...new Uint8Array(32).fill(7),
    ...MIB4,
    1,
  ]),
};

/** What is no manifest at all. */
const BYTES: Record<string, Uint8Array> = {
  "no bytes": new Uint8Array(),
  "a version alone": Uint8Array.of(1),
  "version 0": Uint8Array.of(0, 0),
  "version 2": Uint8Array.of(2, 0),
  "version 255": Uint8Array.of(255, 0),
  "more entries than bytes": Uint8Array.of(1, 0xff, 0xff, 0xff, 0x7f),
  "2^64 - 1 entries": Uint8Array.of(1, ...HUGE),
  "a count of eleven bytes": Uint8Array.of(1, ...OVERLONG),
  "one entry less than counted": (() => {
    const bytes = of(file("a"), file("b")).slice();
    bytes[1] = 3;
    return bytes;
  })(),
  "cut in the reference": of(file("a")).slice(0, -1),
  "cut in the path": of(file("abcdef")).slice(0, 5),
  "cut before the kind": raw(text("a")),
  "a path of more bytes than there are": raw([0x7f, 0x61]),
  "a path of 2^64 - 1 bytes": raw(HUGE),
  "a path whose length has eleven bytes": raw(OVERLONG),
  "a kind that is none": raw(text("a"), [3]),
  "a kind of eleven bytes": raw(text("a"), OVERLONG),
  "a mode of 2^64 - 1": raw(text("a"), [1], HUGE),
  "a mode of 2^32": raw(text("a"), [1], [0x80, 0x80, 0x80, 0x80, 0x10]),
  "a reference of 2^64 - 1 bytes": raw(text("a"), [0], [0], HUGE),
  "a path that is no UTF-8": raw(text([0xff]), [1], [0]),
  "a slash in two bytes": raw(text([0x2e, 0x2e, 0xc0, 0xaf, 0x78]), [1], [0]),
  "a dot in two bytes": raw(text([0xc0, 0xae, 0xc0, 0xae]), [1], [0]),
  "half a surrogate pair": raw(text([0xed, 0xa0, 0x80]), [1], [0]),
  "a letter that is cut off": raw(text([0xe2, 0x82]), [1], [0]),
  "a link to what is no UTF-8": raw(text("a"), [2], text([0xff])),
  "one bad entry after many good ones": of(
    ...Array.from({ length: 500 }, (_, i) => file(`f${i}`)),
    file("../x"),
  ),
  "directories that nothing lists": of(
    ...Array.from({ length: 60 }, (_, i) => file(`${i}/${"x/".repeat(2000)}y`)),
  ),
};

const named = (
  cases: Record<string, Uint8Array>,
  on?: readonly PathPlatform[],
): HostileManifest[] =>
  Object.entries(cases).map(([name, manifest]) => ({ name, manifest, on }));
const mapped = <T>(
  cases: Record<string, T>,
  encode: (value: T) => Uint8Array,
) =>
  Object.fromEntries(
    Object.entries(cases).map(([name, value]) => [name, encode(value)]),
  );
const files = (...paths: string[]) => of(...paths.map((path) => file(path)));

/** What is one name where capitals and accents do not count. */
const SAME_NAMES: Record<string, Uint8Array> = {
  "other capitals": files("File", "file"),
  "other capitals of a directory": files("Dir/a", "dir/b"),
  "capitals beyond ASCII": files("ÄÖ", "äö"),
  "composed and decomposed": files("caf\u00e9", "cafe\u0301"),
  "two kinds of sigma": files("ς", "σ"),
  "a ligature": files("ﬁ", "FI"),
  "below a link by other capitals": of(link("Link", "sub"), file("link/x")),
  "a directory by a link of other capitals": of(dir("A"), link("a", "sub")),
};

/** Every one that has to be refused. */
export const HOSTILE_MANIFESTS: readonly HostileManifest[] = [
  ...named(mapped(PATHS, (path) => of(file(path)))),
  ...named(
    mapped(
      { "a directory above": "../d", "the tree itself": "." },
      (path) => of(dir(path)),
    ),
  ),
  ...named({ "a link in the directory above": of(link("../l", "x")) }),
  ...named(mapped(COLLISIONS, (entries) => of(...entries))),
  ...named(mapped(LINKS, (entries) => of(...entries))),
  ...named(mapped(REFERENCES, (blob) => of(file("a", 0o644, blob)))),
  ...named(BYTES),
  ...named(SAME_NAMES, ["darwin", "windows"]),
  ...named({ "letters nobody sees": files("a\u200db", "ab") }, ["darwin"]),
  ...named(
    mapped({
      "a device": "NUL",
      "a device with an extension": "con.txt",
      "a device with spaces": "aux  .c",
      "a port": "sub/COM1",
      "a port in superscript": "lpt\u00b2",
      "a backslash": "..\\x",
      "a drive": "C:x",
      "a stream of a file": "file::$DATA",
      "a dot at the end": "name.",
      "a space at the end": "name ",
      "a wildcard": "a*",
      "a control character": "a\x1fb",
    }, files),
    ["windows"],
  ),
];

/** Manifests that are made, but without what they ask for. */
export const TAMED_MANIFESTS: readonly HostileManifest[] = named({
  "set-id bits": of(
    file("u", 0o104755),
    file("g", 0o102755),
    dir("d", 0o42777),
    file("all", 0xffffffff),
  ),
  "bytes behind the last entry": concat([of(file("a")), utf8.encode("more")]),
  "an overlong count": Uint8Array.of(1, 0x80, 0x00),
  "a link inside, by many ways": of(
    dir("d"),
    link("a", "./d/../d//"),
    link("b", "a/.."),
  ),
});
