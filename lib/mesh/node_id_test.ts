import { assertEquals } from "@std/assert";
import { decodeHex } from "@std/encoding/hex";
import vectors from "../../tests/vectors/identity.json" with { type: "json" };
import { formatIdHex, nodeIdOf, operatorIdOf } from "./node_id.ts";

Deno.test("nodeIdOf and operatorIdOf agree with the vectors", () => {
  for (const vector of vectors.vectors) {
    assertEquals(
      nodeIdOf(decodeHex(vector.node_pubkey)),
      BigInt(vector.node_id),
    );
    assertEquals(
      formatIdHex(operatorIdOf(decodeHex(vector.public_key_hex))),
      vector.operator_id_hex,
    );
  }
});

Deno.test("formatIdHex always writes 16 digits", () => {
  assertEquals(formatIdHex(0xabn), "0x00000000000000ab");
  assertEquals(formatIdHex(2n ** 64n - 1n), "0xffffffffffffffff");
});
