import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { encodeTicket } from "../../lib/mesh/mod.ts";
import { runCli, withTempDir } from "./cli_process.ts";
import { ServeProcess } from "./serve_process.ts";

/** Starts a relay with nothing to serve; `flags` as given. */
function startRelay(dir: string, flags: string[]): Promise<ServeProcess> {
  return ServeProcess.start(join(dir, "relay"), [
    "--store",
    join(dir, "empty"),
    "-vvv",
    ...flags,
  ]);
}

/** What `--via` takes. */
function viaOf({ ready }: ServeProcess): string {
  return `${ready.listen[0]}#${ready.node_pubkey}`;
}

function pskFileOf({ attach }: ServeProcess): string {
  return attach[attach.indexOf("--psk-file") + 1];
}

async function makeTree(root: string): Promise<void> {
  await Deno.mkdir(join(root, "sub"), { recursive: true });
  await Deno.writeTextFile(join(root, "a.txt"), "hello\n");
  const big = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * 31) % 251);
  await Deno.writeFile(join(root, "sub", "big.bin"), big);
}

async function assertSameTree(one: string, other: string): Promise<void> {
  const { code, stdout } = await new Deno.Command("diff", {
    args: ["-r", one, other],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stdout));
}

Deno.test("a tree is fetched from a holder behind a relay, which serves and reads nothing", async () => {
  await withTempDir(async (dir) => {
    const tree = join(dir, "tree");
    await makeTree(tree);
    await using relay = await startRelay(dir, ["--relay"]);
    const psk = crypto.getRandomValues(new Uint8Array(32));
    const pskFile = join(dir, "holder.psk");
    await Deno.writeFile(pskFile, psk, { mode: 0o600 });
    // Each end attaches to the relay with the relay's key; only they know the other one.
    const via = encodeTicket({
      publicKey: hexBytes(relay.ready.node_pubkey),
      addresses: relay.ready.listen,
      psk: hexBytes(await Deno.readTextFile(pskFileOf(relay))),
    });
    const viaFile = join(dir, "relay.ticket");
    await Deno.writeTextFile(viaFile, via, { mode: 0o600 });
    await using holder = await ServeProcess.start(join(dir, "holder"), [
      tree,
      "--via",
      `@${viaFile}`,
      "--psk-file",
      pskFile,
    ]);
    const from = encodeTicket({
      publicKey: hexBytes(holder.ready.node_pubkey),
      addresses: ["192.0.2.1:9"],
      psk,
    });
    const out = join(dir, "got");
    const got = await runCli([
      "recv-dir",
      "--remote-ref",
      holder.ready.refs[0].ref,
      "--out",
      out,
      "--from",
      from,
      ...relay.attach,
    ]);
    assertEquals([got.code, got.stderr], [0, ""]);
    assertMatch(got.stdout, new RegExp(`"peer": ${holder.id},`));
    await assertSameTree(tree, out);
    const requests = (await relay.stop()).stderr.split("\n").filter((line) =>
      /\brequest\b/.test(line)
    );
    assertEquals(requests.length, 1, requests.join("\n"));
    assertStringIncludes(requests[0], "rpc");
  });
});

Deno.test("a source is named by its key, or by its id with a warning", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "a.txt");
    await Deno.writeTextFile(file, "hello\n");
    await using relay = await startRelay(dir, ["--relay"]);
    await using holder = await ServeProcess.start(join(dir, "holder"), [
      file,
      "--via",
      viaOf(relay),
      "--psk-file",
      pskFileOf(relay),
    ]);
    const hexId = `0x${BigInt(holder.id).toString(16)}`;
    for (const from of [holder.ready.node_pubkey, hexId]) {
      const got = await runCli([
        "recv-blob",
        "--blob-ref",
        holder.ready.refs[0].ref,
        "--out",
        "-",
        "--from",
        from,
        ...relay.attach,
      ]);
      assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
      assertStringIncludes(got.stderr, `"peer": ${holder.id}`);
      const warned = got.stderr.includes("known from the relay alone");
      assertEquals(warned, from === hexId, got.stderr);
    }
  });
});

Deno.test("a source that is not attached, and a node that is no relay, are told apart", async () => {
  await withTempDir(async (dir) => {
    const blob = ["recv-blob", "--blob-ref", "ab".repeat(32), "--out"];
    const expected = [
      { flags: ["--relay"], kind: "not_found", message: /node 5 is not/ },
      { flags: [], kind: "permission", message: /does not relay/ },
    ];
    for (const { flags, kind, message } of expected) {
      await using relay = await startRelay(dir, flags);
      const out = join(dir, "out");
      const got = await runCli([
        ...blob,
        out,
        "--from",
        "5",
        "--output",
        "json",
        ...relay.attach,
      ]);
      assertEquals([got.code, got.stdout], [3, ""], got.stderr);
      const { error } = JSON.parse(got.stderr.trim().split("\n").at(-1)!);
      assertEquals([error.kind, error.exit_code], [kind, 3]);
      assertMatch(error.message, message);
      assertStringIncludes(error.hint, "node 5,");
      assertStringIncludes(error.hint, `node ${relay.id}:`);
      assert(!await exists(out) && !await exists(`${out}.partial`));
    }
  });
});

function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(
    text.trim().match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
