import { delay } from "@std/async";
import { Keyring, Node, Relay, type Session } from "../../lib/mesh/mod.ts";
import { echo, exchange, listen } from "../../lib/mesh/testing/echo_node.ts";
import { noise } from "../../scripts/make_tree.ts";
import type { Attack } from "./attack.ts";
import {
  addressOf,
  AttackerSocket,
  initiatorFor,
  WireClient,
} from "./support/wire_client.ts";

const ANN = noise(32, 1);
const BEN = noise(32, 2);
/** Keys that are revoked, each at another moment of the attacks with it. */
const RUNS = Number(Deno.env.get("ATTACK_RUNS") ?? 12);
/** Attacks with one key at the same time. */
const TRIES = 6;
/** For an answer that has left to be read. */
const SILENCE_MS = 200;
const BYTES = noise(1000, 3);

/** Whether anything comes back on a session. */
async function isServed(session: Session): Promise<boolean> {
  try {
    return (await exchange(session, BYTES)).length === BYTES.length;
  } catch {
    return false;
  }
}

/**
 * Attaches as fast as it can with a key that is revoked meanwhile.
 *
 * @returns How many sessions were served after that.
 */
async function race(index: number): Promise<number> {
  const keyring = new Keyring();
  keyring.add("ann", ANN);
  const relay = new Relay();
  await using node = await listen(echo, { psk: keyring, relay });
  const { publicKey } = node;
  const address = `127.0.0.1:${node.address.port}`;
  const over = new AbortController();
  const sessions: Session[] = [];
  const attacks = Array.from({ length: TRIES }, async () => {
    while (!over.signal.aborted) {
      const session = await Node.attach({
        address,
        publicKey,
        psk: ANN,
        keepMs: 0,
        connections: 1,
        connectTimeoutMs: 1000,
        signal: over.signal,
      }).catch(() => undefined);
      if (session !== undefined) sessions.push(session);
    }
  });
  while (sessions.length === 0) await delay(1);
  // The moments in which handshakes of before are half done.
  for (let turn = 0; turn < index % 16; turn++) await delay(0);
  keyring.revoke("ann");
  await delay(SILENCE_MS);
  over.abort();
  await Promise.all(attacks);
  const served = await Promise.all(sessions.map(isServed));
  await Promise.all(sessions.map((session) => session.close()));
  return served.filter(Boolean).length;
}

/** What a peer has kept of the time before: packets, a half-done handshake, ids. */
async function remains(): Promise<string[]> {
  const faults: string[] = [];
  const keyring = new Keyring();
  keyring.add("ann", ANN);
  keyring.add("ben", BEN);
  await using node = await listen(echo, { psk: keyring });
  const { publicKey } = node;
  const address = `127.0.0.1:${node.address.port}`;
  const kept = (await initiatorFor({ publicKey, psk: ANN })).packet();
  const fresh = (await initiatorFor({ publicKey, psk: ANN })).packet();
  using half = new AttackerSocket(addressOf({ address }));
  await half.send(kept);
  if (await half.next(5000) === undefined) faults.push("it got no answer");
  using whole = await WireClient.attach({ address, publicKey, psk: ANN });
  if (!await whole.isAlive()) faults.push("it had no session");
  keyring.revoke("ann");
  const isClosed = () => whole.said.some(({ type }) => type === "close");
  const end = performance.now() + 60_000;
  while (!isClosed() && performance.now() < end) await delay(10);
  if (!isClosed()) faults.push("its session lives");
  using later = new AttackerSocket(addressOf({ address }));
  for (const packet of [kept, fresh]) await later.send(packet);
  if (await later.next(SILENCE_MS) !== undefined) {
    faults.push("its Initials are answered");
  }
  using other = await WireClient.attach({ address, publicKey, psk: BEN });
  if (!await other.isAlive()) faults.push("another key is shut out, too");
  return faults;
}

export const attack: Attack = {
  name: "revoked_key",
  claim:
    "Who has a PSK that is revoked is out, whatever was half done, and gets in by nothing of before; others stay.",
  async run() {
    const faults = await remains();
    let served = 0;
    for (let i = 0; i < RUNS; i++) served += await race(i);
    if (served > 0) faults.push(`${served} sessions were served afterwards`);
    return {
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : `${RUNS} keys revoked amid attaches, no session served afterwards; ` +
          "kept packets meet silence",
    };
  },
};
