/**
 * Exit codes of what goes wrong with nodes, with a hostile one among them, and
 * with the system.
 */

import { words } from "../../scripts/program.ts";
import { exits } from "./exit_codes.ts";
import { NOWHERE as KEY, type Place } from "./place.ts";
import { RECORDED, recorded } from "./recorded.ts";
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
    "protocol",
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
    "C.unreachable",
    "nobody at the address",
    `RECV --node-addr 127.0.0.1:1 KEYS ${HASTY}`,
  ),
  "exit-handshake-key": exits(
    "C.key-zero",
    "a public key that is another node's",
    ({ holder, hostile }) =>
      `RECV --node-addr ${holder.address} ` +
      `${hostile.attach().slice(2).join(" ")} ${HASTY}`,
  ),
  "exit-handshake-id": exits(
    "C.id-hex",
    "a node id that is another node's",
    "RECV_HELD_WITHOUT_ID --node-id 42",
    {
      ours: { code: 2 },
      reason: "the id follows from the key: no need to ask anybody",
    },
  ),
  "exit-send-refused": exits(
    "C.addr-bcast",
    "an address that the system sends nothing to",
    `RECV --node-addr 255.255.255.255:9 KEYS ${HASTY}`,
  ),
  "exit-from-no-session": exits(
    "C.from-hex",
    "a source that the attached node has no session with",
    "RECV_HELD --from 42",
  ),
  "exit-from-bad": exits(
    "C.from-bare",
    "a source with a malformed id",
    "RECV_HELD --from 4x",
  ),
  "exit-identity-missing": exits(
    "E.identity-missing",
    "--identity of a missing file",
    "RECV_HELD --identity nothing",
  ),
  "exit-unsafe-path": exits(
    3,
    "a tree that climbs out of its target",
    ({ refs }) => `recv-dir --remote-ref ${refs.escape} --out out ATTACH`,
  ),
  "exit-config-unreadable": exits(
    "D.dir",
    "a configuration file that cannot be read: a directory",
    "RECV --config . ATTACH",
  ),
  "exit-partial-create": exits(
    "G.blob-out-partial-dir",
    "a partial file that cannot be made: its name is a directory",
    (place) => {
      Deno.mkdirSync(place.at("out.partial"));
      return "RECV_HELD";
    },
  ),
  "exit-ready-reference-empty": exits(
    "B.blob-empty",
    "a reference of no characters",
    "recv-blob --blob-ref= --out out ATTACH",
  ),
  "exit-psk-only": exits(
    "D.profile-psk",
    "a profile with nothing but the pre-shared key",
    "RECV --config config",
    { files: { config: `[default]\npsk_hex = "${KEY}"` } },
  ),
  "exit-bad-log-level": {
    description: "a log filter that is none",
    reason: "a mistyped filter must not pass in silence",
    reference: { ...recorded("A.env-log-bad"), warned: false },
    ours: { code: 0, warned: true },
    async run(place) {
      const { env } = RECORDED.get("A.env-log-bad") ?? {};
      const { code, stderr } = await place
        .runWith({ env }, "send-blob", place.source("small.bin"));
      return { code, warned: stderr.includes("NET_MESH_LOG is ignored") };
    },
  },
  "exit-unknown-shell": exits(
    2,
    "a completion for an unknown shell",
    "completion sh4",
  ),
  "exit-supervisor-flag": exits(
    "C.node-1",
    "--node, the id of a supervisor that has no effect",
    "RECV_HELD --node 1",
  ),
});
