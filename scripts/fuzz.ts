/**
 * Fuzzes every decoder and the connection as a whole.
 *
 * `deno run -A scripts/fuzz.ts [--cases N] [--target NAME] [--keep]
 * [--case NAME:HEX]`
 *
 * `--cases` are those of all targets together, ten million if nothing is said;
 * a target that takes longer gets fewer. `--keep` writes what was learned to
 * tests/fuzz/corpus. `--case` tries one, as a finding names it. `FUZZ_SEED`
 * repeats a run. Exits 1 when a promise was broken.
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromHex } from "../lib/text/hex.ts";
import { Random } from "../lib/wire/testing/random.ts";
import { Coverage } from "../tests/fuzz/coverage.ts";
import {
  Finding,
  Fuzzer,
  readCorpus,
  type Target,
  writeCorpus,
} from "../tests/fuzz/engine.ts";
import { TARGETS } from "../tests/fuzz/targets.ts";

const options: Record<string, string | undefined> & { keep: boolean } =
  parseArgs(Deno.args, {
    string: ["cases", "target", "case"],
    boolean: ["keep"],
    default: { cases: "10000000" },
  });

function targetOf(name: string): Target {
  const target = TARGETS.find((one) => one.name === name);
  if (target !== undefined) return target;
  const names = TARGETS.map(({ name }) => name).join(", ");
  throw new Error(`no target is called '${name}'; there are ${names}`);
}

/** The part of the cases that is due to a target. */
function share(target: Target, of: readonly Target[], cases: number): number {
  const weight = ({ cost = 1 }: Target) => 1 / cost;
  const all = of.reduce((sum, one) => sum + weight(one), 0);
  return Math.ceil(cases * weight(target) / all);
}

async function fuzz(
  targets: readonly Target[],
  cases: number,
): Promise<number> {
  const given = Deno.env.get("FUZZ_SEED");
  const seed = Number(given ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`FUZZ_SEED=${seed}`);
  let [total, findings] = [0, 0];
  for (const target of targets) {
    const coverage = await Coverage.start();
    const began = performance.now();
    const random = new Random(seed);
    try {
      const fuzzer = new Fuzzer(target, random, coverage);
      await fuzzer.begin(readCorpus(target.name));
      await fuzzer.run(share(target, targets, cases));
      total += fuzzer.cases;
      const seconds = (performance.now() - began) / 1000;
      console.log(
        `${target.name}: ${fuzzer.cases} cases in ${seconds.toFixed(0)} s, ` +
          `${fuzzer.features.size} features, ${fuzzer.corpus.length} in the ` +
          `corpus, ${coverage?.size ?? "unknown"} ranges of code`,
      );
      if (options.keep) writeCorpus(target, fuzzer.corpus);
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      findings++;
      console.log(error.message);
    } finally {
      coverage?.stop();
    }
  }
  console.log(`${total} cases, ${findings} findings`);
  return findings === 0 ? 0 : 1;
}

if (options.case !== undefined) {
  const [name, hex = ""] = options.case.split(":");
  console.log(targetOf(name).run(hex === "" ? new Uint8Array() : fromHex(hex)));
} else {
  const targets = options.target === undefined
    ? TARGETS
    : [targetOf(options.target)];
  Deno.exit(await fuzz(targets, Number(options.cases)));
}
