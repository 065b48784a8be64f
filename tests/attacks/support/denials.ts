/**
 * What one client may do so that others are not served, on real sockets: for
 * `scripts/measure_attacks.ts`, which tells what it costs whom. Nothing here
 * judges; the programs beside do, without a clock.
 */

import { CHUNK_SIZE, DATAGRAM_MIN, GET_MANY_MAX } from "../../../lib/limits.ts";
import {
  ephemeralIdentity,
  Node,
  type Session,
} from "../../../lib/mesh/mod.ts";
import {
  encodePathProbe,
  PATH_PROBE,
} from "../../../lib/transfer/protocol/path_probe.ts";
import {
  encodeRequest,
  type Request,
} from "../../../lib/transfer/protocol/request.ts";
import {
  BLOB_TRANSFERS,
  transferQuery,
} from "../../../lib/transfer/protocol/transfer_query.ts";
import { encodeFrames, type Frame } from "../../../lib/wire/testing/frames.ts";
import { type Flood, flood } from "./flood.ts";
import { shortHashes } from "./holder_of_chunks.ts";
import {
  addressOf,
  AttackerSocket,
  type Victim,
  WireClient,
} from "./wire_client.ts";

/** Whom it is done to. */
export interface Target extends Victim {
  /** A chunk that it has. */
  readonly hash: Uint8Array;
}

/** Runs until its signal is aborted; leaves its sessions to the stack. */
export type Denial = (
  target: Target,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
  ready: () => void,
) => Promise<void>;

/** Streams that a hand-made client asks on. */
const STREAMS = 16;
/** Requests that a client of the library has under way. */
const AT_ONCE = 64;
/** Milliseconds between two goes. */
const TICK_MS = 10;
const NOTHING = new Uint8Array(0);

const sessions: Session[] = [];

/** What all of it has sent. */
export function attackerCost(): { packets: number; bytes: number } {
  const cost = { ...AttackerSocket.sent };
  for (const { stats } of sessions) {
    cost.packets += stats.packetsSent;
    cost.bytes += stats.bytesSent;
  }
  return cost;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

function ask(id: number, request: Request): Frame {
  return {
    type: "stream",
    id,
    offset: 0,
    data: encodeRequest(request),
    fin: true,
  };
}

async function clients(
  target: Target,
  count: number,
  keys: number,
  stack: AsyncDisposableStack,
  parameters = {},
): Promise<WireClient[]> {
  const identities = Array.from({ length: keys }, () => ephemeralIdentity());
  const all: WireClient[] = [];
  for (let i = 0; i < count; i++) {
    const identity = identities[i % keys];
    all.push(stack.use(await WireClient.attach(target, identity, parameters)));
  }
  return all;
}

/** Clients that ask for chunks, and then do something again and again. */
function asking(
  count: number,
  keys: number,
  everyMs: number,
  again: (client: WireClient, round: number) => Frame[],
  parameters = {},
): Denial {
  return async (target, stack, signal, ready) => {
    const { hash } = target;
    const all = await clients(target, count, keys, stack, parameters);
    for (const client of all) {
      for (let j = 0; j < STREAMS; j++) {
        await client.send(ask(4 * j, { kind: "get", hash }));
      }
    }
    ready();
    for (let round = 0; !signal.aborted; round++) {
      await pause(everyMs, signal);
      for (const client of all) {
        const frames = again(client, round);
        if (frames.length > 0) await client.send(...frames);
      }
    }
  };
}

/** Every stream may be sent so many bytes. */
function limits(bytes: number): Frame[] {
  return Array.from(
    { length: STREAMS },
    (_, i) => ({ type: "max_stream_data", id: 4 * i, limit: bytes }),
  );
}

/** An ACK of everything but the packets that came first with content. */
function ackButOne(client: WireClient): Frame[] {
  const ranges = client.received.ranges().map((range) => ({ ...range }))
    .map(({ start, end }) => ({ start: Math.max(start, 8), end }))
    .filter(({ start, end }) => start <= end).slice(0, 60);
  client.take();
  return ranges.length === 0 ? [] : [{ type: "ack", ranges, delay: 0 }];
}

/** One client of the library that makes requests as fast as they are answered. */
function requesting(
  requestOf: (target: Target, index: number) => Request,
  count = 1,
  atOnce = AT_ONCE,
): Denial {
  return async (target, stack, signal, ready) => {
    const identity = ephemeralIdentity();
    const asking: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      const session = stack.use(await Node.attach({ ...target, identity }));
      sessions.push(session);
      let index = 0;
      const run = async () => {
        const target_ = new Uint8Array(1 << 18);
        while (!signal.aborted) {
          const stream = await session.openStream({ signal });
          await stream.write(encodeRequest(requestOf(target, index++)));
          stream.finish();
          while (!signal.aborted && await stream.read(target_) > 0);
        }
      };
      for (let j = 0; j < atOnce; j++) {
        asking.push(
          run().catch((error) => {
            if (!signal.aborted) console.error(String(error));
          }),
        );
      }
    }
    ready();
    await Promise.all(asking);
  };
}

/** One hand-made client that sends frames, so many packets in a second. */
function frames(
  packetsPerSecond: number,
  frameOf: (index: number) => Frame,
  bytes = 1100,
): Denial {
  return async (target, stack, signal, ready) => {
    let [client] = await clients(target, 1, 1, stack);
    ready();
    const start = performance.now();
    let index = 0;
    for (let sent = 0; !signal.aborted;) {
      const due = (performance.now() - start) / 1000 * packetsPerSecond;
      for (; sent < due && !signal.aborted; sent++) {
        const some: Frame[] = [];
        let length = 0;
        do {
          const frame = frameOf(index++);
          some.push(frame);
          length += encodeFrames(frame).length;
        } while (length < bytes);
        await client.send(...some);
      }
      if (client.take().some(({ type }) => type === "close")) {
        [client] = await clients(target, 1, 1, stack);
        index = 0;
      }
      await pause(TICK_MS, signal);
    }
  };
}

/** Packets of no session, so many megabits of them in a second. */
function flooding(kind: Flood["kind"], megabits: number): Denial {
  return async (target, _stack, signal, ready) => {
    const { publicKey, psk } = target;
    const to = addressOf(target);
    const { packets } = await flood(
      { kind, to, publicKey, psk, megabits, addresses: 1 },
      async () => {
        ready();
        while (!signal.aborted) await pause(1000, signal);
      },
    );
    AttackerSocket.sent.packets += packets;
    AttackerSocket.sent.bytes += packets * DATAGRAM_MIN;
  };
}

let shortOnes: Uint8Array[] | undefined;
const knownShort = () => shortOnes ??= shortHashes();

const unknown = (index: number) =>
  Array.from({ length: GET_MANY_MAX }, (_, i) => {
    const hash = new Uint8Array(32);
    new DataView(hash.buffer).setUint32(0, index * GET_MANY_MAX + i);
    return hash;
  });

const probe = (bytes: number): Request => ({
  kind: "rpc",
  name: PATH_PROBE,
  body: encodePathProbe({ kind: "download", bytes }),
});

/** By what they are called in the table. */
export const DENIALS: Record<string, Denial> = {
  "nothing": (_target, _stack, signal, ready) => {
    ready();
    return pause(60_000, signal);
  },
  "8 sessions of 8 keys that acknowledge nothing": asking(8, 8, 500, () => []),
  "64 sessions of a key that acknowledge nothing": asking(64, 1, 500, () => []),
  "64 sessions of 64 keys that acknowledge nothing": asking(
    64,
    64,
    500,
    () => [],
  ),
  "500 sessions of 500 keys that acknowledge nothing": asking(
    500,
    500,
    500,
    () => [],
  ),
  "64 keys whose windows open by 3 bytes": asking(
    64,
    64,
    50,
    (client, round) => [client.ack(), ...limits(3 * round)],
    { initialMaxStreamData: 1 },
  ),
  "64 keys that acknowledge three times a second": asking(
    64,
    64,
    330,
    (client, round) => [client.ack(), ...limits(2 ** 18 + 2 ** 16 * round)],
  ),
  "16 keys that never acknowledge one packet": asking(
    16,
    16,
    TICK_MS,
    ackButOne,
    { initialMaxStreamData: 2 ** 24 },
  ),
  "noise as long as an Initial": flooding("junk", 20),
  "noise like transport packets": flooding("ids", 20),
  "Initials with noise inside": flooding("garbage", 20),
  "the same with a cookie": flooding("cookies", 20),
  "one Initial over and over": flooding("replay", 20),
  "one-byte pieces with gaps": frames(500, (index) => ({
    type: "stream",
    id: 4 * (index % STREAMS),
    offset: 1 + 2 * Math.floor(index / STREAMS),
    data: Uint8Array.of(1),
    fin: false,
  })),
  "32 sessions with 64 half requests each": async (
    target,
    stack,
    signal,
    ready,
  ) => {
    const all = await clients(target, 32, 32, stack);
    const data = new Uint8Array(513);
    ready();
    while (!signal.aborted) {
      for (const client of all) {
        for (let j = 0; j < 64; j += 2) {
          const half = (id: number): Frame => (
            { type: "stream", id, offset: 0, data, fin: false }
          );
          await client.send(half(4 * j), half(4 * j + 4));
        }
      }
      await pause(1000, signal);
    }
  },
  "streams opened and reset": frames(500, (index) => {
    const id = 4 * Math.floor(index / 2);
    return index % 2 === 0
      ? { type: "stream", id, offset: 0, data: Uint8Array.of(4), fin: false }
      : { type: "reset_stream", id, code: 1, finalSize: 1 };
  }, 200),
  "PING frames, full packets": frames(2000, () => ({ type: "ping" })),
  "PING frames, one in a packet": frames(5000, () => ({ type: "ping" }), 1),
  "MAX_DATA frames, full packets": frames(
    2000,
    (index) => ({ type: "max_data", limit: 2 ** 24 + index }),
  ),
  "PATH_CHALLENGE frames, full packets": frames(
    2000,
    () => ({ type: "path_challenge", data: new Uint8Array(8) }),
  ),
  "RELAY frames to nobody": frames(
    5000,
    () => ({ type: "relay", nodeId: 5n, payload: new Uint8Array(1000) }),
    1000,
  ),
  "attaching, asking and leaving": async (target, stack, signal, ready) => {
    const { hash } = target;
    ready();
    const run = async () => {
      while (!signal.aborted) {
        const [client] = await clients(target, 1, 1, stack);
        await client.send(ask(0, { kind: "get", hash }));
        await pause(20, signal);
        const reason = "";
        await client.send({
          type: "close",
          application: true,
          code: 0,
          reason,
        });
        client[Symbol.dispose]();
      }
    };
    await Promise.all(Array.from({ length: 4 }, run));
  },
  "ranges of one byte": requesting(({ hash }, index) => ({
    kind: "get_range",
    hash,
    offset: BigInt(index * 4099 % CHUNK_SIZE),
    length: 1n,
  })),
  "Have of 1024 unknown hashes": requesting(
    (_, index) => ({ kind: "have", hashes: unknown(index) }),
  ),
  "GetMany of 1024 unknown hashes": requesting(
    (_, index) => ({ kind: "get_many", hashes: unknown(index) }),
  ),
  "Get of an unknown hash": requesting(
    (_, index) => ({ kind: "get", hash: unknown(index)[0] }),
  ),
  "GetMany of 1024 short files": requesting(
    () => ({ kind: "get_many", hashes: knownShort() }),
  ),
  "Get of a short file": requesting(
    (_, index) => ({ kind: "get", hash: knownShort()[index % 1024] }),
  ),
  "calls of blob.transfers": requesting(() => ({
    kind: "rpc",
    name: BLOB_TRANSFERS,
    body: transferQuery.encode({ kind: "list", all: true }),
  })),
  "calls of no procedure": requesting(
    () => ({ kind: "rpc", name: "nothing", body: NOTHING }),
  ),
  "path.probe downloads": requesting(() => probe(2 ** 26), 1, 4),
  "path.probe uploads": requesting(
    () => ({
      kind: "rpc",
      name: PATH_PROBE,
      body: encodePathProbe({ kind: "upload", bytes: new Uint8Array(61_440) }),
    }),
    1,
    16,
  ),
  "16 fetches by one key": requesting(
    ({ hash }) => ({ kind: "get", hash }),
    16,
    2,
  ),
};
