/**
 * Measures many fetchers of different files on one holder, on loopback.
 *
 * `deno run -A scripts/bench_fetchers.ts [--fetchers N] [--mib N] [--processes N]`
 *
 * Each fetcher has a session of its own and fetches a file of its own into
 * memory. Printed are the times to the end, and how much memory and how many
 * descriptors the holder had at most.
 */

import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import {
  decodeBlobRef,
  ephemeralIdentity,
  fetchBlobStream,
  Node,
} from "../mod.ts";
import { fromHex } from "../lib/text/hex.ts";
import { HolderProcess } from "./holder_process.ts";
import { noise } from "./make_tree.ts";
import { TempDir } from "./temp_dir.ts";

const MIB = 2 ** 20;
/** Milliseconds between two looks at the holder. */
const LOOK_MS = 100;

/** What a process that fetches is told, and each of its fetchers. */
interface Orders {
  readonly address: string;
  readonly key: string;
  readonly psk: string;
  readonly refs: readonly string[];
}

const options: Record<string, string> = parseArgs(Deno.args, {
  string: ["fetchers", "mib", "processes", "orders"],
  default: { fetchers: "100", mib: "16", processes: "2" },
});

/** Fetches them all at once; milliseconds since 1970 at the end of each. */
async function fetchAll({ address, key, psk, refs }: Orders): Promise<void> {
  const identity = ephemeralIdentity();
  const ends = await Promise.all(refs.map(async (ref) => {
    await using session = await Node.attach({
      address,
      publicKey: fromHex(key),
      psk: fromHex(psk),
      identity,
      connectTimeoutMs: 60_000,
    });
    const blob = decodeBlobRef(fromHex(ref));
    if (blob === undefined) throw new Error("that is no reference");
    const stream = fetchBlobStream(session, blob);
    for await (const _bytes of stream);
    return Date.now();
  }));
  console.log(JSON.stringify(ends));
}

/** Memory in MiB and descriptors of a process, as long as it is there. */
function look(pid: number): { memory: number; descriptors: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  const descriptors = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
  return { memory: kib / 1024, descriptors };
}

async function measure(): Promise<void> {
  const count = Number(options.fetchers);
  const processes = Number(options.processes);
  await using dir = await TempDir.make();
  const content = noise(Number(options.mib) * MIB, 1);
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    content[0] = i;
    content[1] = i >> 8;
    paths.push(join(dir.path, `file${i}`));
    await Deno.writeFile(paths[i], content);
  }
  await using holder = await HolderProcess.start(paths, { keys: dir.path });
  const psk = (await Deno.readTextFile(holder.pskFile)).trim();
  const key = /--node-pubkey (\w+)/.exec(holder.ready.attach)?.[1] ?? "";
  const refs = holder.refs.map(({ ref }) => ref);
  const began = look(holder.child.pid);
  let [memory, descriptors] = [0, 0];
  const looking = setInterval(() => {
    const now = look(holder.child.pid);
    memory = Math.max(memory, now.memory);
    descriptors = Math.max(descriptors, now.descriptors);
  }, LOOK_MS);
  const start = Date.now();
  const ends = (await Promise.all(
    Array.from({ length: processes }, async (_, at) => {
      const orders: Orders = {
        address: holder.address,
        key,
        psk,
        refs: refs.filter((_, i) => i % processes === at),
      };
      const { success, stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--no-check", "--quiet"],
          ...[import.meta.filename ?? "", "--orders", JSON.stringify(orders)],
        ],
        stderr: "inherit",
      }).output();
      if (!success) throw new Error("a process could not fetch");
      return JSON.parse(new TextDecoder().decode(stdout)) as number[];
    }),
  )).flat().sort((a, b) => a - b);
  clearInterval(looking);
  const seconds = ends.map((end) => (end - start) / 1000);
  const median = seconds[seconds.length >> 1];
  const slowest = seconds[seconds.length - 1];
  console.log(
    `${seconds.length} fetchers of ${options.mib} MiB each: fastest ` +
      `${seconds[0].toFixed(1)} s, median ${median.toFixed(1)} s, slowest ` +
      `${slowest.toFixed(1)} s (${
        (slowest / median).toFixed(2)
      } × the median); ` +
      `holder: ${began.memory.toFixed(0)} MiB before, at most ` +
      `${memory.toFixed(0)} MiB and ${descriptors} descriptors`,
  );
}

await (options.orders === undefined
  ? measure()
  : fetchAll(JSON.parse(options.orders)));
