import { assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../errors.ts";
import { inspectTarget } from "./inspect_target.ts";
import { namesIn, test } from "./testing/trees.ts";

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
  refuses(`${dir}/file/x/y`, "blob", "is not a directory");
  refuses(`${dir}/file/x`, "blob", "is not a directory");
  refuses(`${dir}/dangling/x`, "tree", "where nothing is");
  refuses(`${dir}/dangling/x/y`, "blob", "where nothing is");
  refuses(`${dir}/..`, "tree", "no name of its own");
  refuses("/", "tree", "no name of its own");
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
