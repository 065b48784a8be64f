import { assertEquals, assertStringIncludes } from "@std/assert";
import { words } from "../../scripts/program.ts";
import {
  cli,
  failureOf,
  resultOf,
  runCli,
  startHolder,
  test,
} from "../support/cli.ts";
import { lowly } from "../support/lowly.ts";
import { onWindows, unless } from "../support/unless.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";

/** What a run of `verify` printed: its result, and how it failed if it did. */
async function verdict(...line: Parameters<typeof words>) {
  const { code, stdout, stderr } = await cli(...line);
  const [, last = ""] = stderr.trimEnd().match(/([^\n]*)$/) ?? [];
  const error = code === 0 ? undefined : JSON.parse(last).error;
  const result = stdout === "" ? undefined : JSON.parse(stdout);
  return { code, result, error };
}

/** The differences of a result in short. */
function entries(result: { entries: { path: string; differs: string }[] }) {
  return result.entries.map(({ path, differs }) => `${path} ${differs}`);
}

async function stagedTree(dir: TempDir) {
  const tree = await dir.tree("tree", { "a/file": "file", other: "other" });
  const store = dir.at("store");
  const { remote_ref: ref } = await resultOf(
    cli`send-dir ${tree} --store ${store}`,
  );
  return { tree, store, ref };
}

test("verify tells whether a file is what a reference names, and where not", async (dir) => {
  const file = dir.at("file");
  const bytes = new Uint8Array(9_000_000).fill(7);
  await Deno.writeFile(file, bytes);
  const { blob_ref: ref } = await resultOf(cli`send-blob ${file}`);
  const right = await verdict`verify ${ref} ${file} --output json`;
  assertEquals([right.code, right.result.ok], [0, true]);

  bytes[5_000_000] ^= 1;
  await Deno.writeFile(file, bytes.subarray(0, 8_500_000));
  const wrong = await verdict`verify ${ref} ${file} --output json`;
  assertEquals(wrong.code, 3);
  assertEquals(wrong.error.kind, "hash_mismatch");
  assertStringIncludes(wrong.error.message, "500000 bytes too short");
  assertEquals(wrong.result, {
    ...{ path: file, kind: "blob", ok: false },
    ...{ bytes: 8_500_000, expected_bytes: 9_000_000, chunks_differing: 2 },
    ranges: [
      { offset: 4_194_304, length: 4_194_304 },
      { offset: 8_388_608, length: 611_392 },
    ],
  });
  const page = await cli`verify ${ref} ${file} --output table`;
  assertStringIncludes(page.stdout, "4194304 bytes at 4194304");
});

test("verify of a tree needs no manifest to say yes, and one to say what differs", async (dir) => {
  const { tree, store, ref } = await stagedTree(dir);
  const right = await verdict`verify ${ref} ${tree} --output json`;
  assertEquals([right.code, right.result.ok], [0, true]);
  assertEquals("manifest" in right.result, false);

  await Deno.writeTextFile(dir.at("tree", "a", "file"), "FILE");
  await Deno.remove(dir.at("tree", "other"));
  const unknown = await verdict`verify ${ref} ${tree} --output json`;
  assertEquals(unknown.code, 3);
  assertEquals(unknown.result, { path: tree, kind: "dir", ok: false });
  assertStringIncludes(unknown.error.hint, "--manifest");

  const known = await verdict`verify ${ref} ${tree} --store ${store}
    --output json`;
  assertEquals([known.code, known.result.manifest], [3, "store"]);
  assertEquals(entries(known.result), ["a/file content", "other missing"]);
  assertEquals(known.error.differences, 2);

  const other = await verdict`verify ${ref} ${tree} --manifest
    ${dir.at("tree", "a", "file")} --output json`;
  assertEquals([other.code, other.error.kind], [2, "usage"]);
  assertStringIncludes(other.error.message, "is not the manifest");
});

test("a tree that was fetched can be verified without anything else", async (dir) => {
  const { tree, ref } = await stagedTree(dir);
  await Deno.chmod(dir.at("tree", "other"), 0o4755);
  await using holder = await startHolder(dir.path, [tree]);
  const [{ ref: served }] = holder.refs;
  const home = dir.at("home");
  await Deno.mkdir(home);
  const run = async (line: readonly string[]) => {
    const { code, stdout, stderr } = await runCli(line, { home });
    return { code, stderr, result: JSON.parse(stdout || "null") };
  };
  const out = dir.at("out");
  const recv = words`recv-dir --remote-ref ${served} --out ${out}
    ${holder.attach()}`;
  assertEquals((await run(recv)).code, 0);
  // The fetch has masked the bit: that is how it should be.
  const right = await run(words`verify ${served} ${out}`);
  assertEquals([right.code, right.result.manifest], [0, "fetch"]);
  // The source, which has it, is right, too.
  assertEquals((await run(words`verify ${served} ${tree}`)).code, 0);
  const strict = await run(words`verify ${served} ${out} --preserve-setid`);
  assertEquals(entries(strict.result), ["other mode"]);
  // A reference of the tree as it was is another one.
  assertEquals((await run(words`verify ${ref} ${out}`)).code, 3);

  await Deno.writeTextFile(`${out}/a/more`, "more");
  const wrong = await run(words`verify ${served} ${out}`);
  assertEquals(wrong.code, 3);
  assertEquals(entries(wrong.result), ["a/more extra"]);

  // What is damaged there is no manifest, and no harm.
  const kept = `${home}/.cache/net-transfer/manifests`;
  for await (const { name } of Deno.readDir(kept)) {
    await Deno.writeTextFile(`${kept}/${name}`, "other");
  }
  const damaged = await run(words`verify ${served} ${out}`);
  assertEquals([damaged.code, "entries" in damaged.result], [3, false]);
  await Deno.remove(kept, { recursive: true });

  // Nothing is remembered of a fetch that is told to.
  const silent = dir.at("silent");
  const again = words`recv-dir --remote-ref ${served} --out ${silent}
    --no-hash-cache ${holder.attach()}`;
  assertEquals((await run(again)).code, 0);
  await Deno.remove(`${silent}/other`);
  const unknown = await run(words`verify ${served} ${silent}`);
  assertEquals([unknown.code, "entries" in unknown.result], [3, false]);
});

test("verify takes a ticket of the same kind", async (dir) => {
  const { tree } = await stagedTree(dir);
  await using holder = await startHolder(dir.path, [tree]);
  const [{ ticket }] = holder.refs;
  assertEquals((await cli`verify ${ticket} ${tree}`).code, 0);
  const file = dir.at("tree", "other");
  const { code, stderr } = await cli`verify ${ticket} ${file}`;
  assertEquals(code, 2);
  assertStringIncludes(stderr, "the ticket names a directory");
});

test("verify wants a reference and a path, or a store, and nothing that says nothing", async (dir) => {
  const { tree, store, ref } = await stagedTree(dir);
  const refused: [string[], string][] = [
    [["verify"], "<REF>"],
    [words`verify ${ref}`, "<PATH>"],
    [words`verify --store ${store} --no-perms`, "--no-perms has no effect"],
    [words`verify --store ${store} --links skip`, "--links has no effect"],
    [words`verify ${ref} ${tree} --links inside`, "possible values"],
  ];
  for (const [line, message] of refused) {
    const { code, stdout, stderr } = await cli`${line}`;
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, message);
  }
  const absent = await cli`verify ${ref} ${dir.at("none")} --output json`;
  assertEquals(absent.code, 1);
  assertEquals(failureOf(absent).kind, "io");
  const noStore = await cli`verify --store ${dir.at("none")} --output json`;
  assertEquals(noStore.code, 1);
});

test("verify --store finds what is damaged or foreign, and storing again repairs it", async (dir) => {
  const { tree, store } = await stagedTree(dir);
  const right = await verdict`verify --store ${store} --output json`;
  assertEquals([right.code, right.result.ok, right.result.chunks], [
    0,
    true,
    3,
  ]);
  const { chunks } = await resultOf(cli`store ls ${store}`);
  const blobs = `${store}/dataforts/blob`;
  const dat = `${blobs}/${chunks[0].hash}/v0000000001/dat`;
  await Deno.truncate(dat, 1);
  await Deno.writeTextFile(`${blobs}/note`, "");
  const wrong = await verdict`verify --store ${store} --output json`;
  assertEquals([wrong.code, wrong.error.kind], [3, "store"]);
  const { damaged, foreign, unreadable, problems } = wrong.result;
  assertEquals([damaged, foreign, unreadable], [1, 1, 0]);
  assertEquals(
    problems.map(({ name }: { name: string }) => name).sort(),
    [
      chunks[0].hash,
      "note",
    ].sort(),
  );
  await Deno.remove(`${blobs}/note`);
  await resultOf(cli`send-dir ${tree} --store ${store}`);
  assertEquals((await cli`verify --store ${store}`).code, 0);
});

test("verify --store is no matter to programs that write to the store, nor they to it", async (dir) => {
  const { tree, store } = await stagedTree(dir);
  for (let n = 0; n < 300; n++) {
    await dir.write(`tree/n${n}`, `${n}`.repeat(1000));
  }
  const [{ code }, ...verified] = await Promise.all([
    cli`send-dir ${tree} --store ${store}`,
    cli`verify --store ${store}`,
    cli`verify --store ${store}`,
  ]);
  assertEquals([code, ...verified.map(({ code }) => code)], [0, 0, 0]);
});

test("store export writes what any web server gives out, and store import takes it", async (dir) => {
  const { tree, store, ref } = await stagedTree(dir);
  const more = await dir.tree("more", { more: "more" });
  await resultOf(cli`send-dir ${more} --store ${store}`);
  const plain = dir.at("plain");
  const part = await resultOf(
    cli`store export ${store} ${plain} --ref ${ref}`,
  );
  assertEquals([part.chunks_copied, part.chunks_present], [3, 0]);
  const all = await resultOf(cli`store export ${store} ${plain}`);
  assertEquals([all.chunks_copied, all.chunks_present], [2, 3]);

  const copy = dir.at("copy");
  const taken = await resultOf(
    cli`store import ${copy} ${plain} --ref ${ref}`,
  );
  assertEquals(taken.chunks_copied, 3);
  const again = await resultOf(cli`store import ${copy} ${store}`);
  assertEquals([again.chunks_copied, again.chunks_present], [2, 3]);
  assertEquals((await cli`verify --store ${copy}`).code, 0);
  const whole = await cli`verify ${ref} ${tree} --store ${copy}`;
  assertEquals(whole.code, 0);
});

test("a copy without all that is needed says what is missing", async (dir) => {
  const { store, ref } = await stagedTree(dir);
  const plain = dir.at("plain");
  await resultOf(cli`store export ${store} ${plain}`);
  const names = [...Deno.readDirSync(`${plain}/blob`)].map(({ name }) => name);
  const content = names.find((name) => !ref.includes(name)) ?? "";
  await Deno.writeTextFile(`${plain}/blob/${content}`, "damaged");
  for (const named of [[], ["--ref", ref]]) {
    const { code, result, error } = await verdict`store import
      ${dir.at(`copy${named.length}`)} ${plain} ${named} --output json`;
    assertEquals([code, error.kind], [3, "store"]);
    assertEquals([result.chunks_copied, result.missing], [2, [content]]);
  }
  const nothing = await cli`store import ${dir.at("copy")} ${dir.at("tree")}`;
  assertEquals(nothing.code, 2);
  assertStringIncludes(nothing.stderr, "holds no chunks");
});

test(
  unless(lowly.obstacle, "verify names what it may not read"),
  async (dir) => {
    const { tree, store, ref } = await stagedTree(dir);
    await Deno.chmod(dir.path, 0o755);
    await Deno.chmod(dir.at("tree", "a"), 0o000);
    const { code, stdout } = await lowly.run(
      words`verify ${ref} ${tree} --store ${store} --no-perms --output json`,
    );
    await Deno.chmod(dir.at("tree", "a"), 0o755);
    const { unchecked, entries: rows } = JSON.parse(stdout);
    assertEquals([code, unchecked], [3, 1]);
    assertEquals(rows.map(({ path }: { path: string }) => path), ["a"]);
  },
);

test(
  unless(
    lowly.obstacle,
    "verify --store names chunks of others, and reads the rest",
  ),
  async (dir) => {
    const { store } = await stagedTree(dir);
    const { chunks } = await resultOf(cli`store ls ${store}`);
    const blobs = `${store}/dataforts/blob`;
    const directory = `${blobs}/${chunks[0].hash}`;
    await Deno.chmod(dir.path, 0o755);
    // Another user's, and for them alone.
    if (Deno.uid() === 0) await Deno.chown(directory, 65534, 65534);
    await Deno.chmod(directory, 0o000);
    const { code, stdout } = await lowly.run(
      words`verify --store ${store} --output json`,
    );
    await Deno.chmod(directory, 0o700);
    const { chunks: right, unreadable, problems } = JSON.parse(stdout);
    assertEquals([code, right, unreadable], [3, 2, 1]);
    assertEquals(problems[0].name, chunks[0].hash);
  },
);

test(
  unless(
    onWindows,
    "names as long as they can be, and such that are no text, are told whole",
  ),
  async (dir) => {
    const name = "n".repeat(255);
    const deep = Array.from({ length: 10 }, () => "d".repeat(255)).join("/");
    const tree = await dir.tree("tree", { [name]: "1", [`${deep}/f`]: "2" });
    const store = dir.at("store");
    const { remote_ref: ref } = await resultOf(
      cli`send-dir ${tree} --store ${store}`,
    );
    assertEquals((await cli`verify ${ref} ${tree} --store ${store}`).code, 0);
    await Deno.writeTextFile(`${tree}/${name}`, "0");
    await Deno.remove(`${tree}/${deep}/f`);
    await Deno.writeTextFile(`${tree}/\u001b[2Jx`, "");
    const line = words`verify ${ref} ${tree} --store ${store}`;
    const { code, result } = await verdict`${line} --output json`;
    assertEquals(code, 3);
    assertEquals(entries(result).sort(), [
      "\u001b[2Jx extra",
      `${deep}/f missing`,
      `${name} content`,
    ]);
    for (const format of ["table", "text", "yaml"]) {
      const { stdout } = await cli`${line} --output ${format}`;
      assertEquals(stdout.includes("\u001b"), false, format);
    }
    const foreign = `${store}/dataforts/blob/${name}`;
    await Deno.writeTextFile(foreign, "");
    const checked = await verdict`verify --store ${store} --output json`;
    assertEquals(checked.result.problems[0].name, name);
  },
);

test("a page for people ends, however much differs", async (dir) => {
  const { tree, store, ref } = await stagedTree(dir);
  for (let n = 0; n < 60; n++) await dir.write(`tree/more${n}`, "");
  const line = words`verify ${ref} ${tree} --store ${store}`;
  const { stdout } = await cli`${line} --output table`;
  assertStringIncludes(stdout, "and 10 more: --output json lists all");
  const { result } = await verdict`${line} --output json`;
  assertEquals(result.entries.length, 60);
});
