/**
 * Exit codes of what goes wrong with nodes, with a hostile one among them, and
 * with the system.
 *
 * @module
 */

import { join } from "@std/path";
import { exits, recv } from "./exit_codes.ts";
import { NOWHERE, type Place, type Row } from "./row.ts";

const TRANSPORT = "sdk/src/transport.rs";

/** A row of a fetch from the hostile node: its code and kind of failure. */
function hostile(
  id: string,
  description: string,
  args: (place: Place) => string[],
  kind: string,
  reference: { code: number; kind: string } = { code: 3, kind: "text" },
): Row {
  return {
    id: `exit-${id}`,
    description,
    source: TRANSPORT,
    expected: "fixed",
    reason: "the code is the same, and a script can tell what it was",
    reference,
    ours: { code: 3, kind },
    async run(place) {
      const { code, stderr } = await place.run(
        ...[...args(place), "--out", join(place.dir, "out")],
        ...[...place.hostile.attach(), "--output", "json"],
      );
      return { code, kind: JSON.parse(stderr).error.kind };
    },
  };
}

const attached = (place: Place, ...more: string[]) => [
  ...["recv-blob", "--blob-ref", place.refs.small, "--out"],
  ...[join(place.dir, "out"), ...place.holder.attach(), ...more],
];
const HASTY = ["--connect-timeout", "500ms"];

/** The rows. */
export const TRANSFER_EXIT_CODE_ROWS: readonly Row[] = [
  hostile(
    "damaged-blob",
    "a chunk whose hash does not match",
    ({ hostile }) => ["recv-blob", "--blob-ref", hostile.damagedBlob()],
    "hash_mismatch",
  ),
  hostile(
    "damaged-tree",
    "a file of a tree whose hash does not match",
    ({ hostile }) => ["recv-dir", "--remote-ref", hostile.damagedTree()],
    "hash_mismatch",
  ),
  hostile(
    "oversized",
    "a chunk of more than 16 MiB",
    ({ hostile }) => ["recv-blob", "--blob-ref", hostile.oversizedBlob()],
    "peer_closed",
  ),
  hostile(
    "silent-blob",
    "a chunk that never comes; the reference reports it as not found",
    ({ hostile }) => [
      ...["recv-blob", "--blob-ref", hostile.silentBlob()],
      ...["--timeout", "300ms"],
    ],
    "timeout",
  ),
  hostile(
    "silent-tree",
    "a file of a tree that never comes",
    ({ hostile }) => [
      ...["recv-dir", "--remote-ref", hostile.stallingTree()],
      ...["--timeout", "300ms"],
    ],
    "timeout",
  ),
  exits(
    "handshake-address",
    6,
    "nobody at the address",
    (place) => [
      ...recv(place, "--node-addr", "127.0.0.1:1"),
      ...place.holder.attach().slice(2),
      ...HASTY,
    ],
  ),
  exits(
    "handshake-key",
    6,
    "a public key that is another node's",
    (place) => {
      const [, address] = place.holder.attach();
      const [, , ...key] = place.hostile.attach();
      return [...recv(place, "--node-addr", address), ...key, ...HASTY];
    },
  ),
  exits(
    "handshake-id",
    6,
    "a node id that is another node's",
    (place) => [...attached(place), "--node-id", "42"],
    { code: 2, reason: "the id follows from the key: no need to ask anybody" },
  ),
  exits(
    "send-refused",
    6,
    "an address that the system sends nothing to",
    (place) => [
      ...recv(place, "--node-addr", "255.255.255.255:9"),
      ...place.holder.attach().slice(2),
      ...HASTY,
    ],
  ),
  exits(
    "from-no-session",
    3,
    "a source that the attached node has no session with",
    (place) => attached(place, "--from", "42"),
  ),
  exits(
    "from-bad",
    2,
    "a source that is no id",
    (place) => attached(place, "--from", "4x"),
  ),
  exits(
    "identity-missing",
    1,
    "--identity of a file that is not there",
    (place) => attached(place, "--identity", join(place.dir, "nothing")),
  ),
  exits(
    "unsafe-path",
    3,
    "a tree that climbs out of its target",
    (place) => [
      ...["recv-dir", "--remote-ref", place.refs.escape, "--out"],
      ...[join(place.dir, "out"), ...place.holder.attach()],
    ],
  ),
  exits(
    "config-unreadable",
    3,
    "a configuration file that cannot be read: a directory",
    (place) => recv(place, "--config", place.dir, ...place.holder.attach()),
  ),
  exits(
    "partial-create",
    1,
    "a partial file that cannot be made: its name is a directory",
    async (place) => {
      await Deno.mkdir(join(place.dir, "out.partial"));
      return attached(place);
    },
  ),
  exits(
    "ready-reference-empty",
    2,
    "a reference of no characters",
    (place) => [
      ...["recv-blob", "--blob-ref=", "--out", join(place.dir, "out")],
      ...place.holder.attach(),
    ],
  ),
  exits(
    "psk-only",
    2,
    "a profile with nothing but the pre-shared key",
    async (place) => {
      const config = join(place.dir, "config");
      const text = `[default]\npsk_hex = "${NOWHERE}"\n`;
      await Deno.writeTextFile(config, text, { mode: 0o600 });
      return recv(place, "--config", config);
    },
  ),
  exits(
    "bad-log-level",
    2,
    "a log level that is none",
    () => ["version", "--log-format", "loud"],
  ),
  exits(
    "unknown-shell",
    2,
    "a completion for a shell that is none",
    () => ["completion", "sh4"],
  ),
  exits(
    "supervisor-flag",
    0,
    "--node, the id of a supervisor that has no effect",
    (place) => attached(place, "--node", "1"),
    { code: 2, reason: "a flag works or does not exist" },
  ),
];
