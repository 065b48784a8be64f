import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { TransferError } from "../errors.ts";
import { writeWholeFile } from "./write_file.ts";

Deno.test({
  name: "writeWholeFile puts no file in the place of a directory or a link",
  ignore: Deno.build.os === "windows",
  async fn() {
    const dir = await Deno.makeTempDir();
    try {
      await Deno.mkdir(join(dir, "directory"));
      await Deno.symlink("/dev/null", join(dir, "link"));
      for (const name of ["directory", "link"]) {
        const path = join(dir, name);
        const error = await assertRejects(
          () =>
            writeWholeFile(path, "text", {
              what: "ready file",
              mode: 0o644,
              replace: true,
            }),
          TransferError,
          "no regular file",
        );
        assertEquals(error.kind, "io");
      }
      assertEquals(await Deno.readLink(join(dir, "link")), "/dev/null");
      assertEquals(
        [...Deno.readDirSync(dir)].map(({ name }) => name).toSorted(),
        ["directory", "link"],
      );
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test("writeWholeFile makes a private file and leaves nothing else", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "node.psk");
    const options = { what: "PSK file", mode: 0o600, replace: false };
    assertEquals(await writeWholeFile(path, "one", options), true);
    assertEquals(await writeWholeFile(path, "two", options), false);
    assertEquals(await Deno.readTextFile(path), "one");
    assertEquals(
      await writeWholeFile(path, "two", { ...options, replace: true }),
      true,
    );
    assertEquals(await Deno.readTextFile(path), "two");
    if (Deno.build.os !== "windows") {
      assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    }
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), [
      "node.psk",
    ]);
    const error = await assertRejects(
      () => writeWholeFile(join(dir, "no", "x"), "", options),
      TransferError,
      "cannot write the PSK file",
    );
    assertEquals(error.kind, "io");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
