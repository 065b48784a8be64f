import { assert, assertEquals, assertRejects } from "@std/assert";
import { IoError } from "../../errors.ts";
import { inTempDir } from "../../transfer/testing/fixture.ts";
import { measureDisk } from "./measure_disk.ts";

const { signal } = new AbortController();

Deno.test("writing to a disk is measured, and nothing is left of it", () =>
  inTempDir(async (dir) => {
    const figures = await measureDisk(dir, 20, signal);
    assert(figures.bytes >= 2 ** 20 && figures.bytes <= 2 ** 26);
    assert(figures.flushedRate > 0);
    assert(figures.writtenRate >= figures.flushedRate);
    assertEquals([...Deno.readDirSync(dir)], []);
  }));

Deno.test("a directory that cannot be written to is an error, as is a signal", () =>
  inTempDir(async (dir) => {
    await assertRejects(
      () => measureDisk(`${dir}/none`, 20, signal),
      IoError,
      "cannot write into",
    );
    const reason = new Error("stop");
    const stopped = AbortSignal.abort(reason);
    const measuring = measureDisk(dir, 20, stopped);
    assertEquals(await assertRejects(() => measuring), reason);
    assertEquals([...Deno.readDirSync(dir)], []);
  }));
