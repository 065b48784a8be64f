/**
 * Processes that stand still in mid transfer, as when their machine sleeps.
 * `LINK_FULL=1` has them sleep for as long as a laptop does.
 */

import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { signal, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { cliCommand, startHolder, test } from "../support/cli.ts";
import { onWindows, unless } from "../support/unless.ts";

const FULL = Deno.env.get("LINK_FULL") === "1";
const notFull = onWindows ??
  (FULL ? undefined : "it takes minutes; LINK_FULL=1 has it run");

const MIB = 2 ** 20;
const SIZE = 18 * MIB + 7;

/**
 * Fetches while processes stand still for so many seconds; what is asked for
 * again is no more than what was in flight.
 */
async function fetchAsleep(
  dir: TempDir,
  who: readonly ("fetcher" | "holder")[],
  seconds: number,
  ...more: readonly string[]
): Promise<void> {
  const bytes = noise(SIZE, 1);
  const blob = await dir.write("blob", bytes);
  await using holder: HolderProcess = await startHolder(
    dir.path,
    words`${blob} -vv --limit-rate 3M`,
  );
  const out = dir.at("got");
  const child = cliCommand(
    words`recv-blob --blob-ref ${holder.refs[0].ref} --out ${out} --output json
      --progress json ${more} ${holder.attach()}`,
  ).spawn();
  const some = Promise.withResolvers<void>();
  let stderr = "";
  const read = (async () => {
    const texts = child.stderr.pipeThrough(new TextDecoderStream());
    for await (const text of texts) {
      stderr += text;
      if (/"bytes":[1-9]/.test(stderr)) some.resolve();
    }
    some.resolve();
  })();
  await some.promise;
  const asleep = who.map((one) => one === "holder" ? holder.child : child);
  for (const one of asleep) signal(one, "SIGSTOP");
  await delay(1000 * seconds);
  for (const one of asleep) signal(one, "SIGCONT");
  const [{ code }, stdout] = await Promise.all([
    child.status,
    new Response(child.stdout).text(),
    read,
  ]);
  assertEquals(code, 0, stderr);
  assertEquals(JSON.parse(stdout).bytes_fetched, SIZE);
  assertEquals(await Deno.readFile(out), bytes);
}

test(
  unless(
    onWindows,
    "a fetcher may sleep for longer than it waits for progress",
  ),
  (dir) => fetchAsleep(dir, ["fetcher"], 7, "--timeout", "5s"),
);

test(
  unless(onWindows, "both ends may sleep for longer than a request may take"),
  (dir) => fetchAsleep(dir, ["fetcher", "holder"], 7, "--timeout", "5s"),
);

for (const seconds of [45, 110]) {
  for (const who of ["fetcher", "holder"] as const) {
    test(
      unless(notFull, `a ${who} that sleeps for ${seconds} s is a pause`),
      (dir) => fetchAsleep(dir, [who], seconds),
    );
  }
}
