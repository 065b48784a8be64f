import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { ConfigError, PermissionError, UsageError } from "../../errors.ts";
import { CONFIG_FILE_MAX } from "../../limits.ts";
import { encodeTicket } from "../../mesh/mod.ts";
import { Log } from "../framework/terminal/log.ts";
import { loadProfile, type Profile } from "./config.ts";

interface Loaded {
  path: string;
  profile: Profile;
  warnings: string;
}

async function load(
  toml: string,
  options: { name?: string; mode?: number; insecure?: boolean } = {},
): Promise<Loaded> {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "config.toml");
  const lines: string[] = [];
  try {
    await Deno.writeTextFile(path, toml);
    await Deno.chmod(path, options.mode ?? 0o600);
    const profile = await loadProfile({
      path,
      name: options.name ?? "default",
      insecurePermissions: options.insecure ?? false,
      log: new Log({
        level: "warn",
        format: "text",
        line: (text) => lines.push(text),
      }),
    });
    return { path: dir, profile, warnings: lines.join("\n") };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const FULL = `
[default]
node_addr = "192.0.2.1:7700"
psk_file = "node.psk"
identity = "/keys/me.toml"
netdb = "/x"
default_timeout_ms = 500

[profiles.home]
node_id = "0x2a"
endpoint = "in-process"
`;

Deno.test("loadProfile reads the default profile, paths relative to the file", async () => {
  const { profile, path, warnings } = await load(FULL);
  assertEquals(profile, {
    name: "default",
    nodeAddr: "192.0.2.1:7700",
    pskFile: join(path, "node.psk"),
    identity: "/keys/me.toml",
    defaultTimeoutMs: 500,
  });
  assertEquals(warnings, "");
});

Deno.test("loadProfile reads a named profile, which inherits nothing", async () => {
  const { profile } = await load(FULL, { name: "home" });
  assertEquals(profile, {
    name: "home",
    nodeId: "0x2a",
    endpoint: "in-process",
  });
});

Deno.test("loadProfile names the known profiles when one is unknown", async () => {
  const error = await assertRejects(
    () => load(FULL, { name: "hoem" }),
    UsageError,
    "profile 'hoem' does not exist",
  );
  assertEquals(
    error.hint,
    "did you mean 'home'? known profiles: default, home",
  );
});

Deno.test("loadProfile warns of unknown keys and of what cannot be reached", async () => {
  const { warnings } = await load(`
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

Deno.test("loadProfile refuses what is no TOML or has another type", async () => {
  for (
    const toml of [
      "[default",
      "[default]\nnode_id = 42\n",
      "default = 1\n",
      "[default]\ndefault_timeout_ms = -1\n",
      "[default]\nnode_id = '\xff\n",
    ]
  ) await assertRejects(() => load(toml), ConfigError, "config load:");
  await assertRejects(
    () => load("#".repeat(CONFIG_FILE_MAX + 1)),
    ConfigError,
    `is longer than ${CONFIG_FILE_MAX} bytes`,
  );
});

Deno.test({
  name: "loadProfile refuses a file with a key that others can read",
  ignore: Deno.build.os === "windows",
  async fn() {
    const toml = "[profiles.home]\npsk_hex = 'ab'\n";
    await assertRejects(() => load(toml, { mode: 0o644 }), PermissionError);
    await load(toml, { mode: 0o600 });
    await load(toml, { mode: 0o644, insecure: true });
    await load("[default]\n", { mode: 0o644 });

    const ticket = {
      publicKey: new Uint8Array(32),
      addresses: ["192.0.2.1:1"],
    };
    const open = `[default]\nticket = '${encodeTicket(ticket)}'\n`;
    await load(open, { mode: 0o644 });
    const secret = encodeTicket({ ...ticket, psk: new Uint8Array(32) });
    for (const text of [secret, secret.slice(0, -1)]) {
      const holding = `[profiles.home]\nticket = '${text}'\n`;
      await assertRejects(
        () => load(holding, { mode: 0o640 }),
        PermissionError,
      );
      await load(holding, { mode: 0o600 });
    }
  },
});

Deno.test("loadProfile refuses a file that was asked for and is missing", async () => {
  const log = new Log({ format: "text", line: () => {} });
  const options = { name: "default", insecurePermissions: false, log };
  await assertRejects(
    () => loadProfile({ ...options, path: "/no/such/config.toml" }),
    UsageError,
    "does not exist",
  );
  await assertRejects(
    () => loadProfile({ ...options, path: Deno.cwd() }),
    ConfigError,
    "config load:",
  );
});
