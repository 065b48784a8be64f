import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { toHex } from "../../content/mod.ts";
import { PermissionError, UsageError } from "../../errors.ts";
import { encodeTicket, nodeIdOf, type Ticket } from "../../mesh/mod.ts";
import type { Context } from "../command.ts";
import {
  GLOBAL_OPTIONS,
  type GlobalValues,
} from "../options/global_options.ts";
import { parseArguments } from "../framework/options/parse_arguments.ts";
import { COMMAND_LINE } from "../command_line.ts";
import { Log } from "../framework/terminal/log.ts";
import { Screen } from "../framework/terminal/screen.ts";
import { stageOf } from "../stage.ts";
import {
  ATTACH_OPTIONS,
  type AttachTarget,
  type AttachValues,
  resolveAttachTarget,
} from "./attach_target.ts";

const KEYS = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
const PSKS = [4, 5, 6, 7].map((byte) => new Uint8Array(32).fill(byte));
const [HEX_1, HEX_2, HEX_3] = KEYS.map(toHex);
const [PSK_1, PSK_2, PSK_3] = PSKS.map(toHex);

function ticket(node: number, psk?: Uint8Array): string {
  const fields: Ticket = {
    publicKey: KEYS[node - 1],
    addresses: [`192.0.2.${node}:1`, `[2001:db8::${node}]:1`],
  };
  return encodeTicket(psk === undefined ? fields : { ...fields, psk });
}

interface Given {
  args?: string[];
  env?: Record<string, string>;
  profile?: string;
}

/** Resolves what a command line, an environment and a profile say. */
async function resolveTarget(
  { args = [], env = {}, profile = "" }: Given,
): Promise<AttachTarget> {
  const dir = await Deno.makeTempDir();
  try {
    const config = join(dir, "config.toml");
    await Deno.writeTextFile(config, `[default]\n${profile}\n`, {
      mode: 0o600,
    });
    await Deno.writeTextFile(join(dir, "ticket"), ticket(3, PSKS[3]), {
      mode: 0o600,
    });
    const { values, fromEnvironment } = parseArguments(
      ["--config", config, ...args],
      {
        options: { ...GLOBAL_OPTIONS, ...ATTACH_OPTIONS },
        arguments: {},
      },
      { env: (name) => env[name] },
    );
    const context: Context = {
      program: COMMAND_LINE,
      // The parser filled both from these tables.
      globals: values as GlobalValues,
      fromEnvironment,
      format: "json",
      log: new Log({ format: "text", line: () => {} }),
      screen: new Screen(Deno.stderr),
      signal: new AbortController().signal,
      emit: () => Promise.resolve(),
    };
    return await resolveAttachTarget(values as AttachValues, "ls", context);
  } catch (thrown) {
    throw stageOf(thrown).error;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The number of the node, and the first byte of the key to attach with. */
async function chosen(given: Given): Promise<[number, number]> {
  const { addresses, publicKey, nodeId, psk } = await resolveTarget(given);
  assertEquals(nodeId, nodeIdOf(publicKey));
  assertEquals(addresses[0], `192.0.2.${publicKey[0]}:1`);
  return [publicKey[0], psk[0]];
}

const PROFILE = `
node_addr = "192.0.2.1:1"
node_pubkey = "${HEX_1}"
node_id = "${nodeIdOf(KEYS[0])}"
psk_hex = "${PSK_1}"`;
const FLAGS = ["--node-addr", "192.0.2.2:1", "--node-pubkey", HEX_2];

Deno.test("each field comes from its flag, else from the profile", async () => {
  assertEquals(await chosen({ profile: PROFILE }), [1, 4]);
  const ids = ["--node-id", `0x${nodeIdOf(KEYS[1]).toString(16)}`];
  assertEquals(
    await chosen({ args: [...FLAGS, ...ids], profile: PROFILE }),
    [2, 4],
  );
  const psk = ["--psk-hex", PSK_2];
  assertEquals(await chosen({ args: psk, profile: PROFILE }), [1, 5]);
  const { addresses, publicKey } = await resolveTarget({
    args: ["--node-addr", "files.example:9"],
    profile: PROFILE,
  });
  assertEquals([addresses, publicKey], [["files.example:9"], KEYS[0]]);
  await assertRejects(
    () => chosen({ args: FLAGS, profile: PROFILE }),
    UsageError,
    "does not belong to the public key",
  );
});

Deno.test("the key comes from the flag, then the environment, then the profile", async () => {
  const env = { NET_MESH_PSK_HEX: PSK_2 };
  const args = ["--psk-hex", PSK_3];
  assertEquals(await chosen({ args, env, profile: PROFILE }), [1, 6]);
  assertEquals(await chosen({ env, profile: PROFILE }), [1, 5]);
  assertEquals(await chosen({ profile: PROFILE }), [1, 4]);
});

Deno.test("a ticket names the node before the profile does, with all its addresses", async () => {
  const { addresses } = await resolveTarget({
    args: ["--ticket", ticket(2)],
    profile: PROFILE,
  });
  assertEquals(addresses, ["192.0.2.2:1", "[2001:db8::2]:1"]);
  const env = { NET_MESH_TICKET: ticket(2) };
  assertEquals(await chosen({ env, profile: PROFILE }), [2, 4]);
  const flag = ["--ticket", ticket(3)];
  assertEquals(await chosen({ args: flag, env, profile: PROFILE }), [3, 4]);
});

Deno.test("a flag that names a node silences the tickets of environment and profile", async () => {
  const env = { NET_MESH_TICKET: ticket(1) };
  const profile = `ticket = "${ticket(1)}"\npsk_hex = "${PSK_1}"`;
  assertEquals(await chosen({ args: FLAGS, env, profile }), [2, 4]);
  assertEquals(await chosen({ env, profile }), [1, 4]);
  assertEquals(await chosen({ profile }), [1, 4]);
  await assertRejects(
    () => chosen({ args: ["--node-addr", "192.0.2.2:1"], profile }),
    UsageError,
    "--node-pubkey",
  );
});

Deno.test("a key beside a ticket wins, unless the ticket was given more explicitly", async () => {
  const own = PSKS[3];
  const flag = ["--ticket", ticket(2, own)];
  assertEquals(await chosen({ args: flag }), [2, 7]);
  assertEquals(
    await chosen({ args: [...flag, "--psk-hex", PSK_2] }),
    [2, 5],
  );
  assertEquals(await chosen({ args: flag, profile: PROFILE }), [2, 7]);
  const env = { NET_MESH_TICKET: ticket(2, own) };
  assertEquals(await chosen({ env, profile: PROFILE }), [2, 7]);
  assertEquals(
    await chosen({ env: { ...env, NET_MESH_PSK_HEX: PSK_3 } }),
    [2, 6],
  );
  const profile = `ticket = "${ticket(3, own)}"\npsk_hex = "${PSK_1}"`;
  assertEquals(await chosen({ profile }), [3, 4]);
});

Deno.test("a profile names the file of a ticket, from its own directory", async () => {
  assertEquals(await chosen({ profile: `ticket = "@ticket"` }), [3, 7]);
});

Deno.test("a profile with a wrong ticket, or with two nodes, is refused", async () => {
  await assertRejects(
    () => chosen({ profile: `ticket = "${ticket(1)}"\n${PROFILE}` }),
    UsageError,
    "sets both ticket and node_addr",
  );
  await assertRejects(
    () => chosen({ profile: `ticket = "${ticket(1).slice(1)}"` }),
    UsageError,
    "ticket of profile 'default': the ticket cannot be used",
  );
  await assertRejects(
    () => chosen({ profile: `ticket = "${ticket(1)}"` }),
    UsageError,
    "carries no pre-shared key",
  );
  await assertRejects(() => chosen({}), UsageError, "ls needs a node");
  await assertRejects(
    () => chosen({ args: ["--psk-hex", HEX_3] }),
    UsageError,
    "--node-addr",
  );
});

Deno.test({
  name: "a secret ticket in a file that others can read is refused",
  ignore: Deno.build.os === "windows",
  async fn() {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, ticket(1, PSKS[0]));
      await Deno.chmod(path, 0o644);
      const args = ["--ticket-file", path];
      await assertRejects(() => chosen({ args }), PermissionError);
      assertEquals(
        await chosen({ args: [...args, "--insecure-permissions"] }),
        [1, 4],
      );
      await Deno.writeTextFile(path, ticket(1));
      assertEquals(
        await chosen({ args: [...args, "--psk-hex", PSK_2] }),
        [1, 5],
      );
    } finally {
      await Deno.remove(path);
    }
  },
});
