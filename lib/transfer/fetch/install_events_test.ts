import { assert, assertEquals } from "@std/assert";
import { blake3 } from "../../content/mod.ts";
import { MemoryStore } from "../../store/mod.ts";
import { fetchDir, type InstalledDir } from "./fetch_dir.ts";
import {
  connect,
  fileEntry,
  inTempDir,
  storeManifest,
  storePayload,
} from "../testing/fixture.ts";

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
