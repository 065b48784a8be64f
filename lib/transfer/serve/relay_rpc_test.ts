import { assertEquals, assertRejects } from "@std/assert";
import {
  HandshakeError,
  NotFoundError,
  PermissionError,
  StoreError,
  TransferError,
} from "../../errors.ts";
import { ephemeralIdentity, type RemotePeer } from "../../mesh/mod.ts";
import { MemoryStore } from "../../store/mod.ts";
import { RELAY_RESOLVE, relayProcedure, resolveRelayed } from "./relay_rpc.ts";
import type { RpcHandler } from "./rpc_handler.ts";
import { connect } from "../testing/fixture.ts";

const HOLDER = ephemeralIdentity();
const PEER: RemotePeer = {
  nodeId: HOLDER.nodeId,
  publicKey: HOLDER.x25519Public,
  address: "192.0.2.1:7700",
};
const RELAY = {
  find: (nodeId: bigint) => nodeId === PEER.nodeId ? PEER : undefined,
};

function connectTo(handler: RpcHandler | undefined) {
  const rpc: Record<string, RpcHandler> = {};
  if (handler !== undefined) rpc[RELAY_RESOLVE] = handler;
  return connect(new MemoryStore(), { rpc });
}

Deno.test("a relay tells the key of an attached node", async () => {
  await using pair = connectTo(relayProcedure(RELAY));
  assertEquals(await resolveRelayed(pair.session, PEER.nodeId), PEER.publicKey);
});

Deno.test("a relay does not know a node that is not attached, and both ids are named", async () => {
  await using pair = connectTo(relayProcedure(RELAY));
  const relayId = pair.session.remote.nodeId;
  const error = await assertRejects(
    () => resolveRelayed(pair.session, 5n),
    NotFoundError,
    `node 5 is not attached to relay ${relayId}`,
  );
  assertEquals(error.fields, { peer: 5n, relay: relayId });
});

for (const handler of [undefined, relayProcedure(undefined)]) {
  Deno.test(`a node that ${handler ? "refuses to relay" : "knows nothing of relays"} is no relay`, async () => {
    await using pair = connectTo(handler);
    await assertRejects(
      () => resolveRelayed(pair.session, PEER.nodeId),
      PermissionError,
      "does not relay",
    );
  });
}

Deno.test("a key with another id is refused, as is one of another length", async () => {
  const other = ephemeralIdentity().x25519Public;
  for (const key of [other, new Uint8Array(0), PEER.publicKey.subarray(1)]) {
    await using pair = connectTo(() => Promise.resolve(key));
    await assertRejects(
      () => resolveRelayed(pair.session, PEER.nodeId),
      HandshakeError,
      "has another id",
    );
  }
});

Deno.test("what a relay writes in a failure does not turn it into a refusal", async () => {
  await using pair = connectTo(() =>
    Promise.reject(new StoreError("the disk knows no procedure"))
  );
  const error = await assertRejects(
    () => resolveRelayed(pair.session, PEER.nodeId),
    TransferError,
  );
  assertEquals(error.kind, "store");
});
