import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../errors.ts";
import { ATTACH_BUDGET_MS, REQUEST_TIMEOUT_MS } from "../../limits.ts";
import {
  decodeTicket,
  encodeTicket,
  nodeIdOf,
  type Ticket,
} from "../../mesh/mod.ts";
import { toHex } from "../../text/hex.ts";
import { parseArguments } from "../framework/options/parse_arguments.ts";
import { REQUEST_OPTIONS } from "../options/global_options.ts";
import { SERVE_RATES } from "../options/rate.ts";
import { ATTACH_OPTIONS, CONGESTION } from "./node_options.ts";
import { SOURCE } from "./source_place.ts";
import {
  type AttachSettings,
  chooseSources,
  chooseTicket,
  namesNode,
  resolveAttach,
  resolveKeys,
  resolveSource,
} from "./settings.ts";
import type { Setting, Sources } from "./setting.ts";

const KEYS = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));

function hexOf(byte: string): string {
  return toHex(new Uint8Array(32).fill(Number(byte)));
}

function ticketOf(node: string, psk?: string): string {
  const fields: Ticket = {
    publicKey: KEYS[Number(node) - 1],
    addresses: [`192.0.2.${node}:1`, `[2001:db8::${node}]:1`],
  };
  return encodeTicket(
    psk === undefined
      ? fields
      : { ...fields, psk: new Uint8Array(32).fill(Number(psk)) },
  );
}

/** Options by their keys in a profile, as a table below names them. */
function fieldsOf(words: string): Record<string, string> {
  const fields = words.split(" ").filter((word) => word !== "").map(
    (word): Record<string, string> => {
      const [key, value] = word.split("=");
      if (value !== undefined) return { [key]: value };
      const [, name, node, psk] = /^([a-z]+)(\d)(?:\+(\d))?$/.exec(word) ?? [];
      if (name === "psk") return { psk_hex: hexOf(node) };
      if (name === "ticket") return { ticket: ticketOf(node, psk) };
      return { node_addr: `192.0.2.${node}:1`, node_pubkey: hexOf(node) };
    },
  );
  return Object.assign({}, ...fields);
}

interface Given {
  flags?: string;
  variables?: string;
  profile?: string;
  timeout?: number;
}

function sourcesOf(
  { flags = "", variables = "", profile = "", timeout }: Given,
): Sources {
  const set = fieldsOf(variables);
  const { values, fromEnvironment } = parseArguments(
    Object.entries(fieldsOf(flags)).map(([key, value]) =>
      `--${key.replaceAll("_", "-")}=${value}`
    ),
    {
      options: {
        ...ATTACH_OPTIONS,
        ...REQUEST_OPTIONS,
        congestion: CONGESTION,
        ...SERVE_RATES,
      },
      arguments: {},
    },
    { env: (name) => set[name.replace("NET_MESH_", "").toLowerCase()] },
  );
  const texts = fieldsOf(profile);
  return {
    values,
    fromEnvironment,
    profile: {
      name: "home",
      texts,
      lists: {},
      flags: {},
      defaultTimeoutMs: timeout,
    },
  };
}

function resolve(given: Given): AttachSettings {
  const sources = sourcesOf(given);
  const chosen = chooseTicket(sources);
  assert(chosen === undefined || !("file" in chosen.value));
  return resolveAttach(sources, chosen as Setting<Ticket> | undefined, "ls");
}

const ID_1 = nodeIdOf(KEYS[0]);
const ID_2 = nodeIdOf(KEYS[1]);
const BOTH = "profile 'home' sets both";

/** Flags, variables, profile; which node and key, and where each is from. */
const CHOSEN: [string, string, string, string][] = [
  ["", "", "node1 psk4", "node 1 profile, psk 4 profile"],
  ["", "", `node1 psk4 node_id=${ID_1}`, "node 1 profile, psk 4 profile"],
  [`node2 node_id=${ID_2}`, "", "node1 psk4", "node 2 flag, psk 4 profile"],
  ["psk6", "psk5", "node1 psk4", "node 1 profile, psk 6 flag"],
  ["", "psk5", "node1 psk4", "node 1 profile, psk 5 environment"],
  ["ticket3", "ticket1", "node1 psk4", "node 3 flag, psk 4 profile"],
  ["", "ticket2", "node1 psk4", "node 2 environment, psk 4 profile"],
  ["node2", "ticket1", "ticket1 psk4", "node 2 flag, psk 4 profile"],
  ["", "ticket1", "ticket3 psk4", "node 1 environment, psk 4 profile"],
  ["", "", "ticket3 psk4", "node 3 profile, psk 4 profile"],
  ["", "", "ticket3+7 psk4", "node 3 profile, psk 4 profile"],
  ["", "", "ticket3+7", "node 3 profile, psk 7 profile"],
  ["ticket2+7", "", "", "node 2 flag, psk 7 flag"],
  ["ticket2+7 psk5", "", "", "node 2 flag, psk 5 flag"],
  ["ticket2+7", "", "node1 psk4", "node 2 flag, psk 7 flag"],
  ["ticket2+7", "psk5", "", "node 2 flag, psk 7 flag"],
  ["", "ticket2+7", "node1 psk4", "node 2 environment, psk 7 environment"],
  ["", "ticket2+7 psk5", "", "node 2 environment, psk 5 environment"],
  ["ticket2+7", "", "psk_hex=bad psk_file=x", "node 2 flag, psk 7 flag"],
];

for (const [flags, variables, profile, expected] of CHOSEN) {
  const shown = [flags, variables, profile].map((words) => words || "-");
  Deno.test(`${shown.join(" | ")}: ${expected}`, () => {
    const given = { flags, variables, profile };
    const { addresses, publicKey, nodeId, psk } = resolve(given);
    assertEquals(nodeId, nodeIdOf(publicKey.value));
    assertEquals(addresses.value[0], `192.0.2.${publicKey.value[0]}:1`);
    assertEquals(addresses.origin.kind, publicKey.origin.kind);
    const key = "bytes" in psk.value ? psk.value.bytes[0] : NaN;
    assertEquals(
      `node ${publicKey.value[0]} ${publicKey.origin.kind}, ` +
        `psk ${key} ${psk.origin.kind}`,
      expected,
    );
  });
}

/** Flags, profile, how the message begins, and a part of the hint. */
const REFUSED: [string, string, string, string][] = [
  ["", "", "ls needs a node to attach to", "give --ticket, or --node"],
  ["psk4", "", "ls needs --node-addr or node_addr in", "prints the flags"],
  ["node_addr=a:1", "ticket1+7", "ls needs --node-pubkey or", "'net-tran"],
  ["node2", "", "ls needs --psk-file, --psk-hex or psk_file", "to paste"],
  ["node2", `psk4 node_id=${ID_1}`, `node id ${ID_1} does`, "--node-id out"],
  ["", "ticket1 node_addr=x", `${BOTH} ticket and node_addr`, "keep one"],
  ["", "ticket1 node_pubkey=x", `${BOTH} ticket and node_pubkey`, "keep one"],
  ["", "ticket1 node_id=1", `${BOTH} ticket and node_id`, "keep one"],
  ["", "psk4 psk_file=x", `${BOTH} psk_hex and psk_file`, "keep one"],
  ["", "psk_hex=abc", "psk_hex of profile 'home': expected 64 hexa", ""],
  ["", "ticket=t1", "ticket of profile 'home': the ticket cannot be", ""],
  ["", "ticket1", "the ticket carries no pre-shared key", "--psk-file"],
  ["", "node_addr=x", "invalid node_addr 'x' in profile 'home': expec", ""],
  ["", "node1 node_id=y", "invalid node_id 'y' in profile 'home': not a", ""],
  ["", "endpoint=tcp", "endpoint 'tcp' of profile 'home' is not", "remove it"],
];

for (const [flags, profile, message, hint] of REFUSED) {
  Deno.test(`it is refused that ${message}`, () => {
    const error = assertThrows(() => resolve({ flags, profile }), UsageError);
    assert(error.message.startsWith(message), error.message);
    assert((error.hint ?? "").includes(hint), error.hint);
    assert(!/nt1[a-z2-7]{20}|abc/.test(error.message));
  });
}

Deno.test("all addresses of a ticket are tried, and each setting names its origin", () => {
  const { addresses, psk } = resolve({
    flags: "ticket2",
    variables: "psk_file=env.psk",
    profile: "endpoint=in-process",
  });
  assertEquals(addresses.value, ["192.0.2.2:1", "[2001:db8::2]:1"]);
  assertEquals(addresses.origin, { kind: "flag", name: "--ticket" });
  assertEquals(psk.value, { file: "env.psk" });
  const variable = { kind: "environment", name: "NET_MESH_PSK_FILE" } as const;
  assertEquals(psk.origin, variable);
  const flags = "node_addr=files.example:9";
  const named = resolve({ flags, profile: "node1 psk4" });
  assertEquals(named.addresses.value, ["files.example:9"]);
  assertEquals(named.publicKey.origin.name, "node_pubkey of profile 'home'");
});

Deno.test("a file with a ticket is named by a flag before the profile, and not read", () => {
  const profile = "ticket=@own.ticket";
  const own = chooseTicket(sourcesOf({ profile }));
  assertEquals(own?.value, { file: "own.ticket" });
  assertEquals(own?.origin.name, "ticket of profile 'home'");
  const given = chooseTicket(sourcesOf({ flags: "ticket_file=x", profile }));
  assertEquals(given?.value, { file: "x" });
  assertEquals(given?.origin.name, "--ticket-file");
});

Deno.test("time limits come from their flags, the profile or the program", () => {
  const limits = (given: Given) => {
    const settings = resolve({ ...given, profile: "node1 psk4" });
    return [settings.connectTimeoutMs, settings.requestTimeoutMs]
      .map(({ value, origin }) => `${value} ${origin.kind}`);
  };
  assertEquals(limits({}), [
    `${ATTACH_BUDGET_MS} default`,
    `${REQUEST_TIMEOUT_MS} default`,
  ]);
  const flags = "connect_timeout=2s timeout=3s";
  assertEquals(limits({ flags, timeout: 7 }), ["2000 flag", "3000 flag"]);
  assertEquals(limits({ timeout: 7 })[1], "7 profile");
});

Deno.test("the keys of a node that attaches to none come from the same places", () => {
  const keys = (given: Given) => {
    const { identity, psk } = resolveKeys(sourcesOf(given));
    return [identity?.value, psk?.value];
  };
  const profile = "identity=/own.toml psk_file=/own.psk node_addr=here";
  assertEquals(keys({}), [undefined, undefined]);
  assertEquals(keys({ profile }), ["/own.toml", { file: "/own.psk" }]);
  assertEquals(keys({ flags: "identity=id.toml", profile })[0], "id.toml");
});

Deno.test("the congestion control is the option's, else the profile's, else the peer's choice", () => {
  const control = (given: Given) => resolveKeys(sourcesOf(given)).congestion;
  assertEquals(control({}), undefined);
  const profile = "congestion=cubic";
  assertEquals(control({ profile })?.value, "cubic");
  assertEquals(control({ profile, flags: "congestion=bbr" })?.value, "bbr");
  assertThrows(
    () => control({ profile: "congestion=reno" }),
    UsageError,
    "invalid congestion 'reno' in profile 'home': possible values: bbr, cubic",
  );
});

Deno.test("a limit is the option's, else the profile's", () => {
  const rates = (given: Given) => {
    const { limitRate, limitRateSession } = resolveKeys(sourcesOf(given));
    return [limitRate?.value, limitRateSession?.value];
  };
  assertEquals(rates({}), [undefined, undefined]);
  const profile = "limit_rate=1M limit_rate_session=100K";
  assertEquals(rates({ profile }), [1_048_576, 102_400]);
  assertEquals(rates({ profile, flags: "limit_rate=none" }), [
    Infinity,
    102_400,
  ]);
  assertThrows(
    () => rates({ profile: "limit_rate=fast" }),
    UsageError,
    "invalid limit_rate 'fast' in profile 'home'",
  );
});

/** Flags, profile; whether a node is named. */
const NAMED: [string, string, boolean][] = [
  ["", "", false],
  ["psk4", "psk5", false],
  ["node1", "", true],
  ["ticket1", "", true],
  ["", "ticket1", true],
  ["", `node_id=${ID_1}`, true],
];

for (const [flags, profile, expected] of NAMED) {
  const how = expected ? "a node" : "no node";
  Deno.test(`${flags || "-"} | ${profile || "-"} name ${how}`, () => {
    assertEquals(namesNode(sourcesOf({ flags, profile })), expected);
  });
}

function sourceSettings(flags: string, source: string): AttachSettings {
  const [chosen] = chooseSources(sourcesOf({ flags }), [SOURCE.parse(source)]);
  // These are tickets.
  return resolveSource(sourcesOf({ flags }), chosen as Setting<Ticket>);
}

Deno.test("a further source is attached to with the key of its own ticket, else with the shared one", () => {
  const keyOf = ({ psk: { value } }: AttachSettings) =>
    "bytes" in value ? value.bytes[0] : NaN;
  assertEquals(keyOf(sourceSettings("psk4", ticketOf("2", "5"))), 5);
  assertEquals(keyOf(sourceSettings("psk4", ticketOf("2"))), 4);
  const plain = `192.0.2.9:1#${hexOf("2")}`;
  const settings = sourceSettings("psk4", plain);
  assertEquals([keyOf(settings), settings.addresses.value], [
    4,
    ["192.0.2.9:1"],
  ]);
  assertEquals(settings.nodeId, ID_2);
  // The ticket of the node is for that node.
  assertThrows(
    () => sourceSettings("ticket1+7", plain),
    UsageError,
    "the source 192.0.2.9:1 (--source) needs a pre-shared key",
  );
});

Deno.test("a relay is attached to with its own key, else with the one beside the ticket, else with the node's", () => {
  const [one, two, three] = KEYS;
  const bytesOf = (ticket: Ticket, flags: string) => {
    const value = encodeTicket(ticket);
    const sources = sourcesOf({ flags });
    const origin = { kind: "flag", name: "--source" } as const;
    const { relay } = resolveSource(sources, {
      value: decodeTicket(value),
      origin,
    });
    const source = relay?.psk.value;
    return source !== undefined && "bytes" in source ? source.bytes[0] : NaN;
  };
  const relay = { publicKey: one, addresses: ["192.0.2.7:1"] };
  const ticket = { publicKey: two, addresses: [], psk: three, relay };
  const own = { ...relay, psk: new Uint8Array(32).fill(9) };
  assertEquals(bytesOf({ ...ticket, relay: own }, "psk4"), 9);
  assertEquals(bytesOf(ticket, "psk4"), 4);
  assertEquals(bytesOf(ticket, ""), 3);
});

Deno.test("sources of options supersede those of the profile", () => {
  const url = "https://example.org/x/";
  const none = sourcesOf({});
  const lists = { sources: [url, ticketOf("1")] };
  const sources = { ...none, profile: { ...none.profile, lists } };
  const kinds = chooseSources(sources, []).map(({ origin }) => origin.kind);
  assertEquals(kinds, ["profile", "profile"]);
  const [given, ...more] = chooseSources(sources, [SOURCE.parse(url)]);
  assertEquals([given.origin.name, more], ["--source", []]);
});

Deno.test("a bad source of a profile is named by where it stands, and not repeated", () => {
  const none = sourcesOf({});
  const lists = { sources: ["nt1secret"] };
  const sources = { ...none, profile: { ...none.profile, lists } };
  const error = assertThrows(() => chooseSources(sources, []), UsageError);
  assert(error.message.startsWith("sources of profile 'home': "));
  assert(!error.message.includes("secret"));
});
