import { delay } from "@std/async";
import {
  ephemeralIdentity,
  Keyring,
  Node,
  Relay,
  type Session,
} from "../../lib/mesh/mod.ts";
import { echo, exchange, listen } from "../../lib/mesh/testing/echo_node.ts";
import { noise } from "../../scripts/make_tree.ts";
import type { Attack } from "./attack.ts";

const PSK = noise(32, 1);
const CODE = noise(32, 2);
const BYTES = noise(1000, 3);
/** More than a node takes. */
const SESSIONS = 64;
const PACKETS = 50;
/** For an answer that will not come. */
const SILENCE_MS = 300;

export const attack: Attack = {
  name: "scoped_session",
  claim:
    "Who knows no more than the first part of a code reaches the exchange of the code, and nothing else of the node.",
  async run() {
    const faults: string[] = [];
    const keyring = new Keyring();
    keyring.add("psk", PSK);
    keyring.add("code", CODE, { scope: "meeting" });
    const relay = new Relay();
    let others = 0;
    await using node = await listen((session) => {
      if (session.remote.psk !== "psk") others++;
      return echo(session);
    }, { psk: keyring, relay });
    const { publicKey } = node;
    const attach = (psk: Uint8Array, identity = ephemeralIdentity()) =>
      Node.attach({
        address: `127.0.0.1:${node.address.port}`,
        publicKey,
        psk,
        identity,
        keepMs: 0,
        connections: 1,
      });
    const known = ephemeralIdentity();
    await using friend = await attach(PSK, known);
    await exchange(friend, BYTES);
    const crowd: Session[] = [];
    for (let i = 0; i < SESSIONS; i++) crowd.push(await attach(CODE));
    const [first] = crowd;
    const isServed = await Promise.race([
      exchange(first, BYTES).then(() => true, () => false),
      delay(SILENCE_MS).then(() => false),
    ]);
    if (isServed || others > 0) faults.push("its requests are served");
    for (const { carrier } of crowd.slice(0, 4)) {
      for (let i = 0; i < PACKETS; i++) {
        await carrier?.sendRelay(known.nodeId, noise(100, i));
      }
      await carrier?.relayFlushed();
    }
    await exchange(friend, BYTES);
    const { forwarded } = relay.stats;
    if (forwarded > 0) faults.push(`${forwarded} of its packets are relayed`);
    const late = await Promise.all(
      Array.from({ length: 8 }, () => attach(PSK)),
    );
    for (const session of late) {
      const got = await exchange(session, BYTES).catch(() => BYTES.subarray(1));
      if (got.length !== BYTES.length) faults.push("it takes others' room");
      await session.close();
    }
    for (const session of crowd) await session.close();
    return {
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : `${SESSIONS} sessions by the first part of a code: none served, ` +
          "nothing relayed, others attach",
    };
  },
};
