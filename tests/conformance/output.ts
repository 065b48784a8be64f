/** Which stream says what, and in which format. */

import { NOWHERE } from "./place.ts";
import { from, type Rows } from "./row.ts";

const EMIT = "cli/src/output.rs";
const HELP = "cli/tests/help.rs";

/** The rows. */
export const OUTPUT_ROWS: Rows = from(EMIT, {
  "output-formats": {
    description: "json is indented, ndjson one line, yaml without a marker",
    reference: { json: "{\n  ", ndjson: 1, yaml: "blob_ref: " },
    async run(place) {
      const [json, ndjson, yaml] = await Promise.all(
        ["json", "ndjson", "yaml"].map(async (format) => {
          const file = place.source("small.bin");
          return (await place.run`send-blob ${file} --output ${format}`).stdout;
        }),
      );
      return {
        json: json.slice(0, 4),
        ndjson: ndjson.trimEnd().split("\n").length,
        yaml: yaml.slice(0, 10),
      };
    },
  },
  "output-for-people": {
    description: "table and text",
    reason: "they are for people; the reference prints JSON",
    reference: { table: "json", text: "json" },
    ours: { table: "aligned", text: "a line" },
    async run(place) {
      const shape = (stdout: string) =>
        stdout.startsWith("{")
          ? "json"
          : stdout.trimEnd().includes("\n")
          ? "aligned"
          : "a line";
      const send = async (format: string) => {
        const file = place.source("small.bin");
        const { stdout } = await place
          .run`send-blob ${file} --output ${format}`;
        return shape(stdout);
      };
      return { table: await send("table"), text: await send("text") };
    },
  },
  "output-piped": {
    description: "without --output what is piped is JSON",
    reference: { indented: true },
    async run(place) {
      const { stdout } = await place.run`version`;
      return { indented: stdout.startsWith('{\n  "') };
    },
  },
  "output-explicit-wins": {
    description: "an explicit format wins, before the verb and behind it",
    reference: { before: 1, behind: 1 },
    async run(place) {
      const before = await place.run`--output ndjson version`;
      const behind = await place.run`version --output ndjson`;
      const lines = (stdout: string) => stdout.trimEnd().split("\n").length;
      return { before: lines(before.stdout), behind: lines(behind.stdout) };
    },
  },
  "output-lower-case": {
    description: "the name of a format is of lower case",
    reference: { code: 2 },
    async run(place) {
      return { code: (await place.run`version --output JSON`).code };
    },
  },
  "output-large-numbers": {
    description: "a peer is a number with all of its 64 bits",
    reference: { exact: true },
    async run(place) {
      const { stdout } = await place.recvBlob(place.refs.small);
      const [, digits] = /"peer": (\d+),/.exec(stdout) ?? [];
      const { stdout: again } = await place
        .run`recv-blob --blob-ref ${place.refs.small} --out out
          ${place.holder.attach()} --node-id ${digits}`;
      return { exact: again.includes(`"peer": ${digits},`) };
    },
  },
  "output-failure": {
    description: "a failure is on stderr alone, and begins with the program",
    source: "cli/src/error.rs",
    reference: { code: 3, stdout: "", named: true },
    async run(place) {
      const { code, stdout, stderr } = await place
        .run`recv-blob --blob-ref ${NOWHERE} --out ${place.at("out")}
          ${place.attach()}`;
      return { code, stdout, named: stderr.startsWith("net-transfer: ") };
    },
  },
  "output-quiet": {
    description: "-q takes neither the result nor the error away",
    reference: { result: true, error: true },
    async run(place) {
      const good = await place.run`version -q`;
      const bad = await place.run`send-blob /nonexistent -q`;
      return { result: good.stdout !== "", error: bad.stderr !== "" };
    },
  },
  "output-progress-hidden": {
    description: "nothing is drawn where stderr is no terminal",
    source: "cli/src/progress.rs",
    reference: { json: "", table: "" },
    async run(place) {
      const json = await place.recvBlob(place.refs.large, "a");
      const table = await place
        .run`recv-blob --blob-ref ${place.refs.small} --out ${place.at("b")}
          ${place.attach()} --output table -q`;
      return { json: json.stderr, table: table.stderr };
    },
  },
  "output-no-identity": {
    description: "attaching without --identity",
    source: "cli/src/context.rs",
    reason: "the usual case is nothing to be warned of",
    reference: { stderr: "a warning" },
    ours: { stderr: "" },
    async run(place) {
      const { stderr } = await place.recvBlob(place.refs.small);
      return { stderr };
    },
  },
  "output-relay-hint": {
    description: "a failed fetch names both nodes when they are two",
    source: "cli/src/commands/transfer.rs",
    reference: { direct: false, both: true },
    async run(place) {
      const run = (...more: string[]) =>
        place.recvBlob(NOWHERE, "out", ...more);
      const direct = JSON.parse((await run()).stderr);
      const two = JSON.parse((await run("--from", "42")).stderr);
      const hint: string = two.error.hint ?? "";
      return {
        direct: `${direct.error.hint ?? ""}`.includes("--from"),
        both: hint.includes("42") && /node \d{6,}/.test(hint),
      };
    },
  },
  "output-stdout-closed": {
    description: "a result that cannot be printed: the file is in place",
    reference: { code: 1, out: 204_800, partial: null },
    async run(place) {
      const child = place.start`recv-blob --blob-ref ${place.refs.small}
        --out ${place.at("out")} ${place.attach()}`;
      await child.stdout.cancel();
      await child.stderr.cancel();
      const { code } = await child.status;
      return { code, ...await place.sizes() };
    },
  },
  "output-stdout-full": {
    description: "a stdout that takes nothing",
    reference: { code: 1 },
    async run(place) {
      return { code: (await place.shell('"$@" > /dev/full', "version")).code };
    },
  },
  "help-pages": {
    description: "help succeeds for the program, a group and a verb",
    source: HELP,
    reference: { codes: [0, 0, 0], named: true },
    async run(place) {
      const pages = await Promise.all([
        place.run`--help`,
        place.run`identity --help`,
        place.run`transfer recv-dir --help`,
      ]);
      return {
        codes: pages.map(({ code }) => code),
        named: pages.every(({ stdout }) => stdout.includes("net-transfer")),
      };
    },
  },
  "help-version-flag": {
    description: "--version prints the version",
    source: HELP,
    reference: { code: 0, version: true },
    async run(place) {
      const { code, stdout } = await place.run`--version`;
      return { code, version: /\d+\.\d+\.\d+/.test(stdout) };
    },
  },
  "help-version-fields": {
    description: "the result of version",
    source: HELP,
    reason: "there is no SDK of another version; the runtime has one",
    reference: { keys: ["cli_version", "sdk_version", "git_revision"] },
    ours: { keys: ["cli_version", "deno_version", "git_revision"] },
    async run(place) {
      const { stdout } = await place.run`version`;
      return { keys: Object.keys(JSON.parse(stdout)) };
    },
  },
  "help-completion": {
    description: "completion scripts, whatever --output says",
    source: "cli/src/commands/completion.rs",
    reference: { codes: [0, 0], scripts: true },
    async run(place) {
      const shells = ["bash", "elvish"];
      const runs = await Promise.all(
        shells.map((shell) => place.run`completion ${shell} --output json`),
      );
      return {
        codes: runs.map(({ code }) => code),
        scripts: runs.every(({ stdout }) => stdout.includes("recv-blob")),
      };
    },
  },
  "help-manual": {
    description: "the manual",
    source: "cli/src/commands/man.rs",
    reason: "every verb has a page, too",
    reference: { codes: [0, 2] },
    ours: { codes: [0, 0] },
    async run(place) {
      const runs = [await place.run`man`, await place.run`man serve`];
      return { codes: runs.map(({ code }) => code) };
    },
  },
});
