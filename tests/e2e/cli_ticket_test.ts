import {
  assert,
  assertEquals,
  assertMatch,
  assertObjectMatch,
} from "@std/assert";
import { decodeTicket, encodeTicket, fromHex, type Ticket } from "../../mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
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
const PRIVATE = { mode: 0o600 };

/** Starts a holder of a tree, a blob of several chunks and a small file. */
async function startSource(dir: TempDir) {
  const tree = await dir.tree("photos", {
    "a.txt": "hello\n",
    "sub/link": { link: "../a.txt" },
  });
  const large = await dir.write("film.bin", noise(5_000_000, 7));
  const psk = await dir.write("node.psk", `${PSK}\n`, PRIVATE);
  const args = words`${tree} ${large} ${tree}/a.txt --psk-file ${psk}
    --ticket-psk -vvv`;
  return { tree, large, server: await startHolder(dir.at("home"), args) };
}

/** What the tickets of its content say. */
const CONTENTS = [
  { kind: "dir", name: "photos", form: "inline" },
  { kind: "blob", name: "film.bin", form: "indirect" },
  { kind: "blob", name: "a.txt", form: "inline" },
];

test(
  "a ticket is all it takes to fetch, and no secret is printed however much is logged",
  async (dir) => {
    const { tree, large, server } = await startSource(dir);
    await using holder = server;
    const { ready } = holder;
    const tickets = ready.refs.map(({ ticket }) => ticket);
    for (const [at, ticket] of tickets.entries()) {
      assertObjectMatch(decodeTicket(ticket), { content: CONTENTS[at] });
      assert(ticket.length <= 220);
    }
    const [whole, film, small] = tickets;

    const printed: string[] = [];
    const succeed = async (verb: string[], options: CliOptions = {}) => {
      const { code, stdout, stderr } = await runCli(
        ["-vvv", ...verb],
        { home: dir.at("home"), ...options },
      );
      assertEquals(code, 0, stderr);
      printed.push(stdout, stderr);
      return stdout;
    };
    await succeed(words`recv-dir --ticket ${whole} --out ${dir.at("got")}`);
    await assertSameTree(tree, dir.at("got"));

    const out = dir.at("got.bin");
    const file = await dir.write("film.ticket", `${film}\n`, PRIVATE);
    await succeed(words`recv-blob --ticket-file ${file} --out ${out}`);
    assertEquals(await Deno.readFile(out), await Deno.readFile(large));

    const open = encodeTicket({ ...decodeTicket(small), psk: undefined });
    const config = await dir.write(
      "config.toml",
      `[profiles.home]\nticket = "${open}"\npsk_file = "node.psk"\n`,
    );
    const recv = words`recv-blob --out -`;
    const node = ["--ticket", ready.ticket];
    const ways: [string[], Record<string, string>?][] = [
      [recv, { NET_MESH_TICKET: small.toUpperCase() }],
      // The node's ticket with a reference, of which one is a ticket itself.
      [words`${recv} ${node} --blob-ref ${ready.refs[2].ref}`],
      [words`${recv} ${node} --blob-ref ${small}`],
      // The key from beside the ticket.
      [words`${recv} --ticket ${open}`, { NET_MESH_PSK_HEX: PSK }],
      [words`${recv} --config ${config} --profile home`],
    ];
    for (const [args, env] of ways) {
      assertEquals(await succeed(args, { env }), "hello\n", args.join(" "));
    }

    printed.push((await holder.stop()).stderr);
    for (const secret of [PSK, ready.ticket, ...tickets]) {
      const found = printed.some((text) => text.toLowerCase().includes(secret));
      assert(!found, "a secret was printed");
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
  const inline = { form: "inline", hash: publicKey, size: 1 } as const;
  const dir = encodeTicket({
    ...node,
    content: { kind: "dir", name: "x", ...inline },
  });
  const last = text[100] === "a" ? "b" : "a";
  const typo = text.slice(0, 100) + last + text.slice(101);
  const ref = ["--blob-ref", SOME_KEY];
  const cases: [string[], RegExp, Record<string, string>?][] = [
    [words`--ticket ${typo} ${ref}`, /checksum is wrong/],
    [words`--ticket ${text.slice(0, -8)} ${ref}`, /'--ticket <TICKET>'/],
    [["--blob-ref", typo], /'--blob-ref <REF>': the ticket/],
    [ref, /'?NET_MESH_TICKET/, { NET_MESH_TICKET: typo }],
    [
      words`--ticket ${text} --node-addr 192.0.2.1:1 ${ref}`,
      /'--ticket <TICKET>' cannot be used with '--node-addr <ADDR:PORT>'/,
    ],
    [
      words`--ticket ${text} --node-pubkey ${SOME_KEY} ${ref}`,
      /--ticket.* cannot be used with .*--node-pubkey/,
    ],
    [
      words`--ticket-file x --node-id 1 ${ref}`,
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
