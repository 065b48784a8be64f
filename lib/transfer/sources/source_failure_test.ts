import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  HandshakeError,
  HashMismatchError,
  NotFoundError,
  PeerClosedError,
  ProtocolError,
  StreamResetError,
  TimeoutError,
} from "../../errors.ts";
import {
  ChunkLengthError,
  TransferCancelledError,
} from "../protocol/transfer_error.ts";
import { bestFailure, judge } from "./source_failure.ts";

const LENGTH = new ChunkLengthError(1, 2, "a chunk");

Deno.test("judge tells lies, ends and lacks of a source apart, and what is no failure of it", () => {
  const cases: [unknown, ReturnType<typeof judge>][] = [
    [new NotFoundError("x"), "lacks"],
    [LENGTH, "disputes"],
    [new HashMismatchError("a", "b"), "lies"],
    [new ProtocolError("x"), "lies"],
    [new PeerClosedError("x"), "gone"],
    [new TimeoutError("x"), "gone"],
    [new StreamResetError(7, "x"), "fails"],
    [new HandshakeError("x"), "fails"],
    [new TransferCancelledError("x"), "ends"],
    [new TypeError("x"), "ends"],
    ["x", "ends"],
  ];
  for (const [error, verdict] of cases) assertEquals(judge(error), verdict);
});

Deno.test("bestFailure keeps the class and fields of the failure that tells most, and names all", () => {
  const timeout = new TimeoutError("late", { hint: "wait" });
  const missing = new NotFoundError("none", { fields: { hash: "ab" } });
  const best = bestFailure([
    { index: 0, source: "a", error: timeout },
    { index: 1, source: "b", error: missing },
  ]);
  if (!(best instanceof NotFoundError)) throw best;
  assertEquals(best.message, "none (b; other sources: a: late)");
  assertEquals(best.fields, { hash: "ab", sources: ["b: none", "a: late"] });
  const only = bestFailure([{ index: 0, source: "a", error: timeout }]);
  assertEquals(only, timeout);
  const gone = bestFailure([
    { index: 0, source: "a", error: timeout },
    { index: 1, source: "b", error: timeout },
  ]);
  if (!(gone instanceof TimeoutError)) throw gone;
  assertEquals(gone.hint, "wait");
});

Deno.test("bestFailure keeps what is known of wrong bytes and lengths", () => {
  const closed = new PeerClosedError("gone");
  const wrong = new HashMismatchError("aa", "bb", { fields: { chunk: 3 } });
  const hash = bestFailure([
    { index: 0, source: "a", error: closed },
    { index: 1, source: "b", error: wrong },
  ]);
  if (!(hash instanceof HashMismatchError)) throw hash;
  assertEquals([hash.expected, hash.actual, hash.fields.chunk], [
    "aa",
    "bb",
    3,
  ]);
  const length = bestFailure([
    { index: 0, source: "a", error: closed },
    { index: 1, source: "b", error: LENGTH },
  ]);
  if (!(length instanceof ChunkLengthError)) throw length;
  assertEquals(length.message, LENGTH.message);
  assertStringIncludes(`${length.hint}`, "a: gone");
});
