/** Files that others may have written, and text that is given, as targets. */

import { crc32 } from "node:zlib";
import { parseConfig } from "../../lib/cli/node/config_file.ts";
import { parseKeyring } from "../../lib/cli/node/keyring_file.ts";
import { parseNote } from "../../lib/cli/receiving/former_targets.ts";
import { parseOwner } from "../../lib/landing/worker/owner_file.ts";
import { parseJournal } from "../../lib/landing/worker/in_place.ts";
import { parseHostPort, parseListenAddress } from "../../lib/mesh/address.ts";
import { parseIdentity } from "../../lib/mesh/identity.ts";
import { parseIpv4Routes, parseIpv6Routes } from "../../lib/mesh/routes.ts";
import { parseMountPoints } from "../../lib/os/mounts.ts";
import {
  decodeHashCache,
  HASH_CACHE_VERSION,
} from "../../lib/store/hash_cache_format.ts";
import {
  makePathFilter,
  parsePathPatterns,
} from "../../lib/store/path_filter.ts";
import {
  decodePointer,
  decodeRecords,
  encodePointer,
  parseGenerationName,
  RecordChecksum,
} from "../../lib/store/store_record.ts";
import { bytesOf, decoder, text } from "./decoder_target.ts";
import type { Target } from "./engine.ts";

function cacheOf(rows: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16 + rows.length);
  bytes.set(new TextEncoder().encode("NTHASHES"));
  bytes.set(rows, 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, HASH_CACHE_VERSION, true);
  view.setUint32(12, crc32(rows), true);
  return bytes;
}

/** A note as the program reads it. */
function noteOf(note: string): unknown {
  try {
    return parseNote(JSON.parse(note));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const checksum = await RecordChecksum.load();

/** Patterns of the first lines, and a path of the last, that they judge. */
function judgePath(lines: string): unknown {
  const at = lines.lastIndexOf("\n") + 1;
  let problems = 0;
  const exclude = parsePathPatterns(lines.slice(0, at), () => problems++);
  const path = lines.slice(at);
  return [exclude.length, problems, makePathFilter({ exclude })(path, "file")];
}

/** Readers of what the system says; the first byte chooses. */
const SYSTEM = [parseIpv4Routes, parseIpv6Routes, parseMountPoints];
const SYSTEM_TEXTS = [
  "eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n",
  `${"0".repeat(32)} 00 ${"0".repeat(32)} 00 ${"0".repeat(32)} ` +
  "00000400 00000001 00000000 00000003     eth0\n",
  "36 35 98:0 /mnt1 /mnt\\040x rw,noatime master:1 - ext3 /dev/root rw\n",
];

/** Every one of them. */
export const FILE_TARGETS: readonly Target[] = [
  decoder(
    "config",
    (bytes) =>
      parseConfig("net-transfer.toml", {
        bytes,
        access: { mode: null, uid: null },
      }).document,
    () =>
      bytesOf('[a]\nb = 1\nc = ["x", 2.5]\n[[d]]\ne = 1979-05-27T07:32:00Z\n'),
    { cost: 5 },
  ),
  decoder(
    "identity",
    (b) => parseIdentity(text(b), "node.toml"),
    () => bytesOf(`seed_hex = "${"ab".repeat(32)}"\nnote = "x"\n`),
    { cost: 10 },
  ),
  decoder(
    "keyring",
    (b) => parseKeyring(text(b), "node.keyring"),
    () =>
      bytesOf(
        `[psk.a]\npsk_hex = "${"ab".repeat(32)}"\ncreated_at = "x"\n`,
      ),
    { cost: 10 },
  ),
  decoder("hash_cache", (bytes) => {
    const file = cacheOf(bytes);
    file.set(bytes.subarray(0, bytes[0] === 1 ? 12 : 0));
    return decodeHashCache(file)?.length;
  }, () => [new Uint8Array(80), Uint8Array.of(1, ...new Uint8Array(90))]),
  decoder("store_records", decodeRecords, () => [new Uint8Array(40)]),
  decoder(
    "store_pointer",
    (bytes) => [
      decodePointer(bytes, checksum),
      parseGenerationName(text(bytes)),
    ],
    () => [encodePointer(7, checksum), ...bytesOf("v0000000001")],
  ),
  decoder(
    "journal",
    (b) => parseJournal(text(b)),
    () =>
      bytesOf(JSON.stringify({
        version: 1,
        fresh: ".net-transfer.fetch_0123456789abcdef",
        oldNames: ["a"],
        newNames: ["b"],
      })),
  ),
  decoder(
    "former_target",
    (b) => noteOf(text(b)),
    () =>
      bytesOf(JSON.stringify({
        path: "/a",
        dev: 1,
        ino: 2,
        born: null,
        manifest: "ab",
      })),
  ),
  decoder(
    "lock_owner",
    (b) => parseOwner(text(b)),
    () => bytesOf("123 here\n"),
  ),
  decoder(
    "patterns",
    (b) => judgePath(text(b)),
    () => bytesOf("*.log\n!a/**/b\n[a-z]?\\*/\n#x\na/b.log"),
    { cost: 5, max: 400 },
  ),
  decoder(
    "address",
    (b) =>
      b[0] === 0
        ? parseListenAddress(text(b.subarray(1)))
        : parseHostPort(text(b)),
    () => bytesOf("[2001:db8::1%eth0]:7700", "a.example:1", "\x00127.0.0.1:0"),
  ),
  decoder(
    "system_text",
    (b) => SYSTEM[(b[0] ?? 0) % SYSTEM.length](text(b.subarray(1))),
    () =>
      SYSTEM_TEXTS.map((one, i) =>
        Uint8Array.of(i, ...new TextEncoder().encode(one))
      ),
  ),
];
