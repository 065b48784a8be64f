import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Semaphore } from "../async/semaphore.ts";
import { IoError } from "../errors.ts";
import type { VolumeKind } from "../os/volume_kind.ts";
import { SYNC_BYTES } from "./file_slices.ts";
import { NewFiles } from "./new_files.ts";
import { makeTempDir } from "./testing/temp_tree.ts";

Deno.test("files of a store are whole on every kind of volume, and never replace", async () => {
  using temp = makeTempDir();
  const kinds: VolumeKind[] = ["local", "network", "user_space", "unknown"];
  for (const kind of kinds) {
    const files = new NewFiles(kind, false, new Semaphore(1));
    for (const length of [0, 5, SYNC_BYTES + 1]) {
      const path = `${temp.path}/${kind}${length}`;
      const bytes = new Uint8Array(length).fill(7);
      await files.write(path, bytes, 0o600);
      assertEquals(Deno.readFileSync(path), bytes);
      await assertRejects(
        () => files.write(path, bytes, 0o600),
        Deno.errors.AlreadyExists,
      );
    }
    files.syncDirectories(temp.path);
  }
});

Deno.test("files of a store are synced where an error may come late", () => {
  const syncs = (kind: VolumeKind, fsync: boolean) =>
    new NewFiles(kind, fsync, new Semaphore(1)).syncs;
  assertEquals(syncs("network", false), true);
  assertEquals(syncs("user_space", false), true);
  assertEquals(syncs("local", false), false);
  assertEquals(syncs("local", true), true);
});

Deno.test("a directory of a store that loses what is in it when it is renamed does not appear", () => {
  using temp = makeTempDir();
  const [from, to] = ["from", "to"].map((name) => `${temp.path}/${name}`);
  const names = ["manifest", "v1/dat"];
  const make = () => {
    Deno.mkdirSync(`${from}/v1`, { recursive: true });
    for (const name of names) Deno.writeTextFileSync(`${from}/${name}`, "x");
  };
  for (const kind of ["local", "network"] as const) {
    make();
    new NewFiles(kind, false, new Semaphore(1)).rename(from, to, names);
    assertEquals(Deno.readTextFileSync(`${to}/v1/dat`), "x");
    Deno.removeSync(to, { recursive: true });
  }
  for (const lost of ["v1", "manifest"]) {
    make();
    const files = new NewFiles("user_space", false, new Semaphore(1));
    const losing = (from: string, to: string) => {
      Deno.renameSync(from, to);
      Deno.removeSync(`${to}/${lost}`, { recursive: true });
    };
    assertThrows(
      () => files.rename(from, to, names, losing),
      IoError,
      "when it was renamed",
    );
    assertThrows(() => Deno.lstatSync(to), Deno.errors.NotFound);
  }
});
