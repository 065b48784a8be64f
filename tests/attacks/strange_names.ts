import { decodeTicket, encodeTicket } from "../../lib/mesh/mod.ts";
import { needsEscape } from "../../lib/text/escape.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { pathsIn, runCli } from "../support/cli.ts";
import { ShareProcess } from "../support/share_process.ts";
import type { Attack } from "./attack.ts";

/** What a stranger may have published it under. */
const NAMES = [
  "..",
  "..\\..\\evil",
  ".bash_profile",
  "-rf",
  "con.txt",
  "\x1b]0;title\x07\u202efdp.exe",
  "x".repeat(255),
];

export const attack: Attack = {
  name: "strange_names",
  claim:
    "A published name leads get to one visible file of the current directory, and does nothing to a terminal.",
  async run() {
    await using dir = await TempDir.make();
    const file = await dir.write("file", "hello\n");
    await using share = await ShareProcess.start([file]);
    const { content, ...node } = decodeTicket(share.ready.ticket);
    if (content === undefined) throw new Error("the ticket names nothing");
    const broken: string[] = [];
    for (const [at, name] of NAMES.entries()) {
      const here = await dir.mkdir(`home/here${at}`);
      const ticket = encodeTicket({ ...node, content: { ...content, name } });
      const { code, stdout, stderr } = await runCli(["get", ticket], {
        cwd: here,
      });
      const made = await pathsIn(here);
      const isRaw = (stdout + stderr).split("\n").some(needsEscape);
      const isPlain = made.length === 1 && !/^[.-]/.test(made[0]) &&
        !needsEscape(made[0]);
      if (code !== 0 || isRaw || !isPlain) broken.push(JSON.stringify(name));
    }
    const all = await pathsIn(dir.at("home"));
    if (all.length !== 2 * NAMES.length) broken.push("something elsewhere");
    return {
      held: broken.length === 0,
      line: broken.length === 0
        ? `${NAMES.length} names became one visible file each, where get was run`
        : `led astray by ${broken.join(", ")}`,
    };
  },
};
