import { assertEquals } from "@std/assert";
import { failsLate, volumeKind } from "./volume_kind.ts";

Deno.test("volumeKind tells disks of this machine from those of others", () => {
  assertEquals(volumeKind(0xef53, "linux"), "local"); // ext4
  assertEquals(volumeKind(0x01021994, "linux"), "local"); // tmpfs
  assertEquals(volumeKind(0x6969, "linux"), "network");
  assertEquals(volumeKind(0xfe534d42, "linux"), "network");
  assertEquals(volumeKind(0xfe534d42 | 0, "linux"), "network");
  assertEquals(volumeKind(0x65735546, "linux"), "user_space");
  assertEquals(volumeKind(0x6969, "darwin"), "unknown");
});

Deno.test("failsLate knows where close may fail", () => {
  assertEquals(failsLate("network"), true);
  assertEquals(failsLate("user_space"), true);
  assertEquals(failsLate("local"), false);
  assertEquals(failsLate("unknown"), false);
});
