/** docs/scripting.md names every result field, in the order it is printed. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { words } from "../scripts/program.ts";
import { ShareProcess } from "./support/share_process.ts";
import { cli, resultOf, startHolder, test } from "./support/cli.ts";

const TEXT = await Deno.readTextFile(
  new URL("../docs/scripting.md", import.meta.url),
);

/** The fields that the section of a verb lists. */
function documented(verb: string): string[] {
  const section = TEXT.split(/^### /m).find((part) =>
    part.slice(0, part.indexOf("\n")).split(", ").includes(verb)
  );
  if (section === undefined) throw new Error(`no section for ${verb}`);
  return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, field]) => field);
}

/** The fields of a result, but for the texts of its ids. */
function fieldsOf(result: Record<string, unknown>): string[] {
  return Object.keys(result)
    .filter((name) =>
      !(name.replace(/_hex$/, "") in result) || !name.endsWith("_hex")
    );
}

/** Fails unless a command line prints the fields that the document names. */
async function check(verb: string, line: readonly string[]): Promise<void> {
  const result = await resultOf(cli`${line} --output ndjson`);
  // Only with -v, which says it on stderr, too.
  const always = documented(verb).filter((field) => field !== "path");
  const named = verb.startsWith("recv") ? always : documented(verb);
  assertEquals(fieldsOf(result), named);
}

test("results have the fields that docs/scripting.md names", async (dir) => {
  const tree = await dir.tree("tree", { file: "hello\n" });
  const file = join(tree, "file");
  const store = dir.at("store");
  const identity = dir.at("id.toml");
  const simple: Record<string, string[]> = {
    "send-blob": words`send-blob ${file} --store ${store}`,
    "send-dir": words`send-dir ${tree} --store ${store}`,
    "identity generate": words`identity generate --out ${identity} --note n`,
    "identity show": words`identity show ${identity}`,
    version: ["version"],
    discover: words`discover --interface lo --for 1ms`,
  };
  for (const [verb, line] of Object.entries(simple)) await check(verb, line);

  await using share = await ShareProcess.start(
    words`${tree} --once --for 60s`,
  );
  const shared = documented("share").filter((field) => field !== "code");
  assertEquals(fieldsOf({ ...share.ready }), shared);
  await using holder = await startHolder(dir.path, [file, tree]);
  assertEquals(fieldsOf({ ...holder.ready }), documented("serve"));
  const [blob, whole] = holder.refs;
  await check("store ls", words`store ls ${store}`);
  await check("store gc", words`store gc ${store} --keep ${whole.ref}`);
  const plain = dir.at("plain");
  await check("store export", words`store export ${store} ${plain}`);
  await check("store import", words`store import ${dir.at("more")} ${plain}`);
  await check("verify", words`verify ${blob.ref} ${file}`);
  const stored = words`verify ${whole.ref} ${tree} --store ${store}`;
  await check("verify dir", stored);
  await check("verify --store", words`verify --store ${store}`);
  const attach = holder.attach();
  for (const how of [[], ["--dry-run"]]) {
    const to = (name: string) =>
      words`--out ${dir.at(name + how.length)} ${how} ${attach}`;
    await check(
      ["recv-blob", ...how].join(" "),
      words`recv-blob --blob-ref ${blob.ref} ${to("copy")}`,
    );
    await check(
      ["recv-dir", ...how].join(" "),
      words`recv-dir --remote-ref ${whole.ref} --include file ${to("tree")}`,
    );
  }
  const { stdout } = await cli`recv-blob --blob-ref ${blob.ref} -v
    --out ${dir.at("verbose")} --output ndjson ${attach}`;
  const { path, ...rest } = JSON.parse(stdout);
  assertEquals([...fieldsOf(rest), "path"], documented("recv-blob"));
  const paths = TEXT.slice(TEXT.indexOf("### The path of a fetch"));
  for (const figure of Object.keys(path)) {
    assertStringIncludes(paths, `\`${figure}\``);
  }
  await check("ls", ["ls", ...attach]);
  await check("cancel", words`cancel 1 ${attach}`);
  await check("limit", ["limit", ...attach]);
  const doctor = await resultOf(
    cli`doctor --measure 50ms --out ${dir.path} ${attach}`,
  );
  assertEquals(
    Object.keys(doctor),
    documented("doctor").slice(0, 5).filter((field) => field !== "failed"),
  );
  const row = /^\| `(\w+)` +\| (.*) \|$/gm;
  const figures = new Map(
    [...TEXT.matchAll(row)].map(([, check, told]) => [check, told]),
  );
  const common = ["check", "status", "said", "hint"];
  for (const { check, ...row } of doctor.checks) {
    for (const name of fieldsOf(row)) {
      if (common.includes(name)) continue;
      assertStringIncludes(figures.get(check) ?? "", `\`${name}\``, check);
    }
  }
  const status = await resultOf(cli`status 1 ${attach}`);
  assertEquals(
    fieldsOf(status),
    documented("status").filter((field) => field !== "transfer"),
  );
});
