import { assertEquals, AssertionError } from "@std/assert";
import { LOCK_STALE_MS } from "../../limits.ts";
import { namesIn, test } from "../testing/trees.ts";
import { type Owner, OwnerFile } from "./owner_file.ts";

const HERE: Owner = { pid: 4711, machine: "here/pid:[1]" };
const OTHER: Owner = { pid: 4712, machine: "here/pid:[1]" };

function taken(got: OwnerFile | Owner): OwnerFile {
  if (got instanceof OwnerFile) return got;
  throw new AssertionError(`process ${got.pid} has it`);
}

test("one owner has the file at a time, and is named", (dir) => {
  const path = `${dir}/lock`;
  const first = taken(OwnerFile.take(path, HERE));
  assertEquals(OwnerFile.take(path, OTHER), HERE);
  assertEquals(OwnerFile.take(path, HERE), HERE, "also in one process");
  first.release();
  assertEquals(namesIn(dir), []);
  taken(OwnerFile.take(path, OTHER)).release();
});

test("a file whose owner is known to be gone is taken over, that of another is not", (dir) => {
  const path = `${dir}/lock`;
  const left = taken(OwnerFile.take(path, HERE));
  assertEquals(OwnerFile.take(path, OTHER, { ...HERE, machine: "x" }), HERE);
  assertEquals(OwnerFile.take(path, OTHER, { ...HERE, pid: 1 }), HERE);
  const next = taken(OwnerFile.take(path, OTHER, HERE));
  left.release();
  assertEquals(namesIn(dir), ["lock"], "the former owner leaves it alone");
  next.release();
  assertEquals(namesIn(dir), []);
});

test("a file that nobody has touched for long is taken over", (dir) => {
  const path = `${dir}/lock`;
  const left = taken(OwnerFile.take(path, HERE));
  const now = Date.now();
  Deno.utimeSync(path, new Date(now), new Date(now - LOCK_STALE_MS / 2));
  assertEquals(OwnerFile.take(path, OTHER), HERE);
  Deno.utimeSync(path, new Date(now), new Date(now - 2 * LOCK_STALE_MS));
  taken(OwnerFile.take(path, OTHER)).release();
  left.release();
});

test("a file with another text has an owner that nobody knows", (dir) => {
  const path = `${dir}/lock`;
  for (const text of ["", "x", "0 here\n", "12345678901 here\n"]) {
    Deno.writeTextFileSync(path, text);
    assertEquals(OwnerFile.take(path, HERE), { pid: 0, machine: "" });
  }
});
