import { assertEquals, assertRejects } from "@std/assert";
import { TransferError } from "../../errors.ts";
import { MemoryStore } from "../../store/mod.ts";
import { listDownloads } from "../ask/list_downloads.ts";
import { NODE_DOWNLOADS } from "../protocol/download_query.ts";
import { connect } from "../testing/fixture.ts";
import {
  downloadProcedure,
  type ServedDownload,
} from "./download_procedure.ts";
import type { Principal } from "./transfer_policy.ts";

const ROW: ServedDownload = {
  name: "photos",
  peer: 7n,
  address: "192.0.2.1:7",
  bytes: 5,
  totalBytes: 10,
  sinceMs: 1000,
  publicKey: new Uint8Array(32).fill(9),
};

/** What a peer is told under a policy. */
async function told(permitted?: readonly Principal[]) {
  const rpc = { [NODE_DOWNLOADS]: downloadProcedure(() => [ROW], permitted) };
  await using connection = connect(new MemoryStore(), { rpc });
  return await listDownloads(connection.session);
}

Deno.test("where others are is for those that a list names", async () => {
  const { publicKey: _, ...row } = ROW;
  assertEquals(await told(["psk"]), [row]);
  assertEquals(await told(), [{ ...row, address: "" }]);
  const refused = await assertRejects(() => told(["none"]), TransferError);
  assertEquals(refused.kind, "permission");
});

Deno.test("a node that knows no such procedure has no list to tell", async () => {
  await using connection = connect(new MemoryStore(), {});
  assertEquals(await listDownloads(connection.session), undefined);
});
