/** What an honest client of a holder gets, and what the holder takes. */

import {
  ephemeralIdentity,
  fetchBlobStream,
  fromHex,
  Node,
  parseRef,
} from "../../../mod.ts";
import type { HolderProcess } from "../../../scripts/holder_process.ts";

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

/** What an honest client got. */
export interface Honest {
  /** Bytes per second, from when it was attached. */
  readonly rate: number;
  /** Milliseconds until it was. */
  readonly attachMs: number;
}

/** Fetches what the holder serves first with a key of its own, once. */
export async function honestFetch(holder: HolderProcess): Promise<Honest> {
  const began = performance.now();
  await using session = await Node.attach({
    ...attachOptionsOfHolder(holder),
    identity: ephemeralIdentity(),
  });
  const attached = performance.now();
  let bytes = 0;
  const content = fetchBlobStream(session, parseRef(holder.refs[0].ref));
  for await (const part of content) bytes += part.length;
  const rate = bytes / (performance.now() - attached) * 1000;
  return { rate, attachMs: attached - began };
}
