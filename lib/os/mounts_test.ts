import { assertEquals } from "@std/assert";
import { mountBelow, parseMountPoints } from "./mounts.ts";

const LIST = String
  .raw`22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
36 22 0:31 / /srv/my\040disk\134x rw - tmpfs none rw
37 22 254:0 /data /srv/www/uploads rw shared:2 master:3 - ext4 /dev/vda rw
`;

Deno.test("parseMountPoints reads paths with blanks and backslashes", () => {
  assertEquals(parseMountPoints(LIST), [
    "/",
    "/srv/my disk\\x",
    "/srv/www/uploads",
  ]);
});

Deno.test("mountBelow finds what is mounted inside a directory, not beside it or on it", () => {
  const points = parseMountPoints(LIST);
  assertEquals(mountBelow(points, "/srv/www"), "/srv/www/uploads");
  assertEquals(mountBelow(points, "/srv/ww"), undefined);
  assertEquals(mountBelow(points, "/srv/www/uploads"), undefined);
  assertEquals(mountBelow(points, "/"), "/srv/my disk\\x");
});
