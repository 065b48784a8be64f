import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../errors.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { inTempDir } from "./testing/trees.ts";
import { isPrivateIn } from "./private_group.ts";
import {
  prepareSite,
  requireSafeAncestors,
  type SeenDirectory,
  whoMayRedirect,
} from "./safe_ancestors.ts";

const US = 1000;
const nobody = () => false;

function seen(uid: number, mode: number): SeenDirectory {
  return { isDirectory: true, uid, gid: 50, mode };
}

Deno.test("nobody can redirect below directories of root or ours that nobody else may write to, or that are sticky", () => {
  for (
    const [uid, mode] of [[0, 0o755], [US, 0o700], [0, 0o1777], [US, 0o1775]]
  ) {
    assertEquals(whoMayRedirect(seen(uid, mode), US, nobody), undefined);
  }
});

Deno.test("an owner, a group and everybody can redirect below a directory that they may change", () => {
  const told = (uid: number, mode: number) =>
    whoMayRedirect(seen(uid, mode), US, nobody);
  assertEquals(told(7, 0o755), "belongs to user 7");
  assertEquals(told(7, 0o1777), "belongs to user 7");
  assertEquals(
    told(0, 0o777),
    "belongs to user 0, and everybody may write to it",
  );
  assertEquals(
    told(US, 0o775),
    "belongs to user 1000, and group 50 may write to it",
  );
});

Deno.test("the group of one user may write, and a link is no directory", () => {
  const alone = (gid: number, uid: number) => gid === 50 && uid === US;
  assertEquals(whoMayRedirect(seen(US, 0o775), US, alone), undefined);
  const link = { ...seen(US, 0o777), isDirectory: false };
  assertEquals(whoMayRedirect(link, US, alone), "is no directory any more");
});

Deno.test("a group is private when it has its user's name and no other member", () => {
  const passwd =
    "root:x:0:0::/root:/bin/sh\nme:x:1000:1000:Me:/home/me:/bin/sh\n";
  assert(isPrivateIn(passwd, "me:x:1000:\n", 1000, US));
  assert(isPrivateIn(passwd, "me:x:1000:me\n", 1000, US));
  assert(!isPrivateIn(passwd, "me:x:1000:me,eve\n", 1000, US));
  assert(!isPrivateIn(passwd, "staff:x:1000:\n", 1000, US));
  assert(!isPrivateIn(passwd, "me:x:1000:\nall:x:1000:eve\n", 1000, US));
  assert(!isPrivateIn(`${passwd}eve:x:7:1000:::\n`, "me:x:1000:\n", 1000, US));
  assert(!isPrivateIn(passwd, "", 1000, US));
});

Deno.test(
  unless(
    onWindows,
    "a target below a directory that everybody may write to is refused, which names it",
  ),
  () =>
    inTempDir(async (dir) => {
      const open = `${await Deno.realPath(dir)}/open`;
      await Deno.mkdir(open);
      await Deno.chmod(open, 0o777);
      const error = assertThrows(
        () => prepareSite(`${open}/a/b`, {}),
        UsageError,
      );
      assertEquals(error.fields.path, open);
      assertEquals([...Deno.readDirSync(open)], []);
      prepareSite(`${open}/a/b`, { trustParent: true });
      assert((await Deno.lstat(`${open}/a/b`)).isDirectory);
      await Deno.chmod(open, 0o1777);
      requireSafeAncestors(`${open}/a/b`);
    }),
);
