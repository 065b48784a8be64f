import { TransferError } from "../../lib/errors.ts";
import { Random } from "../../lib/wire/testing/random.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { onWindows } from "../support/unless.ts";
import { type Attack, attackRuns } from "./attack.ts";
import { type Damage, damagesTo, Victims } from "./support/damages.ts";
import { type Leftover, LEFTOVERS } from "./support/leftovers.ts";

const SEED = Number(Deno.env.get("ATTACK_SEED") ?? Date.now() % 1e9);
/** Who waits for a pipe for so long is freed, and has been kept waiting. */
const FREED_SECONDS = 30;

/** Runs a use of what may be a pipe, and tells whether it had to be freed. */
async function inTime(
  path: string,
  use: () => Promise<void>,
): Promise<boolean> {
  if (!isPipe(path)) {
    await use();
    return true;
  }
  // Another process, as this one may be what waits.
  const freed = `${path}.freed`;
  const script = `timeout ${FREED_SECONDS} cat; [ $? = 124 ] || exit 0
    : >"$1"; exec 3<>"$0"; timeout ${FREED_SECONDS} cat`;
  const child = new Deno.Command("sh", {
    args: ["-c", script, path, freed],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await use();
  } finally {
    await child.stdin.close();
    await child.status;
  }
  return !isThere(freed);
}

function isPipe(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFifo === true;
  } catch {
    return false;
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with what the next run made of it. */
async function tryOne(
  leftover: Leftover,
  { apply }: Damage,
): Promise<string | undefined> {
  await using place = await TempDir.make();
  const victims = await Victims.make(place);
  const path = await leftover.leave(place);
  apply(path, victims);
  const before = victims.state();
  const faults: string[] = [];
  let refusal: string | undefined;
  try {
    if (!await inTime(path, () => leftover.use(place))) faults.push("it hung");
  } catch (error) {
    refusal = String(error);
    const isClear = error instanceof TransferError &&
      ["io", "store", "usage"].includes(error.kind) &&
      refusal.includes(place.at("in"));
    if (!isClear) faults.push(refusal);
  }
  if (victims.state() !== before) faults.push("something else has changed");
  if (refusal !== undefined && faults.length === 0) {
    // What it says is in the way is all that is; what was aside may be back.
    const inTheWay = isThere(path) ? path : place.at("in", "out");
    await Deno.remove(inTheWay, { recursive: true });
    await leftover.use(place).catch((error) =>
      faults.push(`without it: ${error}`)
    );
  }
  return faults.length === 0 ? undefined : faults.join(", ");
}

/** Every damage to a thing, or some of them. */
async function someDamages(
  leftover: Leftover,
  random: Random,
  count: number,
): Promise<Damage[]> {
  await using place = await TempDir.make();
  const all = damagesTo(await leftover.leave(place), random)
    .filter(({ name }) =>
      leftover.mayBeLink !== true || name !== "a link to a directory"
    );
  while (all.length > count) all.splice(random.below(all.length), 1);
  return all;
}

export const attack: Attack = {
  name: "hostile_leftovers",
  claim:
    "Whatever has become of what a stopped run left, the next one makes nothing wrong of it, touches nothing else and does not hang.",
  lacks: () => Promise.resolve(onWindows),
  async run() {
    const random = new Random(SEED);
    const faults: string[] = [];
    let tried = 0;
    for (const leftover of LEFTOVERS) {
      const damages = await someDamages(leftover, random, attackRuns(2));
      for (const damage of damages) {
        tried++;
        const fault = await tryOne(leftover, damage);
        if (fault === undefined) continue;
        faults.push(`${leftover.name}, ${damage.name}: ${fault}`);
      }
    }
    return {
      held: faults.length === 0,
      line: faults.length === 0
        ? `${tried} damages to ${LEFTOVERS.length} things that runs leave: ` +
          "right, or refused by their names; nothing else touched"
        : `ATTACK_SEED=${SEED}: ${faults.join("; ")}`,
    };
  },
};
