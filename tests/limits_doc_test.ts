/**
 * Bounds that the documents name are those of lib/limits.ts: each phrase stands
 * here with the constants it tells of, and whatever else is found is a fault.
 */

import { assert, assertEquals } from "@std/assert";
import * as limits from "../lib/limits.ts";

type Limit = keyof typeof limits;

const UNITS: Record<string, number> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** The constants a size stands for, or why it is none of them. */
const SIZES: Record<string, readonly Limit[] | string> = {
  "4 KiB": ["CONTENT_PER_LOOKUP"],
  "8 KiB": "a response that moves",
  "16 KiB": ["OBJECT_PROGRESS_BYTES"],
  "60 KiB": "datagrams on loopback",
  "64 KiB": ["REQUEST_MAX", "SERVE_SMALL_BYTES", "TREE_CHUNK_LEAST"],
  "256 KiB": ["SERVE_RESERVE_BYTES"],
  "1 MiB": "the shortest chunks of other writers",
  "2 MiB": ["REQUESTS_WINDOW"],
  "4 MiB": ["CHUNK_SIZE"],
  "8 MiB": ["STREAM_WINDOW", "INFLIGHT_BYTES", "SERVE_BYTES"],
  "8¼ MiB": "SERVE_BYTES and SERVE_RESERVE_BYTES",
  "16 MiB": ["CHUNK_MAX", "SERVE_NEWCOMER_BYTES"],
  "24 MiB": ["CONNECTION_WINDOW"],
  "32 MiB": [
    "STREAM_WINDOW_MAX",
    "BLOB_INFLIGHT_BYTES",
    "UPSTREAM_BYTES",
    "OBJECT_KEPT_BYTES",
  ],
  "64 MiB": [
    "OBJECT_UPLOAD_BYTES",
    "CONNECTION_WINDOW_MAX",
    "SERVE_NODE_BYTES",
    "PROBE_BYTES_MAX",
  ],
  "128 MiB": ["WINDOW_GROWTH_MAX", "UNREAD_MAX", "SERVE_SENT_BYTES"],
  "16 GiB": ["BLOB_SIZE_MAX"],
};

/**
 * Sentences whose numbers are bounds, by file: `#` is a number, with the
 * constants that the numbers must agree with; `=` before a number that has none.
 */
const SENTENCES: Record<string, Record<string, readonly (Limit | "=")[]>> = {
  "SECURITY.md": {
    "of a peer that attached # MiB for a session, # KiB": [
      "REQUESTS_WINDOW",
      "REQUEST_MAX",
    ],
    "of a key # lookups in a second while others have sessions, a request counting as # and a chunk of GetMany as #; content makes up for one lookup each # KiB":
      [
        "ASKING_PER_SECOND",
        "REQUEST_LOOKUPS",
        "SMALL_CHUNK_LOOKUPS",
        "CONTENT_PER_LOOKUP",
      ],
    "of a node attached to # and # MiB, # and # MiB": [
      "CONNECTION_WINDOW",
      "STREAM_WINDOW",
      "CONNECTION_WINDOW_MAX",
      "STREAM_WINDOW_MAX",
    ],
    "bulk data of # MiB and # s each, # for a session and # in all": [
      "PROBE_BYTES_MAX",
      "PROBE_MS",
      "PROBES_SESSION_MAX",
      "PROBES_MAX",
    ],
    "after `--timeout`, # s by default": ["REQUEST_TIMEOUT_MS"],
    "paths longer than # bytes": ["DIR_PATH_MAX"],
    "more than # million entries": ["DIR_ENTRIES_MAX"],
    "beyond # chunks, fewer than # KiB": ["TREE_FANOUT", "TREE_CHUNK_LEAST"],
    "for each PSK of the node (# at most), 2 to 3 µs; at most # in a second": [
      "KEYRING_MAX",
      "FORGED_INITIALS_MAX",
    ],
    "half-open handshakes | at most #, # s each": [
      "HALF_OPEN_MAX",
      "HALF_OPEN_MS",
    ],
    "sessions | at most # (`--max-connections`), # of one key": [
      "CONNECTIONS_MAX",
      "SESSIONS_PER_KEY",
    ],
    "# bytes for each piece count beside its data; # MiB for all peers": [
      "PIECE_COST",
      "UNREAD_MAX",
    ],
    "what came of them, # at once; # MiB for all sessions": [
      "SERVE_REQUESTS_MAX",
      "REQUEST_MEMORY",
    ],
    "one ACK frame of # ranges": ["ACK_RANGES_MAX"],
    "at most # ids looked at": ["UNKNOWN_IDS_MAX"],
    "# requests at once for a session, # lookups in all": [
      "UPSTREAM_SESSION_REQUESTS",
      "UPSTREAM_LOOKUPS_MAX",
    ],
  },
  "docs/architecture.md": {
    "Keys change every # packets or # minutes": ["REKEY_PACKETS", "REKEY_MS"],
    "up to # MiB and # s for one call, # calls of a session and # of all": [
      "PROBE_BYTES_MAX",
      "PROBE_MS",
      "PROBES_SESSION_MAX",
      "PROBES_MAX",
    ],
    "pauses of # to # s": ["KEEP_RETRY_MS", "KEEP_RETRY_MAX_MS"],
    "unanswered for # s": ["KEEP_SILENT_MS"],
    "A miss waits up to # s": ["UPSTREAM_WAIT_MS"],
    "fetches up to # of them with one request, # requests for each session": [
      "UPSTREAM_BATCH_MAX",
      "UPSTREAM_SESSION_REQUESTS",
    ],
    "list of up to # hashes | GetMany": ["GET_MANY_MAX"],
    "list of up to # hashes | Have": ["GET_MANY_MAX"],
    "# MiB for a blob, # MiB and # requests for a directory": [
      "BLOB_INFLIGHT_BYTES",
      "INFLIGHT_BYTES",
      "FETCH_CONCURRENCY",
    ],
    "# MiB for all its sessions and # MiB for each, and the requests it works on for each (#)":
      ["SERVE_NODE_BYTES", "SERVE_BYTES", "SERVE_REQUESTS_MAX"],
  },
  "docs/wire.md": {
    "up to # s, for # s in all": ["=", "ATTACH_BUDGET_MS"],
    "From # wrong MACs in this second on": ["FORGED_INITIALS_MAX"],
    "# are forgiven in a second. Who owes # meets silence, who owes #,": [
      "HANDSHAKE_DEBT_FORGIVEN",
      "HANDSHAKE_DEBT_MAX",
      "HANDSHAKE_DEBT_GOOD",
    ],
    "From # half-open handshakes on, the address": ["HALF_OPEN_MAX"],
    "waits up to # s for the first transport packet": ["HALF_OPEN_MS"],
    "a secret that changes every # minutes": ["COOKIE_SECRET_MS"],
    "varint, ms, 1 to # | both | #": ["IDLE_TIMEOUT_MAX_MS", "IDLE_TIMEOUT_MS"],
    "varint, # to # | both | the interface's": [
      "RELAYED_DATAGRAM_MIN",
      "DATAGRAM_MAX",
    ],
    "varint, ms, to # |": ["ACK_DELAY_MAX_MS"],
    "varint, to # | both | #": ["STREAM_COUNT_MAX", "STREAMS_MAX"],
    "A window of # numbers refuses replays": ["REPLAY_WINDOW"],
    "rekeys (Noise REKEY, §4.2) after # packets or # minutes": [
      "REKEY_PACKETS",
      "REKEY_MS",
    ],
    "After # packets with one key, or # packets that did not open": [
      "KEY_PACKETS_MAX",
      "AEAD_FAILURES_MAX",
    ],
    "counts # bytes for each piece": ["PIECE_COST"],
    "the credit their data has used and # KiB": ["PIECES_FREE_BYTES"],
    "when all have more than # MiB": ["UNREAD_MAX"],
    "one above # s is that of a peer which slept": ["RTT_SAMPLE_MAX_MS"],
    "of up to # ranges; more close the connection": ["ACK_RANGES_MAX"],
    "another number of packets, 1 to #": ["ACK_PACKETS_MAX"],
  },
  "docs/guide.md": {
    "back within `--timeout` (# s)": ["REQUEST_TIMEOUT_MS"],
  },
};

/** A number as the documents write it: `10 000`, `1.5`, `2^20`. */
const NUMBER = "(\\d+(?: \\d{3})*(?:\\.\\d+)?(?:\\^\\d+)?)";

function numberOf(text: string): number {
  const [base, exponent] = text.replaceAll(" ", "").split("^").map(Number);
  return exponent === undefined ? base : base ** exponent;
}

function textOf(file: string): string {
  return Deno.readTextFileSync(new URL(`../${file}`, import.meta.url))
    .replace(/\s+/g, " ");
}

Deno.test("every size in SECURITY.md, architecture.md and wire.md is a bound of limits.ts, or said to be none", () => {
  for (const file of ["SECURITY.md", "docs/architecture.md", "docs/wire.md"]) {
    for (const [size] of textOf(file).matchAll(/[\d.]+[¼½]? [KMG]iB/g)) {
      assert(
        size in SIZES,
        `${file} names ${size}, which no entry here explains`,
      );
    }
  }
  for (const [size, bounds] of Object.entries(SIZES)) {
    if (typeof bounds === "string") continue;
    const [count, unit] = size.split(" ");
    for (const name of bounds) {
      assertEquals(Number(limits[name]), Number(count) * UNITS[unit], name);
    }
  }
});

for (const [file, sentences] of Object.entries(SENTENCES)) {
  Deno.test(`sentences of ${file} that tell a bound have the numbers of limits.ts`, () => {
    const text = textOf(file);
    for (const [sentence, bounds] of Object.entries(sentences)) {
      const escaped = sentence.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
        .replaceAll(" ", " +");
      const found = text.match(new RegExp(escaped.replaceAll("#", NUMBER)));
      if (found === null) throw new Error(`${file} has no "${sentence}"`);
      for (const [i, name] of bounds.entries()) {
        if (name === "=") continue;
        const value = Number(limits[name]);
        const told = numberOf(found[i + 1]);
        const units = [1, 1000, 60_000, 1e6, 2 ** 10, 2 ** 20];
        assert(
          units.some((unit) => told * unit === value),
          `${file}: ${name} is ${value}, not ${told} ("${found[0]}")`,
        );
      }
    }
  });
}
