/**
 * The flags that many verbs take and one piece of code reads: those to attach
 * with, and the global ones. Their effects are seen at one verb; of the others
 * the test beside asks that they take the same options and work with them.
 *
 * @module
 */

import { join } from "@std/path";
import { fromHex, toHex } from "../../lib/content/mod.ts";
import { encodeTicket, nodeIdOf } from "../../lib/mesh/mod.ts";
import {
  codes,
  effect,
  type FlagEffect,
  type Seen,
  tested,
} from "./flag_effect.ts";
import type { Place } from "./row.ts";

const KEY = "ab".repeat(32);
const HASTY = ["--connect-timeout", "500ms"];

/** How each verb that attaches is called so that it succeeds. */
export const ATTACHING: Readonly<
  Record<string, (place: Place) => readonly string[]>
> = {
  "recv-blob": fetchBlob,
  "recv-dir": ({ refs, dir }) => [
    ...["recv-dir", "--remote-ref", refs.links, "--out", join(dir, "tree")],
  ],
  ls: () => ["ls"],
  status: () => ["status", "1"],
  cancel: () => ["cancel", "1"],
};

function fetchBlob({ refs, dir }: Place): string[] {
  return ["recv-blob", "--blob-ref", refs.small, "--out", join(dir, "out")];
}

/** What the holder is reached with. */
async function attachParts(place: Place) {
  const [, address, , publicKey, , file] = place.holder.attach();
  const text = (await Deno.readTextFile(file)).trim();
  const psk = fromHex(text);
  const ticket = encodeTicket({
    publicKey: fromHex(publicKey),
    addresses: [address],
    psk,
  });
  const ticketFile = join(place.dir, "ticket");
  await Deno.writeTextFile(ticketFile, ticket, { mode: 0o600 });
  return { address, publicKey, file, psk: toHex(psk), ticket, ticketFile };
}

async function newIdentity(place: Place): Promise<string> {
  const path = join(place.dir, "id.toml");
  await place.run("identity", "generate", "--force", "--out", path);
  return path;
}

/** Sets of flags that hold all flags to attach with, each enough to attach. */
export async function attachSets(place: Place): Promise<string[][]> {
  const parts = await attachParts(place);
  const nodeId = String(nodeIdOf(fromHex(parts.publicKey)));
  return [
    [
      ...["--ticket", parts.ticket, "--psk-hex", parts.psk],
      ...["--identity", await newIdentity(place), "--connect-timeout", "5s"],
    ],
    [
      ...["--ticket-file", parts.ticketFile, "--psk-file", parts.file],
      "--insecure-permissions",
    ],
    [
      ...["--node-addr", parts.address, "--node-pubkey", parts.publicKey],
      ...["--node-id", nodeId, "--psk-file", parts.file],
    ],
  ];
}

/** The exit codes of a fetch with two ways to attach. */
function attaching(
  place: Place,
  without: readonly string[],
  with_: readonly string[],
): Promise<Seen> {
  const base = fetchBlob(place);
  return codes(
    place,
    [...base, ...without, ...HASTY],
    [...base, ...with_, ...HASTY],
  );
}

/** An effect of a flag to attach with: another exit code of a fetch. */
function attachEffect(
  flag: string,
  how: string,
  args: (
    parts: Awaited<ReturnType<typeof attachParts>>,
    place: Place,
  ) => readonly [string[], string[]] | Promise<readonly [string[], string[]]>,
): FlagEffect {
  return effect("attach", flag, how, async (place) => {
    const [without, with_] = await args(await attachParts(place), place);
    return await attaching(place, without, with_);
  });
}

/** What is on stderr of a verb with an idle flag, with further flags. */
async function warned(place: Place, ...more: string[]): Promise<string> {
  return (await place.run("version", "--timeout", "5s", ...more)).stderr;
}

/** Runs the program on a terminal; what it shows. */
async function onTerminal(place: Place, ...args: string[]): Promise<string> {
  const words = args.join(" ");
  const { stdout } = await place.shell(
    `exec script -qec "unset NO_COLOR; $* ${words}" /dev/null`,
  );
  return stdout;
}

const failing = ["send-blob", "/nonexistent"];
const ESCAPE = "\x1b[";

/** The effects. */
export const SHARED_FLAG_EFFECTS: readonly FlagEffect[] = [
  attachEffect(
    "ticket",
    "it is all that is needed",
    ({ ticket }) => [[], ["--ticket", ticket]],
  ),
  attachEffect(
    "ticket-file",
    "it is all that is needed",
    ({ ticketFile }) => [[], ["--ticket-file", ticketFile]],
  ),
  attachEffect(
    "node-addr",
    "there is a node at one address and none at the other",
    (_, { holder }) => {
      const [, , ...rest] = holder.attach();
      return [["--node-addr", "127.0.0.1:1", ...rest], holder.attach()];
    },
  ),
  attachEffect(
    "node-pubkey",
    "the key is the node's or another's",
    ({ address, file }, { holder, hostile }) => {
      const other = hostile.attach().slice(2, 4);
      const rest = ["--node-addr", address, "--psk-file", file];
      return [[...other, ...rest], holder.attach()];
    },
  ),
  attachEffect(
    "node-id",
    "an id that is not the key's is refused",
    (_, { holder }) => [
      holder.attach(),
      [...holder.attach(), "--node-id", "42"],
    ],
  ),
  attachEffect(
    "psk-hex",
    "the key is right or wrong",
    ({ psk }, { holder }) => [
      holder.attach(["--psk-hex", KEY]),
      holder.attach(["--psk-hex", psk]),
    ],
  ),
  attachEffect(
    "psk-file",
    "its key is right or wrong",
    async ({ file }, { holder, dir }) => {
      const wrong = join(dir, "wrong");
      await Deno.writeTextFile(wrong, KEY, { mode: 0o600 });
      return [
        holder.attach(["--psk-file", wrong]),
        holder.attach(["--psk-file", file]),
      ];
    },
  ),
  attachEffect(
    "insecure-permissions",
    "a key that others can read is accepted",
    async ({ psk }, { holder, dir }) => {
      const open = join(dir, "open");
      await Deno.writeTextFile(open, psk, { mode: 0o644 });
      const attach = holder.attach(["--psk-file", open]);
      return [attach, [...attach, "--insecure-permissions"]];
    },
  ),
  ...tested(
    "attach",
    ["identity"],
    "e2e/cli_serve_flags_test.ts",
    "--allow, given twice",
  ),
  effect("attach", "connect-timeout", "it is what is waited", async (place) => {
    const nowhere = ["--node-addr", "127.0.0.1:1"];
    const rest = place.holder.attach().slice(2);
    const message = async (limit: string) =>
      (await place.run(
        ...[...fetchBlob(place), ...nowhere, ...rest],
        ...["--connect-timeout", limit],
      )).stderr;
    return [await message("200ms"), await message("400ms")];
  }),
  effect("global", "output", "the result has another form", async (place) => [
    (await place.run("version", "--output", "json")).stdout,
    (await place.run("version", "--output", "ndjson")).stdout,
  ]),
  effect("global", "quiet", "a warning is not logged", async (place) => [
    await warned(place),
    await warned(place, "--quiet"),
  ]),
  effect("global", "verbose", "more is logged", async (place) => {
    const args = [...fetchBlob(place), ...place.holder.attach()];
    return [
      (await place.run(...args)).stderr,
      (await place.run(...args, "--verbose")).stderr,
    ];
  }),
  effect("global", "color", "a failure has colours", async (place) => {
    const isColoured = async (...more: string[]) =>
      (await place.run(...failing, ...more)).stderr.includes(ESCAPE);
    return [await isColoured(), await isColoured("--color", "always")];
  }),
  effect("global", "no-color", "none on a terminal", async (place) => {
    const isColoured = async (...more: string[]) =>
      (await onTerminal(place, ...failing, ...more)).includes(ESCAPE);
    return [await isColoured(), await isColoured("--no-color")];
  }),
  effect("global", "log-format", "a warning is JSON", async (place) => [
    (await warned(place)).startsWith("{"),
    (await warned(place, "--log-format", "json")).startsWith("{"),
  ]),
  effect("global", "help", "help is printed", async (place) => [
    (await place.run("version")).stdout.includes("Usage"),
    (await place.run("version", "--help")).stdout.includes("Usage"),
  ]),
  effect("global", "version", "the version is printed", async (place) => [
    (await place.run("send-dir")).code,
    (await place.run("send-dir", "--version")).code,
  ]),
  effect("global", "config", "its default profile is used", async (place) => {
    const config = await writeConfig(place);
    return await attaching(place, [], ["--config", config]);
  }),
  effect("global", "profile", "another one is used", async (place) => {
    const file = ["--config", await writeConfig(place)];
    return await attaching(place, file, [...file, "--profile", "empty"]);
  }),
  effect("global", "timeout", "it is what is waited", async (place) => {
    const message = async (limit: string) =>
      (await place.run(
        ...["recv-blob", "--blob-ref", place.hostile.silentBlob(), "--out"],
        ...[join(place.dir, "out"), ...place.hostile.attach()],
        ...["--timeout", limit],
      )).stderr;
    return [await message("200ms"), await message("400ms")];
  }),
];

/** A configuration file with a default profile and an empty one. */
async function writeConfig(place: Place): Promise<string> {
  const { ticketFile } = await attachParts(place);
  const path = join(place.dir, "config.toml");
  const text = `[default]\nticket = "@${ticketFile}"\n[profiles.empty]\n`;
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  return path;
}

/** Every global flag that can stand beside the others, before the verb's own. */
export const GLOBAL_FLAGS: readonly string[] = [
  ...["--config", "/nonexistent/config.toml", "--profile", "default"],
  ...["--output", "json", "--timeout", "5s", "--log-format", "text"],
  ...["--quiet", "--verbose", "--no-color", "--help"],
];
