import { assertEquals } from "@std/assert";
import type { RemotePeer } from "../../mesh/mod.ts";
import type { NodeEvent } from "../../transfer/mod.ts";
import { FetchLedger, type NumberedChunks } from "./fetch_ledger.ts";

const LENGTH = 1000;
const hash = (byte: number) => new Uint8Array(32).fill(byte);

/** A share of four chunks, of which one is empty. */
const CHUNKS: NumberedChunks = {
  chunkNumbers: 4,
  numberOf: (wanted) => wanted[0] < 4 ? wanted[0] : undefined,
  sizeOf: (wanted) => wanted[0] === 3 ? 0 : LENGTH,
  *chunks() {
    for (const number of [0, 1, 2, 3]) {
      const length = number === 3 ? 0 : LENGTH;
      yield { number, hash: hash(number), length };
    }
  },
};

function peer(id: number): RemotePeer {
  return {
    nodeId: BigInt(id),
    publicKey: hash(id),
    address: `192.0.2.${id}:9`,
  };
}

/** A ledger, whom it has counted, and how peers do something. */
function ledger() {
  const counted: bigint[] = [];
  const made = new FetchLedger(CHUNKS, ({ nodeId }) => counted.push(nodeId));
  const peers = [0, 1, 2, 3, 4, 5].map(peer);
  const tell = (id: number, ...events: NodeEvent[]) => {
    for (const event of events) made.onEvent(event, peers[id]);
  };
  let stream = 0;
  return {
    counted,
    attach: (id: number) => tell(id, { type: "attached", congestion: "bbr" }),
    leave: (id: number) =>
      tell(id, {
        type: "detached",
        close: { by: "peer", code: 0, reason: "" },
      }),
    /** Asks for chunks; `bytes` of the response leave. */
    get: (id: number, numbers: number[], bytes = numbers.length * LENGTH) => {
      stream++;
      const request = { kind: "get_many", hashes: numbers.map(hash) } as const;
      tell(id, { type: "request", stream, request });
      tell(id, { type: "sent", stream, bytes });
      const isWhole = bytes >= numbers.length * LENGTH;
      tell(
        id,
        isWhole
          ? {
            type: "answered",
            stream,
            bytes,
            chunks: numbers.length,
            missing: 0,
          }
          : { type: "failed", stream, code: 0 as never, error: "gone" },
      );
    },
    claim: (id: number) => made.claim(peers[id]),
    isWhole: (id: number) => made.isWhole(peers[id]),
  };
}

Deno.test("a fetch counts once all chunks were sent to one peer, when it says so or leaves", () => {
  const { attach, get, claim, leave, counted, isWhole } = ledger();
  attach(1);
  get(1, [0, 1]);
  assertEquals([claim(1), isWhole(1)], [false, false]);
  get(1, [2]);
  assertEquals([isWhole(1), counted], [true, []]);
  assertEquals([claim(1), claim(1), counted], [true, true, [1n]]);
  leave(1);
  attach(2);
  get(2, [0, 1, 2]);
  leave(2);
  assertEquals(counted, [1n, 2n]);
});

Deno.test("who goes on with what an earlier run left has that run counted in", () => {
  const { attach, get, claim, leave, counted, isWhole } = ledger();
  attach(1);
  get(1, [0]);
  // Of a request that is broken off the first chunks have arrived.
  get(1, [1, 2], 1500);
  leave(1);
  attach(2);
  get(2, [2]);
  assertEquals([claim(2), isWhole(2), counted], [true, true, [2n]]);
});

Deno.test("several that were sent the same part each have not been sent all", () => {
  const { attach, get, claim, leave, counted } = ledger();
  for (const id of [1, 2, 3, 4]) {
    attach(id);
    get(id, [0, 1], 1900);
    assertEquals(claim(id), false);
    leave(id);
  }
  attach(5);
  get(5, [0, 1]);
  assertEquals([claim(5), counted], [false, []]);
});

Deno.test("a run that was killed is counted in when its session has timed out", () => {
  const { attach, get, claim, leave, counted } = ledger();
  attach(1);
  get(1, [0, 1]);
  attach(2);
  get(2, [2]);
  assertEquals(claim(2), false);
  leave(2);
  assertEquals(counted, []);
  leave(1);
  assertEquals(counted, [2n]);
});

Deno.test("what has been counted in once is used up", () => {
  const { attach, get, claim, leave, counted } = ledger();
  attach(1);
  get(1, [0, 1]);
  leave(1);
  for (const id of [2, 3]) {
    attach(id);
    get(id, [2]);
  }
  assertEquals([claim(2), claim(3), counted], [true, false, [2n]]);
});

Deno.test("nobody is helped by what is sent to others meanwhile", () => {
  const { attach, get, claim, leave, counted } = ledger();
  attach(1);
  get(1, [0, 1]);
  attach(2);
  get(2, [2]);
  assertEquals(claim(2), false);
  leave(2);
  assertEquals(counted, []);
});
