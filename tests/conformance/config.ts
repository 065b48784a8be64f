/**
 * The configuration file, profiles, precedence, and identity files.
 *
 * @module
 */

import { join } from "@std/path";
import { type Place, recvBlob, type Row } from "./row.ts";

const CONFIG = "cli/src/config.rs";
const IDENTITY = "cli/src/commands/identity.rs";

/** What the flags to attach with are, as lines of a profile. */
function profileLines(place: Place): string[] {
  const [, address, , key, , file] = place.holder.attach();
  return [
    `node_addr = "${address}"`,
    `node_pubkey = "${key}"`,
    `psk_file = "${file}"`,
  ];
}

async function writeConfig(place: Place, lines: string[]): Promise<string> {
  const path = join(place.dir, "config.toml");
  await Deno.writeTextFile(path, lines.join("\n"), { mode: 0o600 });
  return path;
}

async function recvWith(place: Place, ...more: string[]) {
  return await place.run(
    ...["recv-blob", "--blob-ref", place.refs.small, "--out"],
    ...[join(place.dir, "out"), ...more],
  );
}

async function newIdentity(place: Place, ...more: string[]) {
  const path = join(place.dir, "id.toml");
  const finished = await place.run(
    ...["identity", "generate", "--out", path, "--output", "json", ...more],
  );
  return { ...finished, path };
}

/** The rows. */
export const CONFIG_ROWS: readonly Row[] = [
  {
    id: "config-profile",
    description: "a profile is enough to attach with",
    source: CONFIG,
    expected: "same",
    reference: { code: 0 },
    async run(place) {
      const lines = ["[profiles.home]", ...profileLines(place)];
      const config = await writeConfig(place, lines);
      const { code } = await recvWith(
        ...[place, "--config", config, "--profile", "home"] as const,
      );
      return { code };
    },
  },
  {
    id: "config-flag-wins",
    description: "a flag wins over the profile, field by field",
    source: "cli/src/commands/remote.rs",
    expected: "same",
    reference: { code: 0 },
    async run(place) {
      const [, ...lines] = profileLines(place);
      const config = await writeConfig(
        place,
        ["[default]", 'node_addr = "127.0.0.1:1"', ...lines],
      );
      const flag = place.holder.attach().slice(0, 2);
      return {
        code: (await recvWith(place, "--config", config, ...flag)).code,
      };
    },
  },
  {
    id: "config-no-inheritance",
    description: "a named profile takes nothing from the default one",
    source: CONFIG,
    expected: "same",
    reference: { code: 2 },
    async run(place) {
      const [address, key, psk] = profileLines(place);
      const lines = ["[default]", address, "[profiles.home]", key, psk];
      const config = await writeConfig(place, lines);
      const { code } = await recvWith(
        ...[place, "--config", config, "--profile", "home"] as const,
      );
      return { code };
    },
  },
  {
    id: "config-profiles-default",
    description: "--profile default is [default], never [profiles.default]",
    source: CONFIG,
    expected: "same",
    reference: { code: 2 },
    async run(place) {
      const lines = ["[profiles.default]", ...profileLines(place)];
      const config = await writeConfig(place, lines);
      return { code: (await recvWith(place, "--config", config)).code };
    },
  },
  {
    id: "config-default-missing",
    description: "the default configuration file need not exist",
    source: CONFIG,
    expected: "same",
    reference: { code: 0 },
    async run(place) {
      return { code: (await recvBlob(place, place.refs.small, "out")).code };
    },
  },
  {
    id: "config-unknown-key",
    description: "a key of a profile that nobody reads",
    source: CONFIG,
    expected: "fixed",
    reason: "a typo must not pass in silence",
    reference: { code: 0, warned: false },
    ours: { code: 0, warned: true },
    async run(place) {
      const lines = ["[default]", "node_adr = 1", ...profileLines(place)];
      const config = await writeConfig(place, lines);
      const { code, stderr } = await recvWith(place, "--config", config);
      return { code, warned: stderr.includes("node_addr") };
    },
  },
  {
    id: "config-permissions",
    description: "a configuration file with a key that others can read",
    source: CONFIG,
    expected: "fixed",
    reason: "a key that everybody reads is none",
    reference: { code: 0 },
    ours: { code: 2 },
    async run(place) {
      const config = await writeConfig(
        place,
        ["[default]", `psk_hex = "${"ab".repeat(32)}"`],
      );
      await Deno.chmod(config, 0o644);
      const { code } = await recvBlob(
        ...[place, place.refs.small, "out", "--config", config] as const,
      );
      return { code };
    },
  },
  {
    id: "config-home",
    description: "a value that begins with ~/",
    source: CONFIG,
    expected: "fixed",
    reason: "the reference's own example has one, and does not expand it",
    reference: { code: 1 },
    ours: { code: 0 },
    async run(place) {
      const psk = await Deno.readFile(place.holder.attach()[5]);
      await Deno.writeFile(join(place.dir, "..", "psk"), psk, { mode: 0o600 });
      const lines = profileLines(place).slice(0, 2);
      const config = await writeConfig(
        place,
        ["[default]", ...lines, 'psk_file = "~/psk"'],
      );
      return { code: (await recvWith(place, "--config", config)).code };
    },
  },
  {
    id: "config-idle-flag",
    description: "a global flag that means nothing to a verb",
    source: "cli/src/main.rs",
    expected: "fixed",
    reason: "accepted everywhere, as in the reference, but never in silence",
    reference: { code: 0, stderr: "", quiet: "", environment: "" },
    ours: {
      code: 0,
      stderr: "WARN --timeout has no effect on send-blob\n",
      quiet: "",
      environment: "",
    },
    async run(place) {
      const send = ["send-blob", join(place.sources, "small.bin")];
      const { code, stderr } = await place.run("--timeout", "5s", ...send);
      const quiet = await place.run(...send, "--timeout", "5s", "-q");
      const environment = await place.runWith(
        { env: { NO_COLOR: "1", NET_MESH_PROFILE: "home" } },
        ...send,
      );
      return {
        code,
        stderr,
        quiet: quiet.stderr,
        environment: environment.stderr,
      };
    },
  },
  {
    id: "identity-file",
    description: "an identity file has the reference's keys, for us alone",
    source: IDENTITY,
    expected: "same",
    reference: {
      code: 0,
      keys: [
        ...["operator_id_hex", "seed_hex", "public_key_hex", "created_at"],
        "note",
      ],
      mode: 0o600,
    },
    async run(place) {
      const { code, path } = await newIdentity(place, "--note", "x");
      const lines = (await Deno.readTextFile(path)).split("\n");
      const keys = lines.filter((line) => /^[a-z]/.test(line))
        .map((line) => line.split(" ")[0]);
      return { code, keys, mode: ((await Deno.stat(path)).mode ?? 0) & 0o777 };
    },
  },
  {
    id: "identity-exists",
    description: "an identity file is replaced with --force alone",
    source: IDENTITY,
    expected: "same",
    reference: { codes: [0, 2, 0] },
    async run(place) {
      const first = await newIdentity(place);
      const second = await newIdentity(place);
      const third = await newIdentity(place, "--force");
      return { codes: [first, second, third].map(({ code }) => code) };
    },
  },
  {
    id: "identity-gate",
    description: "an identity file that others can read is not shown",
    source: IDENTITY,
    expected: "same",
    reference: { codes: [2, 2, 0] },
    async run(place) {
      const { path } = await newIdentity(place);
      await Deno.chmod(path, 0o644);
      const runs = await Promise.all([
        place.run("identity", "show", path),
        place.run("identity", "fingerprint", path),
        place.run("identity", "show", path, "--insecure-permissions"),
      ]);
      return { codes: runs.map(({ code }) => code) };
    },
  },
  {
    id: "identity-attach-gate",
    description: "an identity file that others can read is not attached with",
    source: IDENTITY,
    expected: "fixed",
    reason: "it is the same secret wherever it is used",
    reference: { code: 0 },
    ours: { code: 2 },
    async run(place) {
      const { path } = await newIdentity(place);
      await Deno.chmod(path, 0o644);
      const { code } = await recvBlob(
        ...[place, place.refs.small, "out", "--identity", path] as const,
      );
      return { code };
    },
  },
  {
    id: "identity-fields",
    description: "what is shown of an identity begins as in the reference",
    source: IDENTITY,
    expected: "same",
    reference: {
      show: ["path", "operator_id_hex", "public_key_hex", "created_at"],
      fingerprint: ["operator_id_hex", "fingerprint"],
      form: true,
    },
    async run(place) {
      const { path } = await newIdentity(place);
      const results = await Promise.all(
        ["show", "fingerprint"].map(async (verb) => {
          const { stdout } = await place.run(
            ...["identity", verb, path, "--output", "json"],
          );
          return JSON.parse(stdout);
        }),
      );
      const [show, fingerprint] = results.map(Object.keys);
      return {
        show: show.slice(0, 4),
        fingerprint: fingerprint.slice(0, 2),
        form: /^([0-9A-F]{2}:){7}[0-9A-F]{2}$/.test(results[1].fingerprint),
      };
    },
  },
];
