/**
 * Measures what an honest client gets beside each way of denying it, and what it
 * costs whom: prints rows of the table in docs/threat_model.md.
 *
 * `deno run -A scripts/measure_attacks.ts [--rounds=N] [PART OF A NAME…]`
 *
 * Undisturbed and beside the attack alternate, and the middle of the ratios
 * counts, as other programs of the machine disturb, too: of the rate, and of the
 * holder's processor time, which they do not disturb. The attack runs with the
 * least priority where there is `nice`: in truth it has a machine of its own.
 */

import {
  attachOptionsOfHolder,
  type Honest,
  honestFetch,
  rssOf,
} from "../tests/attacks/support/beside.ts";
import { attackerCost, DENIALS } from "../tests/attacks/support/denials.ts";
import {
  hashesOf,
  holderOfChunks,
} from "../tests/attacks/support/holder_of_chunks.ts";
import { fromHex, toHex } from "../lib/text/hex.ts";
import type { HolderProcess } from "./holder_process.ts";

/** Milliseconds that an attack has before the honest client comes. */
const SETTLE_MS = 2000;
/** How long an honest client waits. */
const PATIENCE_MS = 60_000;
/** A file that is so old, in milliseconds, need not be hashed again for each. */
const CLEAN_MS = 2500;
/** Clock ticks in a second, as /proc tells processor time. */
const TICKS = 100;

/** Milliseconds of processor time that a process has used; 0 where unknown. */
function cpuOf(pid: number): number {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      .slice(11, 13).map(Number);
    return (user + system) * 1000 / TICKS;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** The attack in a process of its own. */
class AttackProcess {
  readonly #child: Deno.ChildProcess;
  readonly #said: ReadableStreamDefaultReader<string>;

  private constructor(name: string, holder: HolderProcess) {
    const { address, publicKey, psk } = attachOptionsOfHolder(holder);
    const target = [address, toHex(publicKey), toHex(psk)];
    const [hash] = hashesOf(holder);
    const program = new URL(import.meta.url).pathname;
    const command = [
      ...["nice", "-n", "19", Deno.execPath(), "run", "-A", "--no-check"],
      ...["--quiet", program, "--attack", name, ...target, toHex(hash)],
    ];
    this.#child = new Deno.Command(command[0], {
      args: command.slice(1),
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#said = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** Starts it and waits until it is under way. */
  static async start(
    name: string,
    holder: HolderProcess,
  ): Promise<AttackProcess> {
    const attack = new AttackProcess(name, holder);
    await attack.#said.read();
    return attack;
  }

  /** Ends it and tells what it has sent. */
  async end(): Promise<{ packets: number; bytes: number }> {
    await this.#child.stdin.close();
    const { value } = await this.#said.read();
    await this.#child.status;
    return value === undefined ? { packets: 0, bytes: 0 } : JSON.parse(value);
  }
}

/** What an honest client got, and what the holder needed meanwhile. */
interface Fetched extends Honest {
  /** Milliseconds of processor time. */
  readonly cpu: number;
}

async function fetched(holder: HolderProcess): Promise<Fetched> {
  const before = cpuOf(holder.child.pid);
  const honest = await served(holder);
  return { ...honest, cpu: cpuOf(holder.child.pid) - before };
}

const NOT_SERVED: Honest = { rate: 0, attachMs: PATIENCE_MS };

/** What the honest client got; a rate of 0 when it is not served. */
async function served(holder: HolderProcess): Promise<Honest> {
  const late = new Promise<Honest>((resolve) => {
    const timer = setTimeout(() => resolve(NOT_SERVED), PATIENCE_MS);
    Deno.unrefTimer(timer);
  });
  const fetching = honestFetch(holder).catch((error) => {
    console.error(`the honest client failed: ${error}`);
    return NOT_SERVED;
  });
  return await Promise.race([fetching, late]);
}

async function measure(name: string, rounds: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const holder = await holderOfChunks(stack, CLEAN_MS);
  const { pid } = holder.child;
  let rss = 0;
  const watch = setInterval(() => rss = Math.max(rss, rssOf(pid)), 50);
  stack.defer(() => clearInterval(watch));
  await served(holder);
  const shares: number[] = [];
  const work: number[] = [];
  const attach: number[] = [];
  const cpu: number[] = [];
  const packets: number[] = [];
  const bytes: number[] = [];
  let before = await fetched(holder);
  for (let round = 0; round < rounds; round++) {
    const attack = await AttackProcess.start(name, holder);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const [used, began] = [cpuOf(pid), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 1000));
    cpu.push((cpuOf(pid) - used) / (performance.now() - began));
    const attacked = await fetched(holder);
    const seconds = (performance.now() - began + SETTLE_MS) / 1000;
    const cost = await attack.end();
    packets.push(cost.packets / seconds);
    bytes.push(cost.bytes / seconds);
    const after = await fetched(holder);
    shares.push(2 * attacked.rate / (before.rate + after.rate));
    attach.push(attacked.attachMs);
    work.push((before.cpu + after.cpu) / 2 / Math.max(1, attacked.cpu));
    before = after;
  }
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const kb = (bytes: number) => `${(bytes / 1000).toPrecision(2)} kB/s`;
  console.log(
    [
      "",
      name,
      `${percent(middle(shares))} (${
        [...shares].sort((a, b) => a - b).map(percent).join(", ")
      })`,
      percent(middle(work)),
      `${Math.round(middle(attach))} ms`,
      `${Math.round(rss / 1e6)} MB`,
      `${Math.round(middle(packets))} packets/s, ${kb(middle(bytes))}`,
      `${Math.round(1000 * middle(cpu))} ms of processor/s`,
      "",
    ].join(" | ").trim(),
  );
}

/** The attacker's process: goes on until its standard input ends. */
async function attack(args: readonly string[]): Promise<void> {
  const [name, address, publicKey, psk, hash] = args;
  const controller = new AbortController();
  const stack = new AsyncDisposableStack();
  const running = DENIALS[name](
    {
      address,
      publicKey: fromHex(publicKey),
      psk: fromHex(psk),
      hash: fromHex(hash),
    },
    stack,
    controller.signal,
    () => console.log("ready"),
  ).catch((error) => {
    if (!controller.signal.aborted) console.error(`the attack ended: ${error}`);
  });
  await Deno.stdin.read(new Uint8Array(1));
  controller.abort();
  await Promise.race([running, new Promise((done) => setTimeout(done, 1000))]);
  console.log(JSON.stringify(attackerCost()));
  Deno.exit();
}

if (Deno.args[0] === "--attack") await attack(Deno.args.slice(1));
else {
  const parts = Deno.args.filter((arg) => !arg.startsWith("--"));
  const rounds = Deno.args.find((arg) => arg.startsWith("--rounds="));
  for (const name of Object.keys(DENIALS)) {
    if (parts.length > 0 && !parts.some((part) => name.includes(part))) {
      continue;
    }
    await measure(name, Number(rounds?.split("=")[1] ?? 3));
  }
  Deno.exit();
}
