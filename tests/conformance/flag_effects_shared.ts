/**
 * The flags that many verbs take and one piece of code reads: those to attach
 * with, and the global ones. Their effects are seen at one verb; of the others
 * the test beside asks that they take the same options and work with them.
 */

import { fromHex, toHex } from "../../lib/text/hex.ts";
import { encodeTicket, loadIdentity, nodeIdOf } from "../../lib/mesh/mod.ts";
import { words } from "../../scripts/program.ts";
import { startHolder } from "../support/cli.ts";
import {
  effect,
  type FlagEffect,
  type FlagEffects,
  seenWith,
} from "./flag_effect.ts";
import { HURRY, NOWHERE as KEY, type Place } from "./place.ts";

/** How each verb that attaches is called so that it succeeds. */
export const ATTACHING: Readonly<Record<string, (place: Place) => string[]>> = {
  "recv-blob": fetchBlob,
  "recv-dir": (place) =>
    words`recv-dir --remote-ref ${place.refs.links} --out ${place.at("tree")}`,
  ls: () => ["ls"],
  status: () => ["status", "1"],
  cancel: () => ["cancel", "1"],
  limit: () => ["limit"],
  doctor: () => words`doctor --measure 50ms`,
};

function fetchBlob(place: Place): string[] {
  return words`recv-blob --blob-ref ${place.refs.small} --out ${
    place.at("out")
  }`;
}

/** What the holder is reached with. */
async function attachParts(place: Place) {
  const { address, ready: { node_pubkey: publicKey }, pskFile } = place.holder;
  const psk = fromHex((await Deno.readTextFile(pskFile)).trim());
  const ticket = encodeTicket({
    publicKey: fromHex(publicKey),
    addresses: [address],
    psk,
  });
  const ticketFile = await place.write("ticket", ticket);
  return { address, publicKey, pskFile, psk: toHex(psk), ticket, ticketFile };
}
type Parts = Awaited<ReturnType<typeof attachParts>>;

/** Sets of flags that hold all flags to attach with, each enough to attach. */
export async function attachSets(place: Place): Promise<string[][]> {
  const parts = await attachParts(place);
  const nodeId = nodeIdOf(fromHex(parts.publicKey));
  const identity = await place.write("id.toml", `seed_hex = "${KEY}"\n`);
  return [
    words`--ticket ${parts.ticket} --psk-hex ${parts.psk}
      --identity ${identity} --connect-timeout 60s`,
    words`--ticket-file ${parts.ticketFile} --psk-file ${parts.pskFile}
      --insecure-permissions`,
    words`--node-addr ${parts.address} --node-pubkey ${parts.publicKey}
      --node-id ${nodeId} --psk-file ${parts.pskFile}`,
  ];
}

/** An effect on the exit code of a fetch: two ways to attach. */
function attachEffect(
  how: string,
  ways: (
    parts: Parts,
    place: Place,
  ) => readonly [string[], string[]] | Promise<readonly [string[], string[]]>,
): FlagEffect {
  return effect(how, async (place) => {
    const [one, other] = await ways(await attachParts(place), place);
    const code = async (attach: string[]) =>
      (await place.run`${fetchBlob(place)} ${attach} ${HURRY}`)
        .code;
    return [await code(one), await code(other)];
  });
}

/** An effect on what stderr says of a time that ran out. */
function waits(flag: string, line: (place: Place) => string[]): FlagEffect {
  return effect("it is what is waited", async (place) => {
    const said = async (limit: string) =>
      (await place.run`${line(place)} --${flag} ${limit}`).stderr;
    // What was waited is said, which on a busy machine is more.
    return [await said("200ms"), await said("3s")];
  });
}

/** An effect on what a command line prints. */
function printed(
  how: string,
  line: string,
  flags: string,
  of: (text: string) => unknown = (text) => text,
): FlagEffect {
  return seenWith(how, flags.split(" "), async (place, more) => {
    const { stdout, stderr } = await place.run`${line.split(" ")} ${more}`;
    return of(stdout + stderr);
  });
}

const FAILING = "send-blob /nonexistent";
/** A flag that has no effect, which is warned of. */
const WARNED = "version --timeout 5s";
const isColoured = (text: string) => text.includes("\x1b[");

/** The effects. */
export const SHARED_FLAG_EFFECTS: FlagEffects = {
  "attach --ticket": attachEffect(
    "it is all that is needed",
    ({ ticket }) => [[], ["--ticket", ticket]],
  ),
  "attach --ticket-file": attachEffect(
    "it is all that is needed",
    ({ ticketFile }) => [[], ["--ticket-file", ticketFile]],
  ),
  "attach --node-addr": attachEffect(
    "there is a node at one address and none at the other",
    (_, place) => {
      const [, , ...rest] = place.attach();
      return [["--node-addr", "127.0.0.1:1", ...rest], place.attach()];
    },
  ),
  "attach --node-pubkey": attachEffect(
    "the key is the node's or another's",
    ({ address, pskFile }, place) => [
      words`${place.hostile.attach().slice(2, 4)} --node-addr ${address}
        --psk-file ${pskFile}`,
      place.attach(),
    ],
  ),
  "attach --node-id": attachEffect(
    "an id that is not the key's is refused",
    (_, { holder }) => [
      holder.attach(),
      [...holder.attach(), "--node-id", "42"],
    ],
  ),
  "attach --psk-hex": attachEffect(
    "the key is right or wrong",
    ({ psk }, place) => [
      place.attach(["--psk-hex", KEY]),
      place.attach(["--psk-hex", psk]),
    ],
  ),
  "attach --psk-file": attachEffect(
    "its key is right or wrong",
    async ({ pskFile }, place) => [
      place.attach(["--psk-file", await place.write("wrong", KEY)]),
      place.attach(["--psk-file", pskFile]),
    ],
  ),
  "attach --insecure-permissions": attachEffect(
    "a key that others can read is accepted",
    async ({ psk }, place) => {
      const open = await place.write("open", psk, 0o644);
      const attach = place.attach(["--psk-file", open]);
      return [attach, [...attach, "--insecure-permissions"]];
    },
  ),
  "attach --identity": effect(
    "its key is one that may attach",
    async (place) => {
      const file = await place.write("id.toml", `seed_hex = "${KEY}"\n`);
      const allowed = toHex((await loadIdentity(file)).x25519Public);
      const path = place.source("small.bin");
      await using holder = await startHolder(place.dir, [
        path,
        "--allow",
        allowed,
      ]);
      const code = async (...more: string[]) =>
        (await place.run`${fetchBlob(place)} ${holder.attach()} ${more}
        ${HURRY}`).code;
      return [await code(), await code("--identity", file)];
    },
  ),
  "attach --connect-timeout": waits(
    "connect-timeout",
    (place) =>
      words`${fetchBlob(place)} --node-addr 127.0.0.1:1
      ${place.attach().slice(2)}`,
  ),
  "global --timeout": waits(
    "timeout",
    (place) =>
      words`recv-blob --blob-ref ${place.hostile.silentBlob()}
      --out ${place.at("out")} ${place.hostile.attach()}`,
  ),
  "global --output": printed(
    "the result has another form",
    "version",
    "--output ndjson",
  ),
  "global --quiet": printed("a warning is not logged", WARNED, "--quiet"),
  "global --verbose": seenWith(
    "more is logged",
    ["--verbose"],
    async (place, more) =>
      (await place.run`${fetchBlob(place)} ${place.attach()} ${more}`).stderr,
  ),
  "global --color": printed(
    "a failure has colours",
    FAILING,
    "--color always",
    isColoured,
  ),
  "global --no-color": seenWith(
    "none on a terminal",
    ["--no-color"],
    async (place, more) => {
      const line = `${FAILING} ${more.join(" ")}`;
      const { stdout } = await place.terminal(
        `exec script -qec "unset NO_COLOR; $* ${line}" /dev/null`,
      );
      return isColoured(stdout);
    },
  ),
  "global --log-format": printed(
    "a warning is JSON",
    WARNED,
    "--log-format json",
    (text) => text.includes('{"'),
  ),
  "global --help": printed(
    "help is printed",
    "version",
    "--help",
    (text) => text.includes("Usage"),
  ),
  "global --node": seenWith(
    "scripts that give it are told that it has no effect",
    ["--node", "1"],
    async (place, more) =>
      (await place.run`send-blob ${place.source("small.bin")} ${more}`).stderr,
  ),
  "global --version": printed(
    "the version is printed",
    "send-dir",
    "--version",
  ),
  "global --config": attachEffect(
    "its default profile is used",
    async ({ ticketFile }, place) => [[], await config(place, ticketFile)],
  ),
  "global --profile": attachEffect(
    "another one is used",
    async ({ ticketFile }, place) => {
      const file = await config(place, ticketFile);
      return [file, [...file, "--profile", "empty"]];
    },
  ),
};

/** A configuration file with a default profile and an empty one. */
async function config(place: Place, ticketFile: string): Promise<string[]> {
  const text = `[default]\nticket = "@${ticketFile}"\n[profiles.empty]\n`;
  return ["--config", await place.write("config.toml", text)];
}

/** Every global flag that can stand beside the others, before the verb's own. */
export const GLOBAL_FLAGS: readonly string[] = words`
  --config /nonexistent/config.toml --profile default --output json
  --timeout 5s --node 1 --log-format text --quiet --verbose --no-color --help`;
