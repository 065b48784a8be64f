import { assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../../errors.ts";
import {
  findAt,
  identityOf,
  joinPath,
  splitTarget,
  type TargetIdentity,
} from "./target.ts";
import { test } from "../testing/trees.ts";

Deno.test("splitTarget divides a path and drops what adds nothing at its end", () => {
  const cases: [string, string, string][] = [
    ["a", ".", "a"],
    ["./a", ".", "a"],
    ["a/b", "a", "b"],
    ["a//b", "a", "b"],
    ["/a", "/", "a"],
    ["//a", "/", "a"],
    ["/x/../a", "/x/..", "a"],
    ["a/b/", "a", "b"],
    ["a/b/.", "a", "b"],
    ["a/b/././/", "a", "b"],
    ["..a", ".", "..a"],
    [".hidden", ".", ".hidden"],
    ["a..", ".", "a.."],
    ["a.", ".", "a."],
    ["-", ".", "-"],
  ];
  for (const [out, parent, base] of cases) {
    const { out: whole, ...parts } = splitTarget(out);
    assertEquals(parts, { parent, base }, out);
    assertEquals(whole, joinPath(parent, base));
  }
});

Deno.test("splitTarget refuses a path without a name of its own", () => {
  const nameless = " . .. / // ./ /. a/.. a/../ a/../. a\0b".split(" ");
  for (const out of nameless) {
    assertThrows(
      () => splitTarget(out),
      IoError,
      "no name of its own",
      out,
    );
  }
});

Deno.test("joinPath adds one separator", () => {
  assertEquals(joinPath("/", "a"), "/a");
  assertEquals(joinPath("x", "a/b"), "x/a/b");
});

test("findAt tells what can be replaced at a target", (dir) => {
  Deno.mkdirSync(`${dir}/empty`);
  Deno.mkdirSync(`${dir}/full/x`, { recursive: true });
  Deno.writeTextFileSync(`${dir}/file`, "");
  Deno.symlinkSync("full", `${dir}/link`);
  const found = (name: string, former?: TargetIdentity) =>
    findAt(splitTarget(`${dir}/${name}`), "tree", former);
  assertEquals(found("none"), "nothing");
  assertEquals(found("empty"), "empty");
  assertEquals(found("full"), "tree");
  assertEquals(found("file"), "file");
  assertEquals(found("link"), "link");
  const identity = identityOf(Deno.lstatSync(`${dir}/full`));
  assertEquals(found("full", identity), "former");
  assertEquals(found("file", identity), "file");
});

test("what was made anew at its path is not the former one, whatever its inode", (dir) => {
  Deno.mkdirSync(`${dir}/t/x`, { recursive: true });
  const { dev, ino, born } = identityOf(Deno.lstatSync(`${dir}/t`));
  const found = (former: TargetIdentity) =>
    findAt(splitTarget(`${dir}/t`), "tree", former);
  assertEquals(found({ dev, ino, born }), "former");
  assertEquals(found({ dev, ino: (ino ?? 0) + 1, born }), "tree");
  assertEquals(found({ dev, ino: null, born }), "tree");
  if (born === null) {
    assertEquals(found({ dev: dev + 1, ino, born }), "tree");
  } else {
    assertEquals(found({ dev, ino, born: born - 1 }), "tree");
    assertEquals(found({ dev, ino, born: null }), "tree");
    // Numbers of devices change when the machine starts anew.
    assertEquals(found({ dev: dev + 1, ino, born }), "former");
  }
});
