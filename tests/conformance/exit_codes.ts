/** Exit codes: one row for each kind of failure. */

import { words } from "../../scripts/program.ts";
import { NOWHERE as KEY, type Place } from "./place.ts";
import { recorded } from "./recorded.ts";
import { from, type Row, type Rows } from "./row.ts";

/** What words of a command line stand for. */
const WORDS: Readonly<Record<string, (place: Place) => string[]>> = {
  /** A fetch of what nobody has. */
  RECV: () => words`recv-blob --blob-ref ${KEY} --out out`,
  /** A fetch from the holder of what it has. */
  RECV_HELD: (place) =>
    words`recv-blob --blob-ref ${place.refs.small} --out out ${place.attach()}`,
  /** The same with no id of the node. */
  RECV_HELD_WITHOUT_ID: ({ refs: { small }, holder }) =>
    words`recv-blob --blob-ref ${small} --out out ${holder.attach()}`,
  ATTACH: (place) => place.attach(),
  /** The flags with the keys of the holder, without its address. */
  KEYS: (place) => place.attach().slice(2),
  SMALL: (place) => [place.source("small.bin")],
  SMALL_REF: (place) => [place.refs.small],
  TREE_REF: (place) => [place.refs.tree],
};

/**
 * A row about nothing but the exit code of a command line, run in its place.
 *
 * @param there The recorded run of the reference that shows its code, or the
 * code where its source shows it.
 */
export function exits(
  there: string | number,
  description: string,
  line: string | ((place: Place) => string),
  { files = {}, ...fixed }: {
    /** Files that are there. */
    files?: Readonly<Record<string, string>>;
    ours?: { code: number };
    reason?: string;
  } = {},
): Omit<Row, "source"> {
  return {
    description,
    reference: typeof there === "string" ? recorded(there) : { code: there },
    ...fixed,
    async run(place) {
      for (const [name, text] of Object.entries(files)) {
        await place.write(name, text);
      }
      const text = typeof line === "string" ? line : line(place);
      const args = text.split(" ")
        .flatMap((word) => WORDS[word]?.(place) ?? [word]);
      return { code: (await place.run`${args}`).code };
    },
  };
}

const ADDRESSED = "RECV --node-addr 127.0.0.1:9";

/** The rows. */
export const EXIT_CODE_ROWS: Rows = from("cli/src/error.rs", {
  "exit-version": exits("A.version", "version succeeds", "version"),
  "exit-unknown-flag": exits(
    "A.unknown-flag",
    "an unknown flag",
    "version --frob",
  ),
  "exit-unknown-verb": exits("A.unknown-top", "an unknown verb", "frob"),
  "exit-missing-out": exits(
    "H.no-out",
    "recv-blob without --out",
    `recv-blob --blob-ref ${KEY}`,
  ),
  "exit-bad-reference": exits(
    "B.blob-zz",
    "a reference that is not hex, with right flags to attach",
    "recv-blob --blob-ref zz --out out ATTACH",
  ),
  "exit-bad-address": exits(
    "C.addr-noport",
    "an address without a port",
    "RECV --node-addr 127.0.0.1",
  ),
  "exit-bad-pubkey": exits(
    "C.key-short",
    "a public key that is too short",
    `${ADDRESSED} --node-pubkey abcd`,
  ),
  "exit-bad-node-id": exits(
    "C.id-neg",
    "a node id that is negative",
    `${ADDRESSED} --node-id=-1`,
  ),
  "exit-bad-psk": exits(
    "C.psk-long",
    "a pre-shared key that is too long",
    `${ADDRESSED} --psk-hex ${KEY}00`,
  ),
  "exit-no-attach": exits("C.none", "no node to attach to", "RECV"),
  "exit-half-attach": exits(
    "C.without-node-pubkey",
    "an address without a public key",
    `${ADDRESSED} --psk-hex ${KEY}`,
  ),
  "exit-bad-profile-value": exits(
    "D.profile-badaddr",
    "a profile with a malformed address",
    "RECV --config config",
    { files: { config: '[default]\nnode_addr = "here"\n' } },
  ),
  "exit-bad-endpoint": exits(
    "D.profile-ep",
    "a profile with an endpoint of another kind",
    "RECV --config config ATTACH",
    { files: { config: '[default]\nendpoint = "tcp"\n' } },
  ),
  "exit-send-dir-of-file": exits(
    "L.dir-file",
    "send-dir of a file",
    "send-dir SMALL",
  ),
  "exit-send-dir-of-nothing": exits(
    "L.dir-missing",
    "send-dir of a missing directory",
    "send-dir nothing",
  ),
  "exit-bad-identity": exits(
    "E.identity-short",
    "an identity file that is malformed",
    "RECV --identity id.toml ATTACH",
    { files: { "id.toml": 'seed_hex = "abc"\n' } },
  ),
  "exit-no-identity": exits(
    1,
    "an identity file that is missing",
    "identity show nothing",
  ),
  "exit-send-blob-of-nothing": exits(
    "J.blob-missing",
    "send-blob of a missing file",
    "send-blob nothing",
  ),
  "exit-send-blob-of-dir": exits(
    "J.blob-dir",
    "send-blob of a directory",
    "send-blob .",
    {
      ours: { code: 2 },
      reason: "a wrong argument, as a file is to send-dir",
    },
  ),
  "exit-send-blob-of-dir-as-reference": exits(
    "J.blob-dir",
    "send-blob of a directory with the first word of the reference: opened, but not read",
    "transfer send-blob .",
  ),
  "exit-store-mkdir": exits(
    "K.blob-store-underfile",
    "a store that cannot be made",
    "send-blob SMALL --store file/store",
    { files: { file: "" } },
  ),
  "exit-out-parent": exits(
    "G.blob-out-parentfile",
    "recv-blob into a parent that cannot be made",
    "recv-blob --blob-ref SMALL_REF --out file/out ATTACH",
    { files: { file: "" } },
  ),
  "exit-bad-toml": exits(
    "D.bad-toml",
    "a configuration file that is not TOML",
    "RECV --config config ATTACH",
    { files: { config: "[" } },
  ),
  "exit-missing-config": exits(
    "D.missing",
    "a configuration file that was named and is missing",
    "RECV_HELD --config nothing",
    { ours: { code: 2 }, reason: "a file asked for by name must exist" },
  ),
  "exit-unknown-profile": exits(
    "A.env-recv-profile-env",
    "a profile that does not exist",
    "RECV_HELD --profile nobody",
    { ours: { code: 2 }, reason: "a typo must not be an empty profile" },
  ),
  "exit-not-held": exits(
    "F.notheld-json",
    "content that the holder lacks",
    "RECV ATTACH",
  ),
  "exit-bad-manifest": exits(
    "H.blob-as-dir",
    "a tree whose manifest cannot be decoded",
    ({ refs }) => `recv-dir --remote-ref ${refs.notManifest} --out out ATTACH`,
  ),
  "exit-dir-file-system": exits(
    "G.dir-out-parentfile",
    "a file system error inside recv-dir",
    "recv-dir --remote-ref TREE_REF --out file/out ATTACH",
    { files: { file: "" } },
  ),
  "exit-handshake": exits(
    "C.wrong-psk",
    "a pre-shared key that is wrong",
    (place) =>
      `RECV ${place.attach([]).join(" ")} --psk-hex ${KEY} ` +
      "--connect-timeout 700ms",
  ),
  "exit-no-color": exits(
    "A.env-nocolor1",
    "NO_COLOR=1",
    "version --output json",
    {
      ours: { code: 0 },
      reason: "the convention is that any value turns colour off",
    },
  ),
  "failure-json": {
    description: "a failure with --output json is one JSON line on stderr",
    reason: "a program need not read sentences",
    reference: { code: 3, stdout: "", stderr: "text" },
    ours: { code: 3, stdout: "", stderr: "not_found" },
    async run(place) {
      const { code, stdout, stderr } = await place.recvBlob(KEY);
      return { code, stdout, stderr: JSON.parse(stderr).error.kind };
    },
  },
});
