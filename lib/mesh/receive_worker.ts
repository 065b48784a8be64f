/**
 * The thread that receives: it reads a socket into a ring in shared memory and
 * does nothing else, so that no pause of the main thread fills the socket.
 * Bundled by `deno task bundle-worker`.
 */

import { DatagramRing } from "./datagram_ring.ts";

/** What the main side sends once. */
export interface ReceiveOrder {
  memory: SharedArrayBuffer;
  hostname: string;
  port: number;
}

/** Longest datagram there is. */
const RECEIVE_BYTES = 65_536;
/** Milliseconds between two looks for room: the socket keeps what comes meanwhile. */
const FULL_MS = 1;

interface Scope {
  onmessage: ((event: MessageEvent<ReceiveOrder>) => void) | null;
}

(globalThis as unknown as Scope).onmessage = async ({ data }) => {
  const { memory, hostname, port } = data;
  const ring = new DatagramRing(memory);
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname,
    port,
    reuseAddress: true,
  });
  const buffer = new Uint8Array(RECEIVE_BYTES);
  for (;;) {
    const [bytes, from] = await socket.receive(buffer);
    while (!ring.put(bytes, from as Deno.NetAddr)) {
      await new Promise((resolve) => setTimeout(resolve, FULL_MS));
    }
  }
};
