import { assertEquals } from "@std/assert";
import { Id } from "../framework/output/report.ts";
import { howFar, transferFields } from "./transfers.ts";

const ROW = {
  transferId: 2n ** 64n - 1n,
  peer: 2n,
  hash: new Uint8Array(32).fill(0xab),
  bytesReceived: 1024,
  direction: "fetching",
} as const;

Deno.test("a row is printed by the names of its fields, its size when it is known", () => {
  const fields = {
    transfer_id: new Id(2n ** 64n - 1n),
    peer: new Id(2n),
    hash: "ab".repeat(32),
    bytes_received: 1024,
  };
  assertEquals(transferFields(ROW), { ...fields, total_bytes: undefined });
  assertEquals(
    transferFields({ ...ROW, totalBytes: 2048 }),
    { ...fields, total_bytes: 2048 },
  );
});

Deno.test("howFar names the whole when its size is known", () => {
  assertEquals(howFar(ROW), "1 KiB");
  assertEquals(howFar({ ...ROW, totalBytes: 2048 }), "1 KiB of 2 KiB");
});
