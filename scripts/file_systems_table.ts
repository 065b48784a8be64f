/**
 * Publishes from and lands on file systems of many kinds, and prints the table
 * of what each keeps for docs/guide.md. Needs root and the tools of the file
 * systems; what cannot be had is named on stderr, with the reason.
 *
 *     deno run -A scripts/file_systems_table.ts [NAME…]
 */

import { join } from "@std/path";
import { HolderProcess } from "./holder_process.ts";
import {
  FILE_SYSTEMS,
  type FileSystemKind,
  MountedFileSystem,
} from "./mounted_file_system.ts";
import { type Finished, runProgram, sourceProgram, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

/** Zeros around a byte. */
const SPARSE = new Uint8Array(6 * 2 ** 20);
SPARSE[3_000_000] = 1;

/** Trees of which each has one difficulty. */
const SOURCES = ["plain", "links", "twins", "names", "letters"] as const;
type SourceName = typeof SOURCES[number];

async function makeSources(dir: TempDir): Promise<void> {
  await dir.tree("plain", {
    "private": "secret",
    "program": "#!/bin/sh\n",
    "open/file": "x",
    "zeros": SPARSE,
  });
  await Deno.chmod(dir.at("plain", "private"), 0o600);
  await Deno.chmod(dir.at("plain", "program"), 0o755);
  await Deno.chmod(dir.at("plain", "open"), 0o1777);
  await dir.tree("links", { "file": "x", "link": { link: "file" } });
  await dir.tree("twins", { "README": "1", "readme": "2" });
  await dir.tree("letters", { "é日本": "x" });
  await dir.tree("names", { "a:b": "1", "what?": "2", "tail.": "3" });
}

/** What is served, and how to fetch it. */
interface Holder {
  readonly process: HolderProcess;
  readonly refs: Record<SourceName, string>;
}

/** One row of the table. */
interface Row {
  name: string;
  modes: string;
  links: string;
  names: string;
  letters: string;
  twins: string;
  locks: string;
  atomic: string;
  sparse: string;
  publishes: string;
}

async function fetchTree(
  { process, refs }: Holder,
  source: SourceName,
  out: string,
  ...more: string[]
): Promise<Finished> {
  return await runProgram(
    sourceProgram(),
    words`recv-dir --remote-ref ${refs[source]} --out ${out}
      ${process.attach()} --output json ${more}`,
  );
}

async function modesKept(tree: string): Promise<string> {
  const bits = async (name: string) =>
    ((await Deno.stat(join(tree, name))).mode ?? 0) & 0o7777;
  const found = [await bits("private"), await bits("program")];
  const kept = found[0] === 0o600 && found[1] === 0o755;
  if (!kept) return `no: all ${found[0].toString(8)}`;
  return await bits("open") === 0o1777 ? "yes" : "yes, no sticky bit";
}

async function linksKept(holder: Holder, dir: string): Promise<string> {
  const out = join(dir, "links");
  const { code } = await fetchTree(holder, "links", out);
  if (code !== 0) return `refused (${code})`;
  const made = await Deno.readLink(join(out, "link")).catch(() => undefined);
  return made === "file" ? "yes" : "left out, warning";
}

async function lands(
  holder: Holder,
  source: SourceName,
  dir: string,
): Promise<string> {
  const { code } = await fetchTree(holder, source, join(dir, source));
  return code === 0 ? "yes" : "refused";
}

/** Flags of a fetch that replaces, the mildest first. */
const REPLACING = [["--replace"], ["--replace", "--in-place"]];

/** How the target is replaced. */
async function replaced(
  holder: Holder,
  out: string,
): Promise<{ text: string; stderr: string }> {
  let said = "";
  for (const flags of REPLACING) {
    const { code, stdout, stderr } = await fetchTree(
      holder,
      "plain",
      out,
      ...flags,
    );
    if (code === 0) {
      const how = flags.includes("--in-place") ? ", with `--in-place`" : "";
      const { atomic } = JSON.parse(stdout);
      return { text: (atomic ? "yes" : "no, entry by entry") + how, stderr };
    }
    said ||= stderr;
  }
  return { text: "refused", stderr: said };
}

async function rowOf(
  kind: FileSystemKind,
  dir: string,
  holder: Holder,
): Promise<Row> {
  const tree = join(dir, "tree");
  await Deno.mkdir(tree, { recursive: true });
  await Deno.writeTextFile(join(tree, "old"), "old");
  const { text: atomic, stderr } = await replaced(holder, tree);
  if (atomic === "refused") throw new Error(stderr.trim());
  const zeros = await Deno.stat(join(tree, "zeros"));
  const publishes = await runProgram(
    sourceProgram(),
    words`send-dir ${tree} --output json`,
  );
  const modes = await modesKept(tree);
  const same = JSON.parse(publishes.stdout).remote_ref === holder.refs.plain;
  return {
    name: kind.name,
    modes,
    links: await linksKept(holder, dir),
    names: await lands(holder, "names", dir),
    letters: await lands(holder, "letters", dir),
    twins: await lands(holder, "twins", dir),
    locks: stderr.includes("has no locks") ? "a file instead" : "yes",
    atomic,
    sparse: (zeros.blocks ?? 0) * 512 < SPARSE.length / 2 ? "yes" : "no",
    publishes: same ? "the same reference" : "other modes",
  };
}

const HEADINGS: Row = {
  name: "File system",
  modes: "Modes",
  links: "Links",
  names: "`a:b`, `what?`",
  letters: "`é日本`",
  twins: "`README` and `readme`",
  locks: "Locks",
  atomic: "Replaced at once",
  sparse: "Holes",
  publishes: "Published again",
};

function line(row: Row): string {
  return `| ${Object.values(row).join(" | ")} |`;
}

if (import.meta.main) {
  await using dir = await TempDir.make();
  await makeSources(dir);
  await using process = await HolderProcess.start(
    SOURCES.map((name) => dir.at(name)),
    { keys: await dir.mkdir("keys") },
  );
  const refs = Object.fromEntries(
    SOURCES.map((name, at) => [name, process.ready.refs[at].ref]),
  ) as Holder["refs"];
  console.log(line(HEADINGS));
  console.log(`|${" --- |".repeat(Object.keys(HEADINGS).length)}`);
  const wanted = FILE_SYSTEMS.filter(({ name }) =>
    Deno.args.length === 0 || Deno.args.includes(name)
  );
  for (const [at, kind] of wanted.entries()) {
    const scratch = await dir.mkdir(`mount${at}`);
    try {
      await using mounted = await MountedFileSystem.mount(kind, scratch);
      console.log(line(await rowOf(kind, mounted.path, { process, refs })));
    } catch (error) {
      console.error(`skipped ${kind.name}: ${(error as Error).message}`);
    }
  }
}
