import { assert, assertEquals } from "@std/assert";
import { TempDir } from "../../scripts/temp_dir.ts";
import {
  identityOf,
  isSameEntry,
  isSameFile,
  isSettled,
  sameStamp,
  STAMP_SETTLES_MS,
  stampOf,
} from "./file_identity.ts";

Deno.test("a file keeps its identity under another name, and its successor has another", async () => {
  await using dir = await TempDir.make();
  const path = `${dir.path}/a`;
  Deno.writeTextFileSync(path, "one");
  const before = identityOf(Deno.lstatSync(path));
  Deno.renameSync(path, `${dir.path}/b`);
  Deno.writeTextFileSync(path, "one");
  assert(isSameEntry(before, identityOf(Deno.lstatSync(`${dir.path}/b`))));
  assert(!isSameEntry(before, identityOf(Deno.lstatSync(path))));
});

Deno.test("what the system does not tell is the same as nothing", () => {
  assertEquals(identityOf({ dev: 1, ino: null }), undefined);
  assertEquals(identityOf({ dev: 1, ino: 0 }), undefined);
  assertEquals(identityOf({ dev: 1, ino: 2 ** 60 }), undefined);
  assert(!isSameEntry(undefined, undefined));
});

Deno.test("a stamp tells of other content and of another mode, and which", () => {
  const stamp = { dev: 1, ino: 2, size: 3, mtimeMs: 4, ctimeMs: 5 };
  assert(sameStamp(stamp, { ...stamp }));
  for (const key of ["dev", "ino", "size", "mtimeMs"] as const) {
    assert(!sameStamp(stamp, { ...stamp, [key]: 9 }));
    assert(!isSameFile(stamp, { ...stamp, [key]: 9 }));
  }
  const renamed = { ...stamp, ctimeMs: 9 };
  assert(!sameStamp(stamp, renamed) && isSameFile(stamp, renamed));
});

Deno.test("a stamp has settled when the next change is sure to show", () => {
  const stamp = { dev: 1, ino: 2, size: 3, mtimeMs: 4000, ctimeMs: 5000 };
  assert(!isSettled(stamp, 5000 + STAMP_SETTLES_MS - 1));
  assert(isSettled(stamp, 5000 + STAMP_SETTLES_MS));
});

Deno.test("only a regular file has a stamp", async () => {
  await using dir = await TempDir.make();
  assertEquals(stampOf(Deno.lstatSync(dir.path)), undefined);
});
