/**
 * Shows the program at work: one process serves a directory, another fetches
 * it, and both trees are compared byte for byte, modes and links included.
 *
 * `deno task demo`, or `deno task demo FOLDER` for a folder of your own.
 */

import { exists } from "@std/fs";
import { join } from "@std/path";
import { compareTrees } from "./compare_trees.ts";
import { HolderProcess } from "./holder_process.ts";
import { noise } from "./make_tree.ts";
import { runProgram, sourceProgram, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

const MIB = 2 ** 20;

/** A small tree with one of everything. */
async function makeSample(dir: TempDir): Promise<string> {
  const windows = Deno.build.os === "windows";
  const sample = await dir.tree("sample", {
    "empty directory/": "",
    "empty.txt": "",
    "docs/grüße.txt": "hello\n",
    "docs/deep/er/small.bin": noise(5000, 1),
    // More than two chunks of 4 MiB.
    "large.bin": noise(9 * MIB + 1, 2),
    "run.sh": "#!/bin/sh\necho hello\n",
    ...(windows ? {} : { link: { link: "docs/deep" } }),
  });
  if (!windows) {
    await Deno.chmod(join(sample, "run.sh"), 0o755);
    await Deno.chmod(join(sample, "docs/deep/er/small.bin"), 0o600);
  }
  return sample;
}

/** What `recv-dir` prints, as far as it is shown. */
interface Result {
  files: number;
  dirs: number;
  symlinks: number;
  bytes: number;
  duration_secs: number;
  throughput_mib_s: number;
}

async function demonstrate(source: string, scratch: string): Promise<boolean> {
  await using holder = await HolderProcess.start([source], { keys: scratch });
  const [{ ref }] = holder.refs;
  console.log(`Serving   ${source}`);
  console.log(
    `          from process ${holder.child.pid} at ${holder.address}`,
  );
  const out = join(scratch, "fetched");
  const { code, stdout, stderr } = await runProgram(
    sourceProgram(),
    // It is the user's own folder, and only compared: links may lead anywhere.
    words`recv-dir --remote-ref ${ref} --out ${out} ${holder.attach()} --links keep
    --output ndjson`,
  );
  if (code !== 0) {
    console.error(`recv-dir ended with ${code}: ${stderr}`);
    return false;
  }
  const result: Result = JSON.parse(stdout);
  const { files, dirs, symlinks, bytes } = result;
  const seconds = result.duration_secs.toFixed(2);
  const rate = result.throughput_mib_s.toFixed(0);
  console.log(
    `Fetched   files: ${files}, directories: ${dirs}, links: ${symlinks}`,
  );
  console.log(
    `          ${bytes} bytes in ${seconds} s (${rate} MiB/s, encrypted and verified)`,
  );
  const { differences, ...same } = await compareTrees(source, out);
  if (differences.length > 0 || same.files !== files) {
    console.error("Different:");
    for (const difference of differences) console.error(`  ${difference}`);
    return false;
  }
  console.log(
    `Compared  ${same.files} files, ${same.bytes} bytes: identical, modes and links, too`,
  );
  return true;
}

async function main(folder: string | undefined): Promise<boolean> {
  await using scratch = await TempDir.make();
  const source = folder ?? await makeSample(scratch);
  return await demonstrate(source, scratch.path);
}

if (import.meta.main) {
  // An interrupted demonstration cleans up, too: its children end with it.
  Deno.addSignalListener("SIGINT", () => {});
  const [folder] = Deno.args;
  if (folder !== undefined && !await exists(folder, { isDirectory: true })) {
    console.error(`demo: ${folder} is not a directory`);
    Deno.exit(2);
  }
  Deno.exitCode = await main(folder) ? 0 : 1;
}
