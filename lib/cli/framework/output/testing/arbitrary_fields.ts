/**
 * Results of any shape, with the strings and numbers that formats get wrong.
 */

import fc from "fast-check";
import { type Fields, Float, type Value } from "../report.ts";

/** What a format may take for something else, or a terminal act on. */
const AWKWARD = [
  ..."-?:,[]{}#&*!|>'\"%@`~=<. \t\n\r\0\x1b\x7f\x85\x9b\ufeff",
  ..."--- ... << null True no y OFF 0x1f 0o17 017 0b1 1e3 1.5 -.5".split(" "),
  ..."+1 1_000 12:30:45 .inf -.INF .NaN 2026-01-02 2026-01-02T03:04:05Z"
    .split(" "),
  ...["- ", ": ", " #", "\r\n", "\x1b[2J", "ü", "日本", "e\u0301"],
  ..."\u2028\u202e\u2066\u200b\u00a0\u{e0041}\u{1f680}",
  "\ud800",
];

/** Any string, often an awkward one. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...AWKWARD), { maxLength: 3 })
    .map((parts) => parts.join("")),
  fc.array(fc.oneof(fc.constantFrom(...AWKWARD), fc.string()), { maxLength: 3 })
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary" }),
);

const anyScalar: fc.Arbitrary<Value> = fc.oneof(
  anyText,
  fc.boolean(),
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.double({ noDefaultInfinity: true, noNaN: true })
    // Minus zero is no number of ours.
    .map((value) => new Float(value + 0)),
);

/** Any result. */
export const anyFields: fc.Arbitrary<Fields> = fc.letrec<
  { value: Value; list: Value; fields: Fields }
>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    anyScalar,
    tie("list"),
    tie("fields"),
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  // `__proto__` would set the prototype of what a parser makes.
  fields: fc.dictionary(
    anyText.filter((name) => name !== "__proto__"),
    fc.option(tie("value"), { nil: undefined }),
    { maxKeys: 5 },
  ).map((fields) => ({ ...fields })),
})).fields;
