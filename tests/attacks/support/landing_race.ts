/** Landings of root while another user changes names on the way. */

import { TransferError } from "../../../lib/errors.ts";
import { BlobLanding } from "../../../lib/landing/blob_landing.ts";
import {
  blobRange,
  landTree,
  type TreeItems,
} from "../../../lib/landing/testing/trees.ts";
import { TempDir } from "../../../scripts/temp_dir.ts";
import type { Verdict } from "../attack.ts";
import { startAttacker } from "./attacker.ts";

const NAMES = Array.from({ length: 40 }, (_, i) => `d${i}`);

/** Directories that others may write to, files in them, and links. */
const TREE: TreeItems = [
  ...NAMES.map((name): TreeItems[number] => [name, { dir: true, mode: 0o777 }]),
  ...NAMES.map((name): TreeItems[number] => [`${name}/f`, { file: "x" }]),
  ...NAMES.map((name): TreeItems[number] => [`${name}/l`, { link: "f" }]),
];

/** A way to land: what is there before, and the landing. */
interface Way {
  prepare?(parent: string): Promise<void>;
  land(parent: string): Promise<unknown>;
}

/** All ways to land below a directory. */
const WAYS: Record<string, Way> = {
  "a tree": { land: (parent) => landTree(`${parent}/out`, TREE) },
  "a tree over an old one": {
    prepare: (parent) => Deno.mkdir(`${parent}/out/old`, { recursive: true }),
    land: (parent) => landTree(`${parent}/out`, TREE),
  },
  "a tree in place": {
    land: (parent) =>
      landTree(parent, TREE, {
        plan: { install: "in_place", isVolume: false, warnings: [] },
      }),
  },
  "a blob": {
    land: async (parent) => {
      await using landing = await BlobLanding.open({ out: `${parent}/out` });
      await landing.write(blobRange(0, "abc"));
      await landing.commit(3);
    },
  },
  "a blob in a new directory": {
    land: async (parent) => {
      const out = `${parent}/new/deep/out`;
      await using landing = await BlobLanding.open({ out });
      await landing.write(blobRange(0, "abc"));
      await landing.commit(3);
    },
  },
};

/** What another user may change, and does. */
export interface LandingRace {
  /**
   * Makes what is above the targets.
   *
   * @returns The directory that the targets are in, and what the attacker is told.
   */
  world(
    dir: TempDir,
    victim: string,
  ): Promise<{ parent: string; args: string[] }>;
  /** The attacker, in Perl. */
  body: string;
  /** What it does once, before the landing begins. */
  before?: string;
  /** Which ways of landing; all if nothing is said. */
  ways?: readonly string[];
}

/** What a landing that waits for ever is ended after, in milliseconds. */
const HUNG_MS = 120_000;

/** What is in the directory that nobody is to touch, with modes. */
export function stateOf(directory: string): string {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => {
    const path = `${directory}/${name}`;
    const { mode, isDirectory, size, nlink } = Deno.lstatSync(path);
    return isDirectory
      ? `${name} ${mode} ${stateOf(path)}`
      : `${name} ${mode} ${size} ${nlink} ${Deno.readTextFileSync(path)}`;
  });
  return names.sort().join(";");
}

/** Makes what nobody is to touch: names as in the trees that land, and others. */
async function makeVictim(dir: TempDir): Promise<string> {
  const victim = dir.at("victim");
  await dir.mkdir("victim/d0");
  for (const name of ["kept", "out", "d0/f"]) {
    await dir.write(`victim/${name}`, "precious");
    await Deno.chmod(dir.at("victim", name), 0o600);
  }
  await Deno.chmod(dir.at("victim", "d0"), 0o700);
  await Deno.chmod(victim, 0o700);
  return victim;
}

/**
 * Lands again and again while the attacker works, in each way in turn.
 *
 * @param runs How many landings.
 */
export async function raceLandings(
  { world, body, before, ways = Object.keys(WAYS) }: LandingRace,
  runs: number,
): Promise<Verdict> {
  const broken = new Set<string>();
  let [tries, lost, refused, landed, changes] = [0, 0, 0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const way = ways[run % ways.length];
    await using dir = await TempDir.make();
    await Deno.chmod(dir.path, 0o755);
    const victim = await makeVictim(dir);
    const { parent, args } = await world(dir, victim);
    await WAYS[way].prepare?.(parent);
    const state = stateOf(victim);
    await using attacker = await startAttacker(body, args, before);
    const outcome = await outcomeOf(WAYS[way].land(parent));
    changes += await attacker.end();
    tries++;
    if (outcome === "landed") landed++;
    if (outcome === "refused") refused++;
    if (outcome === "hung" || stateOf(victim) !== state) {
      lost++;
      broken.add(outcome === "hung" ? `${way} (hung)` : way);
    }
  }
  const counts = `${refused} refused for what is above, ${landed} whole, ` +
    `${changes} changes of names by the attacker`;
  return {
    held: lost === 0,
    line: lost === 0
      ? `nothing outside was touched in ${tries} landings (${counts})`
      : `${lost} of ${tries} landings touched a file or directory outside, or ` +
        `hung: ${[...broken].join(", ")} (${counts})`,
  };
}

type Outcome = "landed" | "refused" | "failed" | "hung";

async function outcomeOf(landing: Promise<unknown>): Promise<Outcome> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hung = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve("hung"), HUNG_MS);
  });
  const ended = landing.then((): Outcome => "landed", (error): Outcome => {
    if (!(error instanceof TransferError)) throw error;
    return error.kind === "usage" ? "refused" : "failed";
  });
  try {
    return await Promise.race([ended, hung]);
  } finally {
    clearTimeout(timer);
  }
}

/** Gives something to the attacker, or a group of it the right to write. */
export async function openTo(
  path: string,
  how: "owner" | "group" | "everybody" | "sticky",
  uid: number,
): Promise<void> {
  if (how === "owner") await Deno.chown(path, uid, uid);
  if (how === "group") await Deno.chown(path, 0, uid);
  const modes = {
    owner: 0o755,
    group: 0o775,
    everybody: 0o777,
    sticky: 0o1777,
  };
  await Deno.chmod(path, modes[how]);
}
