/**
 * A disk that is full, a target that cannot be renamed, a file that cannot be
 * written: what only a privileged user can set up, and is skipped for others.
 */

import { dirname } from "@std/path";
import { words } from "../../scripts/program.ts";
import type { Place } from "./place.ts";
import { from, type Outcome, type Rows, Skipped } from "./row.ts";

const MIB = 2 ** 20;

async function system(
  path: string,
  args: readonly string[],
): Promise<void> {
  let why: string;
  try {
    const { success, stderr } = await new Deno.Command(path, {
      args: [...args],
      stdout: "null",
      stderr: "piped",
    }).output();
    if (success) return;
    why = new TextDecoder().decode(stderr).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    why = `there is no ${path}`;
  }
  throw new Skipped(`${path} ${args[0]} does not work here: ${why}`);
}

/** Runs `use` with a small file system mounted at `dir`. */
async function mounted(
  dir: string,
  bytes: number,
  use: () => Promise<Outcome>,
): Promise<Outcome> {
  await Deno.mkdir(dir, { recursive: true });
  await system("mount", words`-t tmpfs -o size=${bytes} tmpfs ${dir}`);
  try {
    return await use();
  } finally {
    await system("umount", [dir]);
  }
}

/** Runs `use` while a file or directory has an attribute. */
async function withAttribute(
  letter: "a" | "i",
  path: string,
  use: () => Promise<Outcome>,
): Promise<Outcome> {
  await system("chattr", [`+${letter}`, path]);
  try {
    return await use();
  } finally {
    await system("chattr", [`-${letter}`, path]);
  }
}

/** What `recv-dir` into a target here leaves, in and beside it. */
async function receive(
  place: Place,
  path = "out",
  ref: string = place.refs.tree,
): Promise<Outcome> {
  const { code } = await place.recvDir(ref, path);
  const inside = await place.names(path).catch(() => null);
  return { code, inside, beside: await place.names(dirname(path)) };
}

/** The rows. */
export const FAULT_ROWS: Rows = {
  ...from("sdk/src/transport.rs", {
    "partial-disk-full": {
      description: "a disk that fills up while a blob is written",
      reason:
        "found out before the first byte; what would be left only keeps the disk full",
      reference: { code: 1, out: 3, short: true },
      ours: { code: 1, out: 3, short: false },
      run: (place) =>
        mounted(place.at("disk"), 6 * MIB, async () => {
          await place.write("disk/out", "old");
          const { code } = await place.recvBlob(place.refs.large, "disk/out");
          const partial = await place.size("disk/out.partial");
          const short = partial !== null && partial < 10 * MIB;
          return { code, out: await place.size("disk/out"), short };
        }),
    },
    "partial-rename-refused": {
      description: "a target that cannot be replaced: an immutable file",
      reference: { code: 1, out: 3, partial: 204_800 },
      async run(place) {
        const out = await place.write("out", "old");
        return await withAttribute("i", out, async () => {
          const { code } = await place.recvBlob(place.refs.small);
          return { code, ...await place.sizes() };
        });
      },
    },
    "partial-parent-read-only": {
      description: "a directory that no file can be made in",
      reference: { code: 1, beside: [] },
      run: (place) =>
        withAttribute("i", place.dir, async () => {
          const { code } = await place.recvBlob(place.refs.small);
          return { code, beside: await place.names() };
        }),
    },
    "exit-store-full": {
      description: "a store whose disk fills up",
      source: "cli/src/error.rs",
      reference: { code: 3 },
      run: (place) =>
        mounted(place.at("disk"), 2 * MIB, async () => {
          const { code } = await place.run`send-blob
            ${place.source("large.bin")} --store ${place.at("disk", "store")}`;
          return { code };
        }),
    },
  }),
  ...from("src/adapter/net/dataforts/dir.rs", {
    "swap-disk-full": {
      description: "a disk that fills up while a tree is written",
      reference: { code: 3, inside: ["old"], beside: ["out"] },
      run: (place) =>
        mounted(place.at("disk"), 6 * MIB, async () => {
          await place.oldTree("disk");
          return await receive(place, "disk/out", place.refs.six);
        }),
    },
    "swap-mount-point": {
      description: "a target that cannot be moved aside: a mount point",
      reason:
        "found out before anything is fetched; the reference fetches all and leaves it behind",
      reference: { code: 3, inside: ["old"], beside: [".out.fetch_*", "out"] },
      ours: { code: 2, inside: ["old"], beside: ["out"] },
      run: (place) =>
        mounted(place.at("out"), MIB, async () => {
          await place.oldTree();
          return await receive(place);
        }),
    },
    "swap-parent-read-only": {
      description: "a directory that no tree can be made in",
      reason: "found out before anything is fetched, and --in-place named",
      reference: { code: 3, inside: ["old"], beside: ["out"] },
      ours: { code: 2, inside: ["old"], beside: ["out"] },
      async run(place) {
        await place.oldTree();
        return await withAttribute("i", place.dir, () => receive(place));
      },
    },
    "swap-parent-append-only": {
      description: "a directory that nothing can be renamed in",
      // Nothing can be removed from such a directory: what is beside the target
      // is not looked at.
      reference: { code: 3, inside: null },
      run: (place) =>
        withAttribute("a", place.dir, async () => {
          const { code, inside } = await receive(place);
          return { code, inside };
        }),
    },
    "swap-mkdir-fails": {
      description: "a name that no file system takes",
      reference: { code: 3, inside: ["old"], beside: ["out"] },
      async run(place) {
        await place.oldTree();
        return await receive(place, "out", place.refs.longName);
      },
    },
    "swap-parent-is-file": {
      description: "a parent that cannot be made",
      reference: { code: 3, beside: ["file"] },
      async run(place) {
        await place.write("file", "");
        const { code } = await place.recvDir(place.refs.tree, "file/out");
        return { code, beside: await place.names() };
      },
    },
  }),
};
