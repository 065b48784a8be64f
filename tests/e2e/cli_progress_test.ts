/** What a terminal shows while the program works, and what is left of it. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { noise } from "../../scripts/make_tree.ts";
import { ROOT, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { startHolder, test } from "../support/cli.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { TmuxTerminal, whyNoTmux } from "../support/tmux.ts";
import { unless } from "../support/unless.ts";

const MIB = 2 ** 20;

/** A test that needs a terminal. */
function terminalTest(
  name: string,
  body: (dir: TempDir) => Promise<void>,
): void {
  test(unless(whyNoTmux(), name), body);
}

async function makeFifo(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] })
    .output();
  assert(success);
}

async function write(file: Deno.FsFile, bytes: number): Promise<void> {
  const writer = file.writable.getWriter();
  await writer.write(new Uint8Array(bytes));
  writer.releaseLock();
}

const SEND = words`${TEST_PROGRAM} send-blob --output text`;

terminalTest(
  "a bar counts, survives a resize, shows a hostile name harmlessly, and is gone in the end",
  async (dir) => {
    const name = "\x1b[2J\x1b[31mred\r日本語🎉.bin";
    await makeFifo(dir.at(name));
    await using terminal = await TmuxTerminal.start([...SEND, name], { dir });
    using source = await Deno.open(dir.at(name), { write: true });
    const shown = "\\u{1b}[2J\\u{1b}[31mred\\r日本語🎉.bin";
    const [first] = await terminal.untilShown(shown);
    assert(first.startsWith("hashing "), first);

    await write(source, 9 * MIB);
    await terminal.untilShown(`${shown} 8.00 MiB`);
    assert(await terminal.showsCursor());
    for (const columns of [20, 70, 5, 100]) {
      await terminal.resize(columns);
      await write(source, 4 * MIB);
    }
    const frame = await terminal.untilShown(`${shown} 24.0 MiB`);
    assertEquals(frame.length, 1, frame.join("\n"));

    source.close();
    const rest = await terminal.untilShown("exit=0");
    assert(
      /^[0-9a-f]{20}…[0-9a-f]{12} \(25 MiB/.test(rest[0]),
      rest.join("\n"),
    );
    assert(!rest.some((row) => row.includes("hashing")), rest.join("\n"));
  },
);

terminalTest("a bar with a total shows its share", async (dir) => {
  const file = await dir.write("file", noise(48 * MIB, 1));
  await using holder = await startHolder(dir.path, [file]);
  const out = dir.at("out");
  await makeFifo(out);
  await using terminal = await TmuxTerminal.start(
    words`${TEST_PROGRAM} recv-blob --blob-ref ${holder.refs[0].ref}
    --out - --progress bar --output text ${holder.attach()}`,
    { dir, shell: `> ${out}` },
  );
  // Nothing is read, so the transfer cannot end.
  using sink = await Deno.open(out, { read: true });
  const share = /^ *[1-9]\d?%  +\S+ MiB \/ 48 MiB .*\[=+> +\]/;
  await terminal.until(([row]) => share.test(row));
  await terminal.resize(30);
  // Percent, rate and time are what a narrow terminal keeps.
  await terminal.until(([row]) => /^ *\d+% +\S+ [KM]?i?B\/s/.test(row));
  await terminal.resize(20);
  await terminal.until(([row]) => /^ *\d+% +\S+ [KM]?i?B\/s$/.test(row));
  await terminal.resize(100);
  await sink.readable.pipeTo(new WritableStream());
  const frame = await terminal.untilShown("exit=0");
  assertEquals(frame.length, 2, frame.join("\n"));
  assert(frame[0].startsWith("received to stdout: 48 MiB"), frame[0]);
});

terminalTest(
  "after an interruption the screen holds the failure alone",
  async (dir) => {
    await makeFifo(dir.at("source"));
    await using terminal = await TmuxTerminal.start([...SEND, "source"], {
      dir,
    });
    using source = await Deno.open(dir.at("source"), { write: true });
    await write(source, 5 * MIB);
    await terminal.untilShown("hashing source 4.00 MiB");
    await terminal.press("C-c");
    const frame = await terminal.untilShown("exit=130");
    assertEquals(frame, [
      "net-transfer: interrupted by SIGINT",
      "exit=130",
    ]);
  },
);

terminalTest(
  "a second interruption ends the program and leaves no bar either",
  async (dir) => {
    const program = join(ROOT, "tests", "support", "stuck_program.ts");
    const config = join(ROOT, "deno.json");
    await using terminal = await TmuxTerminal.start(
      words`${Deno.execPath()} run -A --quiet --no-check --config ${config}
      ${program}`,
      { dir },
    );
    await terminal.untilShown("stuck in its work");
    await terminal.press("C-c");
    await terminal.untilShown("asked");
    await terminal.press("C-c");
    const frame = await terminal.untilShown("exit=130");
    assertEquals(frame, ["asked", "exit=130"]);
    assert(await terminal.showsCursor());
  },
);

for (const variable of ["TERM=dumb", "CI=true"]) {
  terminalTest(
    `a terminal that cannot redraw (${variable}) gets whole lines, and only when asked`,
    async (dir) => {
      await dir.write("file", new Uint8Array(5 * MIB));
      await using terminal = await TmuxTerminal.start(
        words`env ${variable} ${SEND} --progress bar file`,
        { dir },
      );
      const frame = await terminal.untilShown("exit=0");
      assert(/^ {2}0% +0 B \/ 5 MiB/.test(frame[0]), frame[0]);
      assert(/^100% +5.00 MiB \/ 5 MiB/.test(frame[1]), frame[1]);
    },
  );
}
