import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { cliCommand, runCli, withTempDir } from "./cli_process.ts";
import { ServeProcess } from "./serve_process.ts";

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (31 * index + 21) % 251);
}

async function makeTree(root: string): Promise<void> {
  await Deno.mkdir(join(root, "sub", "empty"), { recursive: true });
  await Deno.writeTextFile(join(root, "a.txt"), "hello\n");
  await Deno.writeFile(join(root, "sub", "big.bin"), pattern(5_000_000));
  await Deno.symlink("a.txt", join(root, "link"));
}

async function assertSameTree(one: string, other: string): Promise<void> {
  const { code, stdout } = await new Deno.Command("diff", {
    args: ["-r", "--no-dereference", one, other],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stdout));
}

Deno.test("what serve prints fetches the file and the tree it serves", async () => {
  await withTempDir(async (dir) => {
    const tree = join(dir, "tree");
    const blob = join(tree, "sub", "big.bin");
    const readyFile = join(dir, "ready.json");
    await makeTree(tree);
    const args = [tree, blob, "--ready-file", readyFile];
    await using server = await ServeProcess.start(dir, args);
    const { ready } = server;
    assertEquals(Object.keys(ready), [
      "node_id",
      "node_pubkey",
      "listen",
      "attach",
      "ticket",
      "refs",
    ]);
    assertEquals(JSON.parse(await Deno.readTextFile(readyFile)), ready);
    assertEquals(
      ready.refs.map(({ path, kind, size }) => ({ path, kind, size })),
      [
        { path: tree, kind: "dir", size: 5_000_006 },
        { path: blob, kind: "blob", size: 5_000_000 },
      ],
    );
    const id = /"node_id":(\d+)/.exec(server.printed)?.[1];

    const out = join(dir, "deep", "got.bin");
    const refFile = join(dir, "blob.ref");
    await Deno.writeTextFile(refFile, `  ${ready.refs[1].ref}\n`);
    const got = await runCli(
      [
        "recv-blob",
        "--blob-ref",
        `@${refFile}`,
        "--out",
        out,
        ...server.attach,
      ],
    );
    assertEquals([got.code, got.stderr], [0, ""]);
    assertMatch(
      got.stdout,
      new RegExp(
        `^\\{\n  "peer": ${id},\n  "out": "${out}",\n  "bytes": 5000000,\n` +
          `  "duration_secs": \\d+\\.\\d+,\n  "throughput_mib_s": \\d+\\.\\d+,\n` +
          `  "bytes_fetched": 5000000,\n  "bytes_reused": 0,\n  "resumed": false,\n` +
          `  "sources": \\[\n    \\{\n      "source": "${ready.listen[0]}",\n` +
          `      "bytes": 5000000\n    \\}\n  \\]\n\\}\n$`,
      ),
    );
    assertEquals(await Deno.readFile(out), await Deno.readFile(blob));
    await assertRejects(
      () => Deno.stat(`${out}.partial`),
      Deno.errors.NotFound,
    );

    const outDir = join(dir, "got");
    const fetched = await runCli(
      ["recv-dir", "--remote-ref", "-", "--out", outDir, ...server.attach],
      { stdin: ready.refs[0].ref },
    );
    assertEquals([fetched.code, fetched.stderr], [0, ""]);
    const result = JSON.parse(fetched.stdout);
    assertEquals(Object.keys(result), [
      "peer",
      "out",
      "files",
      "dirs",
      "symlinks",
      "bytes",
      "duration_secs",
      "throughput_mib_s",
      "atomic",
      "bytes_fetched",
      "bytes_reused",
      "resumed",
      "sources",
    ]);
    const { files, dirs, symlinks, bytes, atomic } = result;
    assertEquals({ files, dirs, symlinks, bytes, atomic }, {
      files: 2,
      dirs: 2,
      symlinks: 1,
      bytes: 5_000_006,
      atomic: true,
    });
    await assertSameTree(tree, outDir);

    const { code } = await server.stop("SIGINT");
    assertEquals(code, 0);
    await assertRejects(() => Deno.stat(readyFile), Deno.errors.NotFound);
  });
});

Deno.test("serve makes private keys once, and serves a store live", async () => {
  await withTempDir(async (dir) => {
    const store = join(dir, "store");
    const args = ["--store", store, "-v"];
    let pubkey: string;
    {
      await using server = await ServeProcess.start(dir, args);
      pubkey = server.ready.node_pubkey;
      const keys = join(dir, ".config", "net-mesh", "identities");
      for (const name of ["node.toml", "node.psk"]) {
        const { mode } = await Deno.stat(join(keys, name));
        assertEquals((mode ?? 0) & 0o777, 0o600, name);
      }
      const sent = await runCli(["send-blob", "-", "--store", store], {
        stdin: pattern(300_000),
      });
      const { blob_ref: ref } = JSON.parse(sent.stdout);
      const got = await runCli([
        "recv-blob",
        "--blob-ref",
        ref,
        "--out",
        "-",
        "--output",
        "text",
        ...server.attach,
      ]);
      assertEquals(got.code, 0, got.stderr);
      assertEquals(got.stdout, new TextDecoder().decode(pattern(300_000)));
      assertMatch(got.stderr, /^received to stdout: 293 KiB in .*\n$/);
      const { code, stderr } = await server.stop("SIGTERM");
      assertEquals(code, 0);
      assertStringIncludes(stderr, "WARN the store does not exist yet");
      assertStringIncludes(stderr, "INFO peer attached");
    }
    await using again = await ServeProcess.start(dir, args);
    assertEquals(again.ready.node_pubkey, pubkey);
  });
});

Deno.test("what the holder lacks exits 3 and keeps the target as it was", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "a.txt");
    await Deno.writeTextFile(file, "hello\n");
    await using server = await ServeProcess.start(dir, [file]);
    const out = join(dir, "out");
    for (
      const [verb, flag] of [
        ["recv-blob", "--blob-ref"],
        ["recv-dir", "--remote-ref"],
      ]
    ) {
      const args = [verb, flag, "ab".repeat(32), "--out", out];
      const { code, stdout, stderr } = await runCli(
        [...args, "--output", "json", ...server.attach],
      );
      assertEquals([code, stdout], [3, ""], stderr);
      const { error } = JSON.parse(stderr);
      assertEquals([error.kind, error.exit_code], ["not_found", 3]);
      await assertRejects(() => Deno.lstat(out), Deno.errors.NotFound);
    }
    await Deno.stat(`${out}.partial`);
  });
});

Deno.test("a file that cannot be written exits 1 from recv-blob and 3 from recv-dir", async () => {
  await withTempDir(async (dir) => {
    const tree = join(dir, "tree");
    await Deno.mkdir(tree);
    await Deno.writeTextFile(join(tree, "a.txt"), "hello\n");
    await using server = await ServeProcess.start(dir, [
      tree,
      join(tree, "a.txt"),
    ]);
    const [dirRef, blobRef] = server.ready.refs.map(({ ref }) => ref);
    const out = "/dev/null/out";
    const blob = await runCli(
      ["recv-blob", "--blob-ref", blobRef, "--out", out, ...server.attach],
    );
    assertEquals(blob.code, 1, blob.stderr);
    const fetched = await runCli(
      ["recv-dir", "--remote-ref", dirRef, "--out", out, ...server.attach],
    );
    assertEquals(fetched.code, 3, fetched.stderr);
  });
});

Deno.test("a wrong key, a wrong PSK and a key that is not allowed exit 6", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "a.txt");
    await Deno.writeTextFile(file, "hello\n");
    await using server = await ServeProcess.start(dir, [
      file,
      "--allow",
      "ab".repeat(32),
    ]);
    const [{ ref }] = server.ready.refs;
    const out = join(dir, "out");
    const recv = ["recv-blob", "--blob-ref", ref, "--out", out];
    const wrong = [
      server.attach,
      [...server.attach.slice(0, -2), "--psk-hex", "00".repeat(32)],
    ];
    for (const attach of wrong) {
      const { code, stderr } = await runCli(
        [...recv, "--connect-timeout", "500ms", ...attach],
      );
      assertEquals(code, 6, stderr);
    }
    await assertRejects(
      () => Deno.stat(`${out}.partial`),
      Deno.errors.NotFound,
    );
  });
});

Deno.test("a profile and the environment stand in for the flags", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "a.txt");
    await Deno.writeTextFile(file, "hello\n");
    await using server = await ServeProcess.start(dir, [file]);
    const [address, pubkey, , psk] = server.attach.filter((_, at) => at % 2);
    const config = join(dir, ".config", "net-mesh", "config.toml");
    await Deno.writeTextFile(
      config,
      `[profiles.home]
node_addr = "${address}"
node_pubkey = "${pubkey}"
psk_fiel = "x"
`,
    );
    const [{ ref }] = server.ready.refs;
    const { code, stdout, stderr } = await runCli(
      ["recv-blob", "--blob-ref", ref, "--out", "-", "-q", "--profile", "home"],
      { home: dir, env: { NET_MESH_PSK_FILE: psk } },
    );
    assertEquals([code, stdout], [0, "hello\n"], stderr);
    const warned = await runCli(
      ["recv-blob", "--blob-ref", ref, "--out", "-"],
      { home: dir, env: { NET_MESH_PSK_FILE: psk, NET_MESH_PROFILE: "home" } },
    );
    assertStringIncludes(warned.stderr, "did you mean 'psk_file'?");
    await Deno.chmod(psk, 0o644);
    const refused = await runCli(
      ["recv-blob", "--blob-ref", ref, "--out", "-", "--profile", "home"],
      { home: dir, env: { NET_MESH_PSK_FILE: psk } },
    );
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, "chmod 600");
  });
});

Deno.test({
  name: "a signal stops a fetch cleanly, with its own exit code",
  ignore: Deno.build.os === "windows",
  async fn() {
    // Nobody answers: the fetch is still attaching when the signal comes.
    const silent = Deno.listenDatagram({
      transport: "udp",
      hostname: "127.0.0.1",
      port: 0,
    });
    const { addr } = silent;
    if (addr.transport !== "udp") throw new TypeError("no UDP address");
    await withTempDir(async (dir) => {
      for (
        const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const
      ) {
        const out = join(dir, "out");
        const child = cliCommand([
          "recv-blob",
          "--blob-ref",
          "ab".repeat(32),
          "--out",
          out,
          "--node-addr",
          `127.0.0.1:${addr.port}`,
          "--node-pubkey",
          "ab".repeat(32),
          "--psk-hex",
          "cd".repeat(32),
          "--output",
          "json",
        ]).spawn();
        await silent.receive();
        child.kill(signal);
        const output = await child.output();
        assertEquals([output.code, output.stdout.length], [code, 0]);
        const { error } = JSON.parse(new TextDecoder().decode(output.stderr));
        assertEquals([error.kind, error.exit_code], ["interrupted", code]);
      }
    }).finally(() => silent.close());
  },
});
