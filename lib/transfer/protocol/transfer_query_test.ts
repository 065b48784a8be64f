import { assertEquals, assertThrows } from "@std/assert";
import { fromHex, toHex } from "../../content/mod.ts";
import { RPC_ANSWER_MAX, TRANSFER_ROWS_MAX } from "../../limits.ts";
import { ProtocolError } from "./transfer_error.ts";
import {
  decodeTransferCancelled,
  decodeTransferList,
  decodeTransferQuery,
  decodeTransferStatus,
  encodeTransferCancelled,
  encodeTransferList,
  encodeTransferQuery,
  encodeTransferStatus,
  type TransferQuery,
} from "./transfer_query.ts";
import type { TransferRow } from "./transfer_registry.ts";

const U64_MAX = 2n ** 64n - 1n;

function row(changes: Partial<TransferRow> = {}): TransferRow {
  return {
    transferId: 2n ** 61n + 1n,
    direction: "fetching",
    peer: U64_MAX,
    hash: new Uint8Array(32).fill(0xaa),
    bytesReceived: 300,
    ...changes,
  };
}

Deno.test("a query of transfers is one byte and its argument", () => {
  const cases: [TransferQuery, string][] = [
    [{ kind: "list", all: false }, "0000"],
    [{ kind: "list", all: true }, "0001"],
    [{ kind: "status", transferId: 300n }, "01ac02"],
    [{ kind: "cancel", transferId: U64_MAX }, "02ffffffffffffffffff01"],
  ];
  for (const [query, hex] of cases) {
    assertEquals(toHex(encodeTransferQuery(query)), hex);
    assertEquals(decodeTransferQuery(fromHex(hex)), query);
  }
});

Deno.test("decodeTransferQuery refuses what is no query", () => {
  for (const hex of ["", "00", "0002", "01", "03", "000000", "0180"]) {
    assertThrows(() => decodeTransferQuery(fromHex(hex)), ProtocolError);
  }
});

Deno.test("a row is id, peer, hash, bytes, bytes in the end and direction", () => {
  const small = row({ transferId: 1n, peer: 2n, totalBytes: 1000 });
  assertEquals(
    toHex(encodeTransferStatus(small)),
    `010102${"aa".repeat(32)}ac0201e80700`,
  );
  assertEquals(toHex(encodeTransferStatus(undefined)), "00");
});

Deno.test("answers survive encoding and decoding, with every integer exact", () => {
  const rows = [
    row(),
    row({ transferId: U64_MAX, peer: 0n, direction: "serving" }),
    row({ bytesReceived: 2 ** 53 - 1, totalBytes: 2 ** 53 - 1 }),
  ];
  assertEquals(decodeTransferList(encodeTransferList(rows)), {
    count: 3n,
    rows,
  });
  assertEquals(decodeTransferList(encodeTransferList([])), {
    count: 0n,
    rows: [],
  });
  assertEquals(decodeTransferStatus(encodeTransferStatus(rows[1])), rows[1]);
  assertEquals(
    decodeTransferStatus(encodeTransferStatus(undefined)),
    undefined,
  );
  for (const answer of [true, false]) {
    assertEquals(
      decodeTransferCancelled(encodeTransferCancelled(answer)),
      answer,
    );
  }
});

Deno.test("a list counts the rows that it has no room for and stays within an answer", () => {
  const longest = row({
    transferId: U64_MAX,
    bytesReceived: 2 ** 53 - 1,
    totalBytes: 2 ** 53 - 1,
  });
  const many = new Array<TransferRow>(TRANSFER_ROWS_MAX + 1).fill(longest);
  const body = encodeTransferList(many);
  assertEquals(body.length <= RPC_ANSWER_MAX, true);
  const { count, rows } = decodeTransferList(body);
  assertEquals([count, rows.length], [
    BigInt(TRANSFER_ROWS_MAX + 1),
    TRANSFER_ROWS_MAX,
  ]);
});

Deno.test("answers that are none are refused", () => {
  const whole = encodeTransferList([row({ totalBytes: 5 })]);
  for (let length = 0; length < whole.length; length++) {
    assertThrows(
      () => decodeTransferList(whole.subarray(0, length)),
      ProtocolError,
    );
  }
  const wrongDirection = whole.slice();
  wrongDirection[whole.length - 1] = 2;
  assertThrows(() => decodeTransferList(wrongDirection), ProtocolError);
  // More rows than are counted, and more than any list has.
  assertThrows(() => decodeTransferList(fromHex("0001")), ProtocolError);
  assertThrows(
    () => decodeTransferList(fromHex("ffff7fffff7f")),
    ProtocolError,
  );
  const huge = `0101${"02"}${"aa".repeat(32)}ffffffffffffffffff010000`;
  assertThrows(() => decodeTransferStatus(fromHex(huge)), ProtocolError);
  assertThrows(() => decodeTransferCancelled(fromHex("02")), ProtocolError);
  assertThrows(() => decodeTransferCancelled(fromHex("0100")), ProtocolError);
});
