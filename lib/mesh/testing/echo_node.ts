/** Nodes on loopback and what tests do with their streams. */

import { concat } from "@std/bytes/concat";
import { formatAddress } from "../address.ts";
import { ephemeralIdentity } from "../identity.ts";
import { type ListenOptions, Node } from "../node.ts";
import type { BidiStream, Session } from "../session.ts";

/** Pre-shared key of every node here. */
export const PSK: Uint8Array = new Uint8Array(32).fill(7);

/** Reads a stream to its end. */
export async function readAll(stream: BidiStream): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = new Uint8Array(65_536);
    const n = await stream.read(part);
    if (n === 0) return concat(parts);
    parts.push(part.subarray(0, n));
  }
}

/** Opens a stream and sends `bytes` and the end on it. */
export async function send(
  session: Session,
  bytes: Uint8Array,
): Promise<BidiStream> {
  const stream = await session.openStream();
  await stream.write(bytes);
  stream.finish();
  return stream;
}

/** The next stream that the peer opens; `undefined` when the session is over. */
export async function nextStream(session: Session): Promise<BidiStream> {
  const streams = session.incomingStreams()[Symbol.asyncIterator]();
  return (await streams.next()).value;
}

/** Sends `bytes` on a stream of its own and reads what comes back. */
export async function exchange(
  session: Session,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const stream = await session.openStream();
  const answer = readAll(stream);
  await stream.write(bytes);
  stream.finish();
  return await answer;
}

/** Sends everything back on each stream. */
export async function echo(session: Session): Promise<void> {
  for await (const stream of session.incomingStreams()) {
    (async () => {
      const bytes = await readAll(stream);
      stream.setPriority("bulk");
      await stream.write(bytes);
      stream.finish();
    })().catch(() => stream.reset(1));
  }
}

/** Listens on a free port and hands each session to `handle`. */
export async function listen(
  handle: (session: Session) => Promise<void> = echo,
  options: Partial<ListenOptions> = {},
): Promise<Node> {
  const node = await Node.listen({
    address: "127.0.0.1:0",
    psk: PSK,
    identity: ephemeralIdentity(),
    ...options,
  });
  (async () => {
    for await (const session of node.sessions()) {
      handle(session).catch(() => session.close());
    }
  })();
  return node;
}

/** What it takes to attach to `node`. */
export function attachOptions(
  node: Node,
): { address: string; publicKey: Uint8Array; psk: Uint8Array } {
  return {
    address: formatAddress(node.address),
    publicKey: node.publicKey,
    psk: PSK,
  };
}

/** A plain UDP socket on loopback, and where it is. */
export function plainSocket(): {
  socket: Deno.DatagramConn;
  address: Deno.NetAddr;
} {
  const hostname = "127.0.0.1";
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  return { socket, address: socket.addr as Deno.NetAddr };
}
