/**
 * Landings of which one call to the disk fails, whichever it is and whatever
 * the system says: the target is the old one or the new one, as a whole, what is
 * said is true, and the next run goes on.
 *
 * Each test tries some of the calls. `FAULT_RUNS=each` tries each call, `all` each
 * with each error, `FAULT_SEED=N` the same ones again.
 */

import { TransferError } from "../../errors.ts";
import { Random } from "../../wire/testing/random.ts";
import {
  DISK_ERRORS,
  type DiskError,
  type FailedCall,
  FailingDisk,
} from "../testing/failing_disk.ts";
import { SAMPLE_LANDINGS, type SampleLanding } from "../testing/landings.ts";
import { inTempDir, namesIn } from "../testing/trees.ts";

const SEED = Number(Deno.env.get("FAULT_SEED") ?? Date.now() % 1e9);
const RUNS = Deno.env.get("FAULT_RUNS") ?? "12";

/** What a landing with a failing call came to. */
interface Outcome {
  readonly failed: FailedCall | undefined;
  /** What was thrown. */
  readonly error: unknown;
  /** Chunks that were written. */
  readonly written: ReadonlySet<string>;
  readonly calls: number;
}

async function landFailing(
  landing: SampleLanding,
  dir: string,
  at: number,
  os: DiskError,
): Promise<Outcome> {
  const written = new Set<string>();
  using disk = new FailingDisk(dir);
  disk.failAt = at;
  disk.os = os;
  let error: unknown;
  try {
    await landing.land(dir, (hash) => written.add(hash));
  } catch (thrown) {
    error = thrown;
  }
  return { failed: disk.failed, error, written, calls: disk.count };
}

function holds(require: () => void): boolean {
  try {
    require();
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with how it ended; nothing if all is right. */
function* faultsOf(
  landing: SampleLanding,
  dir: string,
  { failed, error }: Outcome,
): Generator<string, void, void> {
  const isNew = holds(() => landing.requireLanded(dir));
  const isOld = holds(() => landing.requireOld(dir));
  if (error === undefined) {
    if (!isNew) yield "said to be landed, and is not";
    // What tells who has a lock, and what is tried, is not what is landed; nor
    // is the name under which an old tree is removed, which is said to stay.
    const isContent = !/fetch_lock|fetch_owner|\.probe_/.test(
      failed?.path ?? "",
    );
    const isSaid = [dir, `${dir}/out`].some((at) =>
      Deno.lstatSync(at).isDirectory &&
      namesIn(at).some((name) => name.includes(".removing_"))
    );
    if (failed?.keeps && isContent && !isSaid) {
      yield "said to be landed, though it failed";
    }
    return;
  }
  if (!(error instanceof TransferError)) {
    yield `an error without a kind: ${error}`;
    return;
  }
  const { kind, message, fields } = error;
  if (kind !== "io") yield `${kind}: ${message}`;
  if (typeof fields.path !== "string" || !message.includes(`"${dir}`)) {
    yield `no path in: ${message}`;
  }
  if (!isNew && !isOld) yield `neither old nor new: ${message}`;
  if (isNew && fields.target_state !== "replaced") {
    yield `new, and said to be ${fields.target_state}: ${message}`;
  }
}

/** What is wrong with the run after it. */
async function faultsAfter(
  landing: SampleLanding,
  dir: string,
  { error, written }: Outcome,
): Promise<string[]> {
  const again: string[] = [];
  try {
    await landing.land(dir, (hash) => void again.push(hash));
  } catch (second) {
    return [`the next run fails: ${second}`];
  }
  const faults: string[] = [];
  if (!holds(() => landing.requireLanded(dir))) faults.push("not landed then");
  const left = namesIn(dir).filter((name) => name !== "out");
  if (left.length > 0) faults.push(`left behind: ${left}`);
  // A full disk is given free what did not help.
  const isFull = /os error (?:28|122)\)/.test(String(error));
  const twice = again.filter((hash) => written.has(hash));
  if (twice.length > 0 && !isFull) faults.push(`${twice.length} written twice`);
  return faults;
}

async function tryCall(
  landing: SampleLanding,
  at: number,
  os: DiskError,
): Promise<string[]> {
  let faults: string[] = [];
  await inTempDir(async (dir) => {
    landing.prepare(dir);
    const outcome = await landFailing(landing, dir, at, os);
    // A system that does not let us set modes is one that has none.
    if (
      os === "EACCES" && /\.probe_.*\/Case$/.test(outcome.failed?.path ?? "")
    ) {
      return;
    }
    faults = [
      ...faultsOf(landing, dir, outcome),
      ...await faultsAfter(landing, dir, outcome),
    ];
    const { name, path = "" } = outcome.failed ?? {};
    const what = `${name} ${path.slice(dir.length)}: ${os} at ${at}`;
    faults = faults.map((fault) => `${what}: ${fault}`);
  });
  return faults;
}

/** Calls and errors to be tried. */
function* cases(calls: number): Generator<[number, DiskError], void, void> {
  const random = new Random(SEED);
  if (RUNS === "all" || RUNS === "each") {
    for (let at = 0; at < calls; at++) {
      const some = RUNS === "all" ? DISK_ERRORS : [random.pick(DISK_ERRORS)];
      for (const os of some) yield [at, os];
    }
    return;
  }
  for (let run = 0; run < Number(RUNS); run++) {
    yield [random.below(calls), random.pick(DISK_ERRORS)];
  }
}

for (const landing of SAMPLE_LANDINGS) {
  Deno.test(`${landing.name}, of which one call to the disk fails, is the old one or the new one, says so, and goes on`, async () => {
    let calls = 0;
    await inTempDir(async (dir) => {
      landing.prepare(dir);
      calls = (await landFailing(landing, dir, Infinity, "EIO")).calls;
    });
    const faults: string[] = [];
    for (const [at, os] of cases(calls)) {
      faults.push(...await tryCall(landing, at, os));
    }
    if (faults.length === 0) return;
    throw new Error(`FAULT_SEED=${SEED}:\n${faults.join("\n")}`);
  });
}
