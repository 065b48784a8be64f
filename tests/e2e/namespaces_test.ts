/** Two hosts with a link of the usual MTU between them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { runProgram, words } from "../../scripts/program.ts";
import { Cable, noCables } from "../support/cable.ts";
import { assertSameTree, SOME_KEY, startHolder, test } from "../support/cli.ts";
import { makeTree } from "../support/end_to_end.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { unless } from "../support/unless.ts";

/** Bytes of a datagram that a link with an MTU of 1500 carries in pieces. */
const TOO_LONG = 3000;

const obstacle = await noCables();

test(
  unless(
    obstacle,
    "between two hosts everything arrives, in packets of their own",
  ),
  async (dir, t) => {
    const tree = await makeTree(dir);
    await using cable = await Cable.connect();
    for (const family of ["IPv4", "IPv6"] as const) {
      const address = cable.address("holder", family);
      const host = family === "IPv6" ? `[${address}]` : address;
      await t.step(`over ${family}`, async () => {
        await using holder = await startHolder(dir.path, [tree], {
          program: cable.at("holder", TEST_PROGRAM),
          listen: `${host}:0`,
        });
        const before = await cable.fragments();
        const { code, stderr } = await runProgram(
          cable.at("fetcher", TEST_PROGRAM),
          words`recv-dir --remote-ref ${holder.refs[0].ref}
            --out ${dir.at(family)} ${holder.attach()}`,
        );
        assertEquals(code, 0, stderr);
        await assertSameTree(tree, dir.at(family));
        assertEquals(await cable.fragments(), before);
      });

      await t.step(`fragments over ${family} would be seen`, async () => {
        const before = await cable.fragments();
        const send = `
          const socket = Deno.listenDatagram({
            transport: "udp", hostname: "${
          cable.address("fetcher", family)
        }", port: 0,
          });
          await socket.send(new Uint8Array(${TOO_LONG}), {
            transport: "udp", hostname: "${address}", port: 9,
          });
        `;
        const sent = await runProgram(
          cable.at("fetcher", [Deno.execPath()]),
          words`eval --unstable-net ${send}`,
        );
        assertEquals([sent.code, sent.stderr], [0, ""]);
        assert(await cable.fragments() > before);
      });
    }
  },
);

test(
  unless(
    obstacle,
    "hosts meet at link-local addresses, also from several links",
  ),
  async (dir, t) => {
    const tree = await dir.tree("tree", { "a/hello": "hello\n" });
    await using cable = await Cable.connect({ mtuBehindRouter: 1500 });
    const { device, ends: [router, fetcher] } = cable.linkLocal;
    const meetings = [
      [
        "a node with two links, called by name of the link",
        "router",
        "fetcher",
        router,
        `%${device}`,
      ],
      [
        "a node with two links, the link left to be found",
        "router",
        "fetcher",
        router,
        "",
      ],
      [
        "from a host with two links, the link left to be found",
        "fetcher",
        "router",
        fetcher,
        "",
      ],
    ] as const;
    for (const [meeting, at, from, address, zone] of meetings) {
      await t.step(meeting, async () => {
        await using holder = await startHolder(dir.path, [tree], {
          program: cable.at(at, TEST_PROGRAM),
          listen: `[${address}%${device}]:0`,
        });
        const { port } = /\]:(?<port>\d+)$/.exec(holder.address)!.groups!;
        const attach = holder.attach().map((word) =>
          word === holder.address ? `[${address}${zone}]:${port}` : word
        );
        const out = dir.at(meeting);
        const { code, stderr } = await runProgram(
          cable.at(from, TEST_PROGRAM),
          words`recv-dir --remote-ref ${
            holder.refs[0].ref
          } --out ${out} ${attach}`,
        );
        assertEquals(code, 0, stderr);
        await assertSameTree(tree, out);
      });
    }
  },
);

test(
  unless(
    obstacle,
    "an attach that the system refuses to send for ends with its reason",
  ),
  async (dir, t) => {
    await using cable = await Cable.connect();
    const refusals = [
      ["no route", "192.0.2.1", "", "unreachable"],
      ["no route of IPv6", "[2001:db8::1]", "", "unreachable"],
      ["a route that refuses", "192.0.2.2", "unreachable", "No route to host"],
      ["a rule that forbids", "192.0.2.3", "prohibit", "Permission denied"],
      ["a route to nowhere", "192.0.2.4", "blackhole", "Invalid argument"],
    ] as const;
    for (const [what, host, kind, reason] of refusals) {
      await t.step(what, async () => {
        if (kind !== "") {
          await cable.run("fetcher", words`ip route add ${kind} ${host}`);
        }
        // Who waited for an answer would wait for an hour.
        const { code, stderr } = await runProgram(
          cable.at("fetcher", TEST_PROGRAM),
          words`recv-blob --blob-ref ${SOME_KEY} --out ${dir.at("out")}
            --node-addr ${host}:7700 --node-pubkey ${SOME_KEY}
            --psk-hex ${SOME_KEY} --connect-timeout 1h`,
        );
        assertEquals(code, 6, stderr);
        assertMatch(stderr, /cannot send to .* for \d+\.\d s: .*\nhint: /);
        assert(stderr.includes(reason), stderr);
      });
    }
  },
);
