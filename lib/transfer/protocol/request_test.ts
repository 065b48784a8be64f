import { assertEquals, assertThrows } from "@std/assert";
import vectors from "../../../tests/vectors/transfer_vectors.json" with {
  type: "json",
};
import { GET_MANY_MAX, REQUEST_MAX } from "../../limits.ts";
import { fromHex, toHex } from "../../text/hex.ts";
import { decodeRequest, encodeRequest, type Request } from "./request.ts";
import { ProtocolError } from "../../errors.ts";

const HASH = new Uint8Array(32).fill(0xab);
const AB = "ab".repeat(32);
const GOLDEN: [Request, string][] = [
  [{ kind: "get", hash: HASH }, `00${AB}`],
  [{ kind: "get", hash: new Uint8Array(32) }, "00".repeat(33)],
  [
    { kind: "get_range", hash: HASH, offset: 300n, length: 1n },
    `01${AB}ac0201`,
  ],
  [{ kind: "get_many", hashes: [HASH, HASH] }, `0202${AB}${AB}`],
  [{ kind: "get_many", hashes: [] }, "0200"],
  [{ kind: "have", hashes: [HASH] }, `0301${AB}`],
  [
    { kind: "rpc", name: "node.info", body: Uint8Array.of(7) },
    "04096e6f64652e696e666f0107",
  ],
];

Deno.test("a Get is the request of the reference, byte for byte", () => {
  for (const { name, hash, postcard_hex: hex } of vectors.requests) {
    const request: Request = { kind: "get", hash: fromHex(hash) };
    assertEquals(toHex(encodeRequest(request)), hex, name);
    assertEquals(decodeRequest(fromHex(hex)), request, name);
  }
});

Deno.test("encodeRequest writes the documented bytes and decodeRequest reads them", () => {
  for (const [request, hex] of GOLDEN) {
    assertEquals(toHex(encodeRequest(request)), hex);
    assertEquals(decodeRequest(fromHex(hex)), request);
  }
});

Deno.test("decodeRequest refuses every cut and every extension of a request", () => {
  for (const [, hex] of GOLDEN) {
    const bytes = fromHex(hex);
    for (let end = 0; end < bytes.length; end++) {
      assertThrows(() => decodeRequest(bytes.subarray(0, end)), ProtocolError);
    }
    assertThrows(() => decodeRequest(fromHex(`${hex}00`)), ProtocolError);
  }
});

Deno.test("decodeRequest refuses unknown kinds and lists that are too long", () => {
  assertThrows(() => decodeRequest(fromHex(`05${AB}`)), ProtocolError);
  assertThrows(() => decodeRequest(fromHex(`ff${AB}`)), ProtocolError);
  // A count that no memory could hold must cost nothing.
  assertThrows(() => decodeRequest(fromHex("02ffffffff7f")), ProtocolError);
  const hashes = new Array<Uint8Array>(GET_MANY_MAX).fill(HASH);
  const full = encodeRequest({ kind: "get_many", hashes });
  assertEquals(decodeRequest(full), { kind: "get_many", hashes });
  assertEquals(full.length < REQUEST_MAX, true);
  assertThrows(
    () => encodeRequest({ kind: "have", hashes: [...hashes, HASH] }),
    RangeError,
  );
});

Deno.test("encodeRequest refuses hashes of another length and requests that are too long", () => {
  assertThrows(
    () => encodeRequest({ kind: "get", hash: new Uint8Array(31) }),
    RangeError,
  );
  const body = new Uint8Array(REQUEST_MAX);
  assertThrows(
    () => encodeRequest({ kind: "rpc", name: "x", body }),
    RangeError,
  );
});
