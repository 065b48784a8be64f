/** Publishes and serves a file that becomes a pipe; a process of its own. */

import { readExchanged } from "./read_exchanged.ts";

await readExchanged((path) => {
  new Deno.Command("mkfifo", { args: [path] }).outputSync();
});
