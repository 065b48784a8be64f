/** A code of a few words is all that is typed on the other machine. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { noise } from "../../scripts/make_tree.ts";
import { runProgram, words } from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { Cable, noCables } from "../support/cable.ts";
import {
  assertSameTree,
  failureOf,
  isolated,
  resultOf,
  test,
} from "../support/cli.ts";
import { ShareProcess } from "../support/share_process.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { TmuxTerminal, whyNoTmux } from "../support/tmux.ts";
import { unless } from "../support/unless.ts";

const obstacle = await noCables();

/** Two machines on one network, one of which shares a tree. */
class Both implements AsyncDisposable {
  private constructor(
    readonly cable: Cable,
    readonly photos: string,
    readonly here: string,
  ) {}

  static async start(dir: TempDir): Promise<Both> {
    const photos = await dir.tree("photos", {
      "a.txt": "hello\n",
      "2024/b.raw": noise(2_000_000, 1),
    });
    const here = await dir.mkdir("here");
    return new Both(await Cable.connect(), photos, here);
  }

  share(...more: string[]): Promise<ShareProcess> {
    return ShareProcess.start([this.photos, ...more], {
      program: this.cable.at("holder", TEST_PROGRAM),
      listen: "[::]:0",
      hasCode: true,
    });
  }

  get(...args: string[]) {
    return runProgram(
      this.cable.at("fetcher", TEST_PROGRAM),
      ["get", ...args, "--output", "json"],
      isolated({ cwd: this.here }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cable[Symbol.asyncDispose]();
  }
}

/** A code that differs in one word. */
function wrong(code: string): string {
  const [number, first, ...rest] = code.split("-");
  return [number, first === "topic" ? "lemon" : "topic", ...rest].join("-");
}

test(
  unless(
    obstacle,
    "a code fetches once, in any spelling, and when the share goes on there is another",
  ),
  async (dir) => {
    await using both = await Both.start(dir);
    await using share = await both.share("--count", "2");
    const { code, name } = share.ready;
    assertMatch(code ?? "", /^\d{1,2}(-[a-z]+){3}$/);
    const typed = code?.toUpperCase().replaceAll("-", " ") ?? "";
    const first = await resultOf(both.get(typed));
    assertEquals(first.out, name);
    await assertSameTree(both.photos, join(both.here, name));
    const { code: next, event } = await share.next();
    assertEquals(event, "code");
    const again = failureOf(
      await both.get(code ?? "", ...words`--out no --timeout 2s`),
    );
    assertEquals(again.exit_code, 6);
    await resultOf(both.get(next, "--out", "second"));
    await assertSameTree(both.photos, join(both.here, "second"));
    assertEquals((await share.ended()).fetches, 2);
  },
);

test(
  unless(
    obstacle,
    "three wrong codes end the code, and leave the ticket as it is",
  ),
  async (dir) => {
    await using both = await Both.start(dir);
    await using share = await both.share("--once");
    const { code = "", ticket } = share.ready;
    for (let tries = 0; tries < 3; tries++) {
      const { exit_code, kind } = failureOf(await both.get(wrong(code)));
      assertEquals([exit_code, kind], [6, "permission"]);
    }
    const over = failureOf(await both.get(code, "--timeout", "2s"));
    assertEquals(over.exit_code, 6);
    await resultOf(both.get(ticket, "--out", "whole"));
    const { fetches, stderr } = await share.ended();
    assertEquals(fetches, 1);
    assertMatch(stderr, /too many wrong tries/);
  },
);

test("what is no code is refused before anything is looked for", async (dir) => {
  const { code, stderr } = await runProgram(
    TEST_PROGRAM,
    words`get 7-topic-lemon-xqzzy`,
    isolated({ cwd: dir.path }),
  );
  assertEquals(code, 2);
  assertMatch(stderr, /third word of the code is no word/);
  assert(!stderr.includes("topic"), "the others are not repeated");
});

test(
  unless(
    obstacle ?? whyNoTmux(),
    "two terminals: the command that one shows is typed at the other, and both show what comes",
  ),
  async (dir) => {
    await using both = await Both.start(dir);
    const terminal = async (host: "holder" | "fetcher", line: string[]) =>
      await TmuxTerminal.start(
        [...both.cable.at(host, TEST_PROGRAM), ...line],
        { dir: await TempDir.make(dir.path), columns: 110 },
      );
    await using holder = await terminal(
      "holder",
      ["share", both.photos, "--once"],
    );
    await holder.untilShown("It ends when it has been fetched");
    const shown = await holder.printed();
    const [command, code] = /^net-transfer get (\d[a-z0-9-]+)$/m.exec(shown) ??
      [];
    assert(command !== undefined && code !== undefined, shown);
    const out = join(dir.path, "out");
    await using fetcher = await terminal("fetcher", ["get", "--out", out]);
    await fetcher.untilShown("Code or ticket");
    await fetcher.press("-l", code);
    await fetcher.press("Enter");
    await fetcher.untilShown("photos/, 2 files, 1.91 MiB, from node");
    await fetcher.press("Enter");
    await fetcher.untilShown("exit=0");
    await holder.untilShown("exit=0");
    const printed = await holder.printed();
    assertMatch(printed, /has all of photos: 1\.9\d MiB in /);
    assertMatch(printed, /^1 whole fetch, 1\.9\d MiB sent$/m);
    await assertSameTree(both.photos, out);
  },
);
