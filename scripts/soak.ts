/**
 * Many transfers from one holder, of files and trees, some of them given up and
 * some by processes that are killed: what the holder keeps must not grow.
 *
 * `deno run -A scripts/soak.ts [TRANSFERS] [SEED]`
 */

import { join } from "@std/path";
import { decodeBlobRef } from "../lib/content/mod.ts";
import { HALF_OPEN_MS, IDLE_TIMEOUT_MS } from "../lib/limits.ts";
import { fromHex } from "../lib/text/hex.ts";
import { Random } from "../lib/wire/testing/random.ts";
import {
  ephemeralIdentity,
  fetchBlob,
  fetchDir,
  Node,
  type Session,
} from "../mod.ts";
import { HolderProcess } from "./holder_process.ts";
import { noise } from "./make_tree.ts";
import { ROOT, signal, sourceProgram, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

const MIB = 2 ** 20;
/** One transfer of so many is that of a process that is killed. */
export const KILLED_EVERY = 50;
/** Fetchers at once. */
const FETCHERS = 4;
/** Milliseconds in which all of a transfer is over, whatever became of it. */
const SETTLE_MS = 300_000;
/**
 * What is left of attaching that was given up, or by a killed process, goes within
 * so many.
 */
const QUIET_MS = IDLE_TIMEOUT_MS + 10_000;

/** What a process keeps. */
export interface Kept {
  /** Descriptors. */
  readonly descriptors: number;
  /** Threads. */
  readonly threads: number;
  /** Maps and sets that are in use, and what is in them. */
  readonly tables: number;
  readonly entries: number;
  /** Timers that are to fire. */
  readonly timers: number;
  /** Bytes in use by objects, after what is not in use was collected. */
  readonly heap: number;
  /** Bytes of memory. */
  readonly rss: number;
}

/** What a soak came to. */
export interface Soak {
  readonly transfers: number;
  /** Transfers that were given up, and processes that were killed. */
  readonly aborted: number;
  readonly killed: number;
  /** What the holder kept when it had warmed up, and in the end. */
  readonly before: Kept;
  readonly after: Kept;
}

const PRELOAD = join(ROOT, "scripts/count_tables.ts");

/** The holder, and how it is asked what it keeps. */
class WatchedHolder implements AsyncDisposable {
  private constructor(
    readonly holder: HolderProcess,
    private readonly counts: string,
  ) {}

  static async start(dir: TempDir, paths: string[]): Promise<WatchedHolder> {
    const counts = dir.at("counts");
    const program = sourceProgram([
      "-A",
      "--v8-flags=--expose-gc",
      "--preload",
      PRELOAD,
    ]);
    const where = Deno.env.get("SOAK_WHERE");
    const env = { SOAK_COUNTS: counts, ...(where && { SOAK_WHERE: where }) };
    const holder = await HolderProcess.start(paths, {
      program,
      keys: dir.path,
      env,
    });
    return new WatchedHolder(holder, counts);
  }

  /** What it keeps now. */
  async kept(): Promise<Kept> {
    const { child } = this.holder;
    await Deno.remove(this.counts).catch(() => {});
    signal(child, "SIGUSR2");
    let text: string | undefined;
    while (text === undefined) {
      await pause(20);
      text = await Deno.readTextFile(this.counts).catch(() => undefined);
    }
    const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
    const number = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
    return {
      descriptors: [...Deno.readDirSync(`/proc/${child.pid}/fd`)].length,
      threads: number("Threads"),
      rss: number("VmRSS") * 1024,
      ...JSON.parse(text),
    };
  }

  /**
   * What it keeps once nothing of transfers that are over is left: no more than
   * before, or no less for so long that nothing is waited for.
   *
   * @param knock Attaches and leaves.
   */
  async settled(like: Kept, knock: () => Promise<void>): Promise<Kept> {
    const began = performance.now();
    let knocked = began;
    let last = await this.kept();
    let since = began;
    for (;;) {
      const now = performance.now();
      const isQuiet = now - since > QUIET_MS;
      if (!hasMore(last, like) || isQuiet || now - began > SETTLE_MS) {
        return last;
      }
      // Handshakes that came to nothing are forgotten at the next one.
      if (now - knocked > HALF_OPEN_MS) {
        await knock();
        knocked = performance.now();
      }
      await pause(500);
      const kept = await this.kept();
      if (hasMore(last, kept) || hasMore(kept, last)) since = performance.now();
      last = kept;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.holder[Symbol.asyncDispose]();
  }
}

/**
 * Entries that may be more by chance: two handshakes that came to nothing, which
 * a later one forgets. What is kept of each transfer would be as many as there are transfers.
 */
const LATEST = 16;

/** Whether more is kept than before, of what can be counted. */
export function hasMore(now: Kept, before: Kept): boolean {
  return now.descriptors > before.descriptors || now.timers > before.timers ||
    now.entries > before.entries + LATEST;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Fetches from a holder, whole or not. */
class Fetchers {
  aborted = 0;
  killed = 0;
  readonly #psk: Uint8Array;
  readonly #key: Uint8Array;

  constructor(
    private readonly holder: HolderProcess,
    private readonly dir: TempDir,
    private readonly random: Random,
    private readonly killedEvery: number,
  ) {
    this.#psk = fromHex(Deno.readTextFileSync(holder.pskFile).trim());
    this.#key = fromHex(holder.ready.node_pubkey);
  }

  /** Runs so many transfers, a few at once. */
  async run(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, at) => at + 1).values();
    await Promise.all(Array.from({ length: FETCHERS }, async () => {
      for (const number of numbers) await this.#transfer(number);
    }));
  }

  async #transfer(number: number): Promise<void> {
    await using place = await TempDir.make(this.dir.path);
    const what = this.random.below(2);
    if (number % this.killedEvery === 0) {
      return await this.#killOne(place, what);
    }
    const isAborted = this.random.chance(0.25);
    const abort = new AbortController();
    const timer = isAborted
      ? setTimeout(() => abort.abort(), this.random.below(60))
      : undefined;
    try {
      await this.#fetch(place, what, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) throw error;
      this.aborted++;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Attaches with a new key. */
  attach(signal?: AbortSignal): Promise<Session> {
    return Node.attach({
      address: this.holder.address,
      publicKey: this.#key,
      psk: this.#psk,
      identity: ephemeralIdentity(),
      connectTimeoutMs: 60_000,
      signal,
    });
  }

  async #fetch(
    place: TempDir,
    what: number,
    signal: AbortSignal,
  ): Promise<void> {
    await using session = await this.attach(signal);
    const ref = decodeBlobRef(fromHex(this.holder.refs[what].ref));
    if (ref === undefined) throw new Error("that is no reference");
    const fetch = what === 0 ? fetchBlob : fetchDir;
    await fetch(session, ref, place.at("out"), { fsync: false, signal });
  }

  async #killOne(place: TempDir, what: number): Promise<void> {
    const verb = what === 0
      ? ["recv-blob", "--blob-ref"]
      : ["recv-dir", "--remote-ref"];
    const [program, ...args] = [
      ...sourceProgram(),
      ...words`${verb} ${this.holder.refs[what].ref} --out ${place.at("out")}
        --limit-rate 1M --no-hash-cache ${this.holder.attach()}`,
    ];
    const quiet = { stdout: "null", stderr: "null" } as const;
    const child = new Deno.Command(program, { args, ...quiet }).spawn();
    // When something of it has come, it is in the middle of its transfer.
    const isBegun = () =>
      [...Deno.readDirSync(place.path)].some(({ name }) =>
        /fetch_[0-9a-f]{16}|partial/.test(name)
      );
    let isOver = false;
    const ended = child.status.then(() => isOver = true);
    while (!isOver && !isBegun()) await pause(5);
    await pause(this.random.below(100));
    signal(child, "SIGKILL");
    await ended;
    this.killed++;
  }
}

/**
 * Has one holder serve many transfers.
 *
 * @param transfers How many are looked at, after so many to warm up.
 * @param warmUp How many.
 * @param seed What is given up, and when.
 * @param killedEvery One of so many is of a process that is killed.
 * @param tell Told how far it is.
 */
export async function soak(
  transfers: number,
  warmUp: number,
  seed: number,
  killedEvery: number,
  tell: (line: string) => void = () => {},
): Promise<Soak> {
  await using dir = await TempDir.make();
  const blob = await dir.write("blob", noise(3 * MIB, 1));
  for (let i = 0; i < 20; i++) {
    await dir.write(`tree/d${i % 3}/f${i}`, noise(20_000 * i, i + 2));
  }
  await using watched = await WatchedHolder.start(dir, [blob, dir.at("tree")]);
  const random = new Random(seed);
  const fetchers = new Fetchers(watched.holder, dir, random, killedEvery);
  const knock = () => fetchers.attach().then((session) => session.close());
  const idle = await watched.kept();
  tell(`idle: ${JSON.stringify(idle)}`);
  await fetchers.run(warmUp);
  const before = await watched.settled(idle, knock);
  tell(`warm: ${JSON.stringify(before)}`);
  const step = Math.ceil(transfers / 10);
  for (let done = 0; done < transfers; done += step) {
    await fetchers.run(Math.min(step, transfers - done));
    tell(`${done + step}: ${JSON.stringify(await watched.kept())}`);
  }
  const after = await watched.settled(before, knock);
  const { aborted, killed } = fetchers;
  return { transfers: transfers + warmUp, aborted, killed, before, after };
}

if (import.meta.main) {
  const [transfers = "2000", seed = String(Date.now() % 1e9)] = Deno.args;
  console.log(`seed ${seed}`);
  const warmUp = Math.ceil(Number(transfers) / 10);
  const rest = Number(transfers) - warmUp;
  const result = await soak(
    rest,
    warmUp,
    Number(seed),
    KILLED_EVERY,
    console.log,
  );
  console.log(result);
  if (hasMore(result.after, result.before)) Deno.exit(1);
}
