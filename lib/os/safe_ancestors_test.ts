import { assert, assertEquals, assertThrows } from "@std/assert";
import { IoError, UsageError } from "../errors.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { isPrivateIn } from "./private_group.ts";
import {
  makeSafeDirectory,
  requireSafeAncestors,
  requireSafeWay,
} from "./safe_ancestors.ts";
import { type SeenDirectory, whoMayRedirect } from "./who_may_redirect.ts";

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
    "a place below a directory that everybody may write to is refused, which names it, and nothing is made",
  ),
  async () => {
    await using dir = await TempDir.make();
    const open = `${await Deno.realPath(dir.path)}/open`;
    await Deno.mkdir(open);
    await Deno.chmod(open, 0o777);
    const make = () => makeSafeDirectory(`${open}/a/b`, 0o755);
    const error = assertThrows(make, UsageError);
    assertEquals(error.fields.path, open);
    assertEquals([...Deno.readDirSync(open)], []);
    makeSafeDirectory(`${open}/a/b`, 0o755, { trustParent: true });
    assert((await Deno.lstat(`${open}/a/b`)).isDirectory);
    await Deno.chmod(open, 0o1777);
    requireSafeAncestors(`${open}/a/b`);
  },
);

Deno.test(
  unless(
    onWindows,
    "a file in a directory's place is left to the call that fails",
  ),
  async () => {
    await using dir = await TempDir.make();
    await dir.write("file", "");
    requireSafeAncestors(dir.at("file", "inner"));
    const make = () => makeSafeDirectory(dir.at("file", "inner"), 0o700);
    assertThrows(make, IoError, "not a directory");
  },
);

Deno.test(
  unless(onWindows, "the way is judged as it was typed, links and all"),
  async () => {
    await using dir = await TempDir.make();
    const real = await Deno.realPath(dir.path);
    await dir.mkdir("safe/inner");
    await dir.mkdir("open");
    await Deno.symlink("../safe", `${real}/open/link`);
    await Deno.symlink("open/link/inner", `${real}/by`);
    const by = `${real}/by/file`;
    assertEquals(requireSafeAncestors(by), `${real}/safe/inner/file`);
    await Deno.chmod(`${real}/open`, 0o777);
    const refused = (typed: string, follow: boolean) => {
      const judge = () => requireSafeWay(typed, follow);
      assertEquals(assertThrows(judge, UsageError).fields.path, `${real}/open`);
    };
    refused(by, false);
    refused(`${real}/by`, true);
    // Only the way to the name counts where a link that has it is replaced.
    requireSafeWay(`${real}/by`, false);
    // Where it leads is safe in itself.
    requireSafeAncestors(`${real}/safe/inner`);
  },
);

Deno.test(
  unless(onWindows, "nothing is made where a link leads that leads nowhere"),
  async () => {
    await using dir = await TempDir.make();
    await Deno.symlink("nowhere", dir.at("link"));
    for (const path of [dir.at("link"), dir.at("link", "inner")]) {
      assertThrows(() => makeSafeDirectory(path, 0o700), IoError);
    }
    const names = [...Deno.readDirSync(dir.path)].map(({ name }) => name);
    assertEquals(names, ["link"]);
  },
);

Deno.test(
  unless(
    onWindows ?? (Deno.uid() === 0 ? undefined : "needs a second user"),
    "a link of somebody else is not followed, also where it may lie",
  ),
  async () => {
    await using dir = await TempDir.make();
    const real = await Deno.realPath(dir.path);
    await dir.mkdir("victim");
    await dir.mkdir("shared");
    await Deno.chmod(dir.at("shared"), 0o1777);
    await Deno.symlink("../victim", dir.at("shared", "link"));
    const through = `${real}/shared/link/new`;
    assertEquals(makeSafeDirectory(through, 0o700), `${real}/victim/new`);
    const chown = ["-h", "65534", dir.at("shared", "link")];
    new Deno.Command("chown", { args: chown }).outputSync();
    const error = assertThrows(
      () => makeSafeDirectory(`${real}/shared/link/other`, 0o700),
      UsageError,
    );
    assertEquals(error.fields, { path: `${real}/shared/link`, owner: 65534 });
    const made = [...Deno.readDirSync(dir.at("victim"))].map(({ name }) =>
      name
    );
    assertEquals(made, ["new"]);
  },
);

Deno.test(
  unless(
    onWindows ?? (Deno.uid() === 0 ? undefined : "needs a second user"),
    "nothing is made through a name that somebody else was faster to take",
  ),
  async () => {
    await using dir = await TempDir.make();
    const real = await Deno.realPath(dir.path);
    await dir.mkdir("victim");
    await dir.mkdir("shared");
    await Deno.chmod(dir.at("shared"), 0o1777);
    const name = `${real}/shared/name`;
    const mkdir = Deno.mkdirSync;
    // Between the look at a name, where nothing is, and its use.
    Deno.mkdirSync = (path, options) => {
      if (path === name) {
        Deno.symlinkSync(dir.at("victim"), name);
        new Deno.Command("chown", { args: ["-h", "65534", name] }).outputSync();
      }
      mkdir(path, options);
    };
    try {
      const make = () => makeSafeDirectory(`${name}/a/b`, 0o755);
      assertEquals(assertThrows(make, UsageError).fields.path, name);
    } finally {
      Deno.mkdirSync = mkdir;
    }
    assertEquals([...Deno.readDirSync(dir.at("victim"))], []);
  },
);

Deno.test(
  unless(
    onWindows ?? (Deno.uid() === 0 ? undefined : "needs a second user"),
    "what somebody makes after the first look is judged before anything is made in it",
  ),
  async () => {
    await using dir = await TempDir.make();
    const real = await Deno.realPath(dir.path);
    await dir.mkdir("victim");
    await dir.mkdir("shared");
    await Deno.chmod(dir.at("shared"), 0o1777);
    const name = `${real}/shared/name`;
    const look = Deno.lstatSync;
    let looks = 0;
    // Just behind the first look, which finds nothing.
    Deno.lstatSync = (path) => {
      try {
        return look(path);
      } finally {
        if (path === name && looks++ === 0) {
          Deno.symlinkSync(dir.at("victim"), name);
        }
      }
    };
    try {
      const make = () => makeSafeDirectory(`${name}/a/b`, 0o755);
      assertEquals(assertThrows(make, UsageError).fields.path, name);
    } finally {
      Deno.lstatSync = look;
    }
    assertEquals([...Deno.readDirSync(dir.at("victim"))], []);
  },
);
