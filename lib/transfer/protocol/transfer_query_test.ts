import { assertEquals, assertThrows } from "@std/assert";
import { RPC_ANSWER_MAX, TRANSFER_ROWS_MAX } from "../../limits.ts";
import { fromHex, toHex } from "../../text/hex.ts";
import { ProtocolError } from "../../errors.ts";
import {
  transferCancelled,
  transferList,
  type TransferQuery,
  transferQuery,
  transferStatus,
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

/** The result of a list of `rows`. */
function encodeList(rows: TransferRow[]): Uint8Array {
  return transferList.encode({ count: BigInt(rows.length), rows });
}

Deno.test("a query of transfers is one byte and its argument", () => {
  const cases: [TransferQuery, string][] = [
    [{ kind: "list", all: false }, "0000"],
    [{ kind: "list", all: true }, "0001"],
    [{ kind: "status", transferId: 300n }, "01ac02"],
    [{ kind: "cancel", transferId: U64_MAX }, "02ffffffffffffffffff01"],
  ];
  for (const [query, hex] of cases) {
    assertEquals(toHex(transferQuery.encode(query)), hex);
    assertEquals(transferQuery.decode(fromHex(hex)), query);
  }
});

Deno.test("a row is id, peer, hash, bytes, bytes in the end and direction", () => {
  const small = row({ transferId: 1n, peer: 2n, totalBytes: 1000 });
  assertEquals(
    toHex(transferStatus.encode(small)),
    `010102${"aa".repeat(32)}ac0201e80700`,
  );
  assertEquals(toHex(transferStatus.encode(undefined)), "00");
});

Deno.test("results survive encoding and decoding, with every integer exact", () => {
  const rows = [
    row(),
    row({ transferId: U64_MAX, peer: 0n, direction: "serving" }),
    row({ bytesReceived: 2 ** 53 - 1, totalBytes: 2 ** 53 - 1 }),
  ];
  for (const some of [rows, []]) {
    const count = BigInt(some.length);
    assertEquals(transferList.decode(encodeList(some)), { count, rows: some });
  }
  for (const some of [rows[1], undefined]) {
    assertEquals(transferStatus.decode(transferStatus.encode(some)), some);
  }
  for (const some of [true, false]) {
    const bytes = transferCancelled.encode(some);
    assertEquals(transferCancelled.decode(bytes), some);
  }
});

Deno.test("a list counts the rows that it has no room for and stays within a result", () => {
  const longest = row({
    transferId: U64_MAX,
    bytesReceived: 2 ** 53 - 1,
    totalBytes: 2 ** 53 - 1,
  });
  const many = new Array<TransferRow>(TRANSFER_ROWS_MAX + 1).fill(longest);
  const body = encodeList(many);
  assertEquals(body.length <= RPC_ANSWER_MAX, true);
  const { count, rows } = transferList.decode(body);
  assertEquals([count, rows.length], [
    BigInt(TRANSFER_ROWS_MAX + 1),
    TRANSFER_ROWS_MAX,
  ]);
});

Deno.test("queries and results that are not whole or not valid are refused", () => {
  const whole = encodeList([row({ totalBytes: 5 })]);
  for (let length = 0; length < whole.length; length++) {
    assertThrows(
      () => transferList.decode(whole.subarray(0, length)),
      ProtocolError,
    );
  }
  const wrongDirection = whole.slice();
  wrongDirection[whole.length - 1] = 2;
  assertThrows(() => transferList.decode(wrongDirection), ProtocolError);
  const huge = `0101${"02"}${"aa".repeat(32)}ffffffffffffffffff010000`;
  const refused = [
    {
      message: transferQuery,
      bodies: ["", "00", "0002", "01", "03", "000000", "0180"],
    },
    // More rows than are counted, and more than any list has.
    { message: transferList, bodies: ["0001", "ffff7fffff7f"] },
    { message: transferStatus, bodies: [huge] },
    { message: transferCancelled, bodies: ["02", "0100"] },
  ];
  for (const { message, bodies } of refused) {
    for (const hex of bodies) {
      assertThrows(() => message.decode(fromHex(hex)), ProtocolError);
    }
  }
});
