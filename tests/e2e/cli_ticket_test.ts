import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { decodeTicket, encodeTicket, fromHex, type Ticket } from "../../mod.ts";
import type { Ready } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { type Finished, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  assertSameTree,
  type CliOptions,
  runCli,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";

const PSK = "5ec2e7".repeat(10) + "abcd";

/** A holder of a tree, a blob of several chunks and a small file. */
interface Holder {
  readonly ready: Ready;
  readonly tree: string;
  readonly large: string;
  /** Runs a command line, in which as much as possible is logged. */
  run(args: string[], options?: CliOptions): Promise<Finished>;
}

/** A test with a holder; nothing that is printed may contain a secret. */
function holderTest(
  name: string,
  flags: string[],
  body: (holder: Holder, dir: TempDir) => Promise<void>,
): void {
  test(name, async (dir) => {
    const tree = await dir.tree("photos", {
      "a.txt": "hello\n",
      "sub/link": { link: "../a.txt" },
    });
    const large = await dir.write("film.bin", noise(5_000_000, 7));
    const psk = await dir.write("node.psk", `${PSK}\n`, { mode: 0o600 });
    const home = await dir.mkdir("home");
    await using server = await startHolder(
      home,
      words`${tree} ${large} ${tree}/a.txt --psk-file ${psk} -vvv ${flags}`,
    );
    const { ready } = server;
    const printed: string[] = [];
    const run = async (verb: string[], options: CliOptions = {}) => {
      const finished = await runCli(["-vvv", ...verb], { home, ...options });
      printed.push(finished.stdout, finished.stderr);
      return finished;
    };
    await body({ ready, tree, large, run }, dir);
    printed.push((await server.stop()).stderr);
    const secrets = [PSK, ready.ticket, ...ready.refs.map((r) => r.ticket)];
    for (const secret of secrets) {
      const found = printed.some((text) => text.toLowerCase().includes(secret));
      assert(!found, "a secret was printed");
    }
  });
}

holderTest(
  "a ticket is all it takes to fetch: a tree, a blob of many chunks, a small file",
  ["--ticket-psk"],
  async ({ ready, tree, large, run }, dir) => {
    assertEquals(
      ready.refs.map(({ ticket }) => {
        const { content } = decodeTicket(ticket);
        return [content?.kind, content?.name, content?.form];
      }),
      [
        ["dir", "photos", "inline"],
        ["blob", "film.bin", "indirect"],
        ["blob", "a.txt", "inline"],
      ],
    );
    assert(ready.refs.every(({ ticket }) => ticket.length <= 220));
    const [whole, film, small] = ready.refs;

    const fetched = await run(
      words`recv-dir --ticket ${whole.ticket} --out ${dir.at("got")}`,
    );
    assertEquals(fetched.code, 0, fetched.stderr);
    await assertSameTree(tree, dir.at("got"));

    const out = dir.at("got.bin");
    const mode = 0o600;
    const file = await dir.write("film.ticket", `${film.ticket}\n`, { mode });
    const blob = await run(words`recv-blob --ticket-file ${file} --out ${out}`);
    assertEquals(blob.code, 0, blob.stderr);
    assertEquals(await Deno.readFile(out), await Deno.readFile(large));

    const tiny = await run(words`recv-blob --out -`, {
      env: { NET_MESH_TICKET: small.ticket.toUpperCase() },
    });
    assertEquals(tiny.stdout, "hello\n");

    // The node's ticket with a reference, of which one is a ticket itself.
    for (const ref of [small.ref, small.ticket]) {
      const got = await run(
        words`recv-blob --ticket ${ready.ticket} --blob-ref ${ref} --out -`,
      );
      assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
    }

    // The file that holds the key must be private.
    await Deno.chmod(file, 0o644);
    const args = words`recv-blob --ticket @${file} --out ${out}`;
    const open = await run(args);
    assertEquals(open.code, 2);
    assertStringIncludes(open.stderr, "chmod 600");
    const insecure = await run([...args, "--insecure-permissions"]);
    assertEquals(insecure.code, 0, insecure.stderr);
  },
);

holderTest(
  "without --ticket-psk the key comes from beside the ticket: flag, environment, profile",
  [],
  async ({ ready, run }, dir) => {
    const [, , { ticket }] = ready.refs;
    assertEquals(decodeTicket(ticket).psk, undefined);
    const recv = words`recv-blob --ticket ${ticket} --out -`;
    const none = await run(recv);
    assertEquals([none.code, none.stdout], [2, ""]);
    assertStringIncludes(none.stderr, "carries no pre-shared key");
    assertStringIncludes(none.stderr, "--psk-file");

    const config = await dir.write(
      "config.toml",
      `[profiles.home]\nticket = "${ticket}"\npsk_file = "node.psk"\n`,
    );
    const psk = ["--psk-file", dir.at("node.psk")];
    const wrong = encodeTicket({
      ...decodeTicket(ticket),
      psk: new Uint8Array(32),
    });
    const ways: [string[], Record<string, string>?][] = [
      [[...recv, ...psk]],
      [recv, { NET_MESH_PSK_HEX: PSK }],
      [words`recv-blob --out - --config ${config} --profile home`],
      // The key of a flag wins over that of the ticket.
      [words`recv-blob --ticket ${wrong} ${psk} --out -`],
    ];
    for (const [args, env] of ways) {
      const { code, stdout, stderr } = await run(args, { env });
      assertEquals([code, stdout], [0, "hello\n"], stderr);
    }
  },
);

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
  const cases: [string[], RegExp, Record<string, string>?][] = [
    [words`--ticket ${typo} --blob-ref ${SOME_KEY}`, /checksum is wrong/],
    [
      words`--ticket ${text.slice(0, -8)} --blob-ref ${SOME_KEY}`,
      /'--ticket <TICKET>'/,
    ],
    [["--blob-ref", typo], /'--blob-ref <REF>': the ticket/],
    [["--blob-ref", SOME_KEY], /'?NET_MESH_TICKET/, { NET_MESH_TICKET: typo }],
    [
      words`--ticket ${text} --node-addr 192.0.2.1:1 --blob-ref ${SOME_KEY}`,
      /'--ticket <TICKET>' cannot be used with '--node-addr <ADDR:PORT>'/,
    ],
    [
      words`--ticket ${text} --node-pubkey ${SOME_KEY} --blob-ref ${SOME_KEY}`,
      /--ticket.* cannot be used with .*--node-pubkey/,
    ],
    [
      words`--ticket-file x --node-id 1 --blob-ref ${SOME_KEY}`,
      /--ticket-file.* cannot be used with .*--node-id/,
    ],
    [words`--ticket ${text} --ticket-file x`, /cannot be used with/],
    [["--ticket", text], /not provided: --blob-ref <REF>/],
    [["--ticket", dir], /names a directory.*\n.*recv-dir/],
    [words`--ticket ${text} --blob-ref ${dir}`, /names a directory/],
    [words`--ticket ${text} --blob-ref ${text}`, /carries no reference/],
    [["--tiket", text], /unexpected argument '--tiket'/],
    [[text], /unexpected argument 'nt1…'/],
  ];
  try {
    await Promise.all(cases.map(async ([args, message, env]) => {
      const { code, stdout, stderr } = await runCli(
        words`recv-blob --out /nonexistent/out -vvv ${args}`,
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
