/**
 * The program that tests run: bundled as it is for its binary, once for all of
 * them, since it starts in less time than from its sources.
 */

import { encodeHex } from "@std/encoding/hex";
import { exists } from "@std/fs";
import { join } from "@std/path";
import { bundleSources, programFiles } from "../../scripts/build.ts";
import { type Program, ROOT, words } from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";

const HOUR_MS = 3_600_000;

/** The directory of the bundle, which the program's files decide the name of. */
async function bundle(): Promise<string> {
  const texts = [
    ...["deno.json", "deno.lock", "scripts/bundle_program.ts"],
    ...programFiles(),
  ].map((path) => Deno.readTextFile(join(ROOT, path)));
  const all = new TextEncoder().encode((await Promise.all(texts)).join("\0"));
  const digest = await crypto.subtle.digest("SHA-256", all);
  const parent = join(ROOT, "dist", "test");
  const dir = join(parent, encodeHex(digest).slice(0, 16));
  await Deno.mkdir(parent, { recursive: true });
  using lock = await Deno.open(`${parent}.lock`, { write: true, create: true });
  await lock.lock(true);
  if (!await exists(dir)) {
    for (const { name } of Deno.readDirSync(parent)) {
      const { mtime } = Deno.statSync(join(parent, name));
      // A younger one may be another run's.
      if (Date.now() - Number(mtime) < HOUR_MS) continue;
      await Deno.remove(join(parent, name), { recursive: true });
    }
    await using temporary = await TempDir.make(parent);
    await Deno.rename(await bundleSources(temporary.path), dir);
  }
  return dir;
}

const DIR = await bundle();

/** What starts the program. */
export const TEST_PROGRAM: Program =
  words`${Deno.execPath()} run -A --quiet --no-check
    --config ${join(DIR, "deno.json")} ${join(DIR, "cli.js")}`;
