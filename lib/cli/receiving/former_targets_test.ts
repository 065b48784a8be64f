import { assertEquals } from "@std/assert";
import { targetIdentity } from "../../landing/mod.ts";
import { TempDir } from "../../../scripts/temp_dir.ts";
import { testAlone } from "../../../tests/support/own_process.ts";
import {
  type FormerTarget,
  formerTarget,
  identitiesOf,
  parseNote,
  rememberComing,
  rememberTarget,
} from "./former_targets.ts";

function noteOf(path: string, at = path): FormerTarget {
  return { path, ...targetIdentity(Deno.lstatSync(at)), manifest: "00" };
}

async function known(path: string): Promise<(number | null)[]> {
  const note = await formerTarget(path);
  return note === undefined ? [] : identitiesOf(note).map(({ ino }) => ino);
}

const inode = (path: string) => Deno.lstatSync(path).ino;

testAlone(
  import.meta.url,
  "what comes is noted beside what an earlier fetch made there, and alone beside what is a stranger's",
  async () => {
    await using dir = await TempDir.make();
    for (const name of ["APPDATA", "XDG_CONFIG_HOME", "HOME"]) {
      Deno.env.set(name, dir.path);
    }
    const out = dir.at("out");
    for (const name of ["out", "next"]) Deno.mkdirSync(dir.at(name));
    const next = noteOf(out, dir.at("next"));
    await rememberComing(next);
    assertEquals(await known(out), [inode(dir.at("next"))]);

    await rememberTarget(noteOf(out));
    await rememberComing(next);
    assertEquals(await known(out), [inode(out), inode(dir.at("next"))]);

    // It came, and nobody lived to note that; then another one is to come.
    Deno.renameSync(out, dir.at("old"));
    Deno.renameSync(dir.at("next"), out);
    Deno.mkdirSync(dir.at("third"));
    await rememberComing(noteOf(out, dir.at("third")));
    assertEquals(await known(out), [inode(out), inode(dir.at("third"))]);

    await rememberTarget(noteOf(out));
    assertEquals(await known(out), [inode(out)]);
    // A directory that stays, and whose entries are exchanged.
    await rememberComing(noteOf(out));
    assertEquals(await known(out), [inode(out)]);
  },
);

Deno.test("a note is about one directory, or two, and nothing else is one", () => {
  const there = { dev: 1, ino: 2, born: 3 };
  const coming = { dev: 1, ino: 4, born: null };
  const note = { path: "/p", ...there, manifest: "00" };
  assertEquals(parseNote(note), note);
  assertEquals(parseNote({ ...note, coming, more: 1 }), { ...note, coming });
  for (const bad of [null, 7, "x", [coming], { ...coming, ino: "4" }]) {
    assertEquals(parseNote({ ...note, coming: bad }), undefined);
  }
});
