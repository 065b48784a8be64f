/**
 * Measures how many sessions a node accepts in a second, inside this machine.
 *
 * `deno run -A scripts/bench_accepts.ts [--sessions N] [--at-once N]
 * [--processes N] [--address IP]`
 *
 * Other processes attach as fast as they can and close again. Besides the rate
 * it prints the processor time that the node took for each session, since on a
 * machine with few processors both ends share them.
 */

import { parseArgs } from "@std/cli/parse-args";
import { cpuUsage } from "node:process";
import { ephemeralIdentity, Node } from "../lib/mesh/mod.ts";
import { fromHex, toHex } from "../lib/text/hex.ts";

const options: Record<string, string> = parseArgs(Deno.args, {
  string: ["sessions", "at-once", "processes", "address", "node", "key", "psk"],
  default: {
    sessions: "2000",
    "at-once": "32",
    processes: "2",
    address: "127.0.0.1",
  },
});
const sessions = Number(options.sessions);
const atOnce = Number(options["at-once"]);

/** Attaches and closes again, `atOnce` sessions at a time. */
async function attachAll(): Promise<void> {
  let left = sessions;
  const identity = ephemeralIdentity();
  const one = async () => {
    while (left-- > 0) {
      const session = await Node.attach({
        address: options.node,
        publicKey: fromHex(options.key),
        psk: fromHex(options.psk),
        identity,
        connections: 1,
      });
      await session.close();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

async function measure(): Promise<void> {
  const processes = Number(options.processes);
  const psk = crypto.getRandomValues(new Uint8Array(32));
  let accepted = 0;
  let [startedAt, usedBefore, endedAt] = [0, cpuUsage(), 0];
  await using node = await Node.listen({
    address: `${options.address}:0`,
    psk,
    identity: ephemeralIdentity(),
    allow: () => {
      if (accepted++ === 0) {
        startedAt = performance.now();
        usedBefore = cpuUsage();
      }
      endedAt = performance.now();
      return true;
    },
  });
  const children = Array.from(
    { length: processes },
    () =>
      new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--no-check", "--quiet", import.meta.filename ?? ""],
          ...["--node", `${options.address}:${node.address.port}`],
          ...["--key", toHex(node.publicKey), "--psk", toHex(psk)],
          ...["--sessions", `${Math.ceil(sessions / processes)}`],
          ...["--at-once", `${Math.ceil(atOnce / processes)}`],
        ],
      }).spawn(),
  );
  for (const child of children) {
    const { success } = await child.status;
    if (!success) throw new Error("a process could not attach");
  }
  const { user, system } = cpuUsage(usedBefore);
  const seconds = (endedAt - startedAt) / 1000;
  console.log(
    `${accepted} sessions in ${seconds.toFixed(2)} s: ` +
      `${(accepted / seconds).toFixed(0)} accepts/s, ` +
      `${((user + system) / accepted).toFixed(0)} µs of processor time each, ` +
      `${(accepted / (user + system) * 1e6).toFixed(0)} accepts/s of one core`,
  );
}

await (options.node === undefined ? measure() : attachAll());
