import { assertEquals } from "@std/assert";
import { stampOf } from "../../os/file_identity.ts";
import { onWindows, unless } from "../../../tests/support/unless.ts";
import { inTempDir, namesIn } from "../testing/trees.ts";
import { cloneOldFile, oldEntriesIn } from "./clone_old.ts";
import { probeBeside } from "./file_system.ts";
import { splitTarget } from "./target.ts";
import { TargetFileSystem } from "./target_file_system.ts";

/** Runs `body` with an old file, and what clones it to `to`. */
function cloning(
  body: (at: {
    dir: string;
    path: string;
    clone: (stamp?: ReturnType<typeof stampOf>) => number | undefined;
  }) => void,
): () => Promise<void> {
  return () =>
    inTempDir((dir) => {
      Deno.mkdirSync(`${dir}/out`);
      const path = `${dir}/out/a`;
      Deno.writeTextFileSync(path, "content", { mode: 0o751 });
      const target = splitTarget(`${dir}/out`);
      const traits = probeBeside(target, "local");
      const request = {
        fsync: false,
        preserveSetid: false,
        perms: true,
        sparse: true,
        volume: "local",
        target,
      } as ConstructorParameters<typeof TargetFileSystem>[2];
      const fs = new TargetFileSystem(traits, dir, request);
      const seen = stampOf(Deno.lstatSync(path));
      body({
        dir,
        path,
        clone: (stamp = seen) =>
          stamp && cloneOldFile({ path, stamp }, `${dir}/to`, target, fs),
      });
      return Promise.resolve();
    });
}

Deno.test({
  ...unless(
    onWindows,
    "a copy of an old file is ours alone, and the old one stays as it was",
  ),
  fn: cloning(({ dir, path, clone }) => {
    const { ino, mode, mtime } = Deno.lstatSync(path);
    assertEquals(clone(), 7);
    const old = Deno.lstatSync(path);
    assertEquals([old.ino, old.mode, old.mtime], [ino, mode, mtime]);
    assertEquals([old.nlink, Deno.readTextFileSync(path)], [1, "content"]);
    const copy = Deno.lstatSync(`${dir}/to`);
    assertEquals((copy.mode ?? 0) & 0o777, 0o600);
    assertEquals(Deno.readTextFileSync(`${dir}/to`), "content");
    Deno.writeTextFileSync(`${dir}/to`, "changed");
    assertEquals(Deno.readTextFileSync(path), "content");
    assertEquals(namesIn(dir).sort(), ["out", "to"]);
  }),
});

const OTHERS: Record<string, (path: string, dir: string) => void> = {
  "a pipe": (path) => {
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
  },
  "a link": (path, dir) => {
    Deno.writeTextFileSync(`${dir}/secret`, "content");
    Deno.symlinkSync("../secret", path);
  },
  "another file": (path) => Deno.writeTextFileSync(path, "content"),
  "nothing": () => {},
};

for (const [what, put] of Object.entries(OTHERS)) {
  Deno.test({
    ...unless(onWindows, `${what} in the place of an old file is not copied`),
    fn: cloning(({ dir, path, clone }) => {
      const stamp = stampOf(Deno.lstatSync(path));
      Deno.renameSync(path, `${dir}/moved`);
      put(path, dir);
      assertEquals(clone(stamp), undefined);
      const names = namesIn(dir).filter((name) => name.startsWith("."));
      assertEquals([names, namesIn(dir).includes("to")], [[], false]);
    }),
  });
}

Deno.test("messages about old files have a row for each", () => {
  const rows = Float64Array.of(7, 1, 2, 3, 4, 5, 8, 1, 2, 3, 4, 6);
  const stamp = { dev: 1, ino: 2, size: 3, mtimeMs: 4, ctimeMs: 5 };
  assertEquals([...oldEntriesIn(rows)], [
    { entry: 7, stamp },
    { entry: 8, stamp: { ...stamp, ctimeMs: 6 } },
  ]);
});
