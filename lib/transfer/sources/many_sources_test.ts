import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { blake3, verifyHash } from "../../content/mod.ts";
import {
  HashMismatchError,
  NotFoundError,
  PeerClosedError,
  ProtocolError,
  StoreError,
  TimeoutError,
} from "../../errors.ts";
import { CHUNK_SIZE, SOURCE_FAULTS_MAX } from "../../limits.ts";
import { toHex } from "../../text/hex.ts";
import { ChunkLengthError } from "../protocol/transfer_error.ts";
import type { ReceivedChunks } from "../ask/chunk_fetcher.ts";
import type { FetchSource, SourceEvent } from "./fetch_source.ts";
import { ManySources } from "./many_sources.ts";
import {
  after,
  type Answer,
  type Chunks,
  lying,
  silent,
  someChunks,
  TestReader,
} from "./testing/reader.ts";

const SIZE = 1000;
type Wanted = ReturnType<typeof someChunks>["wanted"];

/** Sources of readers, and what is told of them. */
function open(
  readers: readonly (TestReader | FetchSource["chunks"])[],
  timeoutMs?: number,
) {
  const events: SourceEvent[] = [];
  const list = readers.map((chunks, i) => ({
    name: chunks instanceof TestReader ? chunks.name : `late ${i}`,
    chunks,
  }));
  const sources = new ManySources(list, {
    timeoutMs,
    onSource: (event) => events.push(event),
  });
  const dropped = () =>
    events.flatMap((event) =>
      event.type === "source_dropped" ? [event.source] : []
    );
  return { sources, events, dropped };
}

/** Fetches chunks one by one, all at once; gives how many bytes were told of. */
async function fetchAll(
  sources: ManySources,
  wanted: Wanted,
  chunks: Chunks,
  signal?: AbortSignal,
): Promise<number> {
  let told = 0;
  const onBytes = (count: number) => told += count;
  await Promise.all(
    wanted.map((each) =>
      sources.fetchChunk(each, { onBytes, signal }, (bytes) => {
        verifyHash(bytes, each.hash);
        assertEquals(bytes, chunks.get(toHex(each.hash)));
      })
    ),
  );
  return told;
}

/** Bytes that were of use, of each source. */
function used(sources: ManySources): number[] {
  return sources.report().map(({ bytes, unused }) => Number(bytes - unused));
}

const total = (counts: number[]) => counts.reduce((a, b) => a + b, 0);

Deno.test("several sources share the work, and each one's bytes are counted", async () => {
  const { chunks, wanted } = someChunks(40, SIZE);
  const readers = [
    new TestReader("a", chunks, after(1)),
    new TestReader("b", chunks, after(1)),
  ];
  const { sources, events } = open(readers);
  await using _ = sources;
  assertEquals(await fetchAll(sources, wanted, chunks), 40 * SIZE);
  assert(readers.every(({ asked }) => asked.length > 0));
  assertEquals(total(used(sources)), 40 * SIZE);
  assertEquals(events.map(({ type }) => type), [
    "source_joined",
    "source_joined",
  ]);
});

Deno.test("a source that sends wrong bytes is asked for nothing more, and another one for the same", async () => {
  const { chunks, wanted } = someChunks(30, SIZE);
  const liar = new TestReader("liar", chunks, lying);
  const { sources, dropped } = open([liar, new TestReader("good", chunks)]);
  await using _ = sources;
  assertEquals(await fetchAll(sources, wanted, chunks), 30 * SIZE);
  assertEquals(dropped(), ["liar"]);
  const [report] = sources.report();
  assert(report.failed instanceof HashMismatchError);
  assertEquals(report.unused, report.bytes);
  assertEquals(used(sources), [0, 30 * SIZE]);
  assert(liar.asked.length < 10);
});

Deno.test("when all lie, the fetch fails with what the last one sent, and names the others", async () => {
  const { chunks, wanted } = someChunks(1, SIZE);
  const { sources, dropped } = open([
    new TestReader("a", chunks, lying),
    new TestReader("b", chunks, lying),
  ]);
  await using _ = sources;
  const error = await assertRejects(
    () => fetchAll(sources, wanted, chunks),
    HashMismatchError,
  );
  assertEquals(dropped().length, 1);
  assertMatch(`${error.hint}`, /b: blob hash mismatch.*a: blob hash mismatch/);
});

Deno.test("what one source lacks comes from another", async () => {
  const { chunks, wanted } = someChunks(20, SIZE);
  const entries = [...chunks];
  const { sources, dropped } = open([
    new TestReader("even", new Map(entries.filter((_, i) => i % 2 === 0))),
    new TestReader("odd", new Map(entries.filter((_, i) => i % 2 === 1))),
  ]);
  await using _ = sources;
  assertEquals(await fetchAll(sources, wanted, chunks), 20 * SIZE);
  assertEquals(used(sources), [10 * SIZE, 10 * SIZE]);
  assertEquals(dropped(), []);
});

Deno.test("what no source has is not found, and every source is named", async () => {
  const { chunks, wanted } = someChunks(1, SIZE);
  const none = new Map();
  const { sources } = open([
    new TestReader("a", none),
    new TestReader("b", none, () => {
      throw new TimeoutError("too late");
    }),
  ]);
  await using _ = sources;
  const error = await assertRejects(
    () => fetchAll(sources, wanted, chunks),
    NotFoundError,
  );
  assertMatch(
    error.message,
    /does not have chunk .*\(a; other sources: b: too late\)/,
  );
  const named = error.fields.sources as string[];
  assertEquals(named.length, 2);
  assertEquals(error.fields.hash, toHex(wanted[0].hash));
});

Deno.test("a source that says a chunk is longer is dropped once another one has brought it", async () => {
  const { chunks, wanted } = someChunks(8, SIZE);
  const longer: Answer = (bytes) => bytes && new Uint8Array(bytes.length + 1);
  const { sources, dropped } = open([
    new TestReader("long", chunks, longer),
    new TestReader("good", chunks),
  ]);
  await using _ = sources;
  assertEquals(await fetchAll(sources, wanted, chunks), 8 * SIZE);
  assertEquals(dropped(), ["long"]);
});

Deno.test("when all sources say that a chunk is longer, it is who published it", async () => {
  const { chunks, wanted } = someChunks(3, SIZE);
  const [odd, ...rest] = wanted;
  const { sources, dropped } = open([
    new TestReader("a", chunks),
    new TestReader("b", chunks),
  ]);
  await using _ = sources;
  await assertRejects(
    () => fetchAll(sources, [{ ...odd, size: SIZE - 1 }], chunks),
    ChunkLengthError,
  );
  assertEquals(dropped(), []);
  await fetchAll(sources, rest, chunks);
});

Deno.test("a source that is out of reach, breaks the protocol or fails again and again is dropped", async () => {
  const { chunks, wanted } = someChunks(40, SIZE);
  const cases: [Error, number][] = [
    [new PeerClosedError("gone"), 1],
    [new TimeoutError("late"), 1],
    [new ProtocolError("nonsense"), 1],
    [new StoreError("a disk has failed"), SOURCE_FAULTS_MAX],
  ];
  for (const [error, requests] of cases) {
    const bad = new TestReader("bad", chunks, () => Promise.reject(error));
    const { sources, dropped } = open([
      bad,
      new TestReader("good", chunks, after(1)),
    ]);
    await using _ = sources;
    assertEquals(await fetchAll(sources, wanted, chunks), 40 * SIZE);
    assertEquals([dropped(), bad.asked.length], [["bad"], requests]);
    assertStrictEquals(sources.report()[0].failed, error);
  }
});

Deno.test("a failure of one kind in between does not count against a source", async () => {
  const { chunks, wanted } = someChunks(30, SIZE);
  const moody: Answer = (bytes, { call }) => {
    if (call % 2 === 0) throw new StoreError("not now");
    return bytes;
  };
  const { sources, dropped } = open([
    new TestReader("moody", chunks, moody),
    new TestReader("good", chunks, after(1)),
  ]);
  await using _ = sources;
  await fetchAll(sources, wanted, chunks);
  assertEquals(dropped(), []);
});

Deno.test("what is no failure of a source ends the fetch", async () => {
  const { chunks, wanted } = someChunks(1, SIZE);
  const broken: Answer = () => {
    throw new TypeError("a fault of ours");
  };
  const { sources } = open([
    new TestReader("broken", chunks, broken),
    new TestReader("good", chunks),
  ]);
  await using _ = sources;
  await assertRejects(() => fetchAll(sources, wanted, chunks), TypeError);
});

Deno.test("what the caller fails with is not the fault of a source", async () => {
  const { chunks, wanted } = someChunks(1, SIZE);
  const { sources, dropped } = open([
    new TestReader("a", chunks),
    new TestReader("b", chunks),
  ]);
  await using _ = sources;
  const full = new StoreError("the disk is full");
  const fetching = sources.fetchChunk(wanted[0], {}, () => {
    throw full;
  });
  assertStrictEquals(await assertRejects(() => fetching), full);
  assertEquals(dropped(), []);
});

Deno.test("a fetch begins with the sources that are there, and uses those that join", async () => {
  const { chunks, wanted } = someChunks(30, SIZE);
  const late = Promise.withResolvers<TestReader>();
  const first = new TestReader("first", chunks, after(1));
  const second = new TestReader("second", chunks, after(1));
  const { sources } = open([late.promise, first]);
  await using _ = sources;
  await fetchAll(sources, wanted.slice(0, 5), chunks);
  assertEquals(used(sources), [0, 5 * SIZE]);
  late.resolve(second);
  await late.promise;
  await fetchAll(sources, wanted, chunks);
  assert(second.asked.length > 0);
});

Deno.test("what nobody has yet waits for a source that is still to come", async () => {
  const { chunks, wanted } = someChunks(2, SIZE);
  const late = Promise.withResolvers<TestReader>();
  const { sources } = open([late.promise, new TestReader("empty", new Map())]);
  await using _ = sources;
  const all = fetchAll(sources, wanted, chunks);
  late.resolve(new TestReader("full", chunks));
  assertEquals(await all, 2 * SIZE);
});

Deno.test("a source that does not come is named, and the fetch goes on without it", async () => {
  const { chunks, wanted } = someChunks(2, SIZE);
  const refused = new PeerClosedError("nobody is there");
  const { sources, dropped } = open([
    Promise.reject(refused),
    new TestReader("good", chunks),
  ]);
  await using _ = sources;
  await fetchAll(sources, wanted, chunks);
  assertEquals(dropped(), ["late 0"]);
  assertStrictEquals(sources.report()[0].failed, refused);
});

Deno.test("when no source comes, the fetch fails with why", async () => {
  const { chunks, wanted } = someChunks(2, SIZE);
  const { sources } = open([
    Promise.reject(new TimeoutError("no answer")),
    Promise.reject(new PeerClosedError("no way")),
  ]);
  await using _ = sources;
  const error = await assertRejects(() => fetchAll(sources, wanted, chunks));
  assertMatch(
    `${error}`,
    /no way \(late 1; other sources: late 0: no answer\)/,
  );
});

Deno.test("a request that another source has answered meanwhile is ended", async () => {
  const { chunks, wanted } = someChunks(20, SIZE);
  const stuck = new TestReader("stuck", chunks, silent);
  const { sources, dropped } = open([
    stuck,
    new TestReader("good", chunks, after(1)),
  ]);
  await using _ = sources;
  assertEquals(await fetchAll(sources, wanted, chunks), 20 * SIZE);
  assert(stuck.ended >= 1);
  assertEquals([used(sources), dropped()], [[0, 20 * SIZE], []]);
});

Deno.test("a source that is silent for as long as a request may be is dropped", async () => {
  const { chunks, wanted } = someChunks(60, SIZE);
  const stuck = new TestReader("stuck", chunks, silent);
  const good = new TestReader("good", chunks, after(50));
  const { sources, events } = open([stuck, good], 1);
  await using _ = sources;
  await fetchAll(sources, wanted, chunks);
  const last = events.at(-1);
  assert(last?.type === "source_dropped" && last.error instanceof TimeoutError);
});

Deno.test("an abort ends every request with its reason", async () => {
  const { chunks, wanted } = someChunks(4, SIZE);
  const readers = [
    new TestReader("a", chunks, silent),
    new TestReader("b", chunks, silent),
  ];
  const { sources } = open(readers);
  await using _ = sources;
  const controller = new AbortController();
  const all = fetchAll(sources, wanted, chunks, controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => all), reason);
  assertEquals(readers.map(({ ended }) => ended), [1, 1]);
});

Deno.test("zeros are asked of nobody", async () => {
  const zeros = new Uint8Array(CHUNK_SIZE);
  const hash = blake3(zeros);
  const reader = new TestReader("a", new Map());
  const { sources } = open([reader, new TestReader("b", new Map())]);
  await using _ = sources;
  let known = 0;
  const onZeros = (count: number) => known += count;
  const bytes = await sources.fetchChunk(
    { hash, size: CHUNK_SIZE },
    { onZeros },
    (bytes) => bytes,
  );
  assertEquals([bytes, known, reader.asked], [zeros, CHUNK_SIZE, []]);
});

Deno.test("bytes that a source sends again are told of once", async () => {
  const { chunks, wanted } = someChunks(1, SIZE);
  const again: Answer = (bytes, { onBytes }) => {
    onBytes?.(600);
    onBytes?.(-600);
    return bytes;
  };
  const { sources } = open([new TestReader("a", chunks, again)]);
  await using _ = sources;
  assertEquals(await fetchAll(sources, wanted, chunks), SIZE);
  const [{ bytes, unused }] = sources.report();
  assertEquals([bytes, unused], [BigInt(SIZE + 600), 600n]);
});

/** Fetches chunks as one batch; gives what was told of and the bytes. */
async function fetchBatch(sources: ManySources, wanted: Wanted) {
  let told = 0;
  const onBytes = (count: number) => told += count;
  const verify = ({ buffer, starts }: ReceivedChunks) =>
    wanted.map(({ hash, size }, i) => {
      const bytes = buffer.subarray(starts[i], starts[i] + size);
      verifyHash(bytes, hash);
      return bytes;
    });
  const bytes = await sources.fetchMany(wanted, { onBytes }, verify);
  return { told, bytes };
}

Deno.test("a batch that no source has as a whole comes in parts", async () => {
  const { chunks, wanted } = someChunks(30, SIZE);
  const entries = [...chunks];
  const part = (rest: number) =>
    new TestReader(
      `part ${rest}`,
      new Map(entries.filter((_, i) => i % 3 === rest)),
    );
  const { sources, dropped } = open([part(0), part(1), part(2)]);
  await using _ = sources;
  const { told, bytes } = await fetchBatch(sources, wanted);
  assertEquals(bytes, entries.map(([, bytes]) => bytes));
  assertEquals([told, total(used(sources))], [30 * SIZE, 30 * SIZE]);
  assertEquals(dropped(), []);
});

Deno.test("a batch of which a chunk is nowhere fails with that chunk", async () => {
  const { chunks, wanted } = someChunks(10, SIZE);
  const some = new Map([...chunks].filter((_, i) => i !== 4));
  const { sources } = open([
    new TestReader("a", some),
    new TestReader("b", some),
  ]);
  await using _ = sources;
  const error = await assertRejects(
    () => fetchBatch(sources, wanted),
    NotFoundError,
  );
  assertEquals(error.fields.hash, toHex(wanted[4].hash));
});

Deno.test("of a batch from several sources only who sent the wrong part is dropped", async () => {
  const { chunks, wanted } = someChunks(12, SIZE);
  const entries = [...chunks];
  const even = new Map(entries.filter((_, i) => i % 2 === 0));
  const odd = new Map(entries.filter((_, i) => i % 2 === 1));
  const { sources, dropped } = open([
    new TestReader("liar", odd, lying),
    new TestReader("even", even),
    new TestReader("odd", odd, after(20)),
  ]);
  await using _ = sources;
  for (let i = 0; i < 3; i++) {
    const { told } = await fetchBatch(sources, wanted);
    assertEquals(told, 12 * SIZE);
  }
  assertEquals(dropped(), ["liar"]);
  assertEquals(total(used(sources)), 3 * 12 * SIZE);
});

Deno.test("fetchEach does without what nobody has, and without nothing else", async () => {
  const { chunks, wanted } = someChunks(12, SIZE);
  const entries = [...chunks];
  const { sources } = open([
    new TestReader("even", new Map(entries.filter((_, i) => i % 2 === 0))),
    new TestReader("some", new Map(entries.filter((_, i) => i < 6))),
  ]);
  await using _ = sources;
  const there: number[] = [];
  const lost: number[] = [];
  await sources.fetchEach(wanted, {}, {
    use: (index, bytes) => {
      verifyHash(bytes, wanted[index].hash);
      there.push(index);
      return Promise.resolve();
    },
    lose: (index, error) => {
      assert(error instanceof NotFoundError);
      lost.push(index);
      return Promise.resolve();
    },
  });
  assertEquals(there.sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 8, 10]);
  assertEquals(lost.sort((a, b) => a - b), [7, 9, 11]);
});

Deno.test("have tells what any of the sources has, those that are still to come, too", async () => {
  const { chunks, wanted } = someChunks(3, SIZE);
  const [a, b] = [...chunks];
  const late = Promise.withResolvers<TestReader>();
  const { sources } = open([new TestReader("a", new Map([a])), late.promise]);
  await using _ = sources;
  const asking = sources.have(wanted.map(({ hash }) => hash), {});
  late.resolve(new TestReader("b", new Map([b])));
  assertEquals(await asking, [true, true, false]);
});
