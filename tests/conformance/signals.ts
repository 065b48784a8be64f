/**
 * What is left by a process that was told to stop, or killed, at a moment that
 * is known: a holder that never answers has been asked, or a file has appeared.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { HolderProcess } from "../../scripts/holder_process.ts";
import {
  names,
  type Outcome,
  type Place,
  recvDir,
  type Row,
  sizeOf,
  until,
} from "./row.ts";

const BLOB_SOURCE = "sdk/src/transport.rs";
const DIR_SOURCE = "src/adapter/net/dataforts/dir.rs";
const CHUNK = 4 * 2 ** 20;
type Signal = "SIGINT" | "SIGTERM" | "SIGKILL";

/** Sends a signal when something is the case; how the process ended. */
async function end(
  child: Deno.ChildProcess,
  signal: Signal,
  ready: () => Promise<boolean>,
): Promise<Outcome> {
  await until(ready);
  child.kill(signal);
  const { code, signal: by } = await child.output();
  // A runtime that was killed has a code above 128, too.
  return { code: by === null ? code : by };
}

async function stopBlob(place: Place, signal: Signal): Promise<Outcome> {
  const out = join(place.dir, "out");
  await Deno.writeTextFile(out, "old");
  const child = place.start(
    ...["recv-blob", "--blob-ref", place.hostile.stallingBlob()],
    ...["--out", out, ...place.hostile.attach()],
  );
  const partial = () => sizeOf(`${out}.partial`);
  const ended = await end(
    child,
    signal,
    async () => await partial() === CHUNK,
  );
  return { ...ended, out: await sizeOf(out), partial: await partial() };
}

async function stopDir(place: Place, signal: Signal): Promise<Outcome> {
  const out = join(place.dir, "out");
  await Deno.mkdir(out);
  await Deno.writeTextFile(join(out, "old"), "old");
  const child = place.start(
    ...["recv-dir", "--remote-ref", place.hostile.stallingTree()],
    ...["--out", out, ...place.hostile.attach()],
  );
  const ended = await end(child, signal, () => isGrowing(place.dir));
  return { ...ended, inside: await names(out), beside: await trees(place.dir) };
}

/** The trees in a directory: locks are files. */
async function trees(dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await names(dir)) {
    if (!name.endsWith("_lock")) found.push(name);
  }
  return found;
}

/** Whether a tree is growing in a directory. */
async function isGrowing(parent: string): Promise<boolean> {
  for await (const { name, isDirectory } of Deno.readDir(parent)) {
    if (isDirectory && name.includes(".fetch_")) return true;
  }
  return false;
}

/** A tree that takes for ever to hash: 64 GiB of nothing. */
async function stopSendDir(place: Place, signal: Signal): Promise<Outcome> {
  const tree = join(place.dir, "tree");
  const store = join(place.dir, "store");
  await Deno.mkdir(tree);
  using file = await Deno.open(join(tree, "file"), {
    write: true,
    create: true,
  });
  await file.truncate(2 ** 36);
  const child = place.start("send-dir", tree, "--store", store);
  return await end(child, signal, () => isStaged(store));
}

/** Whether a store holds a chunk. */
async function isStaged(store: string): Promise<boolean> {
  const chunks = join(store, "dataforts", "blob");
  return (await names(chunks).catch(() => [])).length > 0;
}

async function stopServe(place: Place, signal: Signal): Promise<Outcome> {
  const holder = await HolderProcess.start(
    [join(place.sources, "small.bin")],
    { keys: dirname(place.dir) },
  );
  return { code: (await holder.stop(signal)).code };
}

/** A row of a signal that the reference has no handler for. */
function stopped(
  id: string,
  description: string,
  source: string,
  signal: "SIGINT" | "SIGTERM",
  run: (place: Place, signal: Signal) => Promise<Outcome>,
  left: Outcome,
  ours: Outcome = left,
  code: number = signal === "SIGINT" ? 130 : 143,
): Row {
  return {
    id: `${id}-${signal.toLowerCase()}`,
    description: `${description} by ${signal}`,
    source,
    expected: "fixed",
    reason: "a clean stop, and an exit code of its own",
    reference: { code: signal, ...left },
    ours: { code, ...ours },
    run: (place) => run(place, signal),
  };
}

const PARTIAL = { out: 3, partial: CHUNK };
const ORPHAN = { inside: ["old"], beside: [".out.fetch_*", "out"] };
const CLEAN = { inside: ["old"], beside: ["out"] };
const SERVE = "docs/demos/dir_transfer/README.md";
const SEND = "cli/src/commands/transfer.rs";

/** The rows. */
export const SIGNAL_ROWS: readonly Row[] = [
  ...(["SIGINT", "SIGTERM"] as const).flatMap((signal) => [
    stopped(
      ...["blob", "recv-blob stopped", BLOB_SOURCE] as const,
      ...[signal, stopBlob, PARTIAL] as const,
    ),
    stopped(
      ...["dir", "recv-dir stopped", DIR_SOURCE] as const,
      ...[signal, stopDir, ORPHAN, CLEAN] as const,
    ),
    stopped(
      ...["send-dir", "send-dir stopped", SEND] as const,
      ...[signal, stopSendDir, {}] as const,
    ),
    stopped(
      ...["serve", "serve stopped", SERVE] as const,
      ...[signal, stopServe, {}, {}, 0] as const,
    ),
  ]),
  {
    id: "blob-sigkill",
    description: "recv-blob killed: the target stays, the partial file, too",
    source: BLOB_SOURCE,
    expected: "same",
    reference: { code: "SIGKILL", ...PARTIAL },
    run: (place) => stopBlob(place, "SIGKILL"),
  },
  {
    id: "dir-sigkill",
    description: "recv-dir killed: the target stays, a hidden tree is left",
    source: DIR_SOURCE,
    expected: "same",
    reference: { code: "SIGKILL", ...ORPHAN },
    run: (place) => stopDir(place, "SIGKILL"),
  },
  {
    id: "dir-sigkill-then-again",
    description: "recv-dir after one that was killed",
    source: DIR_SOURCE,
    expected: "same",
    reference: { code: 0, replaced: true },
    async run(place) {
      await stopDir(place, "SIGKILL");
      const { code } = await recvDir(place, place.refs.tree, "out");
      const inside = await names(join(place.dir, "out"));
      return { code, replaced: !inside.includes("old") };
    },
  },
];
