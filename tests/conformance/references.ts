/**
 * What may stand for a reference, a number, a key and a duration: the
 * behaviours that the reference pins in unit tests, seen in our parsers.
 */

import { parseDuration } from "../../lib/cli/framework/options/duration.ts";
import { parseHex32 } from "../../lib/cli/framework/options/hex32.ts";
import { parseU64 } from "../../lib/cli/framework/options/value_kind.ts";
import {
  blake3,
  encodeBlobRef,
  makeSmall,
  parseRef,
  SEND_URI,
} from "../../lib/content/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { chunkPayload } from "../../lib/content/testing/chunk_payload.ts";
import { noise } from "../../scripts/make_tree.ts";
import { NOWHERE as KEY } from "./place.ts";
import { words } from "../../scripts/program.ts";
import { recorded } from "./recorded.ts";
import { from, type Row, type Rows } from "./row.ts";

/** What a parser makes of each text: a value, or a refusal. */
function parsed(
  texts: readonly string[],
  parse: (text: string) => unknown,
): unknown[] {
  return texts.map((text) => {
    try {
      return parse(text);
    } catch {
      return "refused";
    }
  });
}

/** A row that asks a parser of ours. */
function parses(
  description: string,
  source: string,
  parse: (text: string) => unknown,
  pinned: Readonly<Record<string, unknown>>,
): Row {
  return {
    description,
    source,
    reference: { values: Object.values(pinned) },
    run: () => Promise.resolve({ values: parsed(Object.keys(pinned), parse) }),
  };
}

/** What a reference means, in words. */
function meaning(text: string): string {
  const ref = parseRef(text);
  return ref.kind === "small" ? `${ref.uri} ${ref.size}` : ref.kind;
}

const VERBS = "cli/src/commands/transfer.rs";
const ENCODED = toHex(
  encodeBlobRef(makeSmall(SEND_URI, blake3(noise(3, 51)), 3)),
);
const MANIFEST = toHex(
  encodeBlobRef(chunkPayload(noise(5 * 2 ** 20, 52), SEND_URI).ref),
);
const UNITS = [
  ...[["ns", 1e-6], ["us", 1e-3], ["µs", 1e-3], ["ms", 1]] as const,
  ...["s", "sec", "secs"].map((unit) => [unit, 1000] as const),
  ...["m", "min", "mins"].map((unit) => [unit, 60_000] as const),
  ...["h", "hr", "hrs"].map((unit) => [unit, 3_600_000] as const),
  ...["d", "day", "days"].map((unit) => [unit, 86_400_000] as const),
];

/** The rows. */
export const REFERENCE_ROWS: Rows = from(VERBS, {
  "ref-bare-hash": parses(
    "a bare hash has no size and the hash as typed for a URI",
    VERBS,
    meaning,
    {
      [KEY]: `mesh://${KEY} 0`,
      [KEY.toUpperCase()]: `mesh://${KEY.toUpperCase()} 0`,
      [`0x${KEY}`]: `mesh://${KEY} 0`,
      [`0X${KEY}`]: `mesh://${KEY} 0`,
      [`  ${KEY}\n`]: `mesh://${KEY} 0`,
    },
  ),
  "ref-encoded": parses(
    "an encoded reference is what was encoded, 0x or not",
    VERBS,
    meaning,
    {
      [ENCODED]: `${SEND_URI} 3`,
      [`0x${ENCODED}`]: `${SEND_URI} 3`,
      [MANIFEST]: "manifest",
    },
  ),
  "ref-refused": parses(
    "what is no reference is refused",
    VERBS,
    meaning,
    {
      "": "refused",
      "zz": "refused",
      [`0x0x${KEY}`]: "refused",
      ["ab".repeat(16)]: "refused",
      [KEY.slice(1)]: "refused",
      // No magic, an unknown version, a body that ends early.
      [`${KEY}ab`]: "refused",
      "b0b1b2b304": "refused",
      [MANIFEST.slice(0, -2)]: "refused",
    },
  ),
  "number-grammar": parses(
    "an id is decimal or 0x-hexadecimal of 64 bits, trimmed",
    "cli/src/parsers.rs",
    (text) => String(parseU64(text)),
    {
      "42": "42",
      "0x2A": "42",
      "0X2a": "42",
      " 0x2a ": "42",
      "+7": "7",
      "18446744073709551615": "18446744073709551615",
      "18446744073709551616": "refused",
      "0x10000000000000000": "refused",
      "": "refused",
      "-1": "refused",
      "1_000": "refused",
      "2a": "refused",
      "not-an-id": "refused",
    },
  ),
  "key-grammar": parses(
    "a key is 64 hex digits of any case behind any 0x",
    "cli/src/commands/remote.rs",
    (text) => toHex(parseHex32(text)),
    {
      [KEY]: KEY,
      [KEY.toUpperCase()]: KEY,
      [` 0x${KEY} `]: KEY,
      [`0x0x0X${KEY}`]: KEY,
      [KEY.slice(2)]: "refused",
      [`${KEY}00`]: "refused",
      [KEY.replace("a", "g")]: "refused",
    },
  ),
  "duration-units": parses(
    "a bare number is seconds, and every unit has its names",
    "cli/src/parsers.rs",
    parseDuration,
    {
      "30": 30_000,
      ...Object.fromEntries(
        UNITS.map(([unit, milliseconds]) => [`3${unit}`, 3 * milliseconds]),
      ),
      "1m30s": 90_000,
      "1h 5min": 3_900_000,
    },
  ),
  "duration-refused": parses(
    "a duration has a unit for each number and nothing else",
    "cli/src/parsers.rs",
    parseDuration,
    {
      "1m5": "refused",
      "10 5s": "refused",
      "5 s": "refused",
      "5w": "refused",
      "": "refused",
      "-1s": "refused",
      "1.5s": "refused",
      "99999999999999999999d": "refused",
    },
  ),
  "exit-code-numbers": {
    description: "a run for each exit code that transfers have",
    source: "cli/src/error.rs",
    reference: {
      codes: [
        ...["A.version", "J.blob-missing", "A.unknown-flag", "H.dir-notheld"],
        "C.unreachable",
      ].map((id) => recorded(id).code),
    },
    async run(place) {
      const [, , ...keys] = place.attach();
      const recv = words`recv-blob --blob-ref ${KEY} --out out`;
      const runs = [
        await place.run`version`,
        await place.run`send-blob nope`,
        await place.run`send-blob --frob x`,
        await place.run`${recv} ${place.attach()}`,
        await place.run`${recv} --node-addr 127.0.0.1:1 ${keys}
          --connect-timeout 300ms`,
      ];
      return { codes: runs.map(({ code }) => code) };
    },
  },
  "ref-chunk-tree": {
    description: "a reference to a chunk tree",
    reason: "it is read and refused by the reference; here it is fetched",
    reference: { code: 3 },
    ours: { code: 0, bytes: 8 * 2 ** 20 },
    async run(place) {
      const ref = place.refs.chunkTree;
      const { code, stdout } = await place.recvBlob(ref);
      return { code, bytes: JSON.parse(stdout).bytes };
    },
  },
  "ref-encoded-prefixes": {
    description: "the program takes a reference behind 0x, and of upper case",
    reference: { codes: [0, 0] },
    async run(place) {
      const { small } = place.refs;
      const forms = [`0x${small}`, small.toUpperCase()];
      const runs = await Promise.all(
        forms.map((ref, at) => place.recvBlob(ref, String(at))),
      );
      return { codes: runs.map(({ code }) => code) };
    },
  },
});
