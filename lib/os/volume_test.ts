import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { volumeOf } from "./volume.ts";

Deno.test("volumeOf asks for the nearest directory above what is not there yet", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const here = await volumeOf(dir);
    const below = await volumeOf(join(dir, "no", "such", "tree"));
    assertEquals(below.kind, here.kind);
    assert(here.freeBytes !== undefined && here.freeBytes > 0n);
    assert(below.freeBytes !== undefined);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
