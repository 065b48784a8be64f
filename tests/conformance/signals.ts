/**
 * What is left by a process that was told to stop, or killed, at a moment that
 * is known: a holder that never answers has been asked, or a file has appeared.
 */

import { dirname } from "@std/path";
import { startHolder } from "../support/cli.ts";
import { type Place, until } from "./place.ts";
import { recorded } from "./recorded.ts";
import { from, type Outcome, type Row, type Rows } from "./row.ts";

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
  return { code: by ?? code };
}

async function stopBlob(place: Place, signal: Signal): Promise<Outcome> {
  const out = await place.write("out", "old");
  const child = place.start`recv-blob --blob-ref ${place.hostile.stallingBlob()}
    --out ${out} ${place.hostile.attach()}`;
  const isThere = async () => await place.size("out.partial") === CHUNK;
  return { ...await end(child, signal, isThere), ...await place.sizes() };
}

async function stopDir(place: Place, signal: Signal): Promise<Outcome> {
  const out = await place.oldTree();
  const child = place
    .start`transfer recv-dir --remote-ref ${place.hostile.stallingTree()} --out ${out}
    ${place.hostile.attach()}`;
  const beside = () => place.names();
  const ended = await end(
    child,
    signal,
    async () => (await beside()).includes(".out.fetch_*"),
  );
  const inside = await place.names("out");
  // Locks are files.
  const trees = (await beside()).filter((name) => !name.endsWith("_lock"));
  return { ...ended, inside, beside: trees };
}

/** A tree that takes for ever to hash: 64 GiB of nothing. */
async function stopSendDir(place: Place, signal: Signal): Promise<Outcome> {
  await Deno.mkdir(place.at("tree"));
  await Deno.truncate(await place.write("tree/file", ""), 2 ** 36);
  const child = place
    .start`send-dir ${place.at("tree")} --store ${place.at("store")}`;
  const chunks = () => place.names("store", "dataforts", "blob");
  return await end(
    child,
    signal,
    async () => (await chunks().catch(() => [])).length > 0,
  );
}

async function stopServe(place: Place, signal: Signal): Promise<Outcome> {
  const home = dirname(place.dir);
  const holder = await startHolder(home, [place.source("small.bin")]);
  return { code: (await holder.stop(signal)).code };
}

/** Two rows of signals that the reference has no handler for. */
function stopped(
  id: string,
  source: string,
  run: (place: Place, signal: Signal) => Promise<Outcome>,
  { left = {}, ours = left, codes = [130, 143] }: {
    left?: Outcome;
    ours?: Outcome;
    codes?: [number, number];
  },
): Rows {
  const rows = (["SIGINT", "SIGTERM"] as const).map((
    signal,
    at,
  ): [string, Row] => [
    `${id}-${signal.toLowerCase()}`,
    {
      description: `${id} stopped by ${signal}`,
      source,
      reason: "a clean stop, and an exit code of its own",
      reference: { code: signal, ...left },
      ours: { code: codes[at], ...ours },
      run: (place) => run(place, signal),
    },
  ]);
  return Object.fromEntries(rows);
}

/** A row of what the reference has no verb for, and so no signal. */
function serving(signal: Signal): Omit<Row, "source"> {
  return {
    description: `serve stopped by ${signal} when it was ready`,
    reason: "no verb of the reference serves; here a stop is its success",
    reference: recorded("A.unknown-verb"),
    ours: { code: 0 },
    run: (place) => stopServe(place, signal),
  };
}

const PARTIAL = { out: 3, partial: CHUNK };
const ORPHAN = { inside: ["old"], beside: [".out.fetch_*", "out"] };
const CLEAN = { inside: ["old"], beside: ["out"] };

/** The rows. */
export const SIGNAL_ROWS: Rows = {
  ...stopped("blob", BLOB_SOURCE, stopBlob, { left: PARTIAL }),
  ...stopped("dir", DIR_SOURCE, stopDir, { left: ORPHAN, ours: CLEAN }),
  ...stopped("send-dir", "cli/src/commands/transfer.rs", stopSendDir, {}),
  ...from("docs/demos/dir_transfer/README.md", {
    "serve-sigint": serving("SIGINT"),
    "serve-sigterm": serving("SIGTERM"),
  }),
  ...from(DIR_SOURCE, {
    "blob-sigkill": {
      description: "recv-blob killed: the target stays, the partial file, too",
      source: BLOB_SOURCE,
      reference: { code: "SIGKILL", ...PARTIAL },
      run: (place) => stopBlob(place, "SIGKILL"),
    },
    "dir-sigkill": {
      description: "recv-dir killed: the target stays, a hidden tree is left",
      reference: { code: "SIGKILL", ...ORPHAN },
      run: (place) => stopDir(place, "SIGKILL"),
    },
    "dir-sigkill-then-again": {
      description: "recv-dir after one that was killed",
      reference: { code: 0, replaced: true },
      async run(place) {
        await stopDir(place, "SIGKILL");
        const { code } = await place.recvDir(place.refs.tree);
        const inside = await place.names("out");
        return { code, replaced: !inside.includes("old") };
      },
    },
  }),
};
