import { assertEquals } from "@std/assert";
import type { DownloadRow, TransferRow } from "../../transfer/mod.ts";
import { PLAIN } from "../framework/terminal/paint.ts";
import { downloadsLine, downloadsOf, downloadsPage } from "./download_rows.ts";

const MIB = 2 ** 20;

const SERVED: DownloadRow = {
  name: "photos\x1b[2J",
  peer: 5n,
  address: "192.0.2.1:7",
  bytes: 5 * MIB,
  totalBytes: 10 * MIB,
  sinceMs: 2000,
};

const chunk = (bytesReceived: number, totalBytes?: number): TransferRow => ({
  transferId: 1n,
  direction: "fetching",
  peer: 9n,
  hash: new Uint8Array(32),
  bytesReceived,
  ...(totalBytes !== undefined && { totalBytes }),
});

Deno.test("a download is a row with its percent, rate, name and peer", () => {
  const { name: _, totalBytes: __, ...unknown } = SERVED;
  const rows = downloadsOf(
    [chunk(MIB, 4 * MIB), chunk(MIB, 4 * MIB)],
    [SERVED, { ...unknown, address: "" }],
  );
  assertEquals(
    downloadsPage(rows, PLAIN).split("\n"),
    [
      "percent  sent      rate        name             peer",
      " 25%        2 MiB           -  -                from node 9",
      " 50%        5 MiB  2.50 MiB/s  photos\\u{1b}[2J  to 192.0.2.1:7",
      "   -        5 MiB  2.50 MiB/s  -                to node 5",
    ],
  );
  assertEquals(
    downloadsLine(rows),
    "25% of chunks from node 9; 50% of photos\\u{1b}[2J to 192.0.2.1:7; 5 MiB of chunks to node 5",
  );
});

Deno.test("chunks of unknown size have no percent, and nothing is no row", () => {
  const [download] = downloadsOf([chunk(MIB, MIB), chunk(MIB)]);
  assertEquals([download.bytes, download.totalBytes], [2 * MIB, undefined]);
  assertEquals(downloadsPage([], PLAIN), "no downloads");
});
