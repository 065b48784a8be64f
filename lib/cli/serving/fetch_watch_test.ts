import { assertEquals, assertStringIncludes } from "@std/assert";
import { makeManifest, makeSmall } from "../../content/mod.ts";
import type { RemotePeer, TicketContent } from "../../mesh/mod.ts";
import type { PublishedRef } from "../../store/mod.ts";
import type { NodeEvent } from "../../transfer/mod.ts";
import { FetchWatch, PublishedChunks } from "./fetch_watch.ts";

const MIB = 2 ** 20;
const hash = (byte: number) => new Uint8Array(32).fill(byte);

const counts = { changed: 0, vanished: 0, unreadable: 0, skipped: 0 };

const REFS: PublishedRef[] = [
  {
    path: "a/photos",
    kind: "dir",
    ref: makeSmall("x", hash(1), 100),
    size: BigInt(10 * MIB),
    counts,
  },
  {
    path: "film",
    size: BigInt(4 * MIB + 1),
    kind: "blob",
    ref: makeManifest("x", { kind: "replicated" }, [
      { hash: hash(2), size: 4 * MIB },
      { hash: hash(3), size: 1 },
    ]),
    counts,
  },
];
const CONTENTS: TicketContent[] = [
  { kind: "dir", name: "photos", form: "inline", hash: hash(1), size: 100 },
  {
    kind: "blob",
    name: "film\x1b[2J",
    form: "indirect",
    hash: hash(4),
    size: 9,
  },
];

function peer(id: number): RemotePeer {
  return {
    nodeId: BigInt(id),
    publicKey: hash(id),
    address: `192.0.2.${id}:9`,
  };
}

/** A watch on a clock of its own, and what it prints. */
function watching() {
  const lines: string[] = [];
  let time = 0;
  const watch = new FetchWatch({
    chunks: new PublishedChunks(REFS, CONTENTS),
    line: (text) => lines.push(text),
    now: () => time,
    clock: () => "12:00:00",
  });
  const tell = (id: number, ...events: NodeEvent[]) => {
    for (const event of events) watch.onEvent(event, peer(id));
  };
  return { watch, lines, tell, pass: (ms: number) => time += ms };
}

const ATTACHED: NodeEvent = { type: "attached", congestion: "bbr" };
const get = (byte: number): NodeEvent => ({
  type: "request",
  stream: 1,
  request: { kind: "get", hash: hash(byte) },
});
const sent = (bytes: number): NodeEvent => ({ type: "sent", stream: 1, bytes });
const LEFT: NodeEvent = {
  type: "detached",
  close: { by: "peer", code: 0, reason: "" },
};

Deno.test("a fetch has a line when it begins and when it ends, and a row between", () => {
  const { watch, lines, tell, pass } = watching();
  tell(1, ATTACHED);
  assertEquals([lines, watch.rows(80)], [[], ""]);
  tell(1, get(1), sent(MIB));
  watch.rows(80);
  pass(2000);
  tell(1, sent(4 * MIB));
  assertEquals(
    watch.rows(80),
    " 50%  5.00 MiB / 10 MiB  2.00 MiB/s     0:03  photos to 192.0.2.1:9",
  );
  assertEquals(watch.downloads(), [{
    peer: 1n,
    publicKey: hash(1),
    address: "192.0.2.1:9",
    name: "photos",
    bytes: 5 * MIB,
    totalBytes: 10 * MIB,
    sinceMs: 2000,
  }]);
  tell(1, LEFT);
  assertEquals(watch.downloads(), []);
  assertEquals(lines, [
    "12:00:00  192.0.2.1:9 fetches photos",
    "12:00:00  192.0.2.1:9 got 5 MiB of photos in 2.0 s (2.50 MiB/s)",
  ]);
  assertEquals(watch.rows(80), "");
  assertEquals(watch.summary(), "served 1 fetch, 5 MiB");
});

Deno.test("time in which nothing is asked for does not count for the pace", () => {
  const { lines, tell, pass } = watching();
  const answered = (stream: number): NodeEvent => ({
    type: "answered",
    stream,
    bytes: MIB,
    chunks: 1,
    missing: 0,
  });
  tell(1, ATTACHED, get(1));
  pass(500);
  tell(1, sent(MIB), answered(1));
  // Its user is asked whether to go on.
  pass(60_000);
  tell(1, get(1));
  pass(500);
  tell(1, sent(MIB), answered(7), answered(1));
  pass(1000);
  tell(1, LEFT);
  assertEquals(
    lines.at(-1),
    "12:00:00  192.0.2.1:9 got 2 MiB of photos in 1.0 s (2 MiB/s)",
  );
});

Deno.test("a fetch is known by any chunk of a reference, by the chunk that holds it, or not at all", () => {
  for (
    const [byte, name] of [[3, "film"], [4, "film"], [9, "chunks"]] as const
  ) {
    const { lines, tell } = watching();
    tell(1, ATTACHED, get(byte));
    assertStringIncludes(lines[0], `fetches ${name}`);
    assertEquals(lines[0].includes("\x1b"), false);
  }
});

Deno.test("a node with several sessions is one fetch, which ends with the last", () => {
  const { watch, lines, tell } = watching();
  tell(1, ATTACHED, ATTACHED, get(1), LEFT);
  assertEquals(lines.length, 1);
  tell(1, LEFT);
  assertEquals(lines.length, 2);
  assertEquals(watch.rows(80), "");
});

Deno.test("a fetch that is lost is said to be, with what was sent", () => {
  const { lines, tell } = watching();
  const close = {
    by: "timeout",
    code: 0,
    reason: "the peer is silent",
  } as const;
  tell(1, ATTACHED, get(1), sent(MIB), { type: "detached", close });
  assertEquals(
    lines[1],
    "12:00:00  192.0.2.1:9 got 1 MiB of photos in 0 ms, lost: the peer is silent",
  );
});

Deno.test("nodes that fetch nothing are not spoken of", () => {
  const { watch, lines, tell } = watching();
  const request = { kind: "rpc", name: "x", body: hash(0) } as const;
  tell(1, ATTACHED, { type: "request", stream: 1, request }, sent(9), LEFT);
  assertEquals([lines, watch.summary()], [[], undefined]);
});

Deno.test("many fetches take a few rows, the last of which counts the others", () => {
  const { watch, tell } = watching();
  for (let id = 1; id <= 9; id++) tell(id, ATTACHED, get(1));
  const rows = watch.rows(40).split("\n");
  assertEquals(rows.length, 6);
  assertEquals(rows.at(-1), "and 4 more fetches");
});
