/**
 * Exit codes: one row for each kind of failure.
 *
 * @module
 */

import { join } from "@std/path";
import { NOWHERE, type Place, type Row } from "./row.ts";

const SOURCE = "cli/src/error.rs";

/** A row about nothing but the exit code. */
export function exits(
  id: string,
  code: number,
  description: string,
  args: (place: Place) => string[] | Promise<string[]>,
  fixed?: { code: number; reason: string },
): Row {
  return {
    id: `exit-${id}`,
    description,
    source: SOURCE,
    expected: fixed === undefined ? "same" : "fixed",
    reference: { code },
    ...(fixed === undefined
      ? {}
      : { ours: { code: fixed.code }, reason: fixed.reason }),
    async run(place) {
      return { code: (await place.run(...await args(place))).code };
    },
  };
}

/** A fetch of what nobody has. */
export const recv = (place: Place, ...more: string[]): string[] => [
  ...["recv-blob", "--blob-ref", NOWHERE, "--out", join(place.dir, "out")],
  ...more,
];
const addressed = ["--node-addr", "127.0.0.1:9"];
const KEY = "ab".repeat(32);

async function file(place: Place, text: string): Promise<string> {
  const path = join(place.dir, "file");
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  return path;
}

/** The rows. */
export const EXIT_CODE_ROWS: readonly Row[] = [
  exits("version", 0, "version succeeds", () => ["version"]),
  exits("unknown-flag", 2, "an unknown flag", () => ["version", "--frob"]),
  exits("unknown-verb", 2, "an unknown verb", () => ["frob"]),
  exits(
    "missing-out",
    2,
    "recv-blob without --out",
    () => ["recv-blob", "--blob-ref", NOWHERE],
  ),
  exits(
    "bad-reference",
    2,
    "a reference that is no hex, attach flags being right",
    (place) => [
      ...["recv-blob", "--blob-ref", "zz", "--out", join(place.dir, "out")],
      ...place.holder.attach(),
    ],
  ),
  exits(
    "bad-address",
    2,
    "an address without a port",
    (place) => recv(place, "--node-addr", "127.0.0.1"),
  ),
  exits(
    "bad-pubkey",
    2,
    "a public key that is too short",
    (place) => recv(place, ...addressed, "--node-pubkey", "abcd"),
  ),
  exits(
    "bad-node-id",
    2,
    "a node id that is negative",
    (place) => recv(place, ...addressed, "--node-id=-1"),
  ),
  exits(
    "bad-psk",
    2,
    "a pre-shared key that is too long",
    (place) => recv(place, ...addressed, "--psk-hex", `${KEY}00`),
  ),
  exits("no-attach", 2, "no node to attach to", (place) => recv(place)),
  exits(
    "half-attach",
    2,
    "an address without a public key",
    (place) => recv(place, ...addressed, "--psk-hex", KEY),
  ),
  exits(
    "bad-profile-value",
    2,
    "a profile with an address that is none",
    async (place) => {
      const config = await file(place, '[default]\nnode_addr = "here"\n');
      return recv(place, "--config", config);
    },
  ),
  exits(
    "bad-endpoint",
    2,
    "a profile with an endpoint of another kind",
    async (place) => {
      const config = await file(place, '[default]\nendpoint = "tcp"\n');
      return recv(place, "--config", config, ...place.holder.attach());
    },
  ),
  exits(
    "send-dir-of-file",
    2,
    "send-dir of a file",
    (place) => ["send-dir", join(place.sources, "small.bin")],
  ),
  exits(
    "send-dir-of-nothing",
    2,
    "send-dir of what is not there",
    (place) => ["send-dir", join(place.dir, "nothing")],
  ),
  exits(
    "bad-identity",
    2,
    "an identity file that is malformed",
    async (place) => {
      const identity = await file(place, 'seed_hex = "abc"\n');
      return recv(place, "--identity", identity, ...place.holder.attach());
    },
  ),
  exits(
    "no-identity",
    1,
    "an identity file that is not there",
    (place) => ["identity", "show", join(place.dir, "nothing")],
  ),
  exits(
    "send-blob-of-nothing",
    1,
    "send-blob of what is not there",
    (place) => ["send-blob", join(place.dir, "nothing")],
  ),
  exits(
    "send-blob-of-dir",
    3,
    "send-blob of a directory: opened, but not read",
    (place) => ["send-blob", place.dir],
  ),
  exits(
    "store-mkdir",
    1,
    "a store that cannot be made",
    async (place) => {
      const blocked = join(await file(place, ""), "store");
      return [
        ...["send-blob", join(place.sources, "small.bin"), "--store", blocked],
      ];
    },
  ),
  exits(
    "out-parent",
    1,
    "recv-blob into a parent that cannot be made",
    async (place) => [
      ...["recv-blob", "--blob-ref", place.refs.small, "--out"],
      ...[join(await file(place, ""), "out"), ...place.holder.attach()],
    ],
  ),
  exits(
    "bad-toml",
    3,
    "a configuration file that is no TOML",
    async (place) => {
      const config = await file(place, "[");
      return recv(place, "--config", config, ...place.holder.attach());
    },
  ),
  exits(
    "missing-config",
    0,
    "a configuration file that was named and is not there",
    (place) => [
      ...["recv-blob", "--blob-ref", place.refs.small, "--out"],
      ...[join(place.dir, "out"), "--config", join(place.dir, "nothing")],
      ...place.holder.attach(),
    ],
    { code: 2, reason: "a file asked for by name must exist" },
  ),
  exits(
    "unknown-profile",
    0,
    "a profile that does not exist",
    (place) => [
      ...["recv-blob", "--blob-ref", place.refs.small, "--out"],
      ...[join(place.dir, "out"), "--profile", "nobody"],
      ...place.holder.attach(),
    ],
    { code: 2, reason: "a typo must not be an empty profile" },
  ),
  exits(
    "not-held",
    3,
    "content that the holder lacks",
    (place) => recv(place, ...place.holder.attach()),
  ),
  exits(
    "bad-manifest",
    3,
    "a tree whose manifest is none",
    (place) => [
      ...["recv-dir", "--remote-ref", place.refs.notManifest, "--out"],
      ...[join(place.dir, "out"), ...place.holder.attach()],
    ],
  ),
  exits(
    "dir-file-system",
    3,
    "a file system error inside recv-dir",
    async (place) => [
      ...["recv-dir", "--remote-ref", place.refs.tree, "--out"],
      ...[join(await file(place, ""), "out"), ...place.holder.attach()],
    ],
  ),
  exits(
    "handshake",
    6,
    "a pre-shared key that is wrong",
    (place) =>
      recv(
        place,
        ...place.holder.attach([]),
        ...["--psk-hex", KEY, "--connect-timeout", "700ms"],
      ),
  ),
  exits(
    "no-color",
    2,
    "NO_COLOR=1",
    () => ["version", "--output", "json"],
    { code: 0, reason: "the convention is that any value turns colour off" },
  ),
  {
    id: "failure-json",
    description: "a failure with --output json is one JSON line on stderr",
    source: SOURCE,
    expected: "fixed",
    reason: "a program need not read sentences",
    reference: { code: 3, stdout: "", stderr: "text" },
    ours: { code: 3, stdout: "", stderr: "not_found" },
    async run(place) {
      const { code, stdout, stderr } = await place.run(
        ...recv(place, ...place.holder.attach(), "--output", "json"),
      );
      return { code, stdout, stderr: JSON.parse(stderr).error.kind };
    },
  },
];
