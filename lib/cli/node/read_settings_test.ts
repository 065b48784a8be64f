import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { ConfigError, PermissionError, UsageError } from "../../errors.ts";
import { CONFIG_FILE_MAX } from "../../limits.ts";
import {
  encodeTicket,
  generateIdentity,
  writeIdentity,
} from "../../mesh/mod.ts";
import { parseArguments } from "../framework/options/parse_arguments.ts";
import { Log } from "../framework/terminal/log.ts";
import {
  GLOBAL_OPTIONS,
  type GlobalValues,
} from "../options/global_options.ts";
import { stageOf } from "../stage.ts";
import { ATTACH_OPTIONS, type AttachValues } from "./node_options.ts";
import { type AttachTarget, readAttachTarget } from "./read_settings.ts";

const NODE = {
  publicKey: new Uint8Array(32).fill(1),
  addresses: ["192.0.2.1:1"],
};
const PSK = new Uint8Array(32).fill(2);
const OPEN = encodeTicket(NODE);
const SECRET = encodeTicket({ ...NODE, psk: PSK });

/** Runs with a directory that holds a configuration and an open ticket. */
async function inDir(
  profile: string,
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const config = join(dir, "config.toml");
    await Deno.writeTextFile(config, `[default]\n${profile}\n`, {
      mode: 0o600,
    });
    await Deno.writeTextFile(join(dir, "ticket"), SECRET, { mode: 0o600 });
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Reads what a command line in `dir` leads to. */
async function target(dir: string, ...args: string[]): Promise<AttachTarget> {
  const { values, fromEnvironment } = parseArguments(
    ["--config", join(dir, "config.toml"), ...args],
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

Deno.test("a profile names the file of a ticket, from its own directory", () =>
  inDir('ticket = "@ticket"', async (dir) => {
    const { options, source } = await target(dir);
    const { addresses, publicKey, psk, nodeId } = options;
    assertEquals({ addresses, publicKey, psk }, { ...NODE, psk: PSK });
    assertEquals(source, { nodeId });
  }));

Deno.test("the files that the settings name are read", () =>
  inDir("", async (dir) => {
    const identity = generateIdentity();
    await writeIdentity(join(dir, "id.toml"), identity);
    await Deno.writeFile(join(dir, "psk"), PSK, { mode: 0o600 });
    const files = [
      `--psk-file=${join(dir, "psk")}`,
      `--identity=${join(dir, "id.toml")}`,
    ];
    const { options } = await target(dir, "--ticket", OPEN, ...files);
    assertEquals(options.psk, PSK);
    assertEquals(options.identity?.nodeId, identity.nodeId);
  }));

Deno.test("a profile whose file holds no ticket is named", () =>
  inDir('ticket = "@config.toml"', async (dir) => {
    const error = await assertRejects(
      () => target(dir),
      UsageError,
      "ticket of profile 'default': '",
    );
    assertEquals(Object.entries(error).find(([key]) => key === "stage"), [
      "stage",
      "setup",
    ]);
  }));

Deno.test({
  name:
    "a secret in a file that others can read is refused alike, whatever it is",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inDir("", async (dir) => {
      await writeIdentity(join(dir, "id.toml"), generateIdentity());
      await Deno.writeFile(join(dir, "psk"), PSK);
      for (const name of ["id.toml", "psk", "ticket"]) {
        await Deno.chmod(join(dir, name), 0o644);
      }
      const key = ["--psk-hex", "ab".repeat(32)];
      for (
        const args of [
          ["--ticket-file", join(dir, "ticket")],
          ["--ticket", OPEN, "--psk-file", join(dir, "psk")],
          ["--ticket", OPEN, ...key, "--identity", join(dir, "id.toml")],
        ]
      ) {
        const error = await assertRejects(
          () => target(dir, ...args),
          PermissionError,
          "can be used by others (mode 0644)",
        );
        assertEquals(
          error.hint,
          "chmod 600 it, or pass --insecure-permissions",
        );
        await target(dir, ...args, "--insecure-permissions");
      }
    }),
});

Deno.test("a configuration file that was asked for must exist and be a small file", () =>
  inDir(`#${"x".repeat(CONFIG_FILE_MAX)}`, async (dir) => {
    const config = join(dir, "config.toml");
    await assertRejects(
      () => target(dir),
      ConfigError,
      `is longer than ${CONFIG_FILE_MAX} bytes`,
    );
    await Deno.remove(config);
    await assertRejects(
      () => target(dir),
      UsageError,
      `the configuration file '${config}' does not exist`,
    );
    await Deno.mkdir(config);
    await assertRejects(() => target(dir), ConfigError, "config load:");
  }));
