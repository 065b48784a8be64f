import { assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../../errors.ts";
import { BlobWriter } from "./blob_writer.ts";
import { splitTarget } from "./target.ts";
import { blobRange, namesIn, test } from "../testing/trees.ts";

function create(parent: string): Promise<BlobWriter> {
  return BlobWriter.create({
    target: splitTarget(`${parent}/t`),
    fsync: true,
    sparse: true,
    volume: "local",
    machine: "",
    replace: true,
  });
}

test("a file starts empty, whatever an earlier run left", async (dir) => {
  Deno.writeTextFileSync(`${dir}/t.partial`, "left behind");
  const writer = await create(dir);
  assertEquals(Deno.statSync(`${dir}/t.partial`).size, 0);
  writer.write(blobRange(2, "cd"));
  const error = assertThrows(() => writer.commit(4), IoError);
  assertEquals(error.fields.offset, 0);
  writer.abort();
  assertEquals(namesIn(dir), ["t.partial"]);
});

test("a file that was installed or given up takes nothing more", async (dir) => {
  for (const end of ["commit", "abort"] as const) {
    const writer = await create(dir);
    writer.write(blobRange(0, "ab"));
    writer[end](2);
    writer.abort();
    for (
      const late of [
        () => writer.write(blobRange(0, "xx")),
        () => writer.commit(2),
      ]
    ) assertThrows(late, IoError, "no longer open");
  }
  assertEquals(namesIn(dir), ["t", "t.partial"]);
  assertEquals(Deno.readTextFileSync(`${dir}/t`), "ab");
});

test("what somebody puts in the place of the partial file is not installed", async (dir) => {
  Deno.writeTextFileSync(`${dir}/t`, "old");
  const writer = await create(dir);
  writer.write(blobRange(0, "ab"));
  Deno.renameSync(`${dir}/t.partial`, `${dir}/moved`);
  Deno.writeTextFileSync(`${dir}/t.partial`, "theirs");
  assertThrows(() => writer.commit(2), IoError, "not the file");
  assertEquals(Deno.readTextFileSync(`${dir}/t`), "old");
});
