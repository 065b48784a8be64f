import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { decodeTicket, encodeTicket, fromHex, type Ticket } from "../../mod.ts";
import {
  type CliOptions,
  type Finished,
  runCli,
  withTempDir,
} from "./cli_process.ts";
import { type Ready, ServeProcess } from "./serve_process.ts";

const PSK = "5ec2e7".repeat(10) + "abcd";

/** A holder of a tree, a blob of several chunks and a small file. */
interface Holder {
  readonly ready: Ready;
  readonly tree: string;
  readonly large: string;
  readonly small: string;
  /** Runs a verb, with the least that can be logged in between. */
  run(args: string[], options?: CliOptions): Promise<Finished>;
}

async function assertSameTree(one: string, other: string): Promise<void> {
  const { code } = await new Deno.Command("diff", {
    args: ["-r", "--no-dereference", one, other],
  }).output();
  assertEquals(code, 0);
}

/** Serves while `use` runs, and afterwards greps all that was printed. */
async function withHolder(
  args: string[],
  use: (holder: Holder, dir: string) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const tree = join(dir, "photos");
    const large = join(dir, "film.bin");
    const small = join(tree, "a.txt");
    await Deno.mkdir(join(tree, "sub"), { recursive: true });
    await Deno.writeTextFile(small, "hello\n");
    await Deno.symlink("../a.txt", join(tree, "sub", "link"));
    await Deno.writeFile(large, new Uint8Array(5_000_000).fill(7));
    const psk = join(dir, "node.psk");
    await Deno.writeTextFile(psk, `${PSK}\n`, { mode: 0o600 });
    const home = join(dir, "home");
    await Deno.mkdir(home);
    await using server = await ServeProcess.start(
      home,
      [tree, large, small, "--psk-file", psk, "-vvv", ...args],
    );
    const { ready } = server;
    const said: string[] = [];
    const secrets = [PSK, ready.ticket, ...ready.refs.map((r) => r.ticket)];
    const run = async (verb: string[], options: CliOptions = {}) => {
      const finished = await runCli(["-vvv", ...verb], { home, ...options });
      said.push(finished.stdout, finished.stderr);
      return finished;
    };
    await use({ ready, tree, large, small, run }, dir);
    const { stderr } = await server.stop();
    for (const text of [...said, stderr]) {
      for (const secret of secrets) {
        assert(!text.toLowerCase().includes(secret), "a secret was printed");
      }
    }
  });
}

Deno.test("a ticket is all it takes to fetch: a tree, a blob of many chunks, a small file", async () => {
  await withHolder(["--ticket-psk"], async (holder, dir) => {
    const { ready, tree, large, small, run } = holder;
    const contents = ready.refs.map(({ ticket }) => decodeTicket(ticket));
    assertEquals(
      contents.map(({ content }) => [
        content?.kind,
        content?.name,
        content?.form,
      ]),
      [
        ["dir", "photos", "inline"],
        ["blob", "film.bin", "indirect"],
        ["blob", "a.txt", "inline"],
      ],
    );
    assert(ready.refs.every(({ ticket }) => ticket.length <= 220));

    const outDir = join(dir, "got");
    const fetched = await run(
      ["recv-dir", "--ticket", ready.refs[0].ticket, "--out", outDir],
    );
    assertEquals(fetched.code, 0, fetched.stderr);
    await assertSameTree(tree, outDir);

    const out = join(dir, "got.bin");
    const file = join(dir, "film.ticket");
    await Deno.writeTextFile(file, `${ready.refs[1].ticket}\n`, {
      mode: 0o600,
    });
    const blob = await run(
      ["recv-blob", "--ticket-file", file, "--out", out],
    );
    assertEquals(blob.code, 0, blob.stderr);
    assertEquals(await Deno.readFile(out), await Deno.readFile(large));

    const tiny = await run(["recv-blob", "--out", "-"], {
      env: { NET_MESH_TICKET: ready.refs[2].ticket.toUpperCase() },
    });
    assertEquals(tiny.stdout, await Deno.readTextFile(small));

    // The node's ticket with a reference, of which one is a ticket itself.
    for (const ref of [ready.refs[2].ref, ready.refs[2].ticket]) {
      const args = ["--ticket", ready.ticket, "--blob-ref", ref];
      const got = await run(["recv-blob", ...args, "--out", "-"]);
      assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
    }

    // The file that holds the key must be private.
    await Deno.chmod(file, 0o644);
    const args = ["recv-blob", "--ticket", `@${file}`, "--out", out];
    const open = await run(args);
    assertEquals(open.code, 2);
    assertStringIncludes(open.stderr, "chmod 600");
    const insecure = await run([...args, "--insecure-permissions"]);
    assertEquals(insecure.code, 0, insecure.stderr);
  });
});

Deno.test("without --ticket-psk the key comes from beside the ticket: flag, environment, profile", async () => {
  await withHolder([], async ({ ready, run }, dir) => {
    const [, , { ticket }] = ready.refs;
    assertEquals(decodeTicket(ticket).psk, undefined);
    const recv = ["recv-blob", "--ticket", ticket, "--out", "-"];
    const none = await run(recv);
    assertEquals([none.code, none.stdout], [2, ""]);
    assertStringIncludes(none.stderr, "carries no pre-shared key");
    assertStringIncludes(none.stderr, "--psk-file");
    const psk = join(dir, "node.psk");
    const flag = await run([...recv, "--psk-file", psk]);
    assertEquals([flag.code, flag.stdout], [0, "hello\n"], flag.stderr);
    const env = await run(recv, { env: { NET_MESH_PSK_HEX: PSK } });
    assertEquals([env.code, env.stdout], [0, "hello\n"], env.stderr);

    const config = join(dir, "config.toml");
    await Deno.writeTextFile(
      config,
      `[profiles.home]\nticket = "${ticket}"\npsk_file = "node.psk"\n`,
    );
    const profile = await run(
      ["recv-blob", "--out", "-", "--config", config, "--profile", "home"],
    );
    assertEquals([profile.code, profile.stdout], [0, "hello\n"]);

    // The key of a flag wins over that of the ticket.
    const wrong: Ticket = {
      ...decodeTicket(ticket),
      psk: new Uint8Array(32),
    };
    const both = await run([
      "recv-blob",
      "--ticket",
      encodeTicket(wrong),
      "--psk-file",
      psk,
      "--out",
      "-",
    ]);
    assertEquals([both.code, both.stdout], [0, "hello\n"], both.stderr);
  });
});

Deno.test("a wrong ticket exits 2 before anything is sent, and is not repeated", async () => {
  const silent = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const { port } = silent.addr as Deno.NetAddr;
  let heard = 0;
  const listening = (async () => {
    for await (const _ of silent) heard++;
  })();
  const publicKey = new Uint8Array(32).fill(9);
  const node: Ticket = {
    publicKey,
    addresses: [`127.0.0.1:${port}`],
    psk: fromHex(PSK),
  };
  const text = encodeTicket(node);
  const dir = encodeTicket({
    ...node,
    content: {
      kind: "dir",
      name: "x",
      form: "inline",
      hash: publicKey,
      size: 1,
    },
  });
  const at = 100;
  const typo = text.slice(0, at) + (text[at] === "a" ? "b" : "a") +
    text.slice(at + 1);
  const HASH = "ab".repeat(32);
  const cases: [string[], RegExp, Record<string, string>?][] = [
    [["--ticket", typo, "--blob-ref", HASH], /checksum is wrong/],
    [
      ["--ticket", text.slice(0, -8), "--blob-ref", HASH],
      /'--ticket <TICKET>'/,
    ],
    [["--blob-ref", typo], /'--blob-ref <REF>': the ticket/],
    [["--blob-ref", HASH], /'?NET_MESH_TICKET/, { NET_MESH_TICKET: typo }],
    [
      ["--ticket", text, "--node-addr", "192.0.2.1:1", "--blob-ref", HASH],
      /'--ticket <TICKET>' cannot be used with '--node-addr <ADDR:PORT>'/,
    ],
    [
      ["--ticket", text, "--node-pubkey", HASH, "--blob-ref", HASH],
      /--ticket.* cannot be used with .*--node-pubkey/,
    ],
    [
      ["--ticket-file", "x", "--node-id", "1", "--blob-ref", HASH],
      /--ticket-file.* cannot be used with .*--node-id/,
    ],
    [["--ticket", text, "--ticket-file", "x"], /cannot be used with/],
    [["--ticket", text], /not provided: --blob-ref <REF>/],
    [["--ticket", dir], /names a directory.*\n.*recv-dir/],
    [["--ticket", text, "--blob-ref", dir], /names a directory/],
    [["--ticket", text, "--blob-ref", text], /carries no reference/],
    [["--tiket", text], /unexpected argument '--tiket'/],
    [[text], /unexpected argument 'nt1…'/],
  ];
  try {
    await Promise.all(cases.map(async ([args, message, env]) => {
      const { code, stdout, stderr } = await runCli(
        ["recv-blob", "--out", "/nonexistent/out", "-vvv", ...args],
        { env },
      );
      assertEquals([code, stdout], [2, ""], stderr);
      assertMatch(stderr, message);
      assert(!/nt1[a-z2-7]{20}/i.test(stderr), stderr);
      assert(!stderr.includes(PSK));
    }));
  } finally {
    silent.close();
    await listening;
  }
  assertEquals(heard, 0);
});
