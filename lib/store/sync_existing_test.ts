import { assert, assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../errors.ts";
import { diskError } from "../landing/testing/failing_disk.ts";
import { patchCall } from "../landing/testing/patch_call.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { syncExistingFile, syncExistingTree } from "./sync_existing.ts";
import { makeTempDir } from "./testing/temp_tree.ts";

Deno.test({
  ...unless(
    onWindows,
    "a pipe in the place of a file or directory that is flushed keeps nobody waiting",
  ),
  fn() {
    using dir = makeTempDir();
    const pipe = `${dir.path}/pipe`;
    new Deno.Command("mkfifo", { args: [pipe] }).outputSync();
    syncExistingFile(pipe);
    Deno.mkdirSync(`${dir.path}/d`);
    // It is listed as a directory, and is a pipe when it is opened.
    const restore = patchCall(Deno, "readDirSync", (call, [path]) => {
      const entries = [...call() as Iterable<Deno.DirEntry>];
      if (path !== `${dir.path}/d`) return entries;
      Deno.removeSync(`${dir.path}/d`);
      Deno.renameSync(pipe, `${dir.path}/d`);
      return entries;
    });
    try {
      syncExistingTree(dir.path);
    } finally {
      restore();
    }
    assertEquals(Deno.lstatSync(`${dir.path}/d`).isFifo, true);
  },
});

Deno.test("a disk that fails to flush what is left in place is told of, by its path", () => {
  using dir = makeTempDir();
  const file = `${dir.path}/a`;
  Deno.writeTextFileSync(file, "a");
  const restore = patchCall(Deno.FsFile.prototype, "syncSync", () => {
    throw diskError("EIO", "sync");
  });
  try {
    const error = assertThrows(
      () => syncExistingTree(dir.path),
      IoError,
      "Input/output error",
    );
    // Of the file first, where the runtime opens it in this way, too.
    assert([dir.path, file].includes(String(error.fields.path)));
  } finally {
    restore();
  }
});
