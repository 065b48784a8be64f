/** `get`: one word and a ticket, and everything arrives under its own name. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { encodeTicket } from "../../mod.ts";
import { decodeTicket } from "../../lib/mesh/mod.ts";
import { needsEscape } from "../../lib/text/escape.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import {
  assertSameTree,
  type CliOptions,
  failureOf,
  pathsIn,
  resultOf,
  runCli,
  startHolder,
  test,
} from "../support/cli.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { TmuxTerminal, whyNoTmux } from "../support/tmux.ts";
import { unless } from "../support/unless.ts";

const PRIVATE = { mode: 0o600 };

/** A holder of a tree and a file, their tickets, and an empty directory. */
class Stage implements AsyncDisposable {
  private constructor(
    readonly dir: TempDir,
    readonly here: string,
    readonly holder: HolderProcess,
  ) {}

  static async set(dir: TempDir): Promise<Stage> {
    await dir.tree("source", {
      "photos/a.txt": "hello\n",
      "photos/2024/b.raw": noise(3_000_000, 1),
      "film.mkv": noise(5_000_000, 2),
    });
    const paths = [dir.at("source", "photos"), dir.at("source", "film.mkv")];
    const holder = await startHolder(dir.at("home"), [
      ...paths,
      "--ticket-psk",
    ]);
    return new Stage(dir, await dir.mkdir("here"), holder);
  }

  get photos(): string {
    return this.holder.ready.refs[0].ticket;
  }

  get film(): string {
    return this.holder.ready.refs[1].ticket;
  }

  /** The film's ticket under another name. */
  named(name: string): string {
    const { content, ...node } = decodeTicket(this.film);
    if (content === undefined) throw new Error("the ticket names nothing");
    return encodeTicket({ ...node, content: { ...content, name } });
  }

  get(args: readonly string[], options: CliOptions = {}) {
    return runCli(["get", ...args, "--output", "json"], {
      cwd: this.here,
      ...options,
    });
  }

  source(name: string): string {
    return this.dir.at("source", name);
  }

  at(...names: string[]): string {
    return join(this.here, ...names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.holder.stop();
  }
}

async function assertSameFile(one: string, other: string): Promise<void> {
  assertEquals(await Deno.readFile(one), await Deno.readFile(other));
}

test("a ticket is fetched under the name that it was published under, be it a tree or a file", async (dir) => {
  await using stage = await Stage.set(dir);
  const tree = await resultOf(stage.get([stage.photos]));
  assertEquals([tree.out, tree.files], ["photos", 2]);
  await assertSameTree(stage.source("photos"), stage.at("photos"));
  const file = await resultOf(stage.get([stage.film]));
  assertEquals([file.out, file.bytes], ["film.mkv", 5_000_000]);
  await assertSameFile(stage.source("film.mkv"), stage.at("film.mkv"));
});

test("what is there stays, an earlier fetch's, too, until it is said to be replaced", async (dir) => {
  await using stage = await Stage.set(dir);
  await Deno.mkdir(stage.at("photos"));
  await Deno.writeTextFile(stage.at("film.mkv"), "mine");
  // An empty directory is nothing to lose.
  await resultOf(stage.get([stage.photos]));
  for (const ticket of [stage.photos, stage.film]) {
    const { kind, exit_code, message, hint } = failureOf(
      await stage.get([ticket]),
    );
    assertEquals([kind, exit_code], ["exists", 2]);
    assertMatch(message, /(photos|film\.mkv)" exists$/);
    assertMatch(hint ?? "", /another name with --out.*--force/);
  }
  assertEquals(await Deno.readTextFile(stage.at("film.mkv")), "mine");
  await Deno.writeTextFile(stage.at("photos", "a.txt"), "changed");
  await resultOf(stage.get([stage.photos, "--force"]));
  await resultOf(stage.get([stage.film, "--force"]));
  await assertSameTree(stage.source("photos"), stage.at("photos"));
  await assertSameFile(stage.source("film.mkv"), stage.at("film.mkv"));
});

test("it goes where --out says: another name, into a directory, or to stdout", async (dir) => {
  await using stage = await Stage.set(dir);
  const { out } = await resultOf(stage.get([stage.photos, "--out", "copy"]));
  assertEquals(out, "copy");
  await resultOf(stage.get([stage.photos, "--out", "below/"]));
  await resultOf(stage.get([stage.film, "--out", "below/"]));
  await assertSameTree(stage.source("photos"), stage.at("below", "photos"));
  await assertSameFile(stage.source("film.mkv"), stage.at("below/film.mkv"));
  const { code, stdout, stderr } = await stage.get(
    [stage.named("x.txt"), "--out", "-"],
  );
  assertEquals([code, stdout.length > 4_000_000], [0, true], stderr);
  const failure = failureOf(await stage.get([stage.photos, "--out", "-"]));
  assertEquals(failure.exit_code, 2);
});

/** Names of strangers, and what they become. */
const HOSTILE: [name: string, safe: string][] = [
  ["..", "fetched.bin"],
  ["..\\..\\evil", "_._.._evil"],
  [".bashrc", "_bashrc"],
  ["-rf", "_rf"],
  ["NUL", "_NUL"],
  ["\x1b[2J\x07\u202egpj", "_[2J__gpj"],
  ["x".repeat(255), "x".repeat(255)],
  ["", "fetched.bin"],
];

test("whatever the name, what is fetched stays in the directory, and nothing raw is shown", async (dir) => {
  await using stage = await Stage.set(dir);
  for (const [name, safe] of HOSTILE) {
    const run = await stage.get([stage.named(name)]);
    assertEquals(run.code, 0, run.stderr);
    const lines = (run.stdout + run.stderr).split("\n");
    assert(!lines.some(needsEscape), run.stderr);
    assertEquals(await pathsIn(stage.here), [safe]);
    await Deno.remove(stage.at(safe));
  }
  assertEquals(
    (await pathsIn(dir.path)).filter((path) => /evil|gpj/.test(path)),
    [],
  );
});

/** The command lines of all processes that can be seen. */
async function commandLines(): Promise<string> {
  let all = "";
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    all += await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
  }
  return all;
}

test(
  unless(
    Deno.build.os === "linux" ? undefined : "only on Linux",
    "a ticket in a file, on stdin or in the variable is in no list of processes",
  ),
  async (dir) => {
    await using stage = await Stage.set(dir);
    const { film } = stage;
    const file = await dir.write("film.ticket", film, PRIVATE);
    const ways: [args: string[], options: CliOptions][] = [
      [[`@${file}`], {}],
      [[], { env: { NET_TRANSFER_TICKET: film } }],
      [["-"], { stdin: film }],
    ];
    for (const [at, [args, options]] of ways.entries()) {
      const out = `film${at}`;
      // Slow enough to be looked at.
      const running = stage.get(
        [...args, "--out", out, "--limit-rate", "2M"],
        options,
      );
      let isOver = false;
      let seen = "";
      const looking = (async () => {
        while (!isOver) seen += await commandLines();
      })();
      const { code, stderr } = await running;
      isOver = true;
      await looking;
      assertEquals(code, 0, stderr);
      assert(seen.includes(out), "the process was looked at");
      assert(!seen.includes(film));
      await assertSameFile(stage.source("film.mkv"), stage.at(out));
    }
  },
);

test("without a ticket, or with one that names nothing, it says what to do", async (dir) => {
  await using stage = await Stage.set(dir);
  const none = failureOf(await stage.get([]));
  assertEquals([none.exit_code, none.message], [2, "there is no ticket"]);
  assertMatch(none.hint ?? "", /@FILE.*NET_TRANSFER_TICKET/);
  const bad = await stage.get([], { env: { NET_TRANSFER_TICKET: "nt1x" } });
  assertMatch(failureOf(bad).message, /^NET_TRANSFER_TICKET: the ticket/);
  const { psk } = decodeTicket(stage.film);
  const node = encodeTicket({
    ...decodeTicket(stage.holder.ready.ticket),
    psk,
  });
  assertMatch(
    failureOf(await stage.get([node])).hint ?? "",
    /recv-dir or recv/,
  );
});

test("options of trees are said to have no effect on a file, and nothing is written by a dry run", async (dir) => {
  await using stage = await Stage.set(dir);
  const { code, stderr } = await stage.get([
    stage.film,
    ...words`--include *.raw --keep-going --dry-run`,
  ]);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /--include has no effect on a file/);
  assertMatch(stderr, /--keep-going has no effect on a file/);
  assertEquals(await pathsIn(stage.here), []);
});

test(
  unless(
    whyNoTmux(),
    "on a terminal the ticket is asked for and not shown, then what it is, and a question",
  ),
  async (dir) => {
    await using stage = await Stage.set(dir);
    const show = async (...args: string[]) =>
      await TmuxTerminal.start([...TEST_PROGRAM, "get", ...args], {
        // Each has a socket of its own.
        dir: await TempDir.make(dir.path),
        columns: 100,
      });
    {
      await using terminal = await show("--out", stage.at("one"));
      await terminal.untilShown("Code or ticket (it is not shown):");
      await terminal.press("-l", stage.photos);
      await terminal.press("Enter");
      await terminal.untilShown("Fetch it to");
      const printed = await terminal.printed();
      assertMatch(
        printed,
        /^photos\/, 2 files, 2\.86 MiB, from node \d+ at 127\.0\.0\.1:\d+$/m,
      );
      assert(!/nt1/i.test(printed), "the ticket is not shown");
      await terminal.press("n", "Enter");
      await terminal.untilShown("exit=130");
      assertEquals(await pathsIn(stage.here), []);
    }
    {
      await using terminal = await show("--out", stage.at("one"));
      await terminal.untilShown("Code or ticket (it is not shown):");
      await terminal.press("C-c");
      await terminal.untilShown("exit=130");
      // The terminal shows again what is typed: cat runs in it.
      await terminal.press("-l", "seen");
      await terminal.untilShown("seen");
    }
    await using terminal = await show(stage.photos, "--out", stage.at("one"));
    await terminal.untilShown("Fetch it to");
    await terminal.press("Enter");
    await terminal.untilShown("exit=0");
    await assertSameTree(stage.source("photos"), stage.at("one"));
  },
);

test(
  unless(
    whyNoTmux(),
    "in 40 columns every row fits, and plain progress draws nothing",
  ),
  async (dir) => {
    await using stage = await Stage.set(dir);
    const narrow = async (...args: string[]) =>
      await TmuxTerminal.start(
        [...TEST_PROGRAM, "get", stage.film, "--yes", ...args],
        { dir: await TempDir.make(dir.path), columns: 40 },
      );
    {
      await using terminal = await narrow(
        ...words`--out ${stage.at("bar")} --limit-rate 2M`,
      );
      const frame = await terminal.until((frame) =>
        frame.some((row) => /^ *[1-9]\d?% /.test(row))
      );
      assert(frame.filter((row) => row.includes("%")).length === 1);
      await terminal.untilShown("exit=0");
      assert(!(await terminal.printed()).includes("%"), "nothing is left");
    }
    await using terminal = await narrow(
      ...words`--out ${stage.at("plain")} --progress plain --color never`,
    );
    await terminal.untilShown("exit=0");
    assertMatch(
      await terminal.printed(),
      /film\.mkv, 4\.77 MiB, from node[^]*100 percent, 4\.77 MiB of 4\.77 MiB/,
    );
    const log = dir.at("log");
    const { code } = await new Deno.Command("script", {
      args: [
        "-qfec",
        `${
          TEST_PROGRAM.join(" ")
        } get ${stage.film} --yes --progress plain --color never --out ${
          stage.at("again")
        }`,
        log,
      ],
      stdin: "null",
      stdout: "null",
    }).output();
    assertEquals(code, 0);
    const drawn = (await Deno.readTextFile(log)).split("\n").slice(1, -2);
    assert(drawn.length > 1);
    assert(!drawn.some((row) => needsEscape(row.replace(/\r$/, ""))));
  },
);
