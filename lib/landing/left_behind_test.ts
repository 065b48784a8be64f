import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { leftBehind } from "./left_behind.ts";
import { besideName } from "./worker/temp_names.ts";

Deno.test("what unfinished fetches leave beside a target is found, and nothing else", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    const left = [".out.fetch_0123", ".out.removing_4567", "out.partial"];
    const others = [
      "out",
      ".out.fetch_lock",
      ".out.fetched",
      ".out",
      ".other.fetch_0123",
      "other.partial",
      "out.partial.txt",
    ];
    for (const name of [...left, ...others]) await Deno.mkdir(join(dir, name));
    const paths = left.map((name) => join(dir, name));
    for (const typed of ["out", "out/", "./out"]) {
      assertEquals(leftBehind(`${dir}/${typed}`), paths);
    }
    assertEquals(leftBehind(join(dir, "third")), []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("what is left of a target with a long name is found by its hash", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    const base = "x".repeat(200);
    const [other, ours] = ["0".repeat(16), besideName(base, "").slice(1)];
    for (const name of [other, ours]) {
      await Deno.mkdir(join(dir, `.${name}.fetch_1`));
    }
    const found = leftBehind(join(dir, base));
    assertEquals(found, [join(dir, `.${ours}.fetch_1`)]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("where nothing can be looked at, nothing is left", () => {
  assertEquals(leftBehind("/nowhere/at/all/out"), []);
  assertEquals(leftBehind("/"), []);
});
