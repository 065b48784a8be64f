import { assertEquals, assertThrows } from "@std/assert";
import { DOWNLOAD_ROWS_MAX } from "../../limits.ts";
import {
  decodeDownloads,
  type DownloadRow,
  encodeDownloads,
} from "./download_query.ts";
import { ProtocolError } from "../../errors.ts";

const ROW: DownloadRow = {
  peer: 2n ** 63n + 1n,
  address: "192.0.2.1:7",
  bytes: 5,
  sinceMs: 1000,
};

Deno.test("a list of downloads is read back, known or not", () => {
  const rows = [ROW, { ...ROW, name: "日本\n", totalBytes: 2 ** 52 }];
  assertEquals(decodeDownloads(encodeDownloads(rows)), rows);
  assertEquals(decodeDownloads(encodeDownloads([])), []);
});

Deno.test("of too many downloads only the first are told", () => {
  const rows = Array.from({ length: DOWNLOAD_ROWS_MAX + 9 }, () => ROW);
  assertEquals(
    decodeDownloads(encodeDownloads(rows)).length,
    DOWNLOAD_ROWS_MAX,
  );
});

Deno.test("a list that is too long, cut, or of what cannot be is refused", () => {
  const whole = encodeDownloads([{ ...ROW, name: "x".repeat(255) }]);
  for (let length = 0; length < whole.length; length += 7) {
    assertThrows(() => decodeDownloads(whole.slice(0, length)), ProtocolError);
  }
  const long = encodeDownloads([{ ...ROW, name: "x".repeat(256) }]);
  assertThrows(() => decodeDownloads(long), ProtocolError);
  const wrong = encodeDownloads([ROW]);
  wrong[1] = 2;
  assertThrows(() => decodeDownloads(wrong), ProtocolError);
});
