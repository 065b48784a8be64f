/** The configuration file, profiles, precedence, and identity files. */

import { NOWHERE, type Place } from "./place.ts";
import { recorded } from "./recorded.ts";
import { profileOf } from "./recorded_setups.ts";
import { from, type Row, type Rows } from "./row.ts";

const IN_HOME = 'identity = "~/id.toml"';

/** A row about the exit code of a fetch with a configuration file. */
function configured(
  description: string,
  make: (profile: string[], place: Place) => readonly string[],
  reference: { code: number },
  ...flags: string[]
): Omit<Row, "source"> {
  return {
    description,
    reference,
    async run(place) {
      const lines = make(profileOf(place), place);
      const { code } = await recvWith(place, lines, ...flags);
      return { code };
    },
  };
}

async function recvWith(
  place: Place,
  lines: readonly string[],
  ...more: string[]
) {
  const config = await place.write("config.toml", lines.join("\n"));
  return await place.run`recv-blob --blob-ref ${place.refs.small}
    --out ${place.at("out")} --config ${config} ${more}`;
}

async function newIdentity(place: Place, ...more: string[]) {
  const path = place.at("id.toml");
  const finished = await place.run`identity generate --out ${path} ${more}`;
  return { ...finished, path };
}

/** The rows. */
export const CONFIG_ROWS: Rows = {
  ...from("cli/src/config.rs", {
    "config-profile": configured(
      "a profile is enough to attach with",
      (profile) => ["[profiles.home]", ...profile],
      recorded("D.profile-p"),
      ...["--profile", "home"],
    ),
    "config-flag-wins": {
      description: "a flag wins over the profile, field by field",
      source: "cli/src/commands/remote.rs",
      reference: { ...recorded("D.flag-wins"), without: 2 },
      async run(place) {
        const [, ...lines] = profileOf(place);
        const flag = place.attach().slice(0, 2);
        const profile = ["[default]", 'node_addr = "nowhere"', ...lines];
        return {
          code: (await recvWith(place, profile, ...flag)).code,
          without: (await recvWith(place, profile)).code,
        };
      },
    },
    "config-no-inheritance": configured(
      "a named profile takes nothing from the default one",
      (
        [address, ...rest],
      ) => ["[default]", address, "[profiles.home]", ...rest],
      { code: 2 },
      ...["--profile", "home"],
    ),
    "config-profiles-default": configured(
      "--profile default is [default], never [profiles.default]",
      (profile) => ["[profiles.default]", ...profile],
      { code: 2 },
    ),
    "config-default-missing": {
      description: "the default configuration file need not exist",
      reference: { code: 0 },
      async run(place) {
        return { code: (await place.recvBlob(place.refs.small)).code };
      },
    },
    "config-unknown-key": {
      description: "a key of a profile that nobody reads",
      reason: "a typo must not pass in silence",
      reference: { ...recorded("D.profile-unk"), warned: false },
      ours: { code: 0, warned: true },
      async run(place) {
        const lines = ["[default]", "node_adr = 1", ...profileOf(place)];
        const { code, stderr } = await recvWith(place, lines);
        return { code, warned: stderr.includes("node_addr") };
      },
    },
    "config-permissions": {
      description: "a configuration file with a key that others can read",
      reason: "a key that everybody reads protects nothing",
      reference: recorded("D.mode644"),
      ours: { code: 2 },
      async run(place) {
        const text = ["[default]", ...profileOf(place)].join("\n");
        const config = await place.write("config", text, 0o644);
        const { code } = await place
          .run`recv-blob --blob-ref ${place.refs.small} --out out
            --config ${config}`;
        return { code };
      },
    },
    "config-home": {
      description: "an identity that begins with ~/",
      reason: "the reference's own example has one, and does not expand it",
      reference: recorded("D.tilde-identity"),
      ours: { code: 0 },
      async run(place) {
        await place.write("../id.toml", `seed_hex = "${NOWHERE}"\n`);
        const lines = ["[default]", ...profileOf(place), IN_HOME];
        return { code: (await recvWith(place, lines)).code };
      },
    },
    "config-idle-flag": {
      description: "a global flag that means nothing to a verb",
      source: "cli/src/main.rs",
      reason: "accepted everywhere, as in the reference, but never in silence",
      reference: { code: 0, stderr: "", quiet: "", environment: "" },
      ours: {
        code: 0,
        stderr: "WARN --timeout has no effect on send-blob\n",
        quiet: "",
        environment: "",
      },
      async run(place) {
        const send = ["send-blob", place.source("small.bin")];
        const { code, stderr } = await place.run`--timeout 5s ${send}`;
        const quiet = await place.run`${send} --timeout 5s -q`;
        const env = { NO_COLOR: "1", NET_MESH_PROFILE: "home" };
        const environment = await place.runWith({ env }, ...send);
        return {
          code,
          stderr,
          quiet: quiet.stderr,
          environment: environment.stderr,
        };
      },
    },
  }),
  ...from("cli/src/commands/identity.rs", {
    "identity-file": {
      description: "an identity file has the reference's keys, for us alone",
      reference: {
        code: 0,
        keys: "operator_id_hex seed_hex public_key_hex created_at note",
        mode: 0o600,
      },
      async run(place) {
        const { code, path } = await newIdentity(place, "--note", "x");
        const lines = (await Deno.readTextFile(path)).split("\n");
        const keys = lines.filter((line) => /^[a-z]/.test(line))
          .map((line) => line.split(" ")[0]).join(" ");
        return { code, keys, mode: await place.mode("id.toml") };
      },
    },
    "identity-exists": {
      description: "an identity file is replaced with --force alone",
      reference: { codes: [0, 2, 0] },
      async run(place) {
        const first = await newIdentity(place);
        const second = await newIdentity(place);
        const third = await newIdentity(place, "--force");
        return { codes: [first, second, third].map(({ code }) => code) };
      },
    },
    "identity-gate": {
      description: "an identity file that others can read is not shown",
      reference: { codes: [2, 2, 0] },
      async run(place) {
        const { path } = await newIdentity(place);
        await Deno.chmod(path, 0o644);
        const runs = await Promise.all([
          place.run`identity show ${path}`,
          place.run`identity fingerprint ${path}`,
          place.run`identity show ${path} --insecure-permissions`,
        ]);
        return { codes: runs.map(({ code }) => code) };
      },
    },
    "identity-attach-gate": {
      description: "an identity file that others can read is not attached with",
      reason: "it is the same secret wherever it is used",
      reference: recorded("E.identity-644"),
      ours: { code: 2 },
      async run(place) {
        const { path } = await newIdentity(place);
        await Deno.chmod(path, 0o644);
        const { code } = await place
          .recvBlob(place.refs.small, "out", "--identity", path);
        return { code };
      },
    },
    "identity-fields": {
      description: "what is shown of an identity begins as in the reference",
      reference: {
        show: ["path", "operator_id_hex", "public_key_hex", "created_at"],
        fingerprint: ["operator_id_hex", "fingerprint"],
        form: true,
      },
      async run(place) {
        const { path } = await newIdentity(place);
        const results = await Promise.all(
          ["show", "fingerprint"].map(async (verb) =>
            JSON.parse((await place.run`identity ${verb} ${path}`).stdout)
          ),
        );
        const [show, fingerprint] = results.map(Object.keys);
        return {
          show: show.slice(0, 4),
          fingerprint: fingerprint.slice(0, 2),
          form: /^([0-9A-F]{2}:){7}[0-9A-F]{2}$/.test(results[1].fingerprint),
        };
      },
    },
  }),
};
