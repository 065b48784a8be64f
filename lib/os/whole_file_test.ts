import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { IoError, UsageError } from "../errors.ts";
import { checkWholeFile, writeWholeFile } from "./whole_file.ts";

const OPTIONS = { what: "PSK file", mode: 0o600, replace: false };
const hasModes = Deno.build.os !== "windows";

async function inTempDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function namesIn(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).toSorted();
}

Deno.test("writeWholeFile makes a private file and leaves nothing else", () =>
  inTempDir(async (dir) => {
    const path = join(dir, "node.psk");
    assertEquals(await writeWholeFile(path, "one", OPTIONS), true);
    assertEquals(await writeWholeFile(path, "two", OPTIONS), false);
    assertEquals(await Deno.readTextFile(path), "one");
    const replace = { ...OPTIONS, replace: true };
    assertEquals(await writeWholeFile(path, "two", replace), true);
    assertEquals(await Deno.readTextFile(path), "two");
    if (hasModes) {
      assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    }
    assertEquals(namesIn(dir), ["node.psk"]);
  }));

Deno.test("one of many writers of a new file wins, and its file is whole", () =>
  inTempDir(async (dir) => {
    const path = join(dir, "x");
    const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(5000));
    const wrote = await Promise.all(
      texts.map((text) => writeWholeFile(path, text, OPTIONS)),
    );
    const winner = wrote.indexOf(true);
    assertEquals(wrote.lastIndexOf(true), winner);
    assertEquals(await Deno.readTextFile(path), texts[winner]);
    assertEquals(namesIn(dir), ["x"]);
  }));

Deno.test("writeWholeFile makes directories only when asked", () =>
  inTempDir(async (dir) => {
    const path = join(dir, "no", "such", "x");
    await assertRejects(
      () => writeWholeFile(path, "", OPTIONS),
      IoError,
      `cannot write the PSK file "${path}": `,
    );
    assertEquals(namesIn(dir), []);
    await writeWholeFile(path, "text", { ...OPTIONS, parents: true });
    assertEquals(await Deno.readTextFile(path), "text");
    if (hasModes) {
      const { mode } = await Deno.stat(join(dir, "no"));
      assertEquals((mode ?? 0) & 0o777, 0o700);
    }
  }));

Deno.test({
  name: "writeWholeFile puts no file in the place of a directory or a link",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTempDir(async (dir) => {
      await Deno.mkdir(join(dir, "directory"));
      await Deno.symlink("/dev/null", join(dir, "link"));
      for (const name of ["directory", "link"]) {
        const path = join(dir, name);
        assertEquals(await writeWholeFile(path, "text", OPTIONS), false);
        await assertRejects(
          () => writeWholeFile(path, "text", { ...OPTIONS, replace: true }),
          IoError,
          "no regular file",
        );
      }
      assertEquals(await Deno.readLink(join(dir, "link")), "/dev/null");
      assertEquals(namesIn(dir), ["directory", "link"]);
    }),
});

Deno.test(
  unless(onWindows, "nothing is written where other users could redirect it"),
  () =>
    inTempDir(async (dir) => {
      await Deno.mkdir(join(dir, "open"));
      await Deno.chmod(join(dir, "open"), 0o777);
      await Deno.symlink("open", join(dir, "link"));
      for (const path of [join(dir, "open", "x"), join(dir, "link", "x")]) {
        await assertRejects(() => checkWholeFile(path, OPTIONS), UsageError);
        await assertRejects(
          () => writeWholeFile(path, "x", OPTIONS),
          UsageError,
        );
        const parents = { ...OPTIONS, parents: true };
        const below = join(path, "y");
        await assertRejects(
          () => writeWholeFile(below, "", parents),
          UsageError,
        );
      }
      assertEquals(namesIn(join(dir, "open")), []);
      const trusting = { ...OPTIONS, trustParent: true };
      assertEquals(
        await writeWholeFile(join(dir, "link", "x"), "x", trusting),
        true,
      );
    }),
);
