import { assertEquals } from "@std/assert";
import { modeWitnessIn, outsiderUidIn } from "./mounted_modes.ts";

const MOUNTS = [
  "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
  "40 27 8:1 / /media/stick rw,nosuid - vfat /dev/sdb1 rw,umask=000",
  "41 27 0:50 / /media/a\\040disk rw - fuseblk /dev/sdc1 rw,user_id=0",
  "42 27 0:51 / /mnt/c rw - 9p C:\\134 rw,aname=drvfs;path=C:\\;uid=0",
  "43 27 0:52 / /mnt/share rw - 9p share rw,trans=virtio",
  "44 27 0:53 / /home/eve/far rw - fuse.sshfs eve@far: rw,user_id=7,allow_other",
  "45 27 0:54 / /home/me/far rw - fuse.sshfs me@far: rw,user_id=1000,default_permissions",
  "46 40 0:55 / /media/stick/inner rw - ext4 /dev/sdd1 rw",
  "47 46 0:56 / /media/stick/inner rw - exfat /dev/sdd2 rw",
  "48 27 0:57 / /media/image rw - fuse /tmp/image rw,user_id=0,allow_other",
  "",
].join("\n");

Deno.test("owners and modes of a file system without any tell of its mount alone", () => {
  const told = (path: string) => modeWitnessIn(MOUNTS, path, 1000);
  assertEquals(told("/home/me"), "owner");
  assertEquals(told("/media/stick"), "mount");
  assertEquals(told("/media/stick/a/b"), "mount");
  assertEquals(told("/media/stickier"), "owner");
  assertEquals(told("/media/a disk/x"), "mount");
  assertEquals(told("/mnt/c/Users"), "mount");
  assertEquals(told("/media/image"), "mount");
  assertEquals(told("/mnt/share"), "owner");
  // The later mount hides the one before.
  assertEquals(told("/media/stick/inner/x"), "mount");
});

Deno.test("what another user's program shows is no witness", () => {
  assertEquals(modeWitnessIn(MOUNTS, "/home/eve/far/x", 1000), "stranger");
  assertEquals(modeWitnessIn(MOUNTS, "/home/me/far/x", 1000), "owner");
  assertEquals(modeWitnessIn(MOUNTS, "/home/eve/far/x", undefined), "stranger");
});

Deno.test("users from outside of a namespace are one number, where there are any", () => {
  assertEquals(outsiderUidIn("0 0 4294967295\n", "65534\n"), undefined);
  assertEquals(
    outsiderUidIn("         0       1000          1\n", "65534\n"),
    65534,
  );
  assertEquals(
    outsiderUidIn("0 1000 1\n1 100000 65536\n", "65534\n"),
    undefined,
  );
  assertEquals(outsiderUidIn(undefined, "65534\n"), undefined);
});
