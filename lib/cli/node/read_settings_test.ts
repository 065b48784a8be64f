import { assertEquals, assertRejects } from "@std/assert";
import { testAlone } from "../../../tests/support/own_process.ts";
import { ConfigError, PermissionError, UsageError } from "../../errors.ts";
import { CONFIG_FILE_MAX } from "../../limits.ts";
import {
  encodeTicket,
  generateIdentity,
  writeIdentity,
} from "../../mesh/mod.ts";
import { makeTempDir, type TempDir } from "../../store/testing/temp_tree.ts";
import { parseArguments } from "../framework/options/parse_arguments.ts";
import { Log } from "../framework/terminal/log.ts";
import {
  GLOBAL_OPTIONS,
  type GlobalValues,
} from "../options/global_options.ts";
import { stageOf } from "../stage.ts";
import { ATTACH_OPTIONS, type AttachValues } from "./node_options.ts";
import { readConfigFile } from "./config_file.ts";
import { type AttachTarget, readAttachTarget } from "./read_settings.ts";

const NODE = {
  publicKey: new Uint8Array(32).fill(1),
  addresses: ["192.0.2.1:1"],
};
const PSK = new Uint8Array(32).fill(2);
const OPEN = encodeTicket(NODE);
const SECRET = encodeTicket({ ...NODE, psk: PSK });

/** Makes a directory that holds a configuration and a secret ticket. */
async function makeDir(profile = ""): Promise<TempDir> {
  const dir = makeTempDir();
  const mode = 0o600;
  const config = `[default]\n${profile}\n`;
  await Deno.writeTextFile(`${dir.path}/config.toml`, config, { mode });
  await Deno.writeTextFile(`${dir.path}/ticket`, SECRET, { mode });
  return dir;
}

/** Reads what a command line in `dir` leads to. */
async function target(dir: string, ...args: string[]): Promise<AttachTarget> {
  const { values, fromEnvironment } = parseArguments(
    ["--config", `${dir}/config.toml`, ...args],
    { options: { ...GLOBAL_OPTIONS, ...ATTACH_OPTIONS }, arguments: {} },
    { env: () => undefined },
  );
  const context = {
    // The parser filled these from GLOBAL_OPTIONS.
    globals: values as GlobalValues,
    fromEnvironment,
    log: new Log({ format: "text", line: () => {} }),
  };
  try {
    return await readAttachTarget(values as AttachValues, "ls", context);
  } catch (thrown) {
    const { stage, error } = stageOf(thrown);
    throw Object.assign(error as Error, { stage });
  }
}

Deno.test("a profile names the file of a ticket, from its own directory", async () => {
  using dir = await makeDir('ticket = "@ticket"');
  const { options, source } = await target(dir.path);
  const { addresses, publicKey, psk, nodeId } = options;
  assertEquals({ addresses, publicKey, psk }, { ...NODE, psk: PSK });
  assertEquals(source, { nodeId });
});

Deno.test("the files that the settings name are read", async () => {
  using dir = await makeDir();
  const identity = generateIdentity();
  const paths = { identity: `${dir.path}/id.toml`, psk: `${dir.path}/psk` };
  await writeIdentity(paths.identity, identity);
  await Deno.writeFile(paths.psk, PSK, { mode: 0o600 });
  const { options } = await target(
    dir.path,
    ...["--ticket", OPEN, "--psk-file", paths.psk],
    ...["--identity", paths.identity],
  );
  assertEquals(options.psk, PSK);
  assertEquals(options.identity?.nodeId, identity.nodeId);
});

Deno.test("a profile whose file holds no ticket is named", async () => {
  using dir = await makeDir('ticket = "@config.toml"');
  const error: Error & { stage?: string } = await assertRejects(
    () => target(dir.path),
    UsageError,
    "ticket of profile 'default': '",
  );
  assertEquals(error.stage, "setup");
});

const KEY = ["--psk-hex", "ab".repeat(32)];
/** Files with a secret, and what names them. */
const SECRETS: Record<string, string[]> = {
  ticket: ["--ticket-file"],
  psk: ["--ticket", OPEN, "--psk-file"],
  "id.toml": ["--ticket", OPEN, ...KEY, "--identity"],
};
for (const [name, flags] of Object.entries(SECRETS)) {
  Deno.test({
    name: `a secret that others can read is refused, in the file ${name}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      using dir = await makeDir();
      const path = `${dir.path}/${name}`;
      if (name === "id.toml") await writeIdentity(path, generateIdentity());
      if (name === "psk") await Deno.writeFile(path, PSK);
      await Deno.chmod(path, 0o644);
      const error = await assertRejects(
        () => target(dir.path, ...flags, path),
        PermissionError,
        "can be used by others (mode 0644)",
      );
      assertEquals(
        error.hint,
        "chmod 600 it, or pass --insecure-permissions; where the file system keeps no modes (exFAT, FAT), keep it elsewhere",
      );
      await target(dir.path, ...flags, path, "--insecure-permissions");
    },
  });
}

testAlone(
  import.meta.url,
  "a default configuration below what is a file, as /dev/null, sets nothing",
  async () => {
    using dir = await makeDir();
    await Deno.writeTextFile(`${dir.path}/file`, "");
    Deno.env.set("XDG_CONFIG_HOME", `${dir.path}/file`);
    const { exists } = await readConfigFile(undefined);
    assertEquals(exists, false);
  },
);

Deno.test("a configuration file that was asked for must exist and be a small file", async () => {
  using dir = await makeDir(`#${"x".repeat(CONFIG_FILE_MAX)}`);
  const config = `${dir.path}/config.toml`;
  const refuses = (kind: typeof ConfigError, message: string) =>
    assertRejects(() => target(dir.path), kind, message);
  await refuses(ConfigError, `is longer than ${CONFIG_FILE_MAX} bytes`);
  await Deno.remove(config);
  await refuses(
    UsageError,
    `the configuration file '${config}' does not exist`,
  );
  await Deno.mkdir(config);
  await refuses(ConfigError, "config load:");
});
