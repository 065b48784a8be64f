import { assertEquals } from "@std/assert";
import { TempDir } from "../../../scripts/temp_dir.ts";
import { removeOldest } from "./kept_manifests.ts";

Deno.test("of kept manifests the newest stay, as many and as long as may be", async () => {
  await using dir = await TempDir.make();
  for (const [index, name] of ["oldest", "old", "new", "newest"].entries()) {
    const path = await dir.write(name, new Uint8Array(100));
    await Deno.utime(path, 1000 + index, 1000 + index);
  }
  const names = () =>
    [...Deno.readDirSync(dir.path)].map(({ name }) => name).sort();
  removeOldest(dir.path);
  assertEquals(names().length, 4);
  removeOldest(dir.path, { bytes: 10_000, count: 3 });
  assertEquals(names(), ["new", "newest", "old"]);
  removeOldest(dir.path, { bytes: 250, count: 3 });
  assertEquals(names(), ["new", "newest"]);
  removeOldest(dir.path, { bytes: 99, count: 3 });
  assertEquals(names(), []);
});
