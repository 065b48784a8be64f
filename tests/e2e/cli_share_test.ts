/** `share`: one pasted command, and it ends when it should. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async";
import { join } from "@std/path";
import {
  attachOptionsOf,
  decodeTicket,
  generateIdentity,
  Node,
  type TicketContent,
  writeIdentity,
} from "../../lib/mesh/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { tellFetched } from "../../lib/transfer/mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  assertSameTree,
  cliCommand,
  failureOf,
  pathsIn,
  resultOf,
  runCli,
  test,
} from "../support/cli.ts";
import { ShareProcess, type Sharing } from "../support/share_process.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { TmuxTerminal, whyNoTmux } from "../support/tmux.ts";
import { unless } from "../support/unless.ts";

/** A tree with long names, some of them twice. */
async function makePhotos(dir: TempDir): Promise<string> {
  return await dir.tree("holidays-by-the-sea", {
    "a.txt": "hello\n",
    "2024/b.raw": noise(6_000_000, 1),
    "2024/c.raw": noise(300_000, 2),
    "zeros.img": new Uint8Array(9 * 2 ** 20),
    "nothing": "",
  });
}

/** The words of a command as it is pasted, without the program. */
function pasted({ command }: Sharing): string[] {
  const [program, ...args] = command.split(" ");
  assertEquals(program, "net-transfer");
  return args;
}

/** How much of the disk is taken by what lies below a directory. */
async function filledBytes(dir: string): Promise<number> {
  const infos = (await pathsIn(dir)).map((path) =>
    Deno.lstat(join(dir, path)).catch(() => undefined)
  );
  return (await Promise.all(infos))
    .reduce((sum, info) => sum + 512 * (info?.blocks ?? 0), 0);
}

async function get(here: string, share: Sharing, ...more: string[]) {
  return await runCli([...pasted(share), ...more], { cwd: here });
}

test("one pasted command of at most 220 characters fetches it under its name, and then the share ends", async (dir) => {
  const photos = await makePhotos(dir);
  const here = await dir.mkdir("here");
  await using share = await ShareProcess.start([photos, "--once"]);
  const { command, name, kind, files } = share.ready;
  assert(command.length <= 220, command);
  assertEquals([name, kind, files], ["holidays-by-the-sea", "dir", 5]);
  const { out } = await resultOf(get(here, share.ready));
  assertEquals(out, name);
  await assertSameTree(photos, join(here, name));
  const { code, stderr, ended, fetches } = await share.ended();
  assertEquals([code, stderr, ended, fetches], [0, "", "count", 1]);
});

test("a name for which a ticket has no room is asked of the node", async (dir) => {
  const name = "n".repeat(200) + ".txt";
  const here = await dir.mkdir("here");
  await using share = await ShareProcess.start([
    await dir.write(name, "hello\n"),
  ]);
  assertEquals(decodeTicket(share.ready.ticket).content?.name, "");
  assert(share.ready.command.length <= 220);
  await resultOf(get(here, share.ready));
  assertEquals(await pathsIn(here), [name]);
});

test("it ends after as many whole fetches as were asked for, and none that were not whole count", async (dir) => {
  const photos = await makePhotos(dir);
  await using share = await ShareProcess.start([photos, "--count", "2"]);
  const at = (name: string) => ["--out", dir.at(name)];
  // A part, and a fetch that was given up.
  await resultOf(get(dir.path, share.ready, ...at("1"), "--include", "*.txt"));
  const { ticket } = share.ready;
  const stopped = await runCli(
    words`get ${ticket} ${at("2")} --limit-rate 1M --timeout 1ms`,
  );
  assert(stopped.code !== 0);
  await resultOf(get(dir.path, share.ready, ...at("3")));
  // One that does not tell when all is there.
  await resultOf(runCli(words`recv-dir --ticket ${ticket} ${at("4")}`));
  const { code, fetches } = await share.ended();
  assertEquals([code, fetches], [0, 2]);
});

test("a fetch that goes on with what a stopped one left counts as whole", async (dir) => {
  const photos = await makePhotos(dir);
  const here = await dir.mkdir("here");
  await using share = await ShareProcess.start([photos, "--once"]);
  const stopped = cliCommand(
    [...pasted(share.ready), "--limit-rate", "2M"],
    { cwd: here },
  ).spawn();
  while (await filledBytes(here) < 1_000_000) await delay(10);
  stopped.kill("SIGINT");
  await stopped.output();
  const { resumed } = await resultOf(get(here, share.ready));
  assertEquals(resumed, true);
  assertEquals((await share.ended()).fetches, 1);
});

test("a peer that lies of having all of it ends nothing", async (dir) => {
  const photos = await makePhotos(dir);
  await using share = await ShareProcess.start([photos, "--once"]);
  const ticket = decodeTicket(share.ready.ticket);
  const { hash } = ticket.content as TicketContent;
  for (let tries = 0; tries < 3; tries++) {
    await using session = await Node.attach(attachOptionsOf(ticket));
    assertEquals(await tellFetched(session, hash), false);
    assertEquals(await tellFetched(session, hash), false);
  }
  await resultOf(get(dir.path, share.ready, "--out", dir.at("whole")));
  assertEquals((await share.ended()).fetches, 1);
});

test("after its time it ends, and says when that was before what it was to wait for", async (dir) => {
  const file = await dir.write("file", "hello\n");
  await using short = await ShareProcess.start([file, "--for", "1s"]);
  const { code, ended } = await short.ended();
  assertEquals([code, ended], [0, "time"]);
  await using waiting = await ShareProcess.start(
    words`${file} --for 1s --once`,
  );
  const missed = await waiting.ended();
  assertEquals([missed.code, missed.fetches], [3, 0]);
  const { error } = JSON.parse(missed.stderr);
  assertEquals([error.kind, error.fetches], ["timeout", 0]);
  await using stopped = await ShareProcess.start([file]);
  stopped.signal("SIGINT");
  assertEquals((await stopped.ended()).code, 0);
  await using given = await ShareProcess.start([file, "--once"]);
  given.signal("SIGINT");
  assertEquals((await given.ended()).code, 130);
});

test("only the keys of --to can fetch it", async (dir) => {
  const file = await dir.write("file", "hello\n");
  const identity = generateIdentity();
  await writeIdentity(dir.at("mine.toml"), identity);
  const key = toHex(identity.x25519Public);
  await using share = await ShareProcess.start(
    words`${file} --once --to ${key}`,
  );
  const out = ["--out", dir.at("out")];
  const hurry = ["--connect-timeout", "2s", "--output", "json"];
  const other = failureOf(await get(dir.path, share.ready, ...out, ...hurry));
  assertEquals(other.exit_code, 6);
  const mine = ["--identity", dir.at("mine.toml")];
  await resultOf(get(dir.path, share.ready, ...out, ...mine));
  assertEquals((await share.ended()).fetches, 1);
});

test("several paths and stdin are one directory, each under its name", async (dir) => {
  const photos = await makePhotos(dir);
  const film = await dir.write("film.mkv", noise(100_000, 3));
  const other = await dir.write("other/FILM.mkv", "another");
  const here = await dir.mkdir("here");
  await using share = await ShareProcess.start(
    [photos, "-", film, other, "--name", "trip", "--once"],
    { stdin: "from a pipe" },
  );
  assertEquals([share.ready.name, share.ready.files], ["trip", 8]);
  await resultOf(get(here, share.ready));
  const trip = join(here, "trip");
  await assertSameTree(photos, join(trip, "holidays-by-the-sea"));
  assertEquals(await Deno.readTextFile(join(trip, "stdin")), "from a pipe");
  assertEquals(await Deno.readTextFile(join(trip, "FILM-2.mkv")), "another");
  assertEquals(
    await Deno.readFile(join(trip, "film.mkv")),
    await Deno.readFile(film),
  );
  assertEquals((await share.ended()).code, 0);
});

test("what came on stdin is kept for as long as it is shared", async (dir) => {
  const temp = await dir.mkdir("temp");
  const env = { TMPDIR: temp };
  for (const signal of ["SIGTERM", undefined] as const) {
    await using share = await ShareProcess.start(
      ["-", "--name", "dump.sql", "--once"],
      { stdin: "select", env },
    );
    assertEquals((await pathsIn(temp)).length, 2);
    const here = await dir.mkdir(`here-${signal}`);
    if (signal !== undefined) share.signal(signal);
    else await resultOf(get(here, share.ready));
    await share.ended();
    assertEquals(await pathsIn(temp), []);
    if (signal === undefined) assertEquals(await pathsIn(here), ["dump.sql"]);
  }
});

test("what does not fit together is said before anything is read", async (dir) => {
  const file = await dir.write("file", "");
  const cases: [string[], RegExp][] = [
    [[], /nothing to share/],
    [["-", "-"], /stdin can be read once/],
    [[file, "--once", "--count", "2"], /cannot be used with/],
    [[file, "--name", "a/b"], /without a slash/],
    [[dir.at("missing")], /No such file/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runCli(["share", ...args]);
    assert(code !== 0);
    assertMatch(stderr, message);
  }
});

test(
  unless(
    whyNoTmux(),
    "a terminal shows the command, each fetch, and at Ctrl-C who is still fetching",
  ),
  async (dir) => {
    const photos = await makePhotos(dir);
    await using terminal = await TmuxTerminal.start(
      words`${TEST_PROGRAM} share ${photos} --listen 127.0.0.1:0
        --limit-rate-session 300K --no-code`,
      { dir, columns: 100 },
    );
    await terminal.untilShown("It ends with Ctrl-C.");
    const printed = await terminal.printed();
    assertMatch(
      printed,
      /^Sharing holidays-by-the-sea\/, 5 files, 15 MiB\n\nOn the other/m,
    );
    const [, ticket] = /^net-transfer get (nt1\w+)$/m.exec(printed) ?? [];
    const part = dir.at("part");
    await runCli(words`get ${ticket} --out ${part} --include *.txt`);
    await terminal.untilShown(", not all");
    const running = runCli(
      words`get ${ticket} --out ${dir.at("out")} --timeout 2s`,
    );
    await terminal.until((frame) =>
      frame.some((row) => /^ *[1-9]\d?%/.test(row))
    );
    await terminal.press("C-c");
    await terminal.untilShown("is still fetching: Ctrl-C again ends it");
    await terminal.press("C-c");
    await terminal.untilShown("exit=0");
    assertMatch(await terminal.printed(), /^0 whole fetches, \S+ \w+ sent$/m);
    assertEquals((await running).code, 3);
  },
);
