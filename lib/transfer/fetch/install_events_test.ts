import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3, type BlobRef } from "../../content/mod.ts";
import type { Session } from "../../mesh/mod.ts";
import { MemoryStore } from "../../store/mod.ts";
import { fetchDir } from "./fetch_dir.ts";
import type { InstalledDir } from "./fetch_dir_options.ts";
import {
  connect,
  fileEntry,
  inTempDir,
  storeManifest,
  storePayload,
} from "../testing/fixture.ts";

/** Lands a new tree over an old one, by a swap and in place. */
async function overOldTrees(
  dir: string,
  land: (
    session: Session,
    ref: BlobRef,
    out: string,
    inPlace: boolean,
  ) => Promise<void>,
): Promise<void> {
  await using store = new MemoryStore();
  const bytes = new TextEncoder().encode("new");
  const entry = fileEntry("new", await storePayload(store, bytes));
  const ref = await storeManifest(store, [entry]);
  await using connection = connect(store);
  for (const inPlace of [false, true]) {
    const out = `${dir}/tree${inPlace}`;
    await Deno.mkdir(out);
    await Deno.writeTextFile(`${out}/old`, "old");
    await land(connection.session, ref, out, inPlace);
  }
}

Deno.test("fetchDir tells of a directory that is in place before it removes the old one, and of one that is left there", () =>
  inTempDir(async (dir) => {
    const out = `${dir}/tree`;
    await Deno.mkdir(out);
    await Deno.writeTextFile(`${out}/old`, "old");
    const store = new MemoryStore();
    const bytes = new TextEncoder().encode("new");
    const entry = fileEntry("new", await storePayload(store, bytes));
    const ref = await storeManifest(store, [entry]);
    await using connection = await connect(store);
    const told: InstalledDir[] = [];
    const beside: string[] = [];
    const onInstalled = async (installed: InstalledDir) => {
      told.push(installed);
      for await (const { name } of Deno.readDir(dir)) beside.push(name);
    };
    const fetch = () =>
      fetchDir(connection.session, ref, out, { replace: true, onInstalled });
    const first = await fetch();
    assert(beside.some((name) => /^\.tree\.removing_/.test(name)));
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["tree"]);
    await Deno.mkdir(`${dir}/.tree.removing_0123456789abcdef`);
    await Deno.writeTextFile(`${dir}/.tree.removing_0123456789abcdef/x`, "x");
    const second = await fetch();
    assertEquals([first.isLeftInPlace, second.isLeftInPlace], [false, true]);
    // What a run that was stopped left goes then, too.
    assert(second.warnings[0].includes("had left 1 file (1 bytes)"));
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["tree"]);
    for (const { path, identity, manifestHash } of told) {
      assertEquals(identity, first.identity);
      assertEquals(path, await Deno.realPath(out));
      assertEquals(manifestHash, first.manifestHash);
    }
    assertEquals(told.length, 2);
    assertEquals(blake3(bytes).length, first.manifestHash.length);
  }));

Deno.test("fetchDir tells which directory comes while the target is as it was, and that is the one that is there then", () =>
  inTempDir(async (dir) => {
    await overOldTrees(dir, async (session, ref, out, inPlace) => {
      const told: InstalledDir[] = [];
      const seen: string[][] = [];
      const onInstalling = (coming: InstalledDir) => {
        told.push(coming);
        const names = [...Deno.readDirSync(out)].map(({ name }) => name);
        seen.push(names.filter((name) => !name.startsWith(".")));
      };
      const how = { replace: true, inPlace, onInstalling };
      const { path, identity, manifestHash } = await fetchDir(
        session,
        ref,
        out,
        how,
      );
      assertEquals(seen, [["old"]]);
      assertEquals(told, [{ path, identity, manifestHash }]);
    });
  }));

Deno.test("fetchDir that cannot go on before it puts a directory in place leaves the target as it was, and no journal", () =>
  inTempDir(async (dir) => {
    await overOldTrees(dir, async (session, ref, out, inPlace) => {
      const onInstalling = () => Promise.reject(new Error("no room for notes"));
      const how = { replace: true, resume: false, inPlace, onInstalling };
      await assertRejects(
        () => fetchDir(session, ref, out, how),
        Error,
        "no room for notes",
      );
      assertEquals([...Deno.readDirSync(out)].map(({ name }) => name), ["old"]);
    });
    assertEquals([...Deno.readDirSync(dir)].length, 2);
  }));
