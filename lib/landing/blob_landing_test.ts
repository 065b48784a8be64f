import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../content/hash.ts";
import { HashMismatchError, IoError, UsageError } from "../errors.ts";
import { BlobLanding } from "./blob_landing.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import {
  blobRange,
  inTempDir,
  modeAt,
  namesIn,
  test,
} from "./testing/trees.ts";

test("a file may have the longest name there is", async (dir) => {
  const out = `${dir}/${"n".repeat(255)}`;
  await using landing = await BlobLanding.open({ out, replace: true });
  await landing.write(blobRange(0, "a"));
  await landing.commit(1);
  assertEquals(Deno.readTextFileSync(out), "a");
  assertEquals(namesIn(dir).length, 1);
});

test("BlobLanding writes ranges in any order and installs the file", async (dir) => {
  const out = `${dir}/parents/out.bin`;
  await using landing = await BlobLanding.open({ out });
  assertEquals(namesIn(`${dir}/parents`), [
    ".out.bin.fetch_lock",
    "out.bin.partial",
  ]);
  await Promise.all([
    landing.write(blobRange(6, "c")),
    landing.write(blobRange(0, "aaa")),
    landing.write(blobRange(3, "bbb")),
  ]);
  await landing.commit(7);
  assertEquals(Deno.readTextFileSync(out), "aaabbbc");
  assertEquals(namesIn(`${dir}/parents`), ["out.bin"]);
  Deno.writeFileSync(`${dir}/plain`, new Uint8Array());
  assertEquals(modeAt(out), modeAt(`${dir}/plain`));
});

test("BlobLanding installs an empty file, without syncing too", async (dir) => {
  await using landing = await BlobLanding.open({
    out: `${dir}/empty`,
    fsync: false,
  });
  await landing.commit(0);
  assertEquals(Deno.statSync(`${dir}/empty`).size, 0);
});

test("BlobLanding writes no byte of a wrong range and takes the right one after it", async (dir) => {
  const out = `${dir}/out`;
  await using landing = await BlobLanding.open({ out });
  const wrong = { ...blobRange(0, "xyz"), hash: blake3(new Uint8Array()) };
  await assertRejects(() => landing.write(wrong), HashMismatchError);
  assertEquals(Deno.statSync(`${out}.partial`).size, 0);
  await landing.write(blobRange(0, "abc"));
  await landing.commit(3);
  assertEquals(Deno.readTextFileSync(out), "abc");
});

test("BlobLanding does not install a file with a gap", async (dir) => {
  await using landing = await BlobLanding.open({ out: `${dir}/out` });
  await landing.write(blobRange(0, "abc"));
  await landing.write(blobRange(4, "z"));
  await assertRejects(
    () => landing.commit(5),
    IoError,
    "byte 3 of 5 was never written",
  );
  await landing.abort();
  assertEquals(namesIn(dir), ["out.partial"]);
});

test("BlobLanding says when a directory above its target was renamed, and blames nobody", async (dir) => {
  Deno.mkdirSync(`${dir}/parent`);
  await using landing = await BlobLanding.open({ out: `${dir}/parent/out` });
  await landing.write(blobRange(0, "abc"));
  Deno.renameSync(`${dir}/parent`, `${dir}/elsewhere`);
  await assertRejects(
    () => landing.commit(3),
    IoError,
    "a directory above it, was renamed or removed",
  );
  assertEquals(Deno.readTextFileSync(`${dir}/elsewhere/out.partial`), "abc");
});

test("BlobLanding cuts off what an earlier run left, and replaces a file or a link", async (dir) => {
  Deno.writeTextFileSync(`${dir}/victim`, "victim");
  for (const name of ["file", "link", "dangling"]) {
    const out = `${dir}/${name}`;
    if (name === "file") Deno.writeTextFileSync(out, "old content");
    else Deno.symlinkSync(name === "link" ? "victim" : "nowhere", out);
    Deno.writeTextFileSync(`${out}.partial`, "longer than the new content");
    await using landing = await BlobLanding.open({ out });
    await landing.write(blobRange(0, "new"));
    await landing.commit(3);
    assert(Deno.lstatSync(out).isFile, name);
    assertEquals(Deno.readTextFileSync(out), "new");
  }
  assertEquals(Deno.readTextFileSync(`${dir}/victim`), "victim");
  assertEquals(namesIn(dir), ["dangling", "file", "link", "victim"]);
});

test("BlobLanding refuses a directory, a pipe and a target without a name at once", async (dir) => {
  Deno.mkdirSync(`${dir}/directory`);
  await new Deno.Command("mkfifo", { args: [`${dir}/pipe`] }).output();
  Deno.writeTextFileSync(`${dir}/file`, "");
  for (
    const [name, why] of [
      ["directory", "there is a directory"],
      ["pipe", "there is a device, pipe or socket"],
      ["directory/..", "no name of its own"],
      ["file/below", "is not a directory"],
    ]
  ) {
    const open = () => BlobLanding.open({ out: `${dir}/${name}` });
    await assertRejects(open, IoError, why);
  }
  assertEquals(namesIn(dir), ["directory", "file", "pipe"]);
});

test("BlobLanding refuses planted partial and lock files and names them", async (dir) => {
  Deno.writeTextFileSync(`${dir}/victim`, "victim");
  for (const name of ["out.partial", ".out.fetch_lock"]) {
    const path = `${dir}/${name}`;
    const plants: [string, () => void][] = [
      ["a symbolic link", () => Deno.symlinkSync("victim", path)],
      ["a symbolic link", () => Deno.symlinkSync("nowhere", path)],
      ["hard links", () => Deno.linkSync(`${dir}/victim`, path)],
      ["not a regular file", () => Deno.mkdirSync(path)],
    ];
    if (Deno.uid() === 0) {
      plants.push(["another user", () => {
        Deno.writeTextFileSync(path, "");
        Deno.chownSync(path, 65534, 65534);
      }]);
    }
    for (const [why, plant] of plants) {
      plant();
      const error = await assertRejects(
        () => BlobLanding.open({ out: `${dir}/out` }),
        IoError,
        why,
      );
      assertEquals(error.fields.path, path);
      Deno.removeSync(path);
      assertEquals(namesIn(dir), ["victim"]);
    }
  }
  assertEquals(Deno.readTextFileSync(`${dir}/victim`), "victim");
});

test("BlobLanding refuses a second landing on the same target and names the process", async (dir) => {
  const open = () => BlobLanding.open({ out: `${dir}/out` });
  {
    await using first = await open();
    await assertRejects(open, IoError, "is already writing");
    await first.write(blobRange(0, "abc"));
  }
  assertEquals(namesIn(dir), ["out.partial"]);
  Deno.writeTextFileSync(`${dir}/.out.fetch_lock`, "1\n");
  await using again = await open();
  await again.abort();
  assertEquals(namesIn(dir), ["out.partial"]);
});

test("BlobLanding stops on its signal and keeps the partial file", async (dir) => {
  const abort = new AbortController();
  {
    await using landing = await BlobLanding.open({
      out: `${dir}/out`,
      signal: abort.signal,
    });
    await landing.write(blobRange(0, "abc"));
    const writing = landing.write(blobRange(3, "def"));
    abort.abort(new Error("stop"));
    await assertRejects(() => writing, Error, "stop");
    await assertRejects(() => landing.commit(6), Error, "stop");
  }
  assertEquals(namesIn(dir), ["out.partial"]);
  assertEquals(Deno.readTextFileSync(`${dir}/out.partial`), "abcdef");
});

test("BlobLanding refuses a directory that every user may write to, unless they are trusted", async (dir) => {
  const out = `${dir}/out`;
  Deno.chmodSync(dir, 0o777);
  await assertRejects(() => BlobLanding.open({ out }), UsageError);
  assertEquals(namesIn(dir), []);
  await (await BlobLanding.open({ out, trustParent: true })).abort();
  for (const mode of [0o1777, 0o755]) {
    Deno.chmodSync(dir, mode);
    await (await BlobLanding.open({ out })).abort();
  }
});

Deno.test(
  unless(
    onWindows,
    "BlobLanding writes nothing into a partial file that others may have open",
  ),
  () =>
    inTempDir(async (dir) => {
      const [out, partial] = [`${dir}/out`, `${dir}/out.partial`];
      await Deno.writeTextFile(partial, "abc");
      await Deno.chmod(partial, 0o666);
      using others = await Deno.open(partial, { write: true });
      await using landing = await BlobLanding.open({ out });
      await landing.write(blobRange(0, "abc"));
      await others.write(new TextEncoder().encode("xyz"));
      await landing.commit(3);
      assertEquals(Deno.readTextFileSync(out), "abc");
    }),
);
