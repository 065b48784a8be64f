/**
 * A disk that is full, a target that cannot be renamed, a file that cannot be
 * written: what only a privileged user can set up, and is skipped for others.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import {
  names,
  type Outcome,
  type Place,
  recvBlob,
  recvDir,
  type Row,
  sizeOf,
  Skipped,
} from "./row.ts";

const BLOB_SOURCE = "sdk/src/transport.rs";
const DIR_SOURCE = "src/adapter/net/dataforts/dir.rs";
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
  await system("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", dir]);
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

/** A target below `dir`, with one old file. */
async function oldTarget(dir: string): Promise<string> {
  const out = join(dir, "out");
  await Deno.mkdir(out, { recursive: true });
  await Deno.writeTextFile(join(out, "old"), "old");
  return out;
}

/** What `recv-dir` into `<place>/<path>` leaves, in and beside its target. */
async function receive(
  place: Place,
  path: string,
  ref: string = place.refs.tree,
): Promise<Outcome> {
  const { code } = await recvDir(place, ref, path);
  const out = join(place.dir, path);
  return {
    code,
    inside: await names(out).catch(() => null),
    beside: await names(dirname(out)),
  };
}

/** The rows. */
export const FAULT_ROWS: readonly Row[] = [
  {
    id: "partial-disk-full",
    description: "a disk that fills up while a blob is written",
    source: BLOB_SOURCE,
    expected: "same",
    reference: { code: 1, out: 3, short: true },
    run: (place) => {
      const dir = join(place.dir, "disk");
      return mounted(dir, 6 * MIB, async () => {
        const out = join(dir, "out");
        await Deno.writeTextFile(out, "old");
        const { code } = await recvBlob(place, place.refs.large, "disk/out");
        const partial = await sizeOf(`${out}.partial`);
        const short = partial !== null && partial < 10 * MIB;
        return { code, out: await sizeOf(out), short };
      });
    },
  },
  {
    id: "swap-disk-full",
    description: "a disk that fills up while a tree is written",
    source: DIR_SOURCE,
    expected: "same",
    reference: { code: 3, inside: ["old"], beside: ["out"] },
    run: (place) => {
      const dir = join(place.dir, "disk");
      return mounted(dir, 6 * MIB, async () => {
        await oldTarget(dir);
        return await receive(place, "disk/out", place.refs.six);
      });
    },
  },
  {
    id: "exit-store-full",
    description: "a store whose disk fills up",
    source: "cli/src/error.rs",
    expected: "same",
    reference: { code: 3 },
    run: (place) =>
      mounted(join(place.dir, "disk"), 2 * MIB, async () => {
        const { code } = await place.run(
          ...["send-blob", join(place.sources, "large.bin"), "--store"],
          ...[join(place.dir, "disk", "store")],
        );
        return { code };
      }),
  },
  {
    id: "swap-mount-point",
    description: "a target that cannot be moved aside: a mount point",
    source: DIR_SOURCE,
    expected: "fixed",
    reason: "the new tree is removed; the reference leaves all of it behind",
    reference: { code: 3, inside: ["old"], beside: [".out.fetch_*", "out"] },
    ours: { code: 3, inside: ["old"], beside: ["out"] },
    run: (place) =>
      mounted(join(place.dir, "out"), MIB, async () => {
        await oldTarget(place.dir);
        return await receive(place, "out");
      }),
  },
  {
    id: "partial-rename-refused",
    description: "a target that cannot be replaced: an immutable file",
    source: BLOB_SOURCE,
    expected: "same",
    reference: { code: 1, out: 3, partial: 204_800 },
    async run(place) {
      const out = join(place.dir, "out");
      await Deno.writeTextFile(out, "old");
      return await withAttribute("i", out, async () => {
        const { code } = await recvBlob(place, place.refs.small, "out");
        const partial = await sizeOf(`${out}.partial`);
        return { code, out: await sizeOf(out), partial };
      });
    },
  },
  {
    id: "partial-parent-read-only",
    description: "a directory that no file can be made in",
    source: BLOB_SOURCE,
    expected: "same",
    reference: { code: 1, beside: [] },
    run: (place) =>
      withAttribute("i", place.dir, async () => {
        const { code } = await recvBlob(place, place.refs.small, "out");
        return { code, beside: await names(place.dir) };
      }),
  },
  {
    id: "swap-parent-read-only",
    description: "a directory that no tree can be made in",
    source: DIR_SOURCE,
    expected: "same",
    reference: { code: 3, inside: ["old"], beside: ["out"] },
    async run(place) {
      await oldTarget(place.dir);
      return await withAttribute("i", place.dir, () => receive(place, "out"));
    },
  },
  {
    id: "swap-parent-append-only",
    description: "a directory that nothing can be renamed in",
    source: DIR_SOURCE,
    expected: "same",
    // Nothing can be removed from such a directory: what is beside the target
    // is not looked at.
    reference: { code: 3, inside: null },
    run: (place) =>
      withAttribute("a", place.dir, async () => {
        const { code, inside } = await receive(place, "out");
        return { code, inside };
      }),
  },
  {
    id: "swap-mkdir-fails",
    description: "a name that no file system takes",
    source: DIR_SOURCE,
    expected: "same",
    reference: { code: 3, inside: ["old"], beside: ["out"] },
    async run(place) {
      await oldTarget(place.dir);
      return await receive(place, "out", place.refs.longName);
    },
  },
  {
    id: "swap-parent-is-file",
    description: "a parent that cannot be made",
    source: DIR_SOURCE,
    expected: "same",
    reference: { code: 3, beside: ["file"] },
    async run(place) {
      await Deno.writeTextFile(join(place.dir, "file"), "");
      const { code } = await recvDir(place, place.refs.tree, "file/out");
      return { code, beside: await names(place.dir) };
    },
  },
];
