import { assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../../errors.ts";
import { inspectTarget, joinPath, splitTarget } from "./target.ts";
import { namesIn, test } from "../testing/trees.ts";

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

test("inspectTarget tells what would be replaced, and makes nothing", (dir) => {
  Deno.mkdirSync(`${dir}/directory`);
  Deno.writeTextFileSync(`${dir}/file`, "");
  Deno.symlinkSync("file", `${dir}/link`);
  Deno.symlinkSync("nowhere", `${dir}/dangling`);
  const before = namesIn(dir);
  assertEquals(inspectTarget(`${dir}/file`, "blob"), true);
  assertEquals(inspectTarget(`${dir}/dangling`, "blob"), true);
  assertEquals(inspectTarget(`${dir}/none`, "blob"), false);
  assertEquals(inspectTarget(`${dir}/a/b/c/none`, "blob"), false);
  assertEquals(inspectTarget(`${dir}/directory/`, "tree"), true);
  assertEquals(inspectTarget(`${dir}/link`, "tree"), true);
  assertEquals(inspectTarget(`${dir}/a/b/none`, "tree"), false);
  const refuses = (path: string, kind: "blob" | "tree", why: string) =>
    assertThrows(() => inspectTarget(path, kind), IoError, why);
  refuses(`${dir}/directory`, "blob", "there is a directory");
  refuses(`${dir}/dangling`, "tree", "a link to nothing");
  refuses(`${dir}/file/x/y`, "blob", "Not a directory");
  refuses(`${dir}/file/x`, "blob", "is not a directory");
  refuses(`${dir}/dangling/x`, "tree", "No such file");
  refuses(`${dir}/dangling/x/y`, "blob", "No such file");
  refuses(`${dir}/..`, "tree", "no name of its own");
  assertEquals(namesIn(dir), before);
});

test("a device, pipe or socket is never replaced", (dir) => {
  if (Deno.build.os === "windows") return;
  const socket = `${dir}/socket`;
  using _listener = Deno.listen({ transport: "unix", path: socket });
  for (const path of [socket, "/dev/null"]) {
    for (const kind of ["blob", "tree"] as const) {
      assertThrows(
        () => inspectTarget(path, kind),
        IoError,
        "there is a device, pipe or socket",
      );
    }
  }
});
