import { walk } from "@std/fs";
import {
  blake3,
  decodeBlobRef,
  decodeDirManifest,
} from "../../lib/content/mod.ts";
import { TransferError } from "../../lib/errors.ts";
import {
  planInstall,
  resolveTarget,
  TreeLanding,
} from "../../lib/landing/mod.ts";
import { manifestOf, writeChunk } from "../../lib/landing/testing/trees.ts";
import { toHex } from "../../lib/text/hex.ts";
import { Random } from "../../lib/wire/testing/random.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { onWindows } from "../support/unless.ts";
import { type Attack, attackRuns } from "./attack.ts";
import { CONTENT } from "./support/hostile_manifests.ts";
import { RandomManifests } from "./support/random_manifests.ts";

const SEED = Number(Deno.env.get("ATTACK_SEED") ?? Date.now() % 1e9);
/** Kinds of errors that refuse; anything else is an accident. */
const REFUSALS = ["manifest", "unsafe_path", "ref", "io", "exists"];
const HASH = toHex(blake3(CONTENT));

/** What came of the manifests. */
interface Tally {
  landed: number;
  refused: number;
  faults: string[];
}

/** All about what lies beside a target, times and numbers of inodes included. */
async function around(place: TempDir): Promise<string> {
  const lines: string[] = [];
  const entries: AsyncIterable<Deno.DirEntry & { path: string }> = walk(
    place.path,
    { followSymlinks: false },
  );
  for await (const { path, isFile } of entries) {
    const target = place.at("in", "target");
    if (path === target || path.startsWith(`${target}/`)) continue;
    const { mode, uid, ino, nlink, mtime, ctime, size } = await Deno.lstat(
      path,
    );
    // Names come and go in the directories above the target.
    const isAbove = target.startsWith(path);
    const times = isAbove ? [] : [ino, nlink, size, mtime, ctime].map(String);
    const bytes = isFile ? toHex(blake3(await Deno.readFile(path))) : "";
    lines.push([path, mode, uid, bytes, ...times].join(" "));
  }
  return lines.sort().join("\n");
}

/** Lands a manifest, or a part of it, in one of the ways there are. */
async function land(
  out: string,
  manifest: Uint8Array<ArrayBuffer>,
  random: Random,
): Promise<void> {
  const plan = await planInstall(resolveTarget(out), {
    inPlace: random.chance(0.3),
  });
  await using landing = await TreeLanding.open({
    out,
    manifest: manifest.slice(),
    plan,
    replace: true,
    links: random.pick(["keep", "inside", "skip"] as const),
    preserveSetid: random.chance(0.1),
    perms: random.chance(0.8),
    clean: random.chance(0.3),
  });
  const { entries } = decodeDirManifest(manifest);
  const unknown: number[] = [];
  for (const [entry, { kind }] of entries.entries()) {
    if (kind.type !== "file") continue;
    const ref = decodeBlobRef(kind.blob);
    const isOurs = ref?.kind === "small" && toHex(ref.hash) === HASH;
    if (isOurs) await writeChunk(landing, entry, CONTENT);
    else unknown.push(entry);
  }
  // As if the process ended: what there is stays for the next one.
  if (random.chance(0.1)) return;
  await landing.leaveOut(unknown);
  await landing.commit();
}

async function tryOne(seed: number, tally: Tally): Promise<void> {
  const random = new Random(seed);
  await using place = await TempDir.make();
  await place.write("outside/secret", "secret");
  await place.write("in/beside", "beside");
  const out = place.at("in", "target");
  const before = await around(place);
  const manifests = new RandomManifests(random, place.at("outside"));
  const fault = (what: string) =>
    tally.faults.push(`ATTACK_SEED=${seed} ATTACK_RUNS=1: ${what}`);
  for (let more = true; more; more = random.chance(0.4)) {
    try {
      await land(out, manifests.next(), random);
      tally.landed++;
    } catch (error) {
      const isRefusal = error instanceof TransferError &&
        REFUSALS.includes(error.kind);
      if (!isRefusal) fault(String(error));
      tally.refused++;
    }
  }
  // What the last one has left goes, and nothing but that.
  try {
    await using landing = await TreeLanding.open({
      out,
      manifest: manifestOf([["good", { dir: true, mode: 0o755 }]]),
      replace: true,
      clean: true,
    });
    await landing.commit();
  } catch (error) {
    return void fault(`it cannot be replaced: ${error}`);
  }
  const names = [...Deno.readDirSync(out)].map(({ name }) => name);
  if (names.join() !== "good") fault(`not replaced: ${names}`);
  if (await around(place) !== before) fault("something outside has changed");
}

export const attack: Attack = {
  name: "random_manifests",
  claim:
    "No manifest, however it was made, changes anything outside of the target, nor keeps it from being replaced.",
  lacks: () => Promise.resolve(onWindows),
  async run() {
    const tally: Tally = { landed: 0, refused: 0, faults: [] };
    const seeds = Array.from(
      { length: attackRuns(60) },
      (_, run) => SEED + run,
    ).values();
    await Promise.all(Array.from({ length: 4 }, async () => {
      for (const seed of seeds) await tryOne(seed, tally);
    }));
    const { landed, refused, faults } = tally;
    return {
      held: faults.length === 0,
      line: faults.length === 0
        ? `of ${landed + refused} random manifests ${landed} were landed and ` +
          `${refused} refused; nothing outside touched, each target replaced`
        : faults.slice(0, 5).join("; "),
    };
  },
};
