import { assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../../errors.ts";
import { joinPath, splitTarget } from "./target.ts";

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
