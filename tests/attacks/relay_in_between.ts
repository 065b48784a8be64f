import { concat } from "@std/bytes/concat";
import { equals } from "@std/bytes/equals";
import { TimeoutError } from "../../lib/errors.ts";
import { ephemeralIdentity, type Session } from "../../lib/mesh/mod.ts";
import { nextStream, readAll, send } from "../../lib/mesh/testing/echo_node.ts";
import {
  type HubPacket,
  RelayedPair,
  RelayHub,
} from "../../lib/mesh/testing/relay_hub.ts";
import { pattern } from "../../lib/wire/testing/bytes.ts";
import { Random } from "../../lib/wire/testing/random.ts";
import { type Attack, attackRuns } from "./attack.ts";

const BYTES = 60_000;
/** What a relay must not come to know. */
const SECRET = new TextEncoder().encode(
  "a very recognisable secret of thirty-nine",
);
/** Of the Initial that makes a session. */
const INITIAL = 1;

/** What a relay makes of a packet, knowing all that passed it. */
type Trick = (
  packet: HubPacket,
  random: Random,
  seen: readonly HubPacket[],
) => HubPacket[];

const swapped = (packet: HubPacket): HubPacket => ({
  ...packet,
  from: packet.to,
  to: packet.from,
});

const TRICKS: Record<string, Trick> = {
  "passes all on": (packet) => [packet],
  alters: (packet, random) => {
    const bytes = packet.bytes.slice();
    bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    return [{ ...packet, bytes }];
  },
  invents: (packet, random) => {
    const rest = random.bytes(packet.bytes.length - 9);
    const bytes = concat([packet.bytes.subarray(0, 9), rest]);
    return [{ ...packet, bytes }, packet];
  },
  cuts: (packet, random) => {
    const bytes = packet.bytes.slice(0, random.below(packet.bytes.length));
    return [{ ...packet, bytes }];
  },
  drops: () => [],
  replays: (packet, random, seen) => [packet, packet, random.pick(seen)],
  "sends back": (packet) => [swapped(packet), packet],
  "splices two": (packet, random, seen) => {
    const other = random.pick(seen).bytes;
    const at = random.below(packet.bytes.length);
    const bytes = concat([packet.bytes.subarray(0, at), other.subarray(at)]);
    return bytes.length === 0 ? [] : [{ ...packet, bytes }, packet];
  },
  "names another sender": (packet) => [{ ...packet, from: 77n }, packet],
  "leads to another target": (packet) => [{ ...packet, to: 77n }],
};

/** Sends bytes on a stream and reads them at the other end. */
async function arrives(
  from: Session,
  to: Session,
  bytes: Uint8Array,
): Promise<boolean> {
  const arriving = nextStream(to).then(readAll);
  await send(from, bytes);
  return equals(await arriving, bytes);
}

/**
 * A session through a relay that plays a trick.
 *
 * @returns What is wrong with it.
 */
async function play(trick: Trick, seed: number): Promise<string[]> {
  const random = new Random(seed);
  const seen: HubPacket[] = [];
  const hub = new RelayHub();
  hub.treat = (packet) => {
    seen.push({ ...packet, bytes: packet.bytes.slice() });
    return random.chance(0.15) ? trick(packet, random, seen) : [packet];
  };
  await using pair = await RelayedPair.of(hub);
  const session = await pair.connect();
  // A session that leads elsewhere ends by itself, when nothing is heard.
  const accepted = await Promise.race([
    pair.accept(),
    session.closed.then(() => undefined),
  ]);
  if (accepted === undefined) return ["the session went elsewhere"];
  const faults: string[] = [];
  if (!equals(session.remote.publicKey, pair.holder.x25519Public)) {
    faults.push("the client is attached to somebody else");
  }
  if (!equals(accepted.remote.publicKey, pair.client.x25519Public)) {
    faults.push("the holder has somebody else for the client");
  }
  if (!await arrives(session, accepted, SECRET)) faults.push("other content");
  if (!await arrives(session, accepted, pattern(BYTES))) {
    faults.push("other content");
  }
  if (!await arrives(accepted, session, pattern(BYTES, 1))) {
    faults.push("other content back");
  }
  if (seen.some(({ bytes }) => holds(bytes, SECRET))) faults.push("it read");
  // All that it has, once more: none of it makes a session or ends one.
  hub.treat = (packet) => [packet];
  for (const packet of seen) hub.deliver(packet);
  if (!await arrives(session, accepted, SECRET)) faults.push("it ended");
  if (pair.accepted !== 1) faults.push(`${pair.accepted} sessions`);
  return faults;
}

/** A relay that answers as the holder itself, with keys of its own. */
async function impersonate(): Promise<string[]> {
  const hub = new RelayHub();
  await using pair = await RelayedPair.of(hub);
  const { x25519Public: publicKey } = ephemeralIdentity();
  try {
    // The client knows the true holder's key; the one that answers has another.
    await pair.connect({ publicKey, budgetMs: 500 });
    return ["it is taken for the holder"];
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    return pair.accepted === 0 ? [] : ["the holder took the session"];
  }
}

/** Packets of one session for the ends of another. */
async function reroute(): Promise<string[]> {
  const seen: HubPacket[] = [];
  const first = new RelayHub();
  first.treat = (packet) => {
    seen.push({ ...packet, bytes: packet.bytes.slice() });
    return [packet];
  };
  {
    await using pair = await RelayedPair.of(first);
    const session = await pair.connect();
    await arrives(session, await pair.accept(), pattern(BYTES));
  }
  const second = new RelayHub();
  await using pair = await RelayedPair.of(second);
  const session = await pair.connect();
  const accepted = await pair.accept();
  const [holder, client] = [pair.holder.nodeId, pair.client.nodeId];
  for (const { bytes } of seen) {
    second.deliver({ from: client, to: holder, bytes });
    second.deliver({ from: holder, to: client, bytes });
  }
  const whole = await arrives(session, accepted, pattern(BYTES));
  const made = seen.filter(({ bytes }) => bytes[0] === INITIAL).length;
  return [
    ...(whole ? [] : ["packets of another session were taken"]),
    ...(made > 0 && pair.accepted === 1 ? [] : [`${pair.accepted} sessions`]),
  ];
}

function holds(bytes: Uint8Array, wanted: Uint8Array): boolean {
  for (let at = 0; at + wanted.length <= bytes.length; at++) {
    if (equals(bytes.subarray(at, at + wanted.length), wanted)) return true;
  }
  return false;
}

export const attack: Attack = {
  name: "relay_in_between",
  claim:
    "The relay between two nodes reads nothing, changes nothing, and is taken for neither of them.",
  async run() {
    const runs = attackRuns(1);
    const faults: string[] = [];
    for (const [name, trick] of Object.entries(TRICKS)) {
      for (let seed = 1; seed <= runs; seed++) {
        const found = await play(trick, seed);
        faults.push(...found.map((fault) => `${name} (${seed}): ${fault}`));
      }
    }
    faults.push(...await impersonate(), ...await reroute());
    return {
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : `${Object.keys(TRICKS).length} kinds of relays, one that poses as ` +
          "the holder and one that mixes sessions: content whole both ways, " +
          "nothing read, one session each",
    };
  },
};
