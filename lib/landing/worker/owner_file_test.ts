import { assertEquals, AssertionError, assertThrows } from "@std/assert";
import { onWindows, unless } from "../../../tests/support/unless.ts";
import { IoError } from "../../errors.ts";
import { LOCK_STALE_MS } from "../../limits.ts";
import { inTempDir, namesIn, test } from "../testing/trees.ts";
import { type Owner, OwnerFile } from "./owner_file.ts";

const HERE: Owner = { pid: 4711, machine: "here/pid:[1]" };
const OTHER: Owner = { pid: 4712, machine: "here/pid:[1]" };

const take = (path: string, owner: Owner, gone?: Owner) =>
  OwnerFile.take(path, owner, Deno.uid(), gone);

function taken(got: OwnerFile | Owner): OwnerFile {
  if (got instanceof OwnerFile) return got;
  throw new AssertionError(`process ${got.pid} has it`);
}

test("one owner has the file at a time, and is named", (dir) => {
  const path = `${dir}/lock`;
  const first = taken(take(path, HERE));
  assertEquals(take(path, OTHER), HERE);
  assertEquals(take(path, HERE), HERE, "also in one process");
  first.release();
  assertEquals(namesIn(dir), []);
  taken(take(path, OTHER)).release();
});

test("a file whose owner is known to be gone is taken over, that of another is not", (dir) => {
  const path = `${dir}/lock`;
  const left = taken(take(path, HERE));
  assertEquals(take(path, OTHER, { ...HERE, machine: "x" }), HERE);
  assertEquals(take(path, OTHER, { ...HERE, pid: 1 }), HERE);
  const next = taken(take(path, OTHER, HERE));
  left.release();
  assertEquals(namesIn(dir), ["lock"], "the former owner leaves it alone");
  next.release();
  assertEquals(namesIn(dir), []);
});

for (const [what, hours] of [["not touched for long", -1], ["future", 5]]) {
  test(`a file of ${what} is taken over once it was watched and is the same`, (dir) => {
    const path = `${dir}/lock`;
    const left = taken(take(path, HERE));
    const touch = (ms: number) =>
      Deno.utimeSync(path, new Date(), new Date(Date.now() + ms));
    touch(Math.sign(Number(hours)) * LOCK_STALE_MS / 2);
    assertEquals(take(path, OTHER), HERE);
    touch(Number(hours) * 3_600_000);
    const seen = take(path, OTHER);
    if (seen instanceof OwnerFile) throw new AssertionError("taken at once");
    assertEquals([seen.pid, typeof seen.touched], [HERE.pid, "number"]);
    assertEquals(take(path, OTHER, { ...seen, pid: 1 }), seen);
    // Whatever the clock says then: somebody lives who has it.
    touch(Number(hours) * 3_600_000 + 30_000);
    const again = take(path, OTHER, seen);
    if (again instanceof OwnerFile) throw new AssertionError("one that lives");
    assertEquals([again.pid, again.touched === seen.touched], [
      HERE.pid,
      false,
    ]);
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path));
    assertEquals(take(path, OTHER, again), HERE, "the clock is right again");
    touch(Number(hours) * 3_600_000);
    const dead = take(path, OTHER);
    if (dead instanceof OwnerFile) throw new AssertionError("taken at once");
    taken(take(path, OTHER, dead)).release();
    left.release();
    assertEquals(namesIn(dir), []);
  });
}

test("a file that says nothing is taken over once it was watched", (dir) => {
  const path = `${dir}/lock`;
  Deno.writeTextFileSync(path, "x");
  Deno.utimeSync(path, 0, 1_000_000);
  const left = take(path, HERE);
  if (left instanceof OwnerFile) throw new AssertionError("taken at once");
  assertEquals([left.pid, left.touched], [0, 1_000_000_000]);
  taken(take(path, HERE, left)).release();
});

test("a file with another text has an owner that nobody knows", (dir) => {
  const path = `${dir}/lock`;
  for (const text of ["", "x", "0 here\n", "12345678901 here\n"]) {
    Deno.writeTextFileSync(path, text);
    assertEquals(take(path, HERE), { pid: 0, machine: "" });
  }
});

Deno.test(
  unless(onWindows, "what somebody planted in its place is not opened"),
  () =>
    inTempDir((dir) => {
      const path = `${dir}/lock`;
      new Deno.Command("mkfifo", { args: [path] }).outputSync();
      assertThrows(() => take(path, HERE), IoError, "not a regular file");
      Deno.removeSync(path);
      Deno.writeTextFileSync(`${dir}/other`, "4711 here\n");
      Deno.symlinkSync("other", path);
      assertThrows(() => take(path, HERE), IoError, "symbolic link");
    }),
);
