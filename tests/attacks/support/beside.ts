/** What an attack costs those who do nothing wrong. */

import {
  ephemeralIdentity,
  fetchBlobStream,
  fromHex,
  Node,
  parseRef,
} from "../../../mod.ts";
import type { HolderProcess } from "../../../scripts/holder_process.ts";

/** Memory that a holder may need whatever single clients do, in bytes. */
export const RSS_MAX = 600 * 2 ** 20;
/** Share of its undisturbed rate that an honest client must keep. */
export const RATE_SHARE_MIN = 0.5;

/** What an honest client saw. */
export interface Beside {
  /** Undisturbed, in bytes per second. */
  alone: number;
  /** Under attack. */
  attacked: number;
  /** `attacked / alone`. */
  share: number;
  /** Most memory of the holder's process during the attack, in bytes; 0 where the system does not tell. */
  rss: number;
}

/** What it takes to attach to a holder's process. */
export function attachOptionsOfHolder(holder: HolderProcess) {
  const psk = Deno.readTextFileSync(holder.pskFile).trim();
  return {
    address: holder.address,
    publicKey: fromHex(holder.ready.node_pubkey),
    psk: fromHex(psk),
  };
}

/** Bytes of memory that a process has now; 0 where the system does not tell. */
export function rssOf(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/**
 * Fetches what the holder serves first with a key of its own, once.
 *
 * @returns Bytes per second.
 */
export async function honestRate(holder: HolderProcess): Promise<number> {
  const began = performance.now();
  await using session = await Node.attach({
    ...attachOptionsOfHolder(holder),
    identity: ephemeralIdentity(),
  });
  let bytes = 0;
  const content = fetchBlobStream(session, parseRef(holder.refs[0].ref));
  for await (const part of content) bytes += part.length;
  return bytes / (performance.now() - began) * 1000;
}

/**
 * The rate of an honest client of `holder`, which must serve one file first,
 * undisturbed and while `attack` runs.
 *
 * Undisturbed is measured before and after it, as other programs of the
 * machine disturb too.
 *
 * @param attack Runs until its signal is aborted; it may also end before.
 * @param settleMs How long it runs before the honest client comes.
 */
export async function beside(
  holder: HolderProcess,
  attack: (signal: AbortSignal) => Promise<unknown>,
  settleMs = 1000,
): Promise<Beside> {
  await honestRate(holder);
  const before = await honestRate(holder);
  let rss = 0;
  const watch = setInterval(() => {
    rss = Math.max(rss, rssOf(holder.child.pid));
  }, 50);
  const controller = new AbortController();
  const running = attack(controller.signal);
  let attacked = 0;
  try {
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    attacked = await honestRate(holder);
  } finally {
    controller.abort();
    await running;
    clearInterval(watch);
  }
  const after = await honestRate(holder);
  const alone = (before + after) / 2;
  return { alone, attacked, share: attacked / alone, rss };
}

/** Figures for a verdict's line. */
export function describeBeside(
  { alone, attacked, share, rss }: Beside,
): string {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(0);
  return `an honest client got ${mb(attacked)} MB/s beside it, ${mb(alone)} ` +
    `alone (${(100 * share).toFixed(0)} %), the holder needed at most ${
      mb(rss)
    } MB`;
}
