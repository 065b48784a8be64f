/** What a terminal shows of a holder, and that what it shows can be pasted. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { words } from "../../scripts/program.ts";
import { noise } from "../../scripts/make_tree.ts";
import { assertSameTree, cliCommand, runCli, test } from "../support/cli.ts";
import { Machine } from "../support/machine.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { TmuxTerminal, whyNoTmux } from "../support/tmux.ts";
import { unless } from "../support/unless.ts";

/** The commands on the screen, as somebody selects them. */
function commandsIn(printed: string): string[] {
  return printed.split("\n").filter((line) => line.startsWith("net-transfer "));
}

test(
  unless(
    whyNoTmux(),
    "serve on a terminal shows commands that fetch when they are pasted, and each fetch",
  ),
  async (dir) => {
    const nasty = "it's $(id) \x1b[31m日本";
    await dir.tree(nasty, { "a.txt": "hello\n", "b.raw": noise(5_000_000, 1) });
    await dir.write("film.mkv", noise(9_000_000, 2));
    const other = await Machine.create(dir, "other");
    await using terminal = await TmuxTerminal.start(
      [...words`${TEST_PROGRAM} serve`, nasty, "film.mkv"],
      { dir, columns: 80, shell: "--listen 127.0.0.1:0" },
    );
    await terminal.untilShown("Ctrl-C ends it.");
    const commands = commandsIn(await terminal.printed());
    assertEquals(commands.length, 2);
    for (const command of commands) await other.run(command);
    await assertSameTree(dir.at(nasty), other.at("it's $(id) _[31m日本"));
    assertEquals(
      await Deno.readFile(other.at("film.mkv")),
      await Deno.readFile(dir.at("film.mkv")),
    );
    await terminal.until((frame) =>
      frame.filter((row) => row.includes(" got ")).length === 2
    );
    await terminal.press("C-c");
    await terminal.untilShown("exit=0");
    const printed = await terminal.printed();
    assertMatch(
      printed,
      /\d\d:\d\d:\d\d {2}127\.0\.0\.1:\d+ fetches film\.mkv\n/,
    );
    assertMatch(
      printed,
      /127\.0\.0\.1:\d+ got \S+ MiB of film\.mkv in .*\/s\)\n/,
    );
    assertMatch(printed, /served 2 fetches, \S+ MiB\n/);
    assert(!printed.includes("%"), "no row of a fetch is left");
  },
);

test("the key is on no page that is not a terminal's: the command names its file", async (dir) => {
  const file = await dir.write("file", "hello\n");
  await using child = cliCommand(
    words`serve ${file} --listen 127.0.0.1:0 --output table`,
    { home: dir.path },
  ).spawn();
  let printed = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    if (printed.includes("Ctrl-C ends it.\n")) break;
  }
  const key = dir.at(".config", "net-mesh", "identities", "node.psk");
  assert(printed.includes(`${key} must lie on the other machine as node.psk.`));
  const [command] = commandsIn(printed);
  const [, ticket] = command.split("--psk-file node.psk --ticket ");
  const refused = await runCli(
    words`recv-blob --out ${dir.at("out")} --ticket ${ticket}`,
  );
  assertEquals(refused.code, 2, "without a key the ticket does not do");
});
