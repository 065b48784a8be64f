import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError, PermissionError, UsageError } from "../../errors.ts";
import { encodeTicket } from "../../mesh/mod.ts";
import { parseConfig } from "./config_file.ts";
import { type Profile, profileOfFile } from "./profile.ts";

const PATH = "/etc/net/config.toml";

function profileOf(
  toml: string,
  options: { name?: string; mode?: number; insecure?: boolean } = {},
): { profile: Profile; warnings: string } {
  const lines: string[] = [];
  const bytes = new TextEncoder().encode(toml);
  const file = parseConfig(PATH, {
    bytes,
    access: { mode: options.mode ?? 0o600, uid: null },
  });
  const profile = profileOfFile(file, {
    name: options.name ?? "default",
    insecurePermissions: options.insecure ?? false,
    warn: (message) => lines.push(message),
  });
  return { profile, warnings: lines.join("\n") };
}

const FULL = `
[default]
node_addr = "192.0.2.1:7700"
psk_file = "node.psk"
identity = "/keys/me.toml"
ticket = "@dir/ticket"
netdb = "/x"
default_timeout_ms = 500

[profiles.home]
node_id = "0x2a"
endpoint = "in-process"
ticket = "nt1abc"
default_timeout_ms = 99999999999
`;

Deno.test("the default profile has its paths resolved, relative to the file", () => {
  const { profile, warnings } = profileOf(FULL);
  assertEquals(profile, {
    name: "default",
    texts: {
      node_addr: "192.0.2.1:7700",
      psk_file: "/etc/net/node.psk",
      ticket: "@/etc/net/dir/ticket",
      identity: "/keys/me.toml",
    },
    lists: {},
    flags: {},
    defaultTimeoutMs: 500,
  });
  assertEquals(warnings, "");
});

Deno.test("a profile says where content is taken from, and whether fetches go on with what is left", () => {
  const of = (toml: string) => profileOf(`[default]\n${toml}`).profile;
  const { lists, flags } = of(`reuse = ["old", "/x"]\nresume = false`);
  assertEquals([lists.reuse, flags.resume], [["/etc/net/old", "/x"], false]);
  assertEquals(of(`reuse = "../y"`).lists.reuse, ["/etc/y"]);
  for (const bad of ["reuse = 7", 'reuse = ["a", 7]', 'resume = "no"']) {
    assertThrows(() => of(bad), ConfigError, "of profile 'default' is neither");
  }
});

Deno.test("a named profile inherits nothing, and a timer can wait for its timeout", () => {
  assertEquals(profileOf(FULL, { name: "home" }).profile, {
    name: "home",
    texts: { node_id: "0x2a", endpoint: "in-process", ticket: "nt1abc" },
    lists: {},
    flags: {},
    defaultTimeoutMs: 2 ** 31 - 1,
  });
});

Deno.test("without a file there is the default profile alone", () => {
  const nothing = { name: "default", texts: {}, lists: {}, flags: {} };
  assertEquals(profileOf("").profile, nothing);
  const missing = {
    exists: false,
    access: { mode: null, uid: null },
    document: {},
  };
  const options = { insecurePermissions: false, warn: () => {} };
  for (const [path, shown] of [[PATH, ` '${PATH}'`], ["", ""]]) {
    const file = { ...missing, path };
    assertEquals(profileOfFile(file, { ...options, name: "default" }), nothing);
    const error = assertThrows(
      () => profileOfFile(file, { ...options, name: "home" }),
      UsageError,
      `in the configuration file${shown}, which does not exist`,
    );
    assertEquals(error.hint, "known profiles: default");
  }
});

Deno.test("an unknown profile is refused with those that are known", () => {
  const error = assertThrows(
    () => profileOf(FULL, { name: "hoem" }),
    UsageError,
    `profile 'hoem' does not exist in '${PATH}'`,
  );
  assertEquals(
    error.hint,
    "did you mean 'home'? known profiles: default, home",
  );
});

Deno.test("unknown keys, and tables that cannot be reached, are warned of", () => {
  const { warnings } = profileOf(`
[default]
node_adr = "x"
[profiles.default]
[profile.home]
`);
  assertStringIncludes(warnings, "'node_adr' in profile 'default'");
  assertStringIncludes(warnings, "did you mean 'node_addr'?");
  assertStringIncludes(warnings, "[profiles.default]");
  assertStringIncludes(warnings, "'profile' in the top level");
});

Deno.test("a value of another type, and what is not TOML, are refused", () => {
  for (
    const toml of [
      "[default",
      "[default]\nnode_id = 42\n",
      "default = 1\n",
      "profiles = 1\n",
      "[profiles]\nhome = 1\n",
      ...[-1, 1.5, '"1"'].map((ms) =>
        `[default]\ndefault_timeout_ms = ${ms}\n`
      ),
      "[default]\nnode_id = '\xff\n",
    ]
  ) {
    assertThrows(() => profileOf(toml), ConfigError, `config load: ${PATH}: `);
  }
});

Deno.test("a file with a key of any profile must be private", () => {
  const ticket = { publicKey: new Uint8Array(32), addresses: ["192.0.2.1:1"] };
  const secret = encodeTicket({ ...ticket, psk: new Uint8Array(32) });
  for (
    const line of [
      "psk_hex = 'ab'",
      `ticket = '${secret}'`,
      // One letter of a secret may be wrong.
      `ticket = '${secret.slice(0, -1)}'`,
    ]
  ) {
    const toml = `[profiles.home]\n${line}\n`;
    for (const mode of [0o640, 0o604]) {
      assertThrows(() => profileOf(toml, { mode }), PermissionError);
    }
    profileOf(toml, { mode: 0o600 });
    profileOf(toml, { mode: 0o644, insecure: true });
  }
  const open = `[default]\nticket = '${encodeTicket(ticket)}'\n`;
  profileOf(open, { mode: 0o644 });
  profileOf("[default]\nticket = '@file'\n", { mode: 0o644 });
});

Deno.test("a profile lists sources, the files of tickets relative to its own", () => {
  const lists = (value: string) =>
    profileOf(`[default]\nsources = ${value}`).profile.lists;
  assertEquals(lists('["@a", "https://example.org/", "@/b"]'), {
    sources: ["@/etc/net/a", "https://example.org/", "@/b"],
  });
  assertEquals(lists('"@a"'), { sources: ["@/etc/net/a"] });
  for (const bad of ["7", '["a", 7]', "{ a = 1 }"]) {
    assertThrows(
      () => lists(bad),
      ConfigError,
      "'sources' of profile 'default' is neither a string nor a list of them",
    );
  }
});

Deno.test("a file with the key of a source must be private", () => {
  const psk = new Uint8Array(32).fill(2);
  const node = { publicKey: new Uint8Array(32).fill(1), addresses: ["a.b:1"] };
  const toml = (text: string) => `[default]\nsources = ["@x", "${text}"]`;
  profileOf(toml(encodeTicket(node)), { mode: 0o644 });
  assertThrows(
    () => profileOf(toml(encodeTicket({ ...node, psk })), { mode: 0o644 }),
    PermissionError,
  );
});
