/**
 * Landings that are killed, or lose their power, at every change that they make
 * to the disk: what the next one finds, does, and leaves.
 */

import { assert, assertEquals } from "@std/assert";
import {
  SAMPLE_LANDINGS,
  type SampleLanding as Landing,
} from "../testing/landings.ts";
import { Killed, SimulatedDisk } from "../testing/simulated_disk.ts";
import { seededRandom } from "../../wire/testing/random.ts";
import { inTempDir, namesIn } from "../testing/trees.ts";

/** Lands until a death; gives the chunks that were written. */
async function landAndDie(
  disk: SimulatedDisk,
  landing: Landing,
  dir: string,
  after: number,
): Promise<Set<string>> {
  const written = new Set<string>();
  disk.dieAt = disk.count + after;
  try {
    await landing.land(dir, (hash) => written.add(hash));
  } catch (error) {
    // Whatever was made of it: nothing has happened since.
    assert(disk.count >= disk.dieAt, String(error));
  }
  disk.dieAt = Infinity;
  return written;
}

/**
 * Throws unless the target is the old one or the new one, as a whole. Between
 * two renames there is none, and the old one is whole beside it.
 */
function requireEither(landing: Landing, dir: string, about: string): void {
  const aside = namesIn(dir).filter((name) => name.includes(".replaced_"));
  const isBetween = !namesIn(dir).includes("out") && aside.length === 1;
  if (isBetween) Deno.renameSync(`${dir}/${aside[0]}`, `${dir}/out`);
  try {
    landing.requireLanded(dir);
  } catch {
    try {
      landing.requireOld(dir);
    } catch (error) {
      throw new Error(`${about}: neither the old one nor the new one`, {
        cause: error,
      });
    }
  }
  if (isBetween) Deno.renameSync(`${dir}/out`, `${dir}/${aside[0]}`);
}

/** Lands undisturbed: all is right, nothing is left, nothing is written twice. */
async function landAgain(
  landing: Landing,
  dir: string,
  there: ReadonlySet<string>,
  about: string,
): Promise<void> {
  const again: string[] = [];
  await landing.land(dir, (hash) => void again.push(hash));
  landing.requireLanded(dir);
  landing.requireTaken?.(dir);
  assertEquals(namesIn(dir), ["out"], about);
  if (Deno.lstatSync(`${dir}/out`).isDirectory) {
    assertEquals(namesIn(`${dir}/out`).length, 4, about);
  }
  assertEquals(again.filter((hash) => there.has(hash)), [], about);
}

/** How many changes a whole landing makes. */
async function countChanges(landing: Landing): Promise<number> {
  using disk = new SimulatedDisk();
  let changes = 0;
  await inTempDir(async (dir) => {
    landing.prepare(dir);
    const before = disk.count;
    await landAgain(landing, dir, new Set(), "undisturbed");
    changes = disk.count - before;
  });
  return changes;
}

const SEED = Number(Deno.env.get("KILL_SEED") ?? Date.now() % 1e9);
const RUNS = Number(Deno.env.get("KILL_RUNS") ?? 10);

for (const landing of SAMPLE_LANDINGS) {
  const { name } = landing;

  Deno.test(`${name}, killed at any change, is landed whole by the next run, which writes no chunk twice`, async () => {
    const changes = await countChanges(landing);
    for (let at = 0; at < changes; at++) {
      await inTempDir(async (dir) => {
        landing.prepare(dir);
        using disk = new SimulatedDisk();
        const written = await landAndDie(disk, landing, dir, at);
        const about = `killed at change ${at}`;
        // An exchange of entries has no such instant: it is finished.
        if (!name.includes("in place")) requireEither(landing, dir, about);
        await landAgain(landing, dir, written, about);
      });
    }
  });

  Deno.test(`${name}, killed at random again and again, loses nothing that was written`, async () => {
    const changes = await countChanges(landing);
    const random = seededRandom(SEED);
    for (let run = 0; run < RUNS; run++) {
      await inTempDir(async (dir) => {
        landing.prepare(dir);
        using disk = new SimulatedDisk();
        const there = new Set<string>();
        const ats: number[] = [];
        for (let death = 0; death < 4; death++) {
          const at = Math.floor(random() * changes);
          ats.push(at);
          const written = await landAndDie(disk, landing, dir, at);
          for (const hash of written) {
            assert(!there.has(hash), `KILL_SEED=${SEED}: ${ats}`);
            there.add(hash);
          }
        }
        await landAgain(landing, dir, there, `KILL_SEED=${SEED}: ${ats}`);
      });
    }
  });

  Deno.test(`${name}, without power at random and what was not synced, is landed whole by the next run`, async () => {
    const changes = await countChanges(landing);
    const random = seededRandom(SEED);
    for (let run = 0; run < 2 * RUNS; run++) {
      await inTempDir(async (dir) => {
        landing.prepare(dir);
        using disk = new SimulatedDisk();
        const at = Math.floor(random() * changes);
        await landAndDie(disk, landing, dir, at);
        disk.losePower(dir, random);
        await landAgain(
          landing,
          dir,
          new Set(),
          `KILL_SEED=${SEED}: power lost at ${at}`,
        );
      });
    }
  });

  Deno.test(`${name} is on the disk before it is in its place, and its name before it counts as landed`, async () => {
    await inTempDir(async (dir) => {
      landing.prepare(dir);
      using disk = new SimulatedDisk();
      let placed = 0;
      disk.onRename = (from, to) => {
        const isNew = /\.fetch_[0-9a-f]{16}|\.partial$/.test(from);
        if (!isNew || /\.moved_|\.removing_/.test(to)) return;
        placed++;
        assertEquals(disk.unsynced(from), [], `${from} -> ${to}`);
      };
      await landing.land(dir, () => {});
      assert(placed > 0);
      // Of the old one that was replaced nobody has to know.
      disk.onRename = () => {};
      landing.requireLanded(dir);
    });
  });
}

Deno.test("a process that is killed changes nothing any more", () => {
  using disk = new SimulatedDisk();
  disk.dieAt = 0;
  let died = false;
  try {
    Deno.mkdirSync("/tmp/never");
  } catch (error) {
    died = error instanceof Killed;
  }
  assert(died);
});
