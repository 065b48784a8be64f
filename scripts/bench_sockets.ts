/**
 * How much of a link a fetch gets through real sockets: two processes with an
 * emulated link between them on loopback, for the same links as
 * `bench:links` computes.
 *
 * `deno task bench:sockets [RUNG,…] [SECONDS] [SEED]`
 *
 * Everything runs on this machine, whose speed shows: links of more than 100
 * Mbit/s measure it rather than the transfer, and other work on it is in every
 * figure.
 */

import { LinkProxy } from "../tests/support/link_proxy.ts";
import { type Rung, RUNGS } from "../lib/wire/testing/rungs.ts";
import { HolderProcess } from "./holder_process.ts";
import { noise } from "./make_tree.ts";
import { runProgram, sourceProgram, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

const RUNGS_MEASURED = "clean,wifi,4g,aspera,dsl,loss-10,loopback";
const SECONDS = 20;
const MEGABIT = 1e6 / 8;

/** What a tunnel looks like that ends on this machine. */
const LOOPBACK: Rung = {
  name: "50 Mbit/s, 200 ms, packets as large as loopback's",
  link: { rate: 50, delay: 100, mtu: 65_535 },
};

/** Milliseconds that a transfer has to find the rate of its link. */
const START_MS = 5000;

/** What a run has shown, as shares. */
interface Figures {
  /** Of the link, from the first packet to the end of the fetching process. */
  readonly share: number;
  /** Of the link, without the first seconds. */
  readonly steadyShare: number;
  /** Of the datagrams, what the full queue dropped. */
  readonly overflowed: number;
  /** Of the content, what was sent beyond it: headers and what was lost. */
  readonly beyond: number;
}

/** Fetches as much as a link carries in some seconds. */
async function measure(
  { link }: Rung,
  seconds: number,
  seed: number,
): Promise<Figures> {
  await using dir = await TempDir.make();
  const bytes = Math.ceil(link.rate * MEGABIT * seconds);
  const path = await dir.write("content", noise(bytes, seed));
  await using holder = await HolderProcess.start([path], { keys: dir.path });
  let started: number | undefined;
  let [end, delivered, atStart] = [0, 0, 0];
  await using proxy = new LinkProxy({
    to: holder.address,
    down: { mtu: 1500, ...link },
    seed,
    onDelivered(length) {
      end = performance.now();
      started ??= end;
      delivered += length;
      if (end - started < START_MS) atStart = delivered;
    },
  });
  const attach = holder.attach(undefined, proxy.address);
  const { code, stderr } = await runProgram(
    sourceProgram(),
    words`recv-blob --blob-ref ${holder.refs[0].ref} --out ${dir.at("out")}
      --timeout 5m ${attach}`,
  );
  if (code !== 0) throw new Error(`${stderr}${proxy.describe()}`);
  const { counters } = proxy.down;
  const took = performance.now() - (started ?? 0);
  const share = (bytes: number, ms: number) =>
    1000 * bytes / ms / (link.rate * MEGABIT);
  const late = (delivered - atStart) / delivered * bytes;
  return {
    share: share(bytes, took),
    steadyShare: share(late, end - (started ?? 0) - START_MS),
    overflowed: counters.overflowed / counters.datagrams,
    beyond: counters.bytes / bytes - 1,
  };
}

const [names = RUNGS_MEASURED, seconds = SECONDS, seed = 1] = Deno.args;
console.log(
  "| Link | Share % | After 5 s % | Overflow % | Bytes beyond the content % |",
);
console.log("| --- | --: | --: | --: | --: |");
for (const word of names.split(",")) {
  const rung = word === "loopback" ? LOOPBACK : RUNGS[word];
  if (rung === undefined) {
    const known = [...Object.keys(RUNGS), "loopback"].join(", ");
    console.error(`no such link: ${word}; known: ${known}`);
    Deno.exit(2);
  }
  const figures = await measure(rung, Number(seconds), Number(seed));
  const cells = Object.values(figures).map((share) => (100 * share).toFixed(1));
  console.log(`| ${[rung.name, ...cells].join(" | ")} |`);
}
