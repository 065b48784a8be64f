/**
 * Measures a fetch from several sources at once, each behind an emulated line.
 *
 * `deno run -A scripts/bench_sources.ts [--mib N] [--mbit N] [--rtt MS] [--runs N] [CASE…]`
 *
 * Each source, each line and the fetch is a process of its own; the bad ones are
 * in this one. Printed are Mbit/s of content, from attached to installed, and
 * what each source brought. A source that lies or stalls has a line of its own,
 * of which the others should notice nothing.
 */

import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import {
  type ChunkStore,
  encodeTicket,
  ephemeralIdentity,
  MemoryStore,
  Node,
  serveNode,
} from "../mod.ts";
import { fromHex } from "../lib/text/hex.ts";
import { LinkProxyProcess } from "../tests/support/link_proxy_process.ts";
import { HolderProcess } from "./holder_process.ts";
import { noise } from "./make_tree.ts";
import { runProgram, sourceProgram, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

const MIB = 2 ** 20;
const options: Record<string, string> & { _: (string | number)[] } = parseArgs(
  Deno.args,
  {
    string: ["mib", "mbit", "rtt", "runs"],
    default: { mib: "256", mbit: "50", rtt: "40", runs: "1" },
  },
);
const bytes = Number(options.mib) * MIB;
const mbit = Number(options.mbit);
const rttMs = Number(options.rtt);

/** A line with a queue of one round trip. */
function line(rate: number) {
  const queue = Math.max(30_000, rate * 125 * rttMs);
  return { rate, delay: rttMs / 2, queue, mtu: 1500 };
}

/** A store that has everything, and nothing right, or nothing ever. */
class BadStore extends MemoryStore implements ChunkStore {
  constructor(private readonly how: "lies" | "stalls") {
    super();
  }

  override has(): Promise<boolean> {
    return Promise.resolve(true);
  }

  override get(): Promise<Uint8Array | undefined> {
    return this.how === "stalls"
      ? new Promise(() => {})
      : Promise.resolve(new Uint8Array(4 * MIB).fill(7));
  }
}

/** Starts a bad source; gives its ticket. */
async function startBad(
  stack: AsyncDisposableStack,
  how: "lies" | "stalls",
  rate: number,
): Promise<string> {
  const psk = crypto.getRandomValues(new Uint8Array(32));
  const node = stack.use(
    await Node.listen({
      address: "127.0.0.1:0",
      psk,
      identity: ephemeralIdentity(),
    }),
  );
  void serveNode(node, new BadStore(how));
  const to = `127.0.0.1:${node.address.port}`;
  const proxy = stack.use(
    await LinkProxyProcess.start((program) => program, {
      to,
      down: line(rate),
    }),
  );
  const { publicKey } = node;
  return encodeTicket({ publicKey, addresses: [proxy.address], psk });
}

/** Starts a good one behind a line. */
async function startGood(
  stack: AsyncDisposableStack,
  dir: TempDir,
  rate: number,
): Promise<{ ticket: string; ref: string }> {
  const keys = await Deno.makeTempDir({ dir: dir.path });
  const holder = stack.use(
    await HolderProcess.start([dir.at("content")], { keys }),
  );
  const proxy = stack.use(
    await LinkProxyProcess.start((program) => program, {
      to: holder.address,
      down: line(rate),
    }),
  );
  const psk = fromHex((await Deno.readTextFile(holder.pskFile)).trim());
  const publicKey = fromHex(holder.ready.node_pubkey);
  const ticket = encodeTicket({ publicKey, addresses: [proxy.address], psk });
  return { ticket, ref: holder.refs[0].ref };
}

await using stack = new AsyncDisposableStack();
const dir = stack.use(await TempDir.make());
const content = await Deno.open(dir.at("content"), {
  create: true,
  write: true,
});
for (let at = 0; at < bytes; at += MIB) {
  await content.write(noise(Math.min(MIB, bytes - at), at));
}
content.close();

const one = await startGood(stack, dir, mbit);
const two = await startGood(stack, dir, mbit);
const slow = await startGood(stack, dir, mbit / 10);
const liar = await startBad(stack, "lies", mbit);
const staller = await startBad(stack, "stalls", mbit);
const nobody = encodeTicket({
  publicKey: new Uint8Array(32).fill(9),
  addresses: ["127.0.0.1:9"],
  psk: new Uint8Array(32),
});
const { ref } = one;
const CASES: Record<string, readonly string[]> = {
  one: [one.ticket],
  two: [one.ticket, two.ticket],
  "two and a liar": [one.ticket, two.ticket, liar],
  "two and one that stalls": [one.ticket, two.ticket, staller],
  "two and one that is not there": [one.ticket, two.ticket, nobody],
  "two and a slow one": [one.ticket, two.ticket, slow.ticket],
};

/** One source as the result has it. */
interface Brought {
  readonly bytes: number;
  readonly bytes_unused?: number;
  readonly failed?: string;
}

const chosen = options._.length > 0
  ? options._.map(String)
  : Object.keys(CASES);
console.log("| Sources | Mbit/s | MB brought | MB of no use |");
console.log("| --- | --: | --- | --: |");
for (let run = 0; run < Number(options.runs); run++) {
  for (const name of chosen) {
    const out = join(dir.path, `out-${run}-${name.replaceAll(" ", "-")}`);
    const sources = CASES[name].flatMap((ticket) => ["--source", ticket]);
    const { code, stdout, stderr } = await runProgram(
      sourceProgram(),
      words`recv-blob --blob-ref ${ref} --out ${out} ${sources} --no-fsync
        --output ndjson`,
    );
    if (code !== 0) throw new Error(stderr);
    await Deno.remove(out);
    const result = JSON.parse(stdout);
    const rate = result.bytes * 8 / result.duration_secs / 1e6;
    const brought: Brought[] = result.sources;
    const each = brought.map(({ bytes, failed }) =>
      (bytes / 1e6).toFixed(0) + (failed ? ` (${failed})` : "")
    );
    const unused = brought.reduce(
      (sum, { bytes_unused = 0 }) => sum + bytes_unused,
      0,
    );
    console.log(
      `| ${name} | ${rate.toFixed(1)} | ${each.join(", ")} | ${
        (unused / 1e6).toFixed(1)
      } |`,
    );
  }
}
