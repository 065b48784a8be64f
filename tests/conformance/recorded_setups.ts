/** What lies where a recorded command line is run, by the id of the run. */

import type { TreeEntries } from "../../scripts/temp_dir.ts";
import type { Place } from "./place.ts";

/** The lines of a profile that is enough to attach with. */
export function profileOf(place: Place): string[] {
  const { address, publicKey, nodeId, psk } = place.four;
  return [
    `node_addr = "${address}"`,
    `node_pubkey = "${publicKey}"`,
    `node_id = "${nodeId}"`,
    `psk_hex = "${psk}"`,
  ];
}

/** The configuration of most of the runs of group D. */
function manyProfiles(place: Place): string {
  const four = profileOf(place);
  const [address, key, id, psk] = four;
  const profiles: Record<string, string[]> = {
    p: four,
    half: [address],
    psk: [psk],
    ep: [...four, 'endpoint = "tcp"'],
    inproc: [...four, 'endpoint = "in-process"', "default_timeout_ms = 5"],
    badaddr: ['node_addr = "nowhere"', key, id, psk],
    badid: [address, key, 'node_id = "x"', psk],
    badpsk: [address, key, id, 'psk_hex = "zz"'],
    unk: [...four, 'frobnicate = "x"'],
    ident: [...four, 'identity = "nope.toml"'],
    default: [address],
  };
  return [
    "[default]",
    ...four,
    ...Object.entries(profiles)
      .flatMap(([name, lines]) => [`[profiles.${name}]`, ...lines]),
  ].join("\n");
}

const SEED = "ab".repeat(32);

type Setup = TreeEntries | ((place: Place) => TreeEntries);

const FILE: TreeEntries = { out: "old" };
const config = (text: string): TreeEntries => ({ "c.toml": text });
const identity = (text: string): TreeEntries => ({ "id.toml": text });
const both = (name: string, setup: Setup): [string, Setup][] => [
  [`G.blob-out-${name}`, setup],
  [`G.dir-out-${name}`, setup],
];
const store = (name: string, setup: Setup): [string, Setup][] => [
  [`K.blob-store-${name}`, setup],
  [`K.dir-store-${name}`, setup],
];

/** Those of single runs. */
const SETUPS: ReadonlyMap<string, Setup> = new Map<string, Setup>([
  ["D.bad-toml", config("this is [not toml")],
  ["D.id-number", config("[default]\nnode_id = 42\n")],
  ["D.top-keys", config("foo = 1\n")],
  ["D.default-not-table", config("default = 1\n")],
  ["D.profiles-not-table", config("profiles = 1\n")],
  ["D.unreadable-type", { "c.toml/": "" }],
  ["D.latin1", { "c.toml": Uint8Array.of(0x23, 0xe9, 0x0a) }],
  ["D.tilde-identity", config('[default]\nidentity = "~/nope.toml"\n')],
  [
    "D.crlf",
    (place) => config(manyProfiles(place).replaceAll("\n", "\r\n")),
  ],
  ["D.home-config", (place) => ({
    "../.config/net-mesh/config.toml": manyProfiles(place),
  })],
  ["D.xdg-config", (place) => ({
    "xdg/net-mesh/config.toml": manyProfiles(place),
  })],
  ["D.xdg-relative", (place) => ({
    "xdg/net-mesh/config.toml": manyProfiles(place),
  })],
  ["E.identity-short", identity('seed_hex = "ab"\n')],
  ["E.identity-nothex", identity(`seed_hex = "${"zz".repeat(32)}"\n`)],
  ["E.identity-0x", identity(`seed_hex = "0x${SEED}"\n`)],
  ["E.identity-pad", identity(`seed_hex = " ${SEED}"\n`)],
  ["E.identity-noseed", identity('note = "x"\n')],
  ["E.identity-type", identity("seed_hex = 5\n")],
  ["E.identity-toml", identity("this is not toml")],
  ["E.identity-empty", identity("")],
  ["E.identity-644", identity(`seed_hex = "${SEED}"\n`)],
  ...both("exists", FILE),
  ...both("exists-600", FILE),
  ...both("dir", { "out/old": "old" }),
  ...both("emptydir", { "out/": "" }),
  ...both("slashdir", { "x/": "" }),
  ...both("adotdot", { "a/": "" }),
  ...both("dangling", { l: { link: "nowhere" } }),
  ...both("parentfile", { f: "" }),
  ...both("partial-dir", { "out.partial/": "" }),
  ...both("partial-link", { "out.partial": { link: "elsewhere" } }),
  ["J.blob-danglink", { l: { link: "nowhere" } }],
  ["J.blob-looplink", { l: { link: "l" } }],
  ["J.blob-trailslash", { f: "" }],
  ...store("file", { st: "" }),
  ...store("underfile", { f: "" }),
  ...store("dangling", { l: { link: "nowhere/deeper" } }),
  ...store("dataforts-file", { "st/dataforts": "" }),
  ...store("blob-file", { "st/dataforts/blob": "" }),
  ["K.store-inside", { "t/f": "x" }],
  ["K.store-inside-exists", { "t/f": "x", "t/zz/st/": "" }],
  ["K.store-is-source", { "t/f": "x" }],
  ["L.dir-dangling", { l: { link: "nowhere" } }],
  ["L.dir-linkfile", { f: "", l: { link: "f" } }],
  ["L.dir-dashdir", { "-d/": "" }],
  ["L.dir-two", { "a/": "", "b/": "" }],
]);

/** What lies there before a run. */
export function setupOf(id: string, place: Place): TreeEntries {
  const setup = SETUPS.get(id);
  if (setup !== undefined) {
    return typeof setup === "function" ? setup(place) : setup;
  }
  return id.startsWith("D.") ? config(manyProfiles(place)) : {};
}

/** Runs that cannot be made again here, why, and what looks at the same. */
export const NOT_RUN: readonly (readonly [ids: RegExp, reason: string])[] = [
  [/^I\./, "its manifest is not in the recording: see the rows of trees"],
  [/badutf8/, "see tests/e2e/cli_raw_arguments_test.ts"],
  [/^K\..*-ro$/, "nothing is read-only to root: see exit-store-full"],
  [/^L\.dir-(?:sysfs|procsys)$/, "no two kernels have the same files there"],
  [/^L\.dir-deep600$/, "see the tests of lib/store about deep trees"],
  [/^G\..*-fifo$/, "see the tests of targets about devices and pipes"],
  [
    /^(?:C\.timeout-flag|D\.profile-inproc)$/,
    "our time-outs work: whether an answer comes within milliseconds is luck; see exit-silent-blob",
  ],
  [/^B\.blob-noattach-newline-in$/, "a placeholder of the recording itself"],
];
