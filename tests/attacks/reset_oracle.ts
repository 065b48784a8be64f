import { concat } from "@std/bytes/concat";
import { TransferError } from "../../lib/errors.ts";
import { formatAddress } from "../../lib/mesh/address.ts";
import { ephemeralIdentity, Node, type Session } from "../../lib/mesh/mod.ts";
import {
  attachOptions,
  echo,
  exchange,
  listen,
  nextStream,
  plainSocket,
  readAll,
  send,
} from "../../lib/mesh/testing/echo_node.ts";
import { RelayedPair, RelayHub } from "../../lib/mesh/testing/relay_hub.ts";
import { noise } from "../../scripts/make_tree.ts";
import type { Attack } from "./attack.ts";

const CONTENT = Uint8Array.of(1, 2, 3);
/** Sizes of packets that are to draw a reset, which is shorter than they are. */
const SIZES = [40, 100, 1200];
/** Byte 0 of a Stateless Reset. */
const RESET = 5;
const isTransport = (packet: Uint8Array) => (packet[0] & 0xc0) === 0x40;

/** All packets that a node answers a connection id with. */
async function ask(node: Node, id: Uint8Array): Promise<Uint8Array[]> {
  const { socket } = plainSocket();
  const answers: Uint8Array[] = [];
  const reading = (async () => {
    for await (const [packet] of socket) answers.push(packet.slice());
  })();
  for (const size of SIZES) {
    const packet = concat([Uint8Array.of(0x40), id, noise(size, size)]);
    await socket.send(packet, { transport: "udp", ...node.address });
  }
  // A session of its own afterwards: what came before it was looked at.
  await using session = await Node.attach(attachOptions(node));
  await exchange(session, CONTENT);
  socket.close();
  await reading;
  return answers;
}

/** Somebody between a client and a node, who passes all on and sees it. */
async function tapped(node: Node) {
  const [front, inner] = [plainSocket(), plainSocket()];
  const ids: Uint8Array[] = [];
  let client: Deno.Addr | undefined;
  const running = [
    (async () => {
      for await (const [packet, from] of front.socket) {
        client = from;
        if (isTransport(packet)) ids.push(packet.slice(1, 9));
        const to = { transport: "udp" as const, ...node.address };
        await inner.socket.send(packet, to);
      }
    })(),
    (async () => {
      for await (const [packet] of inner.socket) {
        if (client !== undefined) await front.socket.send(packet, client);
      }
    })(),
  ];
  const session = await Node.attach({
    ...attachOptions(node),
    address: formatAddress(front.address),
    keepMs: 0,
  });
  return {
    session,
    /** The id by which the node knows the session. */
    id: () => ids[0],
    /** Sends as the node. */
    forge: async (packet: Uint8Array) => {
      await front.socket.send(packet, client!);
    },
    async [Symbol.asyncDispose]() {
      await session.close();
      front.socket.close();
      inner.socket.close();
      await Promise.all(running);
    },
  };
}

/** Whether a session still carries what `talk` sends; an end is none. */
async function lives(talk: () => Promise<unknown>): Promise<boolean> {
  try {
    await talk();
    return true;
  } catch (error) {
    if (error instanceof TransferError) return false;
    throw error;
  }
}

/** Another process of the same identity is asked about a session of this one. */
async function bySibling(): Promise<string[]> {
  const identity = ephemeralIdentity();
  await using node = await listen(echo, { identity });
  await using sibling = await listen(echo, { identity });
  await using path = await tapped(node);
  await exchange(path.session, CONTENT);
  const answers = [
    ...await ask(sibling, path.id()),
    ...await ask(node, path.id()),
  ];
  for (const answer of answers) await path.forge(answer);
  const alive = await lives(() => exchange(path.session, CONTENT));
  const resets = answers.filter(([type]) => type === RESET).length;
  return [
    ...(resets === 0 ? [] : [`a sibling signed ${resets} resets`]),
    ...(alive ? [] : ["a sibling's reset ended the session"]),
  ];
}

/** The relay asks the node, at its own port, about a session through itself. */
async function byRelay(): Promise<string[]> {
  const hub = new RelayHub();
  await using pair = await RelayedPair.of(hub);
  const { holder, client } = pair;
  await using node = await listen(echo, { identity: holder });
  const ids: Uint8Array[] = [];
  hub.treat = (packet) => {
    if (packet.to === holder.nodeId && isTransport(packet.bytes)) {
      ids.push(packet.bytes.slice(1, 9));
    }
    return [packet];
  };
  const session = await pair.connect();
  const accepted = await pair.accept();
  const talk = async (from: Session, to: Session) => {
    const arriving = nextStream(to).then(readAll);
    await send(from, CONTENT);
    await arriving;
  };
  await talk(session, accepted);
  const answers = await ask(node, ids[0]);
  for (const bytes of answers) {
    hub.deliver({ from: holder.nodeId, to: client.nodeId, bytes });
  }
  const alive = await lives(() => talk(session, accepted));
  const resets = answers.filter(([type]) => type === RESET).length;
  return [
    ...(resets === 0 ? [] : [`the node signed ${resets} resets for the relay`]),
    ...(alive ? [] : ["the relay ended the session with one"]),
  ];
}

export const attack: Attack = {
  name: "reset_oracle",
  claim:
    "Nobody who sees a session has another process, or the node's other port, sign its end.",
  async run() {
    const faults = [...await bySibling(), ...await byRelay()];
    return {
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : "ids seen on the way drew no reset from another process of the " +
          "same identity, nor from the port of a node behind a relay; both " +
          "sessions live",
    };
  },
};
