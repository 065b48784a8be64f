import { assertEquals, assertThrows } from "@std/assert";
import { TempDir } from "../../scripts/temp_dir.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { isListed, listedOf } from "../os/file_identity.ts";
import { osErrorWords } from "../os/os_error.ts";
import { rawPaths } from "./raw_paths.ts";
import { openOwnSync, openRegular } from "./regular_file.ts";
import { runScript } from "./testing/temp_tree.ts";

Deno.test("openRegular reads a file at any place, and tells of it what lstat does", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a", "0123456789");
  using file = await openRegular(path);
  const bytes = new Uint8Array(3);
  assertEquals(await file.read(bytes, 7), 3);
  assertEquals(new TextDecoder().decode(bytes), "789");
  assertEquals(file.readSync(bytes, 2), 3);
  assertEquals(new TextDecoder().decode(bytes), "234");
  for (const _ of "often") {
    assertEquals(listedOf(file.stat()), listedOf(Deno.lstatSync(path)));
  }
});

Deno.test({
  ...unless(
    rawPaths === undefined ? "there are no native calls" : undefined,
    "native calls tell of whatever is open what the runtime does",
  ),
  fn: async () => {
    await using dir = await TempDir.make();
    const paths = [
      await dir.write("a", "0123456789"),
      dir.at("."),
      "/dev/null",
    ];
    for (const path of paths) {
      const { fd } = rawPaths?.hold(path, { follow: false }) ?? { fd: -1 };
      const told = rawPaths?.stat(fd);
      rawPaths?.release(fd);
      const linked = rawPaths?.lstat(path);
      const info = Deno.lstatSync(path);
      const { isFile, dev, ino, size, mtime, ctime, birthtime } = info;
      const { isDirectory, isSymlink, mode } = info;
      const facts = { isFile, dev, ino, size, mtime, ctime, birthtime };
      const { nlink, uid, gid, blocks } = info;
      const all = {
        ...{ ...facts, isDirectory, isSymlink, mode },
        ...{ nlink, uid, gid, blocks },
      };
      assertEquals([told, linked], [all, all], path);
    }
    await Deno.symlink("nowhere", dir.at("link"));
    const { ino } = Deno.lstatSync(dir.at("link"));
    const link = rawPaths?.lstat(dir.at("link"));
    assertEquals([link?.isSymlink, link?.ino], [true, ino]);
    assertEquals(rawPaths?.lstat(dir.at("missing")), undefined);
  },
});

Deno.test({
  ...unless(
    onWindows,
    "what took the place of a file is no regular file, and keeps nobody waiting",
  ),
  fn: async () => {
    await using dir = await TempDir.make();
    const path = await dir.write("a", "a");
    const other = await dir.write("other", "b");
    const listed = listedOf(Deno.lstatSync(path));
    for (
      const replacement of [
        `mkfifo '${path}'`,
        `mkdir '${path}'`,
        `ln -s '${other}' '${path}'`,
        `cp '${other}' '${path}'`,
      ]
    ) {
      runScript("/", `rm -rf '${path}'; ${replacement}`);
      let accepted = false;
      try {
        using file = await openRegular(path);
        accepted = isListed(listed, file.stat());
      } catch {
        // It was seen before it was opened.
      }
      assertEquals(accepted, false, replacement);
    }
    runScript("/", `rm -rf '${path}'; mkfifo '${path}'`);
    assertThrows(() => openOwnSync(path), Deno.errors.NotFound);
  },
});

Deno.test("a file that is missing is missing in the words of the runtime", async () => {
  await using dir = await TempDir.make();
  await dir.write("a", "a");
  for (const name of ["b", "a/b"]) {
    const path = dir.at(name);
    const expected = assertThrows(() => Deno.openSync(path)) as Error;
    const actual = assertThrows(() => openOwnSync(path)) as Error;
    assertEquals(osErrorWords(actual), osErrorWords(expected));
  }
});
