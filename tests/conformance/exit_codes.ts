/**
 * Exit codes: one row for each kind of failure.
 *
 * @module
 */

import { words } from "../../scripts/program.ts";
import { NOWHERE, type Place } from "./place.ts";
import { from, type Row, type Rows } from "./row.ts";

type Words = (place: Place) => string[] | Promise<string[]>;

/** A row about nothing but the exit code of a command line. */
export function exits(
  code: number,
  description: string,
  line: string | Words,
  fixed?: { code: number; reason: string },
): Omit<Row, "source"> {
  return {
    description,
    reference: { code },
    ...(fixed && { ours: { code: fixed.code }, reason: fixed.reason }),
    async run(place) {
      const args = typeof line === "string"
        ? line.split(" ")
        : await line(place);
      return { code: (await place.run`${args}`).code };
    },
  };
}

/** A fetch of a blob into `out`, of what nobody has. */
export const recv = (place: Place, ...more: string[]): string[] =>
  words`recv-blob --blob-ref ${NOWHERE} --out ${place.at("out")} ${more}`;

/** A fetch of the small blob that the holder has. */
export const recvHeld = (place: Place, ...more: string[]): string[] =>
  words`recv-blob --blob-ref ${place.refs.small} --out ${place.at("out")}
    ${place.attach()} ${more}`;

/** A fetch of a tree from the holder. */
export const recvTree = (place: Place, ref: string, out: string): string[] =>
  words`recv-dir --remote-ref ${ref} --out ${out} ${place.attach()}`;

/** The flag with a configuration file. */
export async function config(place: Place, text: string): Promise<string[]> {
  return ["--config", await place.write("config", text)];
}

const addressed = ["--node-addr", "127.0.0.1:9"];

/** The rows. */
export const EXIT_CODE_ROWS: Rows = from("cli/src/error.rs", {
  "exit-version": exits(0, "version succeeds", "version"),
  "exit-unknown-flag": exits(2, "an unknown flag", "version --frob"),
  "exit-unknown-verb": exits(2, "an unknown verb", "frob"),
  "exit-missing-out": exits(
    2,
    "recv-blob without --out",
    `recv-blob --blob-ref ${NOWHERE}`,
  ),
  "exit-bad-reference": exits(
    2,
    "a reference that is not hex, with right flags to attach",
    (place) =>
      words`recv-blob --blob-ref zz --out ${place.at("out")} ${place.attach()}`,
  ),
  "exit-bad-address": exits(
    2,
    "an address without a port",
    (place) => recv(place, "--node-addr", "127.0.0.1"),
  ),
  "exit-bad-pubkey": exits(
    2,
    "a public key that is too short",
    (place) => recv(place, ...addressed, "--node-pubkey", "abcd"),
  ),
  "exit-bad-node-id": exits(
    2,
    "a node id that is negative",
    (place) => recv(place, ...addressed, "--node-id=-1"),
  ),
  "exit-bad-psk": exits(
    2,
    "a pre-shared key that is too long",
    (place) => recv(place, ...addressed, "--psk-hex", `${NOWHERE}00`),
  ),
  "exit-no-attach": exits(2, "no node to attach to", (place) => recv(place)),
  "exit-half-attach": exits(
    2,
    "an address without a public key",
    (place) => recv(place, ...addressed, "--psk-hex", NOWHERE),
  ),
  "exit-bad-profile-value": exits(
    2,
    "a profile with a malformed address",
    async (place) =>
      recv(place, ...await config(place, '[default]\nnode_addr = "here"\n')),
  ),
  "exit-bad-endpoint": exits(
    2,
    "a profile with an endpoint of another kind",
    async (place) =>
      recv(
        place,
        ...await config(place, '[default]\nendpoint = "tcp"\n'),
        ...place.attach(),
      ),
  ),
  "exit-send-dir-of-file": exits(
    2,
    "send-dir of a file",
    (place) => ["send-dir", place.source("small.bin")],
  ),
  "exit-send-dir-of-nothing": exits(
    2,
    "send-dir of a missing directory",
    (place) => ["send-dir", place.at("nothing")],
  ),
  "exit-bad-identity": exits(
    2,
    "an identity file that is malformed",
    async (place) =>
      recv(
        place,
        ...["--identity", await place.write("id", 'seed_hex = "abc"\n')],
        ...place.attach(),
      ),
  ),
  "exit-no-identity": exits(
    1,
    "an identity file that is missing",
    (place) => ["identity", "show", place.at("nothing")],
  ),
  "exit-send-blob-of-nothing": exits(
    1,
    "send-blob of a missing file",
    (place) => ["send-blob", place.at("nothing")],
  ),
  "exit-send-blob-of-dir": exits(
    3,
    "send-blob of a directory: opened, but not read",
    (place) => ["send-blob", place.dir],
  ),
  "exit-store-mkdir": exits(
    1,
    "a store that cannot be made",
    async (place) =>
      words`send-blob ${place.source("small.bin")}
        --store ${await place.write("file", "")}/store`,
  ),
  "exit-out-parent": exits(
    1,
    "recv-blob into a parent that cannot be made",
    async (place) =>
      words`recv-blob --blob-ref ${place.refs.small}
        --out ${await place.write("file", "")}/out ${place.attach()}`,
  ),
  "exit-bad-toml": exits(
    3,
    "a configuration file that is not TOML",
    async (place) =>
      recv(place, ...await config(place, "["), ...place.attach()),
  ),
  "exit-missing-config": exits(
    0,
    "a configuration file that was named and is missing",
    (place) => recvHeld(place, "--config", place.at("nothing")),
    { code: 2, reason: "a file asked for by name must exist" },
  ),
  "exit-unknown-profile": exits(
    0,
    "a profile that does not exist",
    (place) => recvHeld(place, "--profile", "nobody"),
    { code: 2, reason: "a typo must not be an empty profile" },
  ),
  "exit-not-held": exits(
    3,
    "content that the holder lacks",
    (place) => recv(place, ...place.attach()),
  ),
  "exit-bad-manifest": exits(
    3,
    "a tree whose manifest cannot be decoded",
    (place) => recvTree(place, place.refs.notManifest, place.at("out")),
  ),
  "exit-dir-file-system": exits(
    3,
    "a file system error inside recv-dir",
    async (place) => {
      const out = `${await place.write("file", "")}/out`;
      return recvTree(place, place.refs.tree, out);
    },
  ),
  "exit-handshake": exits(
    6,
    "a pre-shared key that is wrong",
    (place) =>
      recv(
        place,
        ...place.attach(["--psk-hex", NOWHERE]),
        ...["--connect-timeout", "700ms"],
      ),
  ),
  "exit-no-color": exits(2, "NO_COLOR=1", "version --output json", {
    code: 0,
    reason: "the convention is that any value turns colour off",
  }),
  "failure-json": {
    description: "a failure with --output json is one JSON line on stderr",
    reason: "a program need not read sentences",
    reference: { code: 3, stdout: "", stderr: "text" },
    ours: { code: 3, stdout: "", stderr: "not_found" },
    async run(place) {
      const { code, stdout, stderr } = await place.recvBlob(NOWHERE);
      return { code, stdout, stderr: JSON.parse(stderr).error.kind };
    },
  },
});
