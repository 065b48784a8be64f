import { assertEquals } from "@std/assert";
import { type FileStamp, stampOf } from "../../os/file_identity.ts";
import { onWindows, unless } from "../../../tests/support/unless.ts";
import { inTempDir, namesIn } from "../testing/trees.ts";
import { linkOldFile } from "./reuse.ts";

interface Old {
  readonly path: string;
  readonly to: string;
  readonly stamp: FileStamp;
}

const traits = { hardLinks: true, keepsModes: true, uid: Deno.uid() };

/** Runs `body` with a file of mode 0644. */
function withOld(body: (old: Old) => void): () => Promise<void> {
  return () =>
    inTempDir((dir) => {
      Deno.mkdirSync(`${dir}/old`);
      Deno.mkdirSync(`${dir}/new`, { mode: 0o700 });
      const path = `${dir}/old/file`;
      Deno.writeTextFileSync(path, "content");
      Deno.chmodSync(path, 0o644);
      const stamp = stampOf(Deno.lstatSync(path));
      if (stamp === undefined) throw new Error("it has no stamp");
      body({ path, to: `${dir}/new/file`, stamp });
    });
}

Deno.test({
  ...unless(
    onWindows,
    "linkOldFile gives a file that is as it was another name",
  ),
  fn: withOld(({ path, to, stamp }) => {
    for (const mode of [undefined, 0o644]) {
      assertEquals(linkOldFile({ path, stamp, mode }, to, traits), true);
      assertEquals(Deno.lstatSync(to).ino, stamp.ino);
      Deno.removeSync(to);
      stampAgain(path, stamp);
    }
  }),
});

/** A link changes `ctime`, which is of no account for what follows. */
function stampAgain(path: string, stamp: FileStamp): void {
  Object.assign(stamp, stampOf(Deno.lstatSync(path)));
}

const CASES: Record<string, (old: Old) => Partial<typeof traits> | void> = {
  "was written to": ({ path }) => Deno.writeTextFileSync(path, "CONTENT!"),
  "is another file now": ({ path }) => {
    Deno.renameSync(path, `${path}.old`);
    Deno.copyFileSync(`${path}.old`, path);
  },
  "is a link now": ({ path }) => {
    Deno.renameSync(path, `${path}.old`);
    Deno.symlinkSync(`${path}.old`, path);
  },
  "is gone": ({ path }) => Deno.removeSync(path),
  "has another mode": ({ path, stamp }) => {
    Deno.chmodSync(path, 0o600);
    stampAgain(path, stamp);
  },
  "can be written by others": ({ path, stamp }) => {
    Deno.chmodSync(path, 0o664);
    stampAgain(path, stamp);
  },
  "is of another user": () => ({ uid: (Deno.uid() ?? 0) + 1 }),
  "lies where there are no hard links": () => ({ hardLinks: false }),
};

for (const [what, change] of Object.entries(CASES)) {
  Deno.test({
    ...unless(onWindows, `linkOldFile leaves a file alone that ${what}`),
    fn: withOld((old) => {
      const other = { ...traits, ...change(old) };
      const { path, to, stamp } = old;
      const file = { path, stamp, mode: 0o644 };
      assertEquals(linkOldFile(file, to, other), false);
      assertEquals(namesIn(to.slice(0, -"/file".length)), []);
    }),
  });
}
