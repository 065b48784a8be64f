/**
 * What is missing from a file system costs a warning, never the transfer: calls
 * that fail as they do on network shares, and file systems that are mounted.
 */

import {
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { exists } from "@std/fs";
import { join } from "@std/path";
import { noise } from "../../scripts/make_tree.ts";
import {
  FILE_SYSTEMS,
  type FileSystemKind,
  MountedFileSystem,
  SSHFS,
} from "../../scripts/mounted_file_system.ts";
import { runProgram, sourceProgram, words } from "../../scripts/program.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { startHolder } from "../support/cli.ts";
import { unless } from "../support/unless.ts";

/** Why calls cannot be made to fail here. */
async function noStrace(): Promise<string | undefined> {
  try {
    const { success } = await new Deno.Command("strace", {
      args: words`-f -qq -e inject=flock:error=ENOLCK -o /dev/null true`,
      stderr: "null",
    }).output();
    return success ? undefined : "strace may not trace here";
  } catch {
    return "there is no strace";
  }
}

/** A tree with a link, a private file and a directory, and a file. */
async function serveSources(dir: TempDir): Promise<HolderProcess> {
  const tree = await dir.tree("source", {
    "file": "hello\n",
    "d/private": "x",
    "link": { link: "file" },
  });
  await Deno.chmod(join(tree, "d", "private"), 0o600);
  const blob = await dir.write("blob", "content");
  return await startHolder(dir.path, [tree, blob]);
}

type Verb = "recv-dir" | "recv-blob";

function fetching(holder: HolderProcess, verb: Verb, out: string): string[] {
  const [tree, blob] = holder.refs;
  const what = verb === "recv-dir"
    ? ["--remote-ref", tree.ref]
    : ["--blob-ref", blob.ref];
  return words`${verb} ${what} --out ${out} ${holder.attach()} --output json`;
}

interface Weakness {
  readonly name: string;
  readonly verb: Verb;
  /** Which calls fail, and how. */
  readonly calls: string;
  readonly error: string;
  readonly more?: readonly string[];
  /** What the one warning says. */
  readonly warning: string;
}

const CHMOD = "chmod,fchmod,fchmodat";
const FSYNC = "fsync,fdatasync";

const WEAKNESSES: readonly Weakness[] = [
  {
    name: "no locks",
    verb: "recv-dir",
    calls: "flock",
    error: "ENOLCK",
    warning: "has no locks",
  },
  {
    name: "no locks, for a file",
    verb: "recv-blob",
    calls: "flock",
    error: "EOPNOTSUPP",
    warning: "has no locks",
  },
  {
    name: "no modes",
    verb: "recv-dir",
    calls: CHMOD,
    error: "EPERM",
    warning: "does not keep the modes",
  },
  {
    name: "no links",
    verb: "recv-dir",
    calls: "symlink,symlinkat",
    error: "EPERM",
    warning: "has no symbolic links",
  },
  {
    name: "no flushing",
    verb: "recv-blob",
    calls: FSYNC,
    error: "ENOSYS",
    warning: "cannot flush 2 files and directories",
  },
  {
    name: "no flushing, asked for",
    verb: "recv-dir",
    calls: FSYNC,
    error: "EINVAL",
    more: ["--fsync"],
    warning: "cannot flush",
  },
];

const obstacle = await noStrace();

for (const { name, verb, calls, error, more = [], warning } of WEAKNESSES) {
  Deno.test({
    ...unless(obstacle, `${verb} onto a file system with ${name} warns once`),
    async fn() {
      await using dir = await TempDir.make();
      await using holder = await serveSources(dir);
      const place = await dir.mkdir("place");
      const tracer = words`strace -f -qq -e trace=${calls}
        -e inject=${calls}:error=${error} -o ${dir.at("calls")}`;
      const { code, stderr } = await runProgram(
        [...tracer, ...sourceProgram()],
        [...fetching(holder, verb, join(place, "out")), ...more],
      );
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr, warning);
      assertEquals(stderr.trim().split("\n").length, 1, stderr);
      const names = Array.from(Deno.readDirSync(place), (entry) => entry.name);
      assertEquals(names, ["out"], "nothing is left beside it");
    },
  });
}

/** Why no file systems can be mounted here. */
function noMounts(): string | undefined {
  if (Deno.build.os !== "linux") return "not on Linux";
  return Deno.uid() === 0 ? undefined : "only root mounts";
}

const TRIED = ["exFAT (FUSE)", "sshfs", "NTFS-3g", "XFS"];

for (const kind of FILE_SYSTEMS.filter(({ name }) => TRIED.includes(name))) {
  const { name } = kind;
  Deno.test({
    ...unless(noMounts(), `a tree, a file and a store land on ${name}, twice`),
    async fn() {
      await using dir = await TempDir.make();
      const scratch = await dir.mkdir("scratch");
      const mounted = await MountedFileSystem.mount(kind, scratch)
        .catch((error) => String(error));
      if (typeof mounted === "string") {
        console.log(`skipped ${name}: ${mounted}`);
        return;
      }
      await using _ = mounted;
      await using holder = await serveSources(dir);
      for (const verb of ["recv-dir", "recv-dir", "recv-blob", "recv-blob"]) {
        const { code, stderr } = await runProgram(
          sourceProgram(),
          fetching(holder, verb as Verb, join(mounted.path, verb)),
        );
        assertEquals(code, 0, stderr);
        const old = join(mounted.path, "recv-dir", "old");
        await Deno.writeTextFile(old, "the next fetch replaces the tree");
      }
      const tree = join(mounted.path, "recv-dir");
      assertEquals(await Deno.readTextFile(join(tree, "file")), "hello\n");
      const blob = join(mounted.path, "recv-blob");
      assertEquals(await Deno.readTextFile(blob), "content");
      const store = join(mounted.path, "store");
      const { code, stderr } = await runProgram(
        sourceProgram(),
        words`send-dir ${dir.at("source")} --store ${store}`,
      );
      assertEquals(code, 0, stderr);
    },
  });
}

/** A share of 2 MiB that takes all that is written, and fails when it is closed. */
const FULL_SHARE: FileSystemKind = {
  name: "a share that is full",
  mount: `mkdir "$I"; mount -t tmpfs -o size=2m none "$I"; ${SSHFS}`,
};

Deno.test({
  ...unless(
    noMounts(),
    "what a full share drops when it is closed is an error",
  ),
  async fn() {
    await using dir = await TempDir.make();
    const scratch = await dir.mkdir("scratch");
    const mounted = await MountedFileSystem.mount(FULL_SHARE, scratch)
      .catch((error) => String(error));
    if (typeof mounted === "string") {
      console.log(`skipped: ${mounted}`);
      return;
    }
    await using _ = mounted;
    const large = await dir.write("source/large", noise(3_000_000, 1));
    await using holder = await startHolder(dir.path, [
      dir.at("source"),
      large,
    ]);
    const receive = ["recv-dir", "recv-blob"] as const;
    const lines = receive.map((verb) =>
      fetching(holder, verb, join(mounted.path, verb))
    );
    const store = join(mounted.path, "store");
    lines.push(words`send-blob ${large} --store ${store}`);
    for (const line of lines) {
      const { code, stderr } = await runProgram(sourceProgram(), line);
      assertNotEquals(code, 0, stderr);
      for (const name of [...receive, "recv-blob.partial", "store"]) {
        if (receive.some((verb) => verb === name)) {
          assertEquals(await exists(join(mounted.path, name)), false, name);
        }
        await Deno.remove(join(mounted.path, name), { recursive: true })
          .catch(() => {});
      }
    }
  },
});

Deno.test({
  ...unless(
    noMounts(),
    "where a directory loses what is in it when it is renamed, no tree lands, the old one stays, a file lands, and a store is not said to hold chunks",
  ),
  async fn() {
    await using dir = await TempDir.make();
    const scratch = await dir.mkdir("scratch");
    const [kind] = FILE_SYSTEMS.filter(({ name }) => name === "vfat (FUSE)");
    const mounted = await MountedFileSystem.mount(kind, scratch)
      .catch((error) => String(error));
    if (typeof mounted === "string") {
      console.log(`skipped: ${mounted}`);
      return;
    }
    await using _ = mounted;
    const old = join(mounted.path, "recv-dir");
    await Deno.mkdir(join(old, "d"), { recursive: true });
    await Deno.writeTextFile(join(old, "d", "thesis"), "kept");
    await using holder = await serveSources(dir);
    for (const more of [["--replace"], ["--replace", "--in-place"]]) {
      const { code, stderr } = await runProgram(
        sourceProgram(),
        [...fetching(holder, "recv-dir", old), ...more],
      );
      assertEquals(code, 3, stderr);
      const { error } = JSON.parse(stderr.trim().split("\n").at(-1) ?? "");
      assertEquals(error.kind, "io");
      assertStringIncludes(error.message, "when it is renamed");
      assertEquals(await Deno.readTextFile(join(old, "d", "thesis")), "kept");
    }
    const names = await Array.fromAsync(Deno.readDir(mounted.path));
    assertEquals(names.map(({ name }) => name), ["recv-dir"]);
    const blob = join(mounted.path, "blob");
    const received = await runProgram(
      sourceProgram(),
      fetching(holder, "recv-blob", blob),
    );
    assertEquals(received.code, 0, received.stderr);
    assertEquals(await Deno.readTextFile(blob), "content");
    const stored = await runProgram(
      sourceProgram(),
      words`send-blob ${dir.at("blob")} --store ${join(mounted.path, "store")}
        --output json`,
    );
    assertEquals([stored.code, stored.stdout], [3, ""]);
    assertStringIncludes(stored.stderr, "when it was renamed");
  },
});

Deno.test({
  ...unless(
    noMounts(),
    "names that exFAT does not take are refused, and with --keep-going left out and listed while the rest lands",
  ),
  async fn() {
    await using dir = await TempDir.make();
    const scratch = await dir.mkdir("scratch");
    const [kind] = FILE_SYSTEMS.filter(({ name }) => name === "exFAT (FUSE)");
    const mounted = await MountedFileSystem.mount(kind, scratch)
      .catch((error) => String(error));
    if (typeof mounted === "string") {
      console.log(`skipped: ${mounted}`);
      return;
    }
    await using _ = mounted;
    const tree = await dir.tree("source", {
      "README": "1",
      "a:b/inside": "2",
      "d/fine": "3",
      "d/what?": "4",
      "readme": "5",
    });
    await using holder = await startHolder(dir.path, [tree]);
    const out = join(mounted.path, "tree");
    const line = words`recv-dir --remote-ref ${holder.refs[0].ref} --out ${out}
      ${holder.attach()} --output json`;
    const refused = await runProgram(sourceProgram(), line);
    assertEquals([refused.code, await exists(out)], [3, false]);
    assertEquals(JSON.parse(refused.stderr).error.kind, "unsafe_path");
    assertStringIncludes(refused.stderr, "--keep-going");
    for (let round = 0; round < 2; round++) {
      const { code, stdout, stderr } = await runProgram(
        sourceProgram(),
        [...line, "--keep-going"],
      );
      assertEquals(code, 3, stderr);
      const { failed, files } = JSON.parse(stdout);
      assertEquals(files, 2);
      const reason = { kind: "unsafe_path", reason: "name" };
      assertEquals(failed, [
        { path: "a:b", ...reason },
        { path: "a:b/inside", ...reason },
        { path: "d/what?", ...reason },
        { path: "readme", ...reason },
      ]);
      assertStringIncludes(stderr, "4 entries of");
      assertEquals(await Deno.readTextFile(join(out, "d", "fine")), "3");
      assertEquals(await Deno.readTextFile(join(out, "README")), "1");
    }
  },
});

/** A subvolume that may hold 1 MiB, of a disk with room for more. */
const QUOTA: FileSystemKind = {
  name: "a quota",
  mount: `truncate -s 256M "$I"; mkfs.btrfs -q "$I"; mount -o loop "$I" "$M"
    btrfs quota enable "$M"; D="$M/limited"; btrfs subvolume create "$D"
    btrfs qgroup limit 1M "$D"`,
};

Deno.test({
  ...unless(
    noMounts(),
    "over a quota nothing appears and nothing stays, and what is needed is said, not what is free for others",
  ),
  async fn() {
    await using dir = await TempDir.make();
    const scratch = await dir.mkdir("scratch");
    const mounted = await MountedFileSystem.mount(QUOTA, scratch)
      .catch((error) => String(error));
    if (typeof mounted === "string") {
      console.log(`skipped: ${mounted}`);
      return;
    }
    await using _ = mounted;
    const large = await dir.write("source/large", noise(5_000_000, 1));
    await using holder = await startHolder(dir.path, [
      dir.at("source"),
      large,
    ]);
    for (const verb of ["recv-dir", "recv-blob"] as const) {
      const { code, stderr } = await runProgram(
        sourceProgram(),
        fetching(holder, verb, join(mounted.path, verb)),
      );
      assertEquals(code, verb === "recv-dir" ? 3 : 1, stderr);
      const { error } = JSON.parse(stderr);
      assertEquals([error.os, error.free], ["EDQUOT", undefined]);
      assertStringIncludes(error.hint, "quota");
      const left = await Array.fromAsync(Deno.readDir(mounted.path));
      assertEquals(left, []);
    }
  },
});
