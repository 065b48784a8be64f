import { delay } from "@std/async";
import { STAMP_SETTLES_MS } from "../../lib/os/file_identity.ts";
import { runProgram } from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { isolated, startHolder } from "../support/cli.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { onWindows } from "../support/unless.ts";
import type { Attack } from "./attack.ts";

/** A file or directory that was made, with the mode that it was made with. */
interface Made {
  readonly path: string;
  readonly mode: number;
}

const OPENED =
  /\bopen(?:at)?\((?:[^"]*)"((?:[^"\\]|\\.)*)", [^,]*O_CREAT[^,]*, 0?([0-7]{1,4})[ )]/;
const DIRECTORY =
  /\bmkdir(?:at)?\((?:[^"]*)"((?:[^"\\]|\\.)*)", 0?([0-7]{1,4})[ )]/;

/** A directory of ours that nobody else can enter, with all below it. */
const PRIVATE = /\/\.[^/]*(?:fetch_|probe_)[^/]*$/;

/** What a trace says was made below a directory. */
function madeBelow(dir: string, trace: string): Made[] {
  const found: Made[] = [];
  for (const line of trace.split("\n")) {
    // What is there already is not made.
    if (line.includes(" = -1 ")) continue;
    const [, path, mode] = OPENED.exec(line) ?? DIRECTORY.exec(line) ?? [];
    if (path?.startsWith(`${dir}/`)) {
      found.push({ path, mode: parseInt(mode, 8) });
    }
  }
  return found;
}

/** Those that others could use in the moment they were made. */
function open(made: readonly Made[]): string[] {
  const closed = made.filter(({ path, mode }) => {
    return (mode & 0o077) === 0 && PRIVATE.test(path);
  }).map(({ path }) => `${path}/`);
  return made.filter(({ path, mode }) => {
    return (mode & 0o077) !== 0 && !closed.some((dir) => path.startsWith(dir));
  }).map(({ path, mode }) => `${path} ${mode.toString(8)}`);
}

/** What is open to others of what lies in a directory. */
function openIn(path: string): string[] {
  const { mode, isDirectory } = Deno.lstatSync(path);
  const found = ((mode ?? 0) & 0o077) === 0 ? [] : [path];
  if (!isDirectory) return found;
  for (const { name } of Deno.readDirSync(path)) {
    found.push(...openIn(`${path}/${name}`));
  }
  return found;
}

async function hasStrace(): Promise<boolean> {
  const args = ["-qq", "-o", "/dev/null", "-e", "trace=openat", "true"];
  try {
    return (await new Deno.Command("strace", { args }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

export const attack: Attack = {
  name: "readable_on_the_way",
  claim:
    "What the program makes is for its owner alone from the moment it is made, whatever the umask.",
  lacks: () => Promise.resolve(onWindows),
  async run() {
    await using temp = await TempDir.make();
    const dir = await Deno.realPath(temp.path);
    await Deno.mkdir(`${dir}/source`);
    await Deno.writeTextFile(`${dir}/source/small`, "private");
    await Deno.writeFile(`${dir}/source/large`, new Uint8Array(9e6).fill(7));
    for (const name of ["small", "large"]) {
      await Deno.chmod(`${dir}/source/${name}`, 0o600);
    }
    await Deno.chmod(`${dir}/source`, 0o700);
    const traced = await hasStrace();
    const strace = traced
      ? `strace -D -f -qq -A -o '${dir}.trace' -s 4096 -e trace=open,openat,mkdir,mkdirat `
      : "";
    const program = [
      "sh",
      "-c",
      // The runtime must not be the parent of what is traced: it takes an end
      // that the tracer has not seen yet for none, and dies.
      `umask 0; ${strace}"$@" & child=$!; trap 'kill -TERM $child' TERM
       wait $child; code=$?
       if [ $code -gt 128 ]; then wait $child; code=$?; fi; exit $code`,
      "sh",
      ...TEST_PROGRAM,
    ];
    const home = `${dir}/home`;
    await Deno.mkdir(home, { mode: 0o700 });
    const tried = (...args: string[]) =>
      runProgram(program, [...args, "--output", "json"], isolated({ home }));
    const run = async (...args: string[]) => {
      const done = await tried(...args);
      if (done.code !== 0) throw new Error(done.stderr);
      return JSON.parse(done.stdout);
    };
    try {
      const store = `${dir}/store`;
      // What is younger than this is not remembered.
      await delay(STAMP_SETTLES_MS + 1000);
      await run("identity", "generate", "--out", `${dir}/identity.toml`);
      const { remote_ref: ref } = await run(
        "send-dir",
        `${dir}/source`,
        "--store",
        store,
      );
      await Deno.writeTextFile(`${dir}/source/new`, "private, too", {
        mode: 0o600,
      });
      const { remote_ref: changed } = await run(
        "send-dir",
        `${dir}/source`,
        "--store",
        store,
      );
      const blob = await run(
        "send-blob",
        `${dir}/source/large`,
        "--store",
        store,
      );
      {
        await using origin = await startHolder(home, [
          "--store",
          store,
          "--ready-file",
          `${dir}/ready`,
        ], { program });
        const attach = origin.attach();
        await run(
          "recv-dir",
          "--remote-ref",
          ref,
          "--out",
          `${dir}/tree`,
          ...attach,
        );
        await run(
          "recv-blob",
          "--blob-ref",
          blob.blob_ref,
          "--out",
          `${dir}/blob`,
          ...attach,
        );
        // The tree of before, exchanged entry by entry. Its root has the mode that
        // the umask gives, which is refused for a place to write in.
        await Deno.chmod(`${dir}/tree`, 0o700);
        await run(
          "recv-dir",
          "--remote-ref",
          changed,
          "--out",
          `${dir}/tree`,
          "--in-place",
          ...attach,
        );
        // What it finds is not what this is about.
        await tried("doctor", "--out", `${dir}/doctor`, ...attach);
        await using cache = await startHolder(home, [
          "--store",
          `${dir}/cache`,
          "--store-max",
          "1G",
          "--identity",
          `${dir}/identity.toml`,
          "--psk-file",
          origin.pskFile,
          "--upstream",
          `${origin.address}#${origin.ready.node_pubkey}`,
          "-vvv",
        ], { program });
        await run(
          "recv-dir",
          "--remote-ref",
          ref,
          "--out",
          `${dir}/cached`,
          ...cache.attach(),
        );
      }
      const { removed } = await run(
        "store",
        "gc",
        store,
        "--keep",
        changed,
        "--keep-newer",
        "0",
        "--delete",
      );
      const hashes = `${home}/.cache/net-transfer/hashes`;
      for (const path of [`${dir}/tree/new`, `${dir}/cached/small`, hashes]) {
        await Deno.lstat(path);
      }
      if (removed === 0) throw new Error("store gc had nothing to remove");
      const wide = [
        ...traced
          ? open(madeBelow(dir, await Deno.readTextFile(`${dir}.trace`)))
          : [],
        ...openIn(store),
        ...openIn(`${dir}/cache`),
        ...openIn(home),
        ...openIn(`${dir}/identity.toml`),
      ];
      const made = traced
        ? madeBelow(dir, await Deno.readTextFile(`${dir}.trace`)).length
        : 0;
      return {
        held: wide.length === 0 && (!traced || made > 0),
        line: wide.length === 0
          ? traced
            ? `${made} files and directories were made under umask 0, none of them open to others`
            : "no strace here: nothing that is left is open to others"
          : `${wide.length} are open to others, the first is ${wide[0]}`,
      };
    } finally {
      if (traced) await Deno.remove(`${dir}.trace`);
    }
  },
};
