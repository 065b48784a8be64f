import { assertEquals, assertRejects } from "@std/assert";
import { TransferError } from "../../errors.ts";
import { MemoryStore } from "../../store/mod.ts";
import {
  cancelTransfer,
  listTransfers,
  transferStatus,
} from "../ask/query_transfers.ts";
import { connect, type Connection } from "../testing/fixture.ts";
import { type TransferPolicy, transferProcedure } from "./transfer_policy.ts";
import { BLOB_TRANSFERS } from "../protocol/transfer_query.ts";
import { TransferRegistry } from "../protocol/transfer_registry.ts";

const HASH = new Uint8Array(32).fill(7);
/** The key that the fetching end of a memory session has. */
const CALLER = new Uint8Array(32).fill(1);
const STRANGER = new Uint8Array(32).fill(9);
const UNKNOWN = 0x42n;

/** A node with a fetch of somebody else, one of the caller, and a serving one. */
class Holder implements AsyncDisposable {
  readonly registry = new TransferRegistry();
  readonly cancelled: string[] = [];
  readonly #connection: Connection;

  constructor(policy?: TransferPolicy) {
    this.#begin("other", STRANGER);
    this.#begin("own", CALLER);
    this.#begin("served", STRANGER, "serving");
    this.#connection = connect(new MemoryStore(), {
      rpc: { [BLOB_TRANSFERS]: transferProcedure(this.registry, policy) },
    });
  }

  get session() {
    return this.#connection.session;
  }

  id(name: "other" | "own" | "served"): bigint {
    return 2n ** 61n + { other: 1n, own: 2n, served: 3n }[name];
  }

  #begin(
    name: string,
    owner: Uint8Array,
    direction: "fetching" | "serving" = "fetching",
  ): void {
    this.registry.begin(5n, HASH, () => this.cancelled.push(name), {
      direction,
      isOwnedBy: (key) => key[0] === owner[0],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

async function refused(action: () => Promise<unknown>): Promise<void> {
  const error = await assertRejects(action, TransferError);
  assertEquals(error.kind, "permission");
}

Deno.test("by default every attached peer lists without learning what others fetch, and cancels only its own", async () => {
  await using holder = new Holder();
  const { session } = holder;
  const { count, rows } = await listTransfers(session);
  assertEquals(count, 2n);
  assertEquals(rows.map((row) => row.transferId), [
    holder.id("other"),
    holder.id("own"),
  ]);
  const all = await listTransfers(session, { all: true });
  assertEquals(all.rows.map((row) => row.direction), [
    "fetching",
    "fetching",
    "serving",
  ]);
  const status = await transferStatus(session, holder.id("other"));
  const cut = new Uint8Array(32).fill(7, 0, 8);
  assertEquals(status, {
    ...holder.registry.status(holder.id("other"))!,
    hash: cut,
  });
  assertEquals(all.rows.map(({ hash }) => hash), [cut, HASH, cut]);
  assertEquals(await transferStatus(session, UNKNOWN), undefined);
  assertEquals(await cancelTransfer(session, UNKNOWN), false);
  await refused(() => cancelTransfer(session, holder.id("other")));
  await refused(() => cancelTransfer(session, holder.id("served")));
  assertEquals(await cancelTransfer(session, holder.id("own")), true);
  assertEquals(await cancelTransfer(session, holder.id("own")), false);
  assertEquals(holder.cancelled, ["own"]);
});

Deno.test("a key that may cancel ends the transfers of others", async () => {
  await using holder = new Holder({ cancel: ["none", STRANGER, CALLER] });
  assertEquals(await cancelTransfer(holder.session, holder.id("other")), true);
  assertEquals(await cancelTransfer(holder.session, holder.id("served")), true);
  assertEquals(holder.cancelled, ["other", "served"]);
});

Deno.test("another key than the named one may neither list nor cancel", async () => {
  await using holder = new Holder({ list: [STRANGER], cancel: [STRANGER] });
  const { session } = holder;
  await refused(() => listTransfers(session));
  await refused(() => transferStatus(session, holder.id("other")));
  await refused(() => cancelTransfer(session, holder.id("other")));
  assertEquals(holder.cancelled, []);
});

Deno.test("a peer that may not list learns of no id but its own", async () => {
  await using holder = new Holder({ list: ["none"] });
  const { session } = holder;
  for (const id of [UNKNOWN, holder.id("other")]) {
    await refused(() => transferStatus(session, id));
    await refused(() => cancelTransfer(session, id));
  }
  assertEquals((await transferStatus(session, holder.id("own")))?.peer, 5n);
  assertEquals(await cancelTransfer(session, holder.id("own")), true);
});

Deno.test("a key that is named sees whole hashes", async () => {
  await using holder = new Holder({ list: [CALLER] });
  const { rows } = await listTransfers(holder.session, { all: true });
  assertEquals(rows.map(({ hash }) => hash), [HASH, HASH, HASH]);
});
