import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../errors.ts";
import { ATTACH_BUDGET_MS, REQUEST_TIMEOUT_MS } from "../../limits.ts";
import { encodeTicket, nodeIdOf, type Ticket } from "../../mesh/mod.ts";
import { toHex } from "../../text/hex.ts";
import { parseArguments } from "../framework/options/parse_arguments.ts";
import { REQUEST_OPTIONS } from "../options/global_options.ts";
import { ATTACH_OPTIONS } from "./node_options.ts";
import type { Profile } from "./profile.ts";
import {
  type AttachSettings,
  chooseTicket,
  resolveAttach,
  resolveKeys,
  type Setting,
  type Sources,
} from "./settings.ts";

const KEYS = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
const PSKS = [4, 5, 6, 7].map((byte) => new Uint8Array(32).fill(byte));
const [HEX_1, HEX_2] = KEYS.map(toHex);
const [PSK_4, PSK_5, PSK_6] = PSKS.map(toHex);

function ticket(node: number, psk?: number): string {
  const fields: Ticket = {
    publicKey: KEYS[node - 1],
    addresses: [`192.0.2.${node}:1`, `[2001:db8::${node}]:1`],
  };
  return encodeTicket(
    psk === undefined ? fields : { ...fields, psk: PSKS[psk - 4] },
  );
}

interface Given {
  args?: string[];
  env?: Record<string, string>;
  profile?: Profile["texts"];
  timeout?: number;
}

function sourcesOf({ args = [], env = {}, profile = {}, timeout }: Given) {
  const { values, fromEnvironment } = parseArguments(args, {
    options: { ...ATTACH_OPTIONS, ...REQUEST_OPTIONS },
    arguments: {},
  }, { env: (name) => env[name] });
  const sources: Sources = {
    values,
    fromEnvironment,
    profile: { name: "home", texts: profile, defaultTimeoutMs: timeout },
  };
  return sources;
}

function resolve(given: Given): AttachSettings {
  const sources = sourcesOf(given);
  const chosen = chooseTicket(sources);
  assert(chosen === undefined || !("file" in chosen.value));
  return resolveAttach(sources, chosen as Setting<Ticket> | undefined, "ls");
}

const PROFILE = {
  node_addr: "192.0.2.1:1",
  node_pubkey: HEX_1,
  node_id: String(nodeIdOf(KEYS[0])),
  psk_hex: PSK_4,
};
const NODE_2 = ["--node-addr", "192.0.2.2:1", "--node-pubkey", HEX_2];
const TICKET_1 = { NET_MESH_TICKET: ticket(1) };
const [FLAG, ENV, OWN] = ["flag", "environment", "profile"];

/** Which node and key are chosen, and where they come from. */
const CHOSEN: [string, Given, [number, string, number, string]][] = [
  ["a profile", { profile: PROFILE }, [1, OWN, 4, OWN]],
  ["flags and a key of the profile", {
    args: [...NODE_2, "--node-id", `0x${nodeIdOf(KEYS[1]).toString(16)}`],
    profile: PROFILE,
  }, [2, FLAG, 4, OWN]],
  ["a key by flag, variable and profile", {
    args: ["--psk-hex", PSK_6],
    env: { NET_MESH_PSK_HEX: PSK_5 },
    profile: PROFILE,
  }, [1, OWN, 6, FLAG]],
  ["a key by variable and profile", {
    env: { NET_MESH_PSK_HEX: PSK_5 },
    profile: PROFILE,
  }, [1, OWN, 5, ENV]],
  ["a ticket by flag, variable and a profile with a node", {
    args: ["--ticket", ticket(3)],
    env: TICKET_1,
    profile: PROFILE,
  }, [3, FLAG, 4, OWN]],
  ["a ticket by variable and a profile with a node", {
    env: { NET_MESH_TICKET: ticket(2) },
    profile: PROFILE,
  }, [2, ENV, 4, OWN]],
  ["flags beside tickets of variable and profile", {
    args: NODE_2,
    env: TICKET_1,
    profile: { ticket: ticket(1), psk_hex: PSK_4 },
  }, [2, FLAG, 4, OWN]],
  ["tickets of variable and profile", {
    env: TICKET_1,
    profile: { ticket: ticket(3), psk_hex: PSK_4 },
  }, [1, ENV, 4, OWN]],
  ["a ticket of a profile with a key beside it", {
    profile: { ticket: ticket(3, 7), psk_hex: PSK_4 },
  }, [3, OWN, 4, OWN]],
  ["a ticket with a key, by flag", {
    args: ["--ticket", ticket(2, 7)],
  }, [2, FLAG, 7, FLAG]],
  ["a ticket with a key, and a key, by flag", {
    args: ["--ticket", ticket(2, 7), "--psk-hex", PSK_5],
  }, [2, FLAG, 5, FLAG]],
  ["a ticket with a key by flag, and a key of the profile", {
    args: ["--ticket", ticket(2, 7)],
    profile: PROFILE,
  }, [2, FLAG, 7, FLAG]],
  ["a ticket with a key by flag, and a key by variable", {
    args: ["--ticket", ticket(2, 7)],
    env: { NET_MESH_PSK_HEX: PSK_5 },
  }, [2, FLAG, 7, FLAG]],
  ["a ticket with a key by variable, and a key of the profile", {
    env: { NET_MESH_TICKET: ticket(2, 7) },
    profile: PROFILE,
  }, [2, ENV, 7, ENV]],
  ["a ticket with a key, and a key, by variable", {
    env: { NET_MESH_TICKET: ticket(2, 7), NET_MESH_PSK_HEX: PSK_5 },
  }, [2, ENV, 5, ENV]],
  ["a ticket with a key of a profile", {
    profile: { ticket: ticket(3, 7) },
  }, [3, OWN, 7, OWN]],
  ["a ticket with a key by flag, and a profile with two keys", {
    args: ["--ticket", ticket(2, 7)],
    profile: { psk_hex: "wrong", psk_file: "x" },
  }, [2, FLAG, 7, FLAG]],
];

for (const [title, given, expected] of CHOSEN) {
  const [node, , psk] = expected;
  Deno.test(`${title}: node ${node} with key ${psk}`, () => {
    const { addresses, publicKey, nodeId, psk } = resolve(given);
    assertEquals(nodeId, nodeIdOf(publicKey.value));
    assertEquals(addresses.value[0], `192.0.2.${publicKey.value[0]}:1`);
    assertEquals(addresses.origin.kind, publicKey.origin.kind);
    const key = "bytes" in psk.value ? psk.value.bytes[0] : NaN;
    assertEquals([
      ...[publicKey.value[0], publicKey.origin.kind],
      ...[key, psk.origin.kind],
    ], expected);
  });
}

/** What is refused, and how the message begins. */
const REFUSED: [Given, string, string?][] = [
  [{}, "ls needs a node to attach to", "give --ticket, or --node-addr"],
  [{ args: ["--psk-hex", PSK_4] }, "ls needs --node-addr or node_addr in the"],
  [
    {
      args: ["--node-addr", "192.0.2.2:1"],
      profile: { ticket: ticket(1, 7) },
    },
    "ls needs --node-pubkey or node_pubkey in the profile",
  ],
  [
    { args: NODE_2 },
    "ls needs --psk-file, --psk-hex or psk_file in the profile",
    "'net-transfer serve' prints the flags",
  ],
  [
    { args: NODE_2, profile: PROFILE },
    `node id ${
      nodeIdOf(KEYS[0])
    } does not belong to the public key, whose id is ${nodeIdOf(KEYS[1])}`,
    "leave --node-id out",
  ],
  ...(["node_addr", "node_pubkey", "node_id"] as const).map((
    key,
  ): [Given, string, string] => [
    { profile: { ticket: ticket(1), [key]: PROFILE[key] } },
    `profile 'home' sets both ticket and ${key}`,
    "keep one of them",
  ]),
  [
    { profile: { ...PROFILE, psk_file: "x" } },
    "profile 'home' sets both psk_hex and psk_file",
    "keep one of them",
  ],
  [
    { profile: { ...PROFILE, psk_hex: "abc" } },
    "psk_hex of profile 'home': expected 64 hexadecimal digits",
  ],
  [
    { profile: { ticket: ticket(1).slice(1) } },
    "ticket of profile 'home': the ticket cannot be used",
  ],
  [
    { profile: { ticket: ticket(1) } },
    "the ticket carries no pre-shared key",
    "give it with --psk-file",
  ],
  [
    { profile: { ...PROFILE, node_addr: "here" } },
    "invalid node_addr 'here' in profile 'home': expected IP:PORT",
  ],
  [
    { profile: { ...PROFILE, node_id: "-1" } },
    "invalid node_id '-1' in profile 'home': not a decimal",
  ],
  [
    { profile: { ...PROFILE, endpoint: "tcp" } },
    "endpoint 'tcp' of profile 'home' is not supported",
    "set it to in-process",
  ],
];

for (const [given, message, hint = ""] of REFUSED) {
  Deno.test(`it is refused that ${message.slice(0, 60)}`, () => {
    const error = assertThrows(() => resolve(given), UsageError, message);
    assert(error.message.startsWith(message));
    assert((error.hint ?? "").includes(hint), error.hint);
    assert(!/nt1[a-z2-7]{20}/.test(error.message));
  });
}

Deno.test("all addresses of a ticket are tried, and each setting names its origin", () => {
  const { addresses, psk } = resolve({
    args: ["--ticket", ticket(2)],
    env: { NET_MESH_PSK_FILE: "env.psk" },
    profile: { endpoint: "in-process" },
  });
  assertEquals(addresses, {
    value: ["192.0.2.2:1", "[2001:db8::2]:1"],
    origin: { kind: "flag", name: "--ticket" },
  });
  assertEquals(psk, {
    value: { file: "env.psk" },
    origin: { kind: "environment", name: "NET_MESH_PSK_FILE" },
  });
});

Deno.test("an address may be a name, and beside it the profile gives the key", () => {
  const { addresses, publicKey } = resolve({
    args: ["--node-addr", "files.example:9"],
    profile: PROFILE,
  });
  assertEquals(addresses.value, ["files.example:9"]);
  assertEquals(publicKey, {
    value: KEYS[0],
    origin: { kind: "profile", name: "node_pubkey of profile 'home'" },
  });
});

Deno.test("a file with a ticket is named by a flag before the profile, and not read", () => {
  const profile = { ticket: "@own.ticket" };
  assertEquals(chooseTicket(sourcesOf({ profile })), {
    value: { file: "own.ticket" },
    origin: { kind: "profile", name: "ticket of profile 'home'" },
  });
  const args = ["--ticket-file", "given"];
  assertEquals(chooseTicket(sourcesOf({ args, profile })), {
    value: { file: "given" },
    origin: { kind: "flag", name: "--ticket-file" },
  });
});

Deno.test("time limits come from their flags, the profile or the program", () => {
  const limits = (given: Given) => {
    const { connectTimeoutMs, requestTimeoutMs } = resolve({
      ...given,
      profile: PROFILE,
    });
    return [connectTimeoutMs, requestTimeoutMs].map(({ value, origin }) => [
      value,
      origin.kind,
    ]);
  };
  assertEquals(limits({}), [
    [ATTACH_BUDGET_MS, "default"],
    [REQUEST_TIMEOUT_MS, "default"],
  ]);
  const args = ["--connect-timeout", "2s", "--timeout", "3s"];
  assertEquals(limits({ args, timeout: 7 }), [[2000, FLAG], [3000, FLAG]]);
  assertEquals(limits({ timeout: 7 })[1], [7, OWN]);
});

Deno.test("the keys of a node that attaches to none come from the same places", () => {
  assertEquals(resolveKeys(sourcesOf({})), {
    identity: undefined,
    psk: undefined,
  });
  const { identity, psk } = resolveKeys(sourcesOf({
    args: ["--identity", "id.toml"],
    profile: { identity: "/own.toml", psk_file: "/own.psk", node_addr: "here" },
  }));
  assertEquals([identity?.value, identity?.origin.kind], ["id.toml", FLAG]);
  assertEquals([psk?.value, psk?.origin.kind], [{ file: "/own.psk" }, OWN]);
  const own = resolveKeys(sourcesOf({ profile: { identity: "/own.toml" } }));
  assertEquals(own.identity?.value, "/own.toml");
});
