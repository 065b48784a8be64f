import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { exists } from "@std/fs";
import { join } from "@std/path";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import {
  assertSameTree,
  cli,
  cliCommand,
  resultOf,
  runCli,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";
import { onWindows, unless } from "../support/unless.ts";

test(
  "what serve prints fetches the file and the tree it serves",
  async (dir) => {
    const tree = await dir.tree("tree", {
      "a.txt": "hello\n",
      link: { link: "a.txt" },
      "sub/big.bin": noise(5_000_000, 1),
      "sub/empty/": "",
    });
    const blob = join(tree, "sub", "big.bin");
    const readyFile = dir.at("ready.json");
    const args = words`${tree} ${blob} --ready-file ${readyFile}`;
    await using server = await startHolder(dir.path, args);
    const { ready, id } = server;
    assertEquals(
      Object.keys(ready),
      words`node_id node_pubkey listen attach ticket refs node_id_hex`,
    );
    assertEquals(JSON.parse(await Deno.readTextFile(readyFile)), ready);
    assertEquals(
      ready.refs.map(({ path, kind, size }) => ({ path, kind, size })),
      [
        { path: tree, kind: "dir", size: 5_000_006 },
        { path: blob, kind: "blob", size: 5_000_000 },
      ],
    );

    const out = dir.at("deep", "got.bin");
    const refFile = await dir.write("blob.ref", `  ${ready.refs[1].ref}\n`);
    const got = await cli`recv-blob --blob-ref @${refFile} --out ${out}
    ${server.attach()}`;
    assertEquals([got.code, got.stderr], [0, ""]);
    assertMatch(
      got.stdout,
      new RegExp(
        `^\\{\n  "peer": ${id},\n  "out": "${out}",\n  "bytes": 5000000,\n` +
          `  "duration_secs": \\d+\\.\\d+,\n  "throughput_mib_s": \\d+\\.\\d+,\n` +
          `  "bytes_fetched": 5000000,\n  "bytes_reused": 0,\n  "resumed": false,\n` +
          `  "sources": \\[\n    \\{\n      "source": "${ready.listen[0]}",\n` +
          `      "bytes": 5000000\n    \\}\n  \\],\n  "reattached": 0,\n` +
          `  "route": "direct",\n  "peer_hex": "0x[0-9a-f]{16}"\n\\}\n$`,
      ),
    );
    assertEquals(await Deno.readFile(out), await Deno.readFile(blob));
    assert(!await exists(`${out}.partial`));

    const fetched = await resultOf(runCli(
      words`recv-dir --remote-ref - --out ${dir.at("got")} ${server.attach()}`,
      { stdin: ready.refs[0].ref },
    ));
    assertEquals(
      Object.keys(fetched),
      words`peer out files dirs symlinks bytes duration_secs throughput_mib_s
      atomic bytes_fetched bytes_reused resumed sources files_unchanged
      reattached route peer_hex`,
    );
    const { files, dirs, symlinks, bytes, atomic } = fetched;
    assertEquals(
      [files, dirs, symlinks, bytes, atomic],
      [2, 2, 1, 5_000_006, true],
    );
    await assertSameTree(tree, dir.at("got"));

    assertEquals((await server.stop("SIGINT")).code, 0);
    assert(!await exists(readyFile));
  },
);

test("a home that does not exist is not made by a fetch", async (dir) => {
  const tree = await dir.tree("tree", { "a.txt": "hello\n" });
  await using server = await startHolder(dir.path, [tree]);
  const home = dir.at("nobody");
  const { code, stderr } = await runCli(
    words`recv-dir --remote-ref ${server.refs[0].ref} --out ${dir.at("got")}
      ${server.attach()}`,
    { home },
  );
  assertEquals(code, 0, stderr);
  assertEquals(await exists(home), false);
});

test(
  "serve makes private keys once, and serves a store live",
  async (dir) => {
    const store = dir.at("store");
    const args = words`--store ${store} -v`;
    let pubkey: string;
    {
      await using server = await startHolder(dir.path, args);
      pubkey = server.ready.node_pubkey;
      for (const name of ["node.toml", "node.psk"]) {
        const path = dir.at(".config", "net-mesh", "identities", name);
        assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600, name);
      }
      const stdin = noise(300_000, 1);
      const sent = await runCli(words`send-blob - --store ${store}`, { stdin });
      const { blob_ref: ref } = JSON.parse(sent.stdout);
      const got = await cli`recv-blob --blob-ref ${ref} --out - --output text
      ${server.attach()}`;
      assertEquals(got.code, 0, got.stderr);
      assertEquals(got.stdout, new TextDecoder().decode(stdin));
      assertMatch(got.stderr, /^received to stdout: 293 KiB in .*\n$/);
      const { code, stderr } = await server.stop("SIGTERM");
      assertEquals(code, 0);
      assertStringIncludes(stderr, "WARN the store does not exist yet");
      assertStringIncludes(stderr, "INFO peer attached");
    }
    await using again = await startHolder(dir.path, args);
    assertEquals(again.ready.node_pubkey, pubkey);
  },
);

test("a profile and the environment stand in for the flags", async (dir) => {
  const file = await dir.write("a.txt", "hello\n");
  await using server = await startHolder(dir.path, [file]);
  await dir.write(
    ".config/net-mesh/config.toml",
    `[profiles.home]
node_addr = "${server.address}"
node_pubkey = "${server.ready.node_pubkey}"
psk_fiel = "x"
`,
  );
  const recv = (flags: string[], variables: Record<string, string> = {}) =>
    runCli(words`recv-blob --blob-ref ${server.refs[0].ref} --out - ${flags}`, {
      home: dir.path,
      env: { NET_MESH_PSK_FILE: server.pskFile, ...variables },
    });
  const { code, stdout, stderr } = await recv(words`-q --profile home`);
  assertEquals([code, stdout], [0, "hello\n"], stderr);
  const warned = await recv([], { NET_MESH_PROFILE: "home" });
  assertStringIncludes(warned.stderr, "did you mean 'psk_file'?");
});

test(
  unless(onWindows, "a signal stops a fetch cleanly, with its own exit code"),
  async (dir) => {
    // Nobody answers: the fetch is still attaching when the signal comes.
    const silent = Deno.listenDatagram({
      transport: "udp",
      hostname: "127.0.0.1",
      port: 0,
    });
    const { port } = silent.addr as Deno.NetAddr;
    for (
      const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const
    ) {
      const child = cliCommand(
        words`recv-blob --blob-ref ${SOME_KEY} --out ${dir.at("out")}
          --node-addr 127.0.0.1:${port} --node-pubkey ${SOME_KEY}
          --psk-hex ${SOME_KEY} --output json`,
      ).spawn();
      await silent.receive();
      child.kill(signal);
      const output = await child.output();
      assertEquals([output.code, output.stdout.length], [code, 0]);
      const { error } = JSON.parse(new TextDecoder().decode(output.stderr));
      assertEquals([error.kind, error.exit_code], ["interrupted", code]);
    }
    silent.close();
  },
);
