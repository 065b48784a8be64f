import { assert, assertEquals, assertThrows } from "@std/assert";
import { testAlone } from "../../tests/support/own_process.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { IoError } from "../errors.ts";
import { resolveTarget } from "./resolve_target.ts";
import { inTempDir, namesIn } from "./testing/trees.ts";

/** A test in a directory of its own, which is the current one. */
function testIn(
  name: string,
  body: (dir: string) => void,
): void {
  testAlone(import.meta.url, unless(onWindows, name), () =>
    inTempDir((dir) => {
      const before = Deno.cwd();
      Deno.chdir(dir);
      try {
        body(dir);
      } finally {
        Deno.chdir(before);
      }
    }));
}

/** The directory `real/sub` with links of every kind that lead there. */
function makeLinks(dir: string): void {
  Deno.mkdirSync(`${dir}/real/sub`, { recursive: true });
  Deno.symlinkSync("real", `${dir}/relative`);
  Deno.symlinkSync(`${dir}/real`, `${dir}/absolute`);
  Deno.symlinkSync("relative", `${dir}/chain`);
  Deno.symlinkSync("../absolute/sub", `${dir}/real/nested`);
  Deno.symlinkSync("nowhere", `${dir}/dangling`);
  Deno.symlinkSync("loop", `${dir}/loop`);
}

testIn("resolveTarget resolves links anywhere above the target", (dir) => {
  makeLinks(dir);
  const cases = [
    ["out", ""],
    ["./out", ""],
    ["relative/out", "/real"],
    ["absolute/out", "/real"],
    ["chain/out", "/real"],
    ["chain/sub/out", "/real/sub"],
    ["chain/nested/out", "/real/sub"],
    ["chain/nested/../out", "/real"],
    ["real/nested/../../out", ""],
    ["relative/new/newer/out", "/real/new/newer"],
    ["new/../out", ""],
    ["out/", ""],
    ["relative//out/./", "/real"],
  ];
  for (const [typed, below] of cases) {
    const parent = dir + below;
    const expected = { out: `${parent}/out`, parent, base: "out" };
    assertEquals(resolveTarget(typed), expected, typed);
    assertEquals(resolveTarget(`${dir}/${typed}`), expected, typed);
  }
  assertEquals(resolveTarget("/none/out").parent, "/none");
  assertEquals(resolveTarget("/out").parent, "/");
  assert(!namesIn(dir).includes("new"), "nothing is made");
});

testIn(
  "resolveTarget keeps a link as target, unless it ends in a separator",
  (dir) => {
    makeLinks(dir);
    assertEquals(resolveTarget("relative").out, `${dir}/relative`);
    assertEquals(resolveTarget("chain/nested").out, `${dir}/real/nested`);
    for (const name of ["dangling", "loop"]) {
      assertEquals(resolveTarget(name).out, `${dir}/${name}`);
    }
    assertEquals(resolveTarget("relative/").out, `${dir}/real`);
    assertEquals(resolveTarget("chain/nested/.").out, `${dir}/real/sub`);
  },
);

testIn("resolveTarget gives the current directory its real name", (dir) => {
  makeLinks(dir);
  const real = { out: `${dir}/real`, parent: dir, base: "real" };
  Deno.chdir("chain");
  for (
    const typed of [".", "./", ".//.", `${dir}/chain`, "../relative", "../real"]
  ) {
    assertEquals(resolveTarget(typed), real, typed);
  }
});

testIn(
  "resolveTarget refuses what has no name, and what nothing can be made below",
  (dir) => {
    makeLinks(dir);
    Deno.writeTextFileSync(`${dir}/file`, "");
    const cases = [
      ["", "no name of its own"],
      ["/", "no name of its own"],
      ["/..", "no name of its own"],
      ["//", "no name of its own"],
      ["..", "no name of its own"],
      ["none/..", "no name of its own"],
      ["a\0b", "no name of its own"],
      ["dangling/out", 'dangling" is a link to "nowhere", where nothing is'],
      [
        "dangling/x/y/out",
        'dangling" is a link to "nowhere", where nothing is',
      ],
      ["dangling/../out", 'dangling" is a link to "nowhere", where nothing is'],
      ["dangling/", 'dangling" is a link to "nowhere", where nothing is'],
      ["loop/out", 'loop" is a link to "loop", where nothing is'],
      ["file/out", "is not a directory"],
      ["file/x/y/out", 'file" is not a directory'],
    ];
    for (const [typed, why] of cases) {
      assertThrows(() => resolveTarget(typed), IoError, why, typed);
    }
  },
);

testIn("resolveTarget says when the current directory is gone", (dir) => {
  Deno.mkdirSync(`${dir}/gone`);
  Deno.chdir("gone");
  Deno.removeSync(`${dir}/gone`);
  const error = assertThrows(
    () => resolveTarget("out"),
    IoError,
    '"." does not exist any more',
  );
  assertEquals(error.hint, "give an absolute path");
  assertEquals(resolveTarget(`${dir}/out`).out, `${dir}/out`);
});
