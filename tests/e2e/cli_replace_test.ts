import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { type Finished, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  cli,
  failureOf,
  pathsIn,
  resultOf,
  runCli,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { TmuxTerminal, whyNoTmux } from "../support/tmux.ts";
import { onWindows, unless } from "../support/unless.ts";

/** A holder of a tree, and a directory with a thesis in it. */
async function setUp(dir: TempDir): Promise<HolderProcess> {
  const tree = await dir.tree("tree", { file: "fetched\n" });
  const blob = await dir.write("blob", "blob\n");
  await dir.tree("Downloads", { "thesis/1": "one", "thesis/2": "two", a: "" });
  return await startHolder(dir.path, [tree, blob]);
}

/** Fetches the tree, by a user who has a home. */
async function receive(
  dir: TempDir,
  holder: HolderProcess,
  out: string,
  ...more: string[]
): Promise<Finished> {
  const word = more[0] === "transfer" ? [more.shift() ?? ""] : [];
  const home = await dir.mkdir("home");
  return await runCli(
    words`${word} recv-dir --remote-ref ${holder.refs[0].ref}
      --out ${dir.at(out)} ${holder.attach()} --output json ${more}`,
    { home },
  );
}

const THESIS = words`a thesis thesis/1 thesis/2`;

test("recv-dir replaces no directory that it did not make, unless told to", async (dir) => {
  await using holder = await setUp(dir);
  const failure = failureOf(await receive(dir, holder, "Downloads"));
  assertEquals([failure.exit_code, failure.kind], [2, "exists"]);
  assertEquals([failure.files, failure.bytes], [3, 6]);
  assertStringIncludes(failure.message, "would lose 3 files of 6 B");
  assertStringIncludes(failure.hint ?? "", "--replace");
  assertEquals(await pathsIn(dir.at("Downloads")), THESIS);

  const dry = await receive(dir, holder, "Downloads", "--dry-run");
  assertEquals(dry.code, 0, dry.stderr);
  const { replaces, replaced } = JSON.parse(dry.stdout);
  assertEquals([replaces, replaced], [true, { files: 3, bytes: 6 }]);
  assertStringIncludes(dry.stderr, "without --replace it would stay");
  assertEquals(await pathsIn(dir.at("Downloads")), THESIS);

  const done = await resultOf(receive(dir, holder, "Downloads", "--replace"));
  assertEquals(done.replaced, { files: 3, bytes: 6 });
  assertEquals(await pathsIn(dir.at("Downloads")), ["file"]);
});

test("recv-dir replaces what it made itself, however its home is, and nothing that took its place", async (dir) => {
  await using holder = await setUp(dir);
  const first = await resultOf(receive(dir, holder, "new"));
  assertEquals(first.replaced, undefined);
  await dir.write("new/stale", "");
  const second = await resultOf(receive(dir, holder, "new"));
  assertEquals(second.replaced, { files: 2, bytes: 8 });
  assertEquals(await pathsIn(dir.at("new")), ["file"]);
  const notes = dir.at("home", ".config", "net-mesh", "fetched");
  const [note] = await pathsIn(notes);
  if (Deno.build.os !== "windows") {
    const mode = async (path: string) => ((await Deno.stat(path)).mode ?? 0);
    assertEquals(await mode(notes) & 0o777, 0o700);
    assertEquals(await mode(join(notes, note)) & 0o777, 0o600);
  }
  await Deno.rename(dir.at("Downloads"), dir.at("moved"));
  await Deno.remove(dir.at("new"), { recursive: true });
  await Deno.rename(dir.at("moved"), dir.at("new"));
  const other = failureOf(await receive(dir, holder, "new"));
  assertEquals([other.exit_code, other.kind], [2, "exists"]);
  assertEquals(await pathsIn(dir.at("new")), THESIS);

  // What cannot be read or written makes the rule strict, and no more.
  await Deno.remove(notes, { recursive: true });
  await Deno.writeTextFile(notes, "no directory");
  await resultOf(receive(dir, holder, "again"));
  assertEquals(failureOf(await receive(dir, holder, "again")).kind, "exists");
  await Deno.remove(notes);
  await resultOf(receive(dir, holder, "again", "--replace"));
  await Deno.writeTextFile(join(notes, (await pathsIn(notes))[0]), '{"path":');
  assertEquals(failureOf(await receive(dir, holder, "again")).kind, "exists");
});

test("with the reference's first word recv-dir replaces, and says what was lost", async (dir) => {
  await using holder = await setUp(dir);
  const { code, stderr } = await receive(dir, holder, "Downloads", "transfer");
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "lose 3 files of 6 B");
  assertStringIncludes(stderr, "it is replaced, as the reference does");
  assertEquals(await pathsIn(dir.at("Downloads")), ["file"]);
});

test("recv-dir fills an empty directory, and refuses a file and what is above it", async (dir) => {
  await using holder = await setUp(dir);
  await resultOf(
    receive(dir, holder, await dir.mkdir("empty").then(() => "empty")),
  );
  assertEquals(await pathsIn(dir.at("empty")), ["file"]);
  const refused = async (out: string) => {
    const { kind, message } = failureOf(await receive(dir, holder, out));
    return `${kind}: ${message}`;
  };
  assertStringIncludes(await refused("blob"), "exists: ");
  assertStringIncludes(await refused("blob"), "is a file of 5 B");
  assertStringIncludes(await refused("blob/x"), "is not a directory");
  assertEquals(await Deno.readTextFile(dir.at("blob")), "blob\n");
});

test("recv-dir and recv-blob judge their target before they reach for the node", async (dir) => {
  const file = await dir.write("file", "old");
  await dir.tree("full", { x: "" });
  const nobody = words`--node-addr 127.0.0.1:1 --node-pubkey ${SOME_KEY}
    --psk-hex ${SOME_KEY} --output json`;
  const refused = async (verb: string, out: string) => {
    const what = verb === "recv-dir" ? "--remote-ref" : "--blob-ref";
    const run = await cli`${verb} ${what} ${SOME_KEY} --out ${out} ${nobody}`;
    const { exit_code, kind } = failureOf(run);
    assert(exit_code !== 6, run.stderr);
    return `${kind} ${exit_code}`;
  };
  assertEquals(await refused("recv-dir", dir.at("full")), "exists 2");
  assertEquals(await refused("recv-dir", file), "exists 2");
  assertEquals(await refused("recv-dir", "/"), "io 3");
  assertEquals(await refused("recv-dir", ".."), "io 3");
  assertEquals(await refused("recv-dir", `${file}/x`), "io 3");
  assertEquals(await refused("recv-blob", dir.at("full")), "io 1");
  if (Deno.build.os !== "linux") return;
  for (const out of ["/proc/x", "/sys/x", "/dev/null", "/dev/shm/x"]) {
    assertEquals(await refused("recv-dir", out), "permission 3", out);
    assertEquals(await refused("recv-blob", out), "permission 3", out);
  }
});

test(
  unless(
    onWindows,
    "recv-dir follows a link as target that ends in a separator, else it replaces it and says so",
  ),
  async (dir) => {
    await using holder = await setUp(dir);
    await dir.mkdir("empty");
    await Deno.symlink("empty", dir.at("link"));
    await Deno.symlink("Downloads", dir.at("full"));
    await resultOf(receive(dir, holder, "link/"));
    assertEquals(await pathsIn(dir.at("empty")), ["file"]);
    assert((await Deno.lstat(dir.at("link"))).isSymlink);
    assertEquals(failureOf(await receive(dir, holder, "full/")).kind, "exists");
    const { code, stderr } = await receive(dir, holder, "full");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, 'is a link to "Downloads" and is replaced');
    assert((await Deno.lstat(dir.at("full"))).isDirectory);
    assertEquals(await pathsIn(dir.at("Downloads")), THESIS);
  },
);

test("recv-blob replaces a file as the reference does, and says so unless it was meant", async (dir) => {
  await using holder = await setUp(dir);
  const out = await dir.write("old", "precious");
  const line = words`recv-blob --blob-ref ${holder.refs[1].ref} --out ${out}
    ${holder.attach()} --output json`;
  const { code, stderr } = await cli`${line}`;
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "(8 B) is replaced when all is there");
  assertEquals(await Deno.readTextFile(out), "blob\n");
  await resultOf(cli`${line} --replace`);
});

for (const [answer, replaces] of [["y", true], ["", false]] as const) {
  test(
    unless(
      whyNoTmux(),
      `on a terminal recv-dir asks before it replaces, and ${
        replaces ? "does after y" : "does not after Enter alone"
      }`,
    ),
    async (dir) => {
      await using holder = await setUp(dir);
      const out = dir.at("Downloads");
      await using terminal = await TmuxTerminal.start(
        words`${TEST_PROGRAM} recv-dir --remote-ref ${holder.refs[0].ref}
          --out ${out} ${holder.attach()}`,
        { dir },
      );
      await terminal.untilShown("Replace it? [y/N]");
      assertStringIncludes(await terminal.printed(), "lose 3 files of 6 B");
      assertEquals(await pathsIn(out), THESIS);

      await terminal.press(answer, "Enter");
      await terminal.untilShown(`exit=${replaces ? 0 : 2}`);
      assertEquals(await pathsIn(out), replaces ? ["file"] : THESIS);
      const printed = await terminal.printed();
      assertEquals(printed.includes("with --replace"), !replaces, printed);
    },
  );
}

test("what would be lost is said in units that people read", async (dir) => {
  await using holder = await setUp(dir);
  await dir.write("Downloads/film", new Uint8Array(3 * 2 ** 20));
  const failure = failureOf(await receive(dir, holder, "Downloads"));
  assertStringIncludes(failure.message, "would lose 4 files of 3 MiB");
  assertEquals(failure.bytes, 3 * 2 ** 20 + 6);
});
