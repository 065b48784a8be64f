import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { volumeKind, volumeOf } from "./volume.ts";

Deno.test("volumeKind tells disks of this machine from those of others", () => {
  assertEquals(volumeKind(0xef53, "linux"), "local"); // ext4
  assertEquals(volumeKind(0x01021994, "linux"), "local"); // tmpfs
  assertEquals(volumeKind(0x6969, "linux"), "network");
  assertEquals(volumeKind(0xfe534d42, "linux"), "network");
  assertEquals(volumeKind(0xfe534d42 | 0, "linux"), "network");
  assertEquals(volumeKind(0x65735546, "linux"), "user_space");
  assertEquals(volumeKind(0x6969, "darwin"), "unknown");
});

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
