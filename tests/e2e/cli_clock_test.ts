/** Wall clocks that jump while something is transferred: libfaketime has them do so. */

import { assert, assertEquals } from "@std/assert";
import { expandGlob } from "@std/fs";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import { cliCommand, startHolder, test } from "../support/cli.ts";
import { unless } from "../support/unless.ts";

const SIZE = 12 * 2 ** 20 + 5;

async function findLibrary(): Promise<string | undefined> {
  const places: AsyncIterable<{ path: string }> = expandGlob(
    "/usr/lib/*/faketime/libfaketimeMT.so.1",
  );
  for await (const { path } of places) return path;
  return undefined;
}

const library = Deno.build.os === "linux" ? await findLibrary() : undefined;
const obstacle = library === undefined
  ? "libfaketime is not installed"
  : undefined;

test(
  unless(
    obstacle,
    "clocks that jump by decades, to and fro and at both ends, are no matter",
  ),
  async (dir) => {
    const bytes = noise(SIZE, 1);
    const blob = await dir.write("blob", bytes);
    const clock = async (name: string, start: string) => {
      const path = await dir.write(name, start);
      const env = {
        LD_PRELOAD: library!,
        FAKETIME_TIMESTAMP_FILE: path,
        FAKETIME_NO_CACHE: "1",
        DONT_FAKE_MONOTONIC: "1",
      };
      return { env, set: (time: string) => Deno.writeTextFile(path, time) };
    };
    const theirs = await clock("theirs", "1971-01-01 00:00:00");
    const ours = await clock("ours", "2025-01-01 00:00:00");
    await using holder = await startHolder(
      dir.path,
      words`${blob} --limit-rate 4M`,
      theirs,
    );
    const out = dir.at("got");
    const child = cliCommand(
      words`recv-blob --blob-ref ${holder.refs[0].ref} --out ${out}
        --progress json --output json ${holder.attach()}`,
      ours,
    ).spawn();
    const stdout = new Response(child.stdout).text();
    let stderr = "";
    const jumps = ["2035-01-01 00:00:00", "1970-01-02 00:00:00"];
    for await (
      const text of child.stderr.pipeThrough(new TextDecoderStream())
    ) {
      stderr += text;
      if (!/"bytes":[1-9]/.test(stderr)) continue;
      const jump = jumps.shift();
      if (jump === undefined) continue;
      await ours.set(jump);
      await theirs.set(jump);
    }
    assertEquals((await child.status).code, 0, stderr);
    assertEquals(jumps, [], "it was over too soon");
    assertEquals(await Deno.readFile(out), bytes);
    assert(!/:-\d/.test(stderr + await stdout), stderr);
  },
);
