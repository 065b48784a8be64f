import { assertEquals } from "@std/assert";
import { onWindows, unless } from "../../../tests/support/unless.ts";
import { fileSystemOf, inTempDir, modeAt, namesIn } from "../testing/trees.ts";
import { adoptFile } from "./take_over.ts";

const OTHERS: Record<string, (path: string, dir: string) => void> = {
  "a link": (path, dir) => {
    Deno.writeTextFileSync(`${dir}/other`, "other");
    Deno.symlinkSync("other", path);
  },
  "a second name": (path, dir) => {
    Deno.writeTextFileSync(`${dir}/other`, "other");
    Deno.linkSync(`${dir}/other`, path);
  },
  "a directory": (path) =>
    Deno.mkdirSync(`${path}/inside`, { recursive: true }),
  "a pipe": (path) => {
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
  },
  "nothing": () => {},
};

Deno.test({
  ...unless(onWindows, "a file that was put at its place is for us alone then"),
  fn: () =>
    inTempDir((dir) => {
      Deno.writeTextFileSync(`${dir}/file`, "content", { mode: 0o664 });
      assertEquals(adoptFile(`${dir}/file`, fileSystemOf(dir)), 7);
      assertEquals(modeAt(`${dir}/file`), 0o600);
    }),
});

for (const [what, put] of Object.entries(OTHERS)) {
  Deno.test({
    ...unless(onWindows, `${what} at the place of a file is not gone on with`),
    fn: () =>
      inTempDir((dir) => {
        Deno.mkdirSync(`${dir}/tree`);
        put(`${dir}/tree/file`, dir);
        const fs = fileSystemOf(dir);
        assertEquals(adoptFile(`${dir}/tree/file`, fs), undefined);
        assertEquals(namesIn(`${dir}/tree`), []);
        if (namesIn(dir).includes("other")) {
          assertEquals(Deno.readTextFileSync(`${dir}/other`), "other");
        }
      }),
  });
}
