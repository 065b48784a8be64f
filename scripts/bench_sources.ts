/**
 * Measures a fetch from several sources at once, each behind a line of its own.
 *
 * `deno run -A scripts/bench_sources.ts [--mib N] [--mbit N] [--rtt MS] [--real] [CASE…]`
 *
 * Without `--real` the lines and the clock are simulated: only the disk is
 * missing, and the machine has no part in what comes of it. With it each source,
 * each line and the fetch is a process of its own, and the bad sources are in
 * this one; it takes an idle machine. Printed are Mbit/s of content, from
 * attached to installed, what each source brought and what of that was of no
 * use. A source that lies or stalls has a line, of which the others should
 * notice nothing.
 */

import { parseArgs } from "@std/cli/parse-args";
import {
  type ChunkStore,
  encodeTicket,
  ephemeralIdentity,
  MemoryStore,
  Node,
  serveNode,
  TransferError,
} from "../mod.ts";
import { fromHex } from "../lib/text/hex.ts";
import {
  fetchOverLines,
  type HolderLine,
} from "../lib/transfer/sources/testing/fetch_over_lines.ts";
import { LinkProxyProcess } from "../tests/support/link_proxy_process.ts";
import { HolderProcess } from "./holder_process.ts";
import { noise } from "./make_tree.ts";
import { runProgram, sourceProgram, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

const MIB = 2 ** 20;
const options: {
  mib: string;
  mbit: string;
  rtt: string;
  real: boolean;
  _: (string | number)[];
} = parseArgs(
  Deno.args,
  {
    string: ["mib", "mbit", "rtt"],
    boolean: ["real"],
    default: { mib: "256", mbit: "50", rtt: "40" },
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

/** What is measured: the lines, and what is wrong behind them. */
const CASES: Record<string, readonly (HolderLine["how"] | "slow" | "gone")[]> =
  {
    one: [undefined],
    two: [undefined, undefined],
    "two and a liar": [undefined, undefined, "lies"],
    "two and one that stalls": [undefined, undefined, "stalls"],
    "two and a slow one": [undefined, undefined, "slow"],
    "two and one that is not there": [undefined, undefined, "gone"],
  };
const chosen = options._.length > 0
  ? options._.map(String)
  : Object.keys(CASES);

/** What one source brought. */
interface Brought {
  readonly bytes: number;
  readonly unused: number;
  readonly failed: string | undefined;
}

function print(name: string, rate: number, sources: readonly Brought[]): void {
  const each = sources.map(({ bytes, failed }) =>
    (bytes / 1e6).toFixed(0) + (failed === undefined ? "" : ` (${failed})`)
  );
  const unused = sources.reduce((sum, { unused }) => sum + unused, 0);
  const cells = [
    name,
    rate.toFixed(1),
    each.join(", "),
    (unused / 1e6).toFixed(1),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

/** On a clock of its own. */
async function simulate(): Promise<void> {
  for (const name of chosen) {
    const lines = CASES[name].filter((how) => how !== "gone").map((how) =>
      how === "slow"
        ? { mbit: mbit / 10, rttMs }
        : { mbit, rttMs, ...(how && { how }) }
    );
    const result = await fetchOverLines(lines, Math.ceil(bytes / (4 * MIB)));
    print(
      name,
      result.mbit,
      result.sources.map(({ bytes, unused, failed }) => ({
        bytes: Number(bytes),
        unused: Number(unused),
        failed: failed instanceof TransferError ? failed.kind : undefined,
      })),
    );
  }
}

/** With sockets and processes. */
async function measure(): Promise<void> {
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
  const goods = [
    await startGood(stack, dir, mbit),
    await startGood(stack, dir, mbit),
  ];
  const [{ ref }] = goods;
  const others = {
    slow: (await startGood(stack, dir, mbit / 10)).ticket,
    lies: await startBad(stack, "lies", mbit),
    stalls: await startBad(stack, "stalls", mbit),
    leaves: goods[0].ticket,
    gone: encodeTicket({
      publicKey: new Uint8Array(32).fill(9),
      addresses: ["127.0.0.1:9"],
      psk: new Uint8Array(32),
    }),
  };
  for (const name of chosen) {
    const out = dir.at(`out ${name}`);
    const sources = CASES[name].flatMap((how, i) => [
      "--source",
      how === undefined ? goods[i].ticket : others[how],
    ]);
    const { code, stdout, stderr } = await runProgram(
      sourceProgram(),
      words`recv-blob --blob-ref ${ref} --out ${out} ${sources} --no-fsync
        --output ndjson`,
    );
    if (code !== 0) throw new Error(stderr);
    await Deno.remove(out);
    const result = JSON.parse(stdout);
    const told: { bytes: number; bytes_unused?: number; failed?: string }[] =
      result.sources;
    print(
      name,
      result.bytes * 8 / result.duration_secs / 1e6,
      told.map(({ bytes, bytes_unused: unused = 0, failed }) => ({
        bytes,
        unused,
        failed,
      })),
    );
  }
}

console.log("| Sources | Mbit/s | MB brought | MB of no use |");
console.log("| --- | --: | --- | --: |");
await (options.real ? measure() : simulate());
