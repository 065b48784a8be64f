import { delay } from "@std/async";
import { DenoSocket } from "./deno_socket.ts";

/**
 * Datagrams under way at once, short and long ones: they fit every system's
 * buffer.
 */
const BATCH_SHORT = 32;
const BATCH_LONG = 3;
/** Bytes of a short datagram at most. */
const SHORT = 1500;
/** Milliseconds after which what has not come is given up. */
const LATE_MS = 500;

/** How fast datagrams pass through sockets of this process. */
export interface SocketFigures {
  /** Bytes in a second. */
  readonly sendRate: number;
  readonly receiveRate: number;
  readonly datagrams: number;
  /** What the system dropped of them, if it says. */
  readonly drops: number | undefined;
}

/**
 * Measures how fast datagrams are sent and received, one after the other, over
 * loopback.
 *
 * @throws {PermissionError} When the process may not use such sockets.
 */
export async function measureSocket(
  forMs: number,
  datagramBytes: number,
): Promise<SocketFigures> {
  const from = DenoSocket.bind("127.0.0.1", 0);
  const to = DenoSocket.bind("127.0.0.1", 0);
  try {
    return await measure(from, to, forMs, datagramBytes);
  } finally {
    from.close();
    to.close();
  }
}

async function measure(
  from: DenoSocket,
  to: DenoSocket,
  forMs: number,
  datagramBytes: number,
): Promise<SocketFigures> {
  const batch = datagramBytes > SHORT ? BATCH_LONG : BATCH_SHORT;
  const bytes = new Uint8Array(datagramBytes);
  const over = new AbortController();
  let datagrams = 0;
  let sendingMs = 0;
  let receivingMs = 0;
  let received = 0;
  let arrived = Promise.withResolvers<void>();
  const receiving = to.receive((got, segmentSize) => {
    received += Math.ceil(got.length / segmentSize);
    if (received >= batch) arrived.resolve();
  });
  // A datagram that never comes would be waited for without an end.
  const late = delay(forMs + LATE_MS, { signal: over.signal }).then(
    () => arrived.resolve(),
    () => {},
  );
  while (sendingMs + receivingMs < forMs) {
    const start = performance.now();
    for (let i = 0; i < batch; i++) {
      await from.send(bytes, bytes.length, to.local);
    }
    const sent = performance.now();
    await arrived.promise;
    if (received < batch) break;
    received = 0;
    arrived = Promise.withResolvers<void>();
    datagrams += batch;
    sendingMs += sent - start;
    receivingMs += performance.now() - sent;
  }
  const { drops } = to;
  over.abort();
  await late;
  to.close();
  await receiving;
  const rate = (ms: number) =>
    ms > 0 ? datagrams * datagramBytes / ms * 1000 : 0;
  return {
    datagrams,
    drops,
    sendRate: rate(sendingMs),
    receiveRate: rate(receivingMs),
  };
}
