/** The addresses of the two ends, from ranges that are nobody's. */

import { assert, assertEquals } from "@std/assert";
import { type Program, runProgram, words } from "../../scripts/program.ts";
import { assertSameTree, startHolder, test } from "../support/cli.ts";
import { makeTree } from "../support/end_to_end.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { unless } from "../support/unless.ts";

const ADDRESSES = {
  IPv4: { holder: "198.18.0.1", fetcher: "198.18.0.2", prefix: 30 },
  IPv6: { holder: "fd00:6e74::1", fetcher: "fd00:6e74::2", prefix: 126 },
} as const;
/** Bytes of a datagram that a link with an MTU of 1500 carries in pieces. */
const TOO_LONG = 3000;

async function run(words: string): Promise<string> {
  const [command, ...args] = words.split(" ");
  const { success, stdout, stderr } = await new Deno.Command(command, { args })
    .output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`${words}: ${new TextDecoder().decode(stderr)}`);
}

/** Two network namespaces that only a cable joins. */
class Cable implements AsyncDisposable {
  readonly holder = `nt-h-${Deno.pid}`;
  readonly fetcher = `nt-f-${Deno.pid}`;

  async connect(): Promise<void> {
    await run(`ip netns add ${this.holder}`);
    await run(`ip netns add ${this.fetcher}`);
    const ends = `netns ${this.holder} type veth peer name v netns`;
    await run(`ip link add v mtu 1500 ${ends} ${this.fetcher} mtu 1500`);
    for (const end of ["holder", "fetcher"] as const) {
      for (const [family, address] of Object.entries(ADDRESSES)) {
        const nodad = family === "IPv6" ? " nodad" : "";
        const add = `addr add ${address[end]}/${address.prefix} dev v${nodad}`;
        await run(`ip -n ${this[end]} ${add}`);
      }
      await run(`ip -n ${this[end]} link set v up`);
      await run(`ip -n ${this[end]} link set lo up`);
    }
  }

  /** What runs a program at one end. */
  at(end: "holder" | "fetcher", program: Program): Program {
    return ["ip", "netns", "exec", this[end], ...program];
  }

  /** Fragments made and put together at both ends so far. */
  async fragments(): Promise<number> {
    let sum = 0;
    for (const end of [this.holder, this.fetcher]) {
      const ip4 = await run(`ip netns exec ${end} cat /proc/net/snmp`);
      const [names, values] = ip4.split("\n").filter((line) =>
        line.startsWith("Ip:")
      ).map((line) => line.split(" "));
      names.forEach((name, i) => {
        if (/^(?:Frag|Reasm)/.test(name)) sum += Number(values[i]);
      });
      const ip6 = await run(`ip netns exec ${end} cat /proc/net/snmp6`);
      for (const [, count] of ip6.matchAll(/^Ip6(?:Frag|Reasm)\S+\s+(\d+)/gm)) {
        sum += Number(count);
      }
    }
    return sum;
  }

  /** Takes everything away, however much of it is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [this.holder, this.fetcher]) {
      await run(`ip netns del ${name}`).catch(() => {});
    }
  }
}

async function reasonToSkip(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "network namespaces are Linux's";
  if (Deno.uid() !== 0) return "only root makes network namespaces";
  try {
    await using cable = new Cable();
    await cable.connect();
    return undefined;
  } catch (error) {
    return `no network namespaces here: ${error}`;
  }
}

test(
  unless(
    await reasonToSkip(),
    "between two hosts everything arrives, in packets of their own",
  ),
  async (dir, t) => {
    const tree = await makeTree(dir);
    await using cable = new Cable();
    await cable.connect();
    for (const [family, address] of Object.entries(ADDRESSES)) {
      const host = family === "IPv6" ? `[${address.holder}]` : address.holder;
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
            transport: "udp", hostname: "${address.fetcher}", port: 0,
          });
          await socket.send(new Uint8Array(${TOO_LONG}), {
            transport: "udp", hostname: "${address.holder}", port: 9,
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
