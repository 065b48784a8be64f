/**
 * Which stream says what, and in which format.
 *
 * @module
 */

import { join } from "@std/path";
import { NOWHERE, recvBlob, type Row, sizeOf } from "./row.ts";

const EMIT = "cli/src/output.rs";
const HELP = "cli/tests/help.rs";

/** The rows. */
export const OUTPUT_ROWS: readonly Row[] = [
  {
    id: "output-formats",
    description: "json is indented, ndjson one line, yaml without a marker",
    source: EMIT,
    expected: "same",
    reference: { json: "{\n  ", ndjson: 1, yaml: "blob_ref: " },
    async run(place) {
      const [json, ndjson, yaml] = await Promise.all(
        ["json", "ndjson", "yaml"].map(async (format) => {
          const { stdout } = await place.run(
            ...["send-blob", join(place.sources, "small.bin")],
            ...["--output", format],
          );
          return stdout;
        }),
      );
      return {
        json: json.slice(0, 4),
        ndjson: ndjson.trimEnd().split("\n").length,
        yaml: yaml.slice(0, 10),
      };
    },
  },
  {
    id: "output-for-people",
    description: "table and text",
    source: EMIT,
    expected: "fixed",
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
      const send = async (format: string) =>
        shape(
          (await place.run(
            ...["send-blob", join(place.sources, "small.bin")],
            ...["--output", format],
          )).stdout,
        );
      return { table: await send("table"), text: await send("text") };
    },
  },
  {
    id: "output-piped",
    description: "without --output what is piped is JSON",
    source: EMIT,
    expected: "same",
    reference: { indented: true },
    async run(place) {
      const { stdout } = await place.run("version");
      return { indented: stdout.startsWith('{\n  "') };
    },
  },
  {
    id: "output-explicit-wins",
    description: "an explicit format wins, before the verb and behind it",
    source: EMIT,
    expected: "same",
    reference: { before: 1, behind: 1 },
    async run(place) {
      const before = await place.run("--output", "ndjson", "version");
      const behind = await place.run("version", "--output", "ndjson");
      const lines = (stdout: string) => stdout.trimEnd().split("\n").length;
      return { before: lines(before.stdout), behind: lines(behind.stdout) };
    },
  },
  {
    id: "output-lower-case",
    description: "the name of a format is of lower case",
    source: EMIT,
    expected: "same",
    reference: { code: 2 },
    async run(place) {
      return { code: (await place.run("version", "--output", "JSON")).code };
    },
  },
  {
    id: "output-large-numbers",
    description: "a peer is a number with all of its 64 bits",
    source: EMIT,
    expected: "same",
    reference: { exact: true },
    async run(place) {
      const { stdout } = await recvBlob(place, place.refs.small, "out");
      const [, digits] = /"peer": (\d+),/.exec(stdout) ?? [];
      const { stdout: again } = await recvBlob(
        ...[place, place.refs.small, "out", "--node-id", digits] as const,
      );
      return { exact: again.includes(`"peer": ${digits},`) };
    },
  },
  {
    id: "output-failure",
    description: "a failure is on stderr alone, and begins with the program",
    source: "cli/src/error.rs",
    expected: "same",
    reference: { code: 3, stdout: "", named: true },
    async run(place) {
      const { code, stdout, stderr } = await place.run(
        ...["recv-blob", "--blob-ref", NOWHERE, "--out"],
        ...[join(place.dir, "out"), ...place.holder.attach()],
      );
      return { code, stdout, named: stderr.startsWith("net-transfer: ") };
    },
  },
  {
    id: "output-quiet",
    description: "-q takes neither the result nor the error away",
    source: EMIT,
    expected: "same",
    reference: { result: true, error: true },
    async run(place) {
      const good = await place.run("version", "-q");
      const bad = await place.run("send-blob", "/nonexistent", "-q");
      return { result: good.stdout !== "", error: bad.stderr !== "" };
    },
  },
  {
    id: "output-progress-hidden",
    description: "nothing is drawn where stderr is no terminal",
    source: "cli/src/progress.rs",
    expected: "same",
    reference: { json: "", table: "" },
    async run(place) {
      const json = await recvBlob(place, place.refs.large, "a");
      const table = await place.run(
        ...["recv-blob", "--blob-ref", place.refs.small, "--output", "table"],
        ...["--out", join(place.dir, "b"), ...place.holder.attach(), "-q"],
      );
      return { json: json.stderr, table: table.stderr };
    },
  },
  {
    id: "output-no-identity",
    description: "attaching without --identity",
    source: "cli/src/context.rs",
    expected: "fixed",
    reason: "the usual case is nothing to be warned of",
    reference: { stderr: "a warning" },
    ours: { stderr: "" },
    async run(place) {
      const { stderr } = await recvBlob(place, place.refs.small, "out");
      return { stderr };
    },
  },
  {
    id: "output-relay-hint",
    description: "a failed fetch names both nodes when they are two",
    source: "cli/src/commands/transfer.rs",
    expected: "same",
    reference: { direct: false, both: true },
    async run(place) {
      const run = (...more: string[]) =>
        recvBlob(place, NOWHERE, "out", ...more);
      const direct = JSON.parse((await run()).stderr);
      const two = JSON.parse((await run("--from", "42")).stderr);
      const hint: string = two.error.hint ?? "";
      return {
        direct: `${direct.error.hint ?? ""}`.includes("--from"),
        both: hint.includes("42") && /node \d{6,}/.test(hint),
      };
    },
  },
  {
    id: "output-stdout-closed",
    description: "a result that cannot be printed: the file is in place",
    source: EMIT,
    expected: "same",
    reference: { code: 1, out: 204_800, partial: null },
    async run(place) {
      const out = join(place.dir, "out");
      const child = place.start(
        ...["recv-blob", "--blob-ref", place.refs.small, "--out", out],
        ...place.holder.attach(),
      );
      await child.stdout.cancel();
      await child.stderr.cancel();
      const { code } = await child.status;
      const partial = await sizeOf(`${out}.partial`);
      return { code, out: await sizeOf(out), partial };
    },
  },
  {
    id: "output-stdout-full",
    description: "a stdout that takes nothing",
    source: EMIT,
    expected: "same",
    reference: { code: 1 },
    async run(place) {
      return { code: (await place.shell('"$@" > /dev/full', "version")).code };
    },
  },
  {
    id: "help-pages",
    description: "help succeeds for the program, a group and a verb",
    source: HELP,
    expected: "same",
    reference: { codes: [0, 0, 0], named: true },
    async run(place) {
      const pages = await Promise.all([
        place.run("--help"),
        place.run("identity", "--help"),
        place.run("transfer", "recv-dir", "--help"),
      ]);
      return {
        codes: pages.map(({ code }) => code),
        named: pages.every(({ stdout }) => stdout.includes("net-transfer")),
      };
    },
  },
  {
    id: "help-version-flag",
    description: "--version prints the version",
    source: HELP,
    expected: "same",
    reference: { code: 0, version: true },
    async run(place) {
      const { code, stdout } = await place.run("--version");
      return { code, version: /\d+\.\d+\.\d+/.test(stdout) };
    },
  },
  {
    id: "help-version-fields",
    description: "the result of version",
    source: HELP,
    expected: "fixed",
    reason: "there is no SDK of another version; the runtime has one",
    reference: { keys: ["cli_version", "sdk_version", "git_revision"] },
    ours: { keys: ["cli_version", "deno_version", "git_revision"] },
    async run(place) {
      const { stdout } = await place.run("version");
      return { keys: Object.keys(JSON.parse(stdout)) };
    },
  },
  {
    id: "help-completion",
    description: "completion scripts, whatever --output says",
    source: "cli/src/commands/completion.rs",
    expected: "same",
    reference: { codes: [0, 0], scripts: true },
    async run(place) {
      const shells = ["bash", "elvish"];
      const runs = await Promise.all(
        shells.map((shell) =>
          place.run("completion", shell, "--output", "json")
        ),
      );
      return {
        codes: runs.map(({ code }) => code),
        scripts: runs.every(({ stdout }) => stdout.includes("recv-blob")),
      };
    },
  },
  {
    id: "help-manual",
    description: "the manual",
    source: "cli/src/commands/man.rs",
    expected: "fixed",
    reason: "every verb has a page, too",
    reference: { codes: [0, 2] },
    ours: { codes: [0, 0] },
    async run(place) {
      const runs = [await place.run("man"), await place.run("man", "serve")];
      return { codes: runs.map(({ code }) => code) };
    },
  },
];
