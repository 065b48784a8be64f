/** What is being sent can be seen and cancelled, and waits for no slow store. */

import { assert, assertEquals } from "@std/assert";
import type { HolderEvent } from "./holder_event.ts";
import type { Request } from "../protocol/request.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import { readAll, resetCode, SameStore, send } from "../testing/requests.ts";
import { connect, settle } from "../testing/fixture.ts";
import { TransferRegistry } from "../protocol/transfer_registry.ts";

const HASH = new Uint8Array(32).fill(1);
const GET: Request = { kind: "get", hash: HASH };

Deno.test("what is being sent is a row of its peer's own, and no other request is", async () => {
  const registry = new TransferRegistry();
  const bytes = new Uint8Array(1_000_000);
  await using connection = connect(new SameStore(bytes), {
    registry,
    rpc: { wait: () => new Promise(() => {}) },
  });
  const { session, holder } = connection;
  const other = new Uint8Array(32).fill(2);
  const body = new Uint8Array();
  await send(session, { kind: "rpc", name: "wait", body });
  await send(session, { kind: "have", hashes: [HASH] });
  const one = await send(session, GET);
  const many = await send(session, {
    kind: "get_many",
    hashes: [other, HASH],
  });
  await settle();
  const rows = registry.list();
  assertEquals(
    rows.map(({ direction, peer, hash, totalBytes }) => [
      ...[direction, peer, hash, totalBytes],
    ]),
    [
      ["serving", holder.remote.nodeId, HASH, bytes.length],
      ["serving", holder.remote.nodeId, other, undefined],
    ],
  );
  for (const { transferId } of rows) {
    assert(registry.isOwnedBy(transferId, holder.remote.publicKey));
    assert(!registry.isOwnedBy(transferId, other));
  }
  assertEquals(registry.list("fetching"), []);
  await one.read(new Uint8Array(100_000), 100_000);
  await settle();
  const sent = registry.status(rows[0].transferId)?.bytesReceived ?? 0;
  assert(sent >= 100_000 && sent < bytes.length, `${sent} bytes`);
  await readAll(one);
  await settle();
  assertEquals(registry.list(), [registry.status(rows[1].transferId)]);
  assert(registry.cancel(rows[1].transferId));
  assertEquals(await resetCode(many), StreamErrorCode.cancelled);
});

Deno.test("what is there goes ahead of a chunk that its store takes its time for", async () => {
  const found = Promise.withResolvers<Uint8Array>();
  const store = new SameStore(new Uint8Array(5));
  const slow = new Uint8Array(32).fill(2);
  const get = store.get.bind(store);
  store.get = (hash?: Uint8Array) => hash?.[0] === 2 ? found.promise : get();
  await using connection = connect(store);
  const { session } = connection;
  const hashes = [HASH, slow, HASH];
  const stream = await send(session, { kind: "get_many", hashes });
  const first = new Uint8Array(7);
  assertEquals(await stream.read(first, first.length), first.length);
  found.resolve(new Uint8Array(9));
  assertEquals((await readAll(stream)).length, 2 + 9 + 2 + 5);
});

Deno.test("a response whose store takes its time ends when it is cancelled, and with the holder", async () => {
  const registry = new TransferRegistry();
  const stop = new AbortController();
  const events: HolderEvent[] = [];
  const store = new SameStore(new Uint8Array());
  store.get = () => new Promise(() => {});
  await using connection = connect(store, {
    registry,
    signal: stop.signal,
    onEvent: (event) => events.push(event),
  });
  const { session, served } = connection;
  const cancelled = await send(session, GET);
  await settle();
  const [{ transferId }] = registry.list();
  assert(registry.cancel(transferId));
  assertEquals(await resetCode(cancelled), StreamErrorCode.cancelled);
  await send(session, { kind: "get_many", hashes: [HASH, HASH] });
  await settle();
  stop.abort();
  await served;
  assertEquals(registry.list(), []);
  assertEquals(events.filter(({ type }) => type === "store_error"), []);
});
