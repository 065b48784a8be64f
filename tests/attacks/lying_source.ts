import {
  blake3,
  encodeBlobRef,
  encodeDirManifest,
  makeManifest,
  makeSmall,
  REPLICATED,
} from "../../lib/content/mod.ts";
import { TransferError } from "../../lib/errors.ts";
import { toHex } from "../../lib/text/hex.ts";
import {
  fetchBlob,
  fetchDir,
  type FetchFrom,
  type SourceReport,
} from "../../lib/transfer/mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import type { Attack } from "./attack.ts";
import { type Behaviour, BEHAVIOURS } from "./support/hostile_behaviours.ts";
import { ScriptedHolder } from "./support/scripted_holder.ts";

const CHUNK = 4 * 2 ** 20;
/** How long a fetch may wait for anything. */
const LONG_MS = 60_000;
/** Kinds of errors that are lies. */
const LIES: readonly string[] = ["protocol", "hash_mismatch"];

const chunks = new Map<string, Uint8Array>();

function put(bytes: Uint8Array): Uint8Array {
  const hash = blake3(bytes);
  chunks.set(toHex(hash), bytes);
  return hash;
}

const BLOB = noise(CHUNK + 100, 1);
const PARTS = [0, 1].map((i) => BLOB.subarray(i * CHUNK, (i + 1) * CHUNK));
const BLOB_REF = makeManifest(
  "",
  REPLICATED,
  PARTS.map((part) => ({ hash: put(part), size: part.length })),
);
const FILES = Array.from({ length: 20 }, (_, i) => noise(1000 + 31 * i, i + 2));
const MANIFEST = encodeDirManifest({
  version: 1,
  entries: FILES.map((bytes, i) => ({
    path: `f${i}`,
    kind: {
      type: "file" as const,
      mode: 0o644,
      blob: encodeBlobRef(makeSmall("", put(bytes), bytes.length)),
    },
  })),
});
const DIR_REF = makeSmall("", put(MANIFEST), MANIFEST.length);

async function same(path: string, bytes: Uint8Array): Promise<boolean> {
  return toHex(blake3(await Deno.readFile(path))) === toHex(blake3(bytes));
}

/** Fetches both, and says what is wrong with what came of it. */
async function faultsOf(
  from: FetchFrom,
  dir: TempDir,
  { ends }: Behaviour,
  named: Set<string>,
): Promise<string[]> {
  const faults: string[] = [];
  const judge = ([bad, good]: readonly SourceReport[], verb: string) => {
    if (good.failed !== undefined) faults.push(`${verb}: the honest one fell`);
    // One that the other forestalls is not caught, and has done nothing.
    if (bad.failed instanceof TransferError) named.add(bad.failed.kind);
    const isOfUse = bad.bytes > bad.unused;
    if (isOfUse && !ends.includes("ok")) faults.push(`${verb}: it was of use`);
  };
  const options = { timeoutMs: LONG_MS };
  const blob = dir.at("blob");
  judge((await fetchBlob(from, BLOB_REF, blob, options)).sources, "blob");
  if (!await same(blob, BLOB)) faults.push("blob: other content");
  const tree = dir.at("tree");
  judge((await fetchDir(from, DIR_REF, tree, options)).sources, "dir");
  for (const [i, bytes] of FILES.entries()) {
    if (!await same(`${tree}/f${i}`, bytes)) faults.push(`dir: other f${i}`);
  }
  return faults;
}

async function play(
  behaviour: Behaviour,
  dir: TempDir,
  named: Set<string>,
): Promise<string[]> {
  const all = new Set<string>();
  await using bad = await ScriptedHolder.start(chunks, all, behaviour.act);
  await using good = await ScriptedHolder.start(chunks, all);
  await using one = await bad.attach(LONG_MS);
  await using two = await good.attach(LONG_MS);
  return await faultsOf([one, two], dir, behaviour, named);
}

export const attack: Attack = {
  name: "lying_source",
  claim:
    "One of several sources that lies, stalls or leaves cannot keep a fetch from what the others have, nor land a byte of its own.",
  async run() {
    await using dir = await TempDir.make();
    const faults: string[] = [];
    const named = new Set<string>();
    const next = BEHAVIOURS.entries();
    const worker = async () => {
      for (const [, behaviour] of next) {
        const place = await TempDir.make(dir.path);
        await Deno.mkdir(place.path, { recursive: true });
        try {
          for (const fault of await play(behaviour, place, named)) {
            faults.push(`${behaviour.name}: ${fault}`);
          }
        } catch (error) {
          faults.push(`${behaviour.name}: ${error}`);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    for (const lie of LIES) {
      if (!named.has(lie)) faults.push(`no source was named for ${lie}`);
    }
    return {
      held: faults.length === 0,
      line: faults.length === 0
        ? `${BEHAVIOURS.length} behaviours beside an honest source, ${
          2 * BEHAVIOURS.length
        } fetches, all content right`
        : `${faults.length} faults: ${faults.slice(0, 5).join("; ")}`,
    };
  },
};
