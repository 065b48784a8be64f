/**
 * Exit codes of what goes wrong with nodes, with a hostile one among them, and
 * with the system.
 */

import { words } from "../../scripts/program.ts";
import { exits } from "./exit_codes.ts";
import { NOWHERE as KEY, type Place } from "./place.ts";
import { from, type Row, type Rows } from "./row.ts";

/** A row of a fetch from the hostile node: its code and kind of failure. */
function hostile(
  description: string,
  line: (place: Place) => string[],
  kind: string,
): Row {
  return {
    description,
    source: "sdk/src/transport.rs",
    reason: "the code is the same, and a script can tell what it was",
    reference: { code: 3, kind: "text" },
    ours: { code: 3, kind },
    async run(place) {
      const { code, stderr } = await place.run`${line(place)}
        --out ${place.at("out")} ${place.hostile.attach()} --output json`;
      return { code, kind: JSON.parse(stderr).error.kind };
    },
  };
}

const HASTY = "--connect-timeout 500ms";

/** The rows; those that wait come first. */
export const TRANSFER_EXIT_CODE_ROWS: Rows = from("cli/src/error.rs", {
  "exit-damaged-blob": hostile(
    "a chunk whose hash does not match",
    ({ hostile }) => ["recv-blob", "--blob-ref", hostile.damagedBlob()],
    "hash_mismatch",
  ),
  "exit-damaged-tree": hostile(
    "a file of a tree whose hash does not match",
    ({ hostile }) => ["recv-dir", "--remote-ref", hostile.damagedTree()],
    "hash_mismatch",
  ),
  "exit-oversized": hostile(
    "a chunk of more than 16 MiB",
    ({ hostile }) => ["recv-blob", "--blob-ref", hostile.oversizedBlob()],
    "peer_closed",
  ),
  "exit-silent-blob": hostile(
    "a chunk that never comes; the reference reports it as not found",
    ({ hostile }) =>
      words`recv-blob --blob-ref ${hostile.silentBlob()} --timeout 300ms`,
    "timeout",
  ),
  "exit-silent-tree": hostile(
    "a file of a tree that never comes",
    ({ hostile }) =>
      words`recv-dir --remote-ref ${hostile.stallingTree()} --timeout 300ms`,
    "timeout",
  ),
  "exit-handshake-address": exits(
    6,
    "nobody at the address",
    `RECV --node-addr 127.0.0.1:1 KEYS ${HASTY}`,
  ),
  "exit-handshake-key": exits(
    6,
    "a public key that is another node's",
    ({ holder, hostile }) =>
      `RECV --node-addr ${holder.address} ` +
      `${hostile.attach().slice(2).join(" ")} ${HASTY}`,
  ),
  "exit-handshake-id": exits(
    6,
    "a node id that is another node's",
    "RECV_HELD --node-id 42",
    {
      ours: { code: 2 },
      reason: "the id follows from the key: no need to ask anybody",
    },
  ),
  "exit-send-refused": exits(
    6,
    "an address that the system sends nothing to",
    `RECV --node-addr 255.255.255.255:9 KEYS ${HASTY}`,
  ),
  "exit-from-no-session": exits(
    3,
    "a source that the attached node has no session with",
    "RECV_HELD --from 42",
  ),
  "exit-from-bad": exits(
    2,
    "a source with a malformed id",
    "RECV_HELD --from 4x",
  ),
  "exit-identity-missing": exits(
    1,
    "--identity of a missing file",
    "RECV_HELD --identity nothing",
  ),
  "exit-unsafe-path": exits(
    3,
    "a tree that climbs out of its target",
    ({ refs }) => `recv-dir --remote-ref ${refs.escape} --out out ATTACH`,
  ),
  "exit-config-unreadable": exits(
    3,
    "a configuration file that cannot be read: a directory",
    "RECV --config . ATTACH",
  ),
  "exit-partial-create": exits(
    1,
    "a partial file that cannot be made: its name is a directory",
    (place) => {
      Deno.mkdirSync(place.at("out.partial"));
      return "RECV_HELD";
    },
  ),
  "exit-ready-reference-empty": exits(
    2,
    "a reference of no characters",
    "recv-blob --blob-ref= --out out ATTACH",
  ),
  "exit-psk-only": exits(
    2,
    "a profile with nothing but the pre-shared key",
    "RECV --config config",
    { files: { config: `[default]\npsk_hex = "${KEY}"` } },
  ),
  "exit-bad-log-level": exits(
    2,
    "an unknown log format",
    "version --log-format loud",
  ),
  "exit-unknown-shell": exits(
    2,
    "a completion for an unknown shell",
    "completion sh4",
  ),
  "exit-supervisor-flag": exits(
    0,
    "--node, the id of a supervisor that has no effect",
    "RECV_HELD --node 1",
    { ours: { code: 2 }, reason: "a flag works or does not exist" },
  ),
});
