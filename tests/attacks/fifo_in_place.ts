import { fromFileUrl } from "@std/path";
import { onWindows } from "../support/unless.ts";
import type { Attack } from "./attack.ts";

/** What is to be done takes a second; a pipe would keep it waiting for ever. */
const END_MS = 60_000;

export const attack: Attack = {
  name: "fifo_in_place",
  claim:
    "A pipe in the place of a file keeps neither publisher nor holder waiting.",
  lacks: () => Promise.resolve(onWindows),
  async run() {
    const program = fromFileUrl(
      new URL("support/meet_pipes.ts", import.meta.url),
    );
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", program],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
    const { success, signal } = await child.status;
    clearTimeout(timer);
    const became = success ? "ended" : signal === null ? "failed" : "hung";
    return {
      held: success,
      line:
        `publishing and serving a file that became a pipe behind each look at it ${became}`,
    };
  },
};
