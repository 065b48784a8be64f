/** Two fetches into one target, by real processes. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { words } from "../../scripts/program.ts";
import { noise } from "../../scripts/make_tree.ts";
import {
  cliCommand,
  failureOf,
  runCli,
  startHolder,
  test,
} from "../support/cli.ts";
import { onWindows, unless } from "../support/unless.ts";
import { until } from "../conformance/place.ts";

test(
  unless(
    onWindows,
    "of two first fetches into one target the second fails at once and names the first, or waits and finds all there",
  ),
  async (dir) => {
    const tree = await dir.tree("tree", { "d/file": "text\n" });
    await dir.write("tree/large", noise(600_000, 1));
    await using holder = await startHolder(dir.path, [tree]);
    const home = await dir.mkdir("home");
    const line = words`recv-dir --remote-ref ${holder.refs[0].ref}
    --out ${dir.at("out")} ${holder.attach()} --output json`;
    const first = cliCommand([...line, ...words`--limit-rate 100k`], {
      home,
    }).spawn();
    const lock = dir.at(".out.fetch_lock");
    const owner = () => Deno.readTextFile(lock).catch(() => "");
    await until(async () => (await owner()).endsWith("\n"));
    // So that it holds the target for as long as the others need.
    first.kill("SIGSTOP");
    const pid = Number(await owner());

    const second = failureOf(await runCli(line, { home }));
    assertEquals([second.exit_code, second.kind], [3, "io"]);
    assertEquals([second.pid, second.held], [pid, true]);
    assertStringIncludes(second.message, `process ${pid} is already writing`);

    const waiting = cliCommand([...line, "--wait"], {
      home,
    }).spawn();
    const said: string[] = [];
    const stderr = waiting.stderr.pipeThrough(new TextDecoderStream());
    const reading = (async () => {
      for await (const text of stderr) said.push(text);
    })();
    await until(() => said.join("").includes("waiting: process"));
    first.kill("SIGCONT");
    const ended = await first.output();
    assertEquals(ended.code, 0, new TextDecoder().decode(ended.stderr));
    const stdout = await new Response(waiting.stdout).text();
    const { code } = await waiting.status;
    await reading;
    assertEquals(code, 0, said.join(""));
    const third = JSON.parse(stdout);
    assertEquals([third.files, third.files_unchanged], [2, 2]);
    assertEquals(third.bytes_fetched, 0);
  },
);
