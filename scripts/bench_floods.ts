/**
 * Measures what floods cost a node, and what they leave to a client that does
 * nothing wrong, inside this machine.
 *
 * `deno run -A scripts/bench_floods.ts [--rounds N] [--seconds N] [NAME…]`
 *
 * The node, the attacker and the client are processes of their own. Each flood
 * comes for some seconds in which the client attaches and fetches, by turns with
 * spans without a flood; told are medians. What other programs of the machine do
 * shows in rates, and on one of few processors the attacker takes them from the
 * client, too: what the node's own processor has left is what its cost tells.
 */

import { parseArgs } from "@std/cli/parse-args";
import process from "node:process";
import { fromHex, toHex } from "../lib/text/hex.ts";
import {
  AnswerProcess,
  type Honest,
} from "../tests/attacks/support/answer_process.ts";
import { type Flood, flood } from "../tests/attacks/support/flood.ts";
import {
  runSessionFlood,
  runSessions,
  SESSION_FLOODS,
} from "../tests/attacks/support/session_flood.ts";

/** Floods of datagrams: what they are made of, and in how many Mbit/s. */
const DATAGRAM_FLOODS: Pick<Flood, "kind" | "addresses">[] = [
  { kind: "junk", addresses: 1 },
  { kind: "ids", addresses: 1 },
  { kind: "garbage", addresses: 1 },
  { kind: "cookies", addresses: 1 },
  { kind: "cookies", addresses: 64 },
  { kind: "replay", addresses: 1 },
];
const MEGABITS = [1.4, 8.6, 50];
/** Packets in a second of the floods over a session. */
const PACKETS = [1000, 5000];
const SESSIONS_AT_ONCE = 32;

interface Told {
  readonly packets: number;
  readonly bytes: number;
  readonly sessions: number;
  /** Milliseconds of processor time of the attacker. */
  readonly cpu: number;
}

/** What an attacker is told to do. */
type Order =
  & { readonly host: string; readonly port: number; readonly key: string }
  & (
    | { readonly datagrams: Omit<Flood, "to" | "publicKey"> }
    | { readonly session: { kind: string; perSecond: number } }
    | { readonly atOnce: number }
  );

const options = parseArgs(Deno.args, {
  string: ["rounds", "seconds", "attack"],
  default: { rounds: "3", seconds: "3" },
});

/** As attacker: floods until standard input ends, then tells what it was. */
async function attack(order: Order): Promise<void> {
  const to: Deno.NetAddr = {
    transport: "udp",
    hostname: order.host,
    port: order.port,
  };
  const victim = {
    address: `${order.host}:${order.port}`,
    publicKey: fromHex(order.key),
  };
  let isOver = false;
  const over = new Response(Deno.stdin.readable).bytes().then(() => {
    isOver = true;
  });
  const told = { packets: 0, bytes: 0, sessions: 0 };
  if ("datagrams" in order) {
    const { publicKey } = victim;
    const { packets } = await flood(
      { ...order.datagrams, to, publicKey },
      () => over,
    );
    Object.assign(told, { packets, bytes: 1200 * packets });
  } else {
    const stopped = () => isOver;
    Object.assign(
      told,
      "session" in order
        ? await runSessionFlood(victim, order.session, stopped)
        : await runSessions(victim, order.atOnce, stopped),
    );
  }
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ ...told, cpu: (user + system) / 1000 }));
  Deno.exit(0);
}

/** Lets a flood come while something happens. */
async function beside<T>(
  order: Order,
  meanwhile: () => Promise<T>,
): Promise<{ result: T; told: Told }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--no-check", import.meta.filename ?? ""],
      ...["--attack", JSON.stringify(order)],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  // It loads, prepares and takes what it gets at the beginning.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const result = await meanwhile();
  await child.stdin.close();
  const { stdout } = await child.output();
  return { result, told: JSON.parse(new TextDecoder().decode(stdout)) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** Fetches as often as there is time, and at least once. */
async function fetchFor(node: AnswerProcess, ms: number): Promise<Honest[]> {
  const all: Honest[] = [];
  const end = performance.now() + ms;
  do {
    const honest = await node.honest();
    if (honest === undefined) break;
    all.push(honest);
  } while (performance.now() < end);
  return all;
}

async function measure(name: string, order: (to: AnswerProcess) => Order) {
  const ms = 1000 * Number(options.seconds);
  const shares: number[] = [];
  const attaches: number[] = [];
  const costs: number[] = [];
  let [lockedOut, sent, megabits, attackerCpu] = [0, 0, 0, 0];
  let sessions = 0;
  for (let round = 0; round < Number(options.rounds); round++) {
    await using node = await AnswerProcess.start();
    const before = await fetchFor(node, ms);
    const start = performance.now();
    const { result, told } = await beside(order(node), async () => {
      const used = await node.cpu();
      await new Promise((resolve) => setTimeout(resolve, ms));
      const cpu = (await node.cpu() - used) / ms;
      return { cpu, honest: await fetchFor(node, ms) };
    });
    const seconds = (performance.now() - start) / 1000;
    const after = await fetchFor(node, ms);
    const rate = (all: Honest[]) => median(all.map(({ rate }) => rate));
    if (result.honest.length === 0) lockedOut++;
    else shares.push(rate(result.honest) / rate([...before, ...after]));
    attaches.push(...result.honest.map(({ attachMs }) => attachMs));
    costs.push(result.cpu);
    sent = told.packets / seconds;
    megabits = 8 * told.bytes / seconds / 1e6;
    attackerCpu = told.cpu / seconds / 1000;
    sessions = told.sessions / seconds;
  }
  const cost = median(costs);
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  console.log(
    `| ${name} | ${megabits.toFixed(1)} Mbit/s, ${sent.toFixed(0)} packets/s` +
      (sessions >= 1 ? `, ${sessions.toFixed(0)} sessions/s` : "") +
      `, ${percent(attackerCpu)} | ${percent(cost)}` +
      (sent >= 100 ? `, ${Math.round(1e6 * cost / sent)} µs each` : "") +
      ` | ${percent(median(shares))} | ${
        Math.round(Math.max(...attaches))
      } ms |${lockedOut > 0 ? ` locked out ${lockedOut} times |` : ""}`,
  );
}

async function measureAll(names: readonly string[]): Promise<void> {
  console.log(
    "| Flood | Attacker: sends, processor | Node: processor " +
      "| Rate left | Slowest attach |",
  );
  console.log("| --- | --- | --- | --- | --- |");
  const at = ({ address, publicKey }: AnswerProcess) => ({
    host: address.hostname,
    port: address.port,
    key: toHex(publicKey),
  });
  const all: [name: string, order: (node: AnswerProcess) => Order][] = [];
  for (const one of DATAGRAM_FLOODS) {
    for (const megabits of MEGABITS) {
      const where = one.addresses === 1 ? "" : ` from ${one.addresses}`;
      all.push([
        `${one.kind}${where} ${megabits}`,
        (node) => ({ ...at(node), datagrams: { ...one, megabits } }),
      ]);
    }
  }
  for (const kind of [...Object.keys(SESSION_FLOODS), "forged"]) {
    for (const perSecond of PACKETS) {
      all.push([
        `${kind} ${perSecond}`,
        (node) => ({ ...at(node), session: { kind, perSecond } }),
      ]);
    }
  }
  all.push([
    "sessions",
    (node) => ({ ...at(node), atOnce: SESSIONS_AT_ONCE }),
  ]);
  for (const [name, order] of all) {
    if (names.length > 0 && !names.some((part) => name.includes(part))) {
      continue;
    }
    await measure(name, order);
  }
}

if (options.attack === undefined) await measureAll(options._.map(String));
else await attack(JSON.parse(options.attack));
