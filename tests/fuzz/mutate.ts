/** Changes of bytes that keep much of the structure they have. */

import { concat } from "@std/bytes/concat";
import type { Random } from "../../lib/wire/testing/random.ts";

/** Bytes at the edges of tags, lengths and characters. */
const EDGES = [
  0,
  1,
  2,
  3,
  0x2e,
  0x2f,
  0x3f,
  0x40,
  0x7f,
  0x80,
  0xbf,
  0xc0,
  0xff,
];
/** Numbers as the formats write them: LEB128, QUIC varints, little-endian. */
const NUMBERS: readonly (readonly number[])[] = [
  [0x80, 0x00],
  [0xff, 0x01],
  [0x80, 0x80, 0x80, 0x02],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x7f, 0xff],
  [0xbf, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x00, 0x00, 0x40, 0x00],
];
/** Text that paths, TOML and JSON give a meaning. */
const TOKENS = [
  "..",
  "/",
  "\0",
  "=",
  '"',
  "[[a]]",
  "{",
  "null",
  "1e999",
  "\n",
  "__proto__",
  "é",
  "\ud83d\ude00",
  "./",
  "-1",
]
  .map((text) => new TextEncoder().encode(text));

function cut(bytes: Uint8Array, from: number, to: number, into: Uint8Array) {
  return concat([bytes.subarray(0, from), into, bytes.subarray(to)]);
}

function once(
  random: Random,
  bytes: Uint8Array,
  corpus: readonly Uint8Array[],
): Uint8Array {
  const at = random.below(bytes.length + 1);
  const end = Math.min(
    bytes.length,
    at + random.below(random.pick([2, 9, 64])),
  );
  const none = new Uint8Array();
  const set = (value: number): Uint8Array => {
    const copy = bytes.slice();
    if (at < copy.length) copy[at] = value;
    return copy;
  };
  switch (random.below(10)) {
    case 0:
      return set((bytes[at] ?? 0) ^ (1 << random.below(8)));
    case 1:
      return set(random.pick(EDGES));
    case 2:
      return set((bytes[at] ?? 0) + random.pick([-1, 1]));
    case 3: {
      const number = Uint8Array.from(random.pick(NUMBERS));
      return cut(bytes, at, random.chance(0.5) ? at + 1 : at, number);
    }
    case 4:
      return cut(bytes, at, end, none);
    case 5:
      // A field twice.
      return cut(bytes, at, at, bytes.subarray(at, end));
    case 6:
      return bytes.slice(0, at);
    case 7: {
      const other = random.pick(corpus) ?? bytes;
      const from = random.below(other.length + 1);
      return cut(
        bytes,
        at,
        end,
        other.subarray(from, from + 1 + random.below(64)),
      );
    }
    case 8:
      return cut(bytes, at, at, random.pick(TOKENS));
    default:
      return cut(bytes, at, end, random.bytes(random.below(9)));
  }
}

/** A case made of one of a corpus, and perhaps of others. */
export function mutate(
  random: Random,
  bytes: Uint8Array,
  corpus: readonly Uint8Array[],
  max: number,
): Uint8Array {
  let mutant = bytes;
  const times = 1 + random.below(random.pick([1, 2, 6]));
  for (let i = 0; i < times; i++) mutant = once(random, mutant, corpus);
  return mutant.length > max ? mutant.slice(0, max) : mutant.slice();
}
