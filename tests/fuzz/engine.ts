/**
 * Fuzzing that learns: a case that reaches something new joins the corpus, and
 * later cases are made of those in it.
 *
 * New is what a target says of a case (where it was refused, what shape its
 * result has), and, where the runtime tells, a range of the code that no case
 * has run before.
 */

import { fromHex, toHex } from "../../lib/text/hex.ts";
import type { Random } from "../../lib/wire/testing/random.ts";
import type { Coverage } from "./coverage.ts";
import { mutate } from "./mutate.ts";

/** What is fuzzed. */
export interface Target {
  readonly name: string;
  /** Cases to begin with, whole ones of every kind. */
  readonly seeds: () => Iterable<Uint8Array>;
  /**
   * Tries one case.
   *
   * @returns What was reached, in a few words.
   * @throws {Error} When a promise is broken; a refusal is none.
   */
  readonly run: (bytes: Uint8Array) => string;
  /** How many times more a case costs than one of a decoder. @default {1} */
  readonly cost?: number;
  /** Bytes of the longest case. @default {4096} */
  readonly max?: number;
}

/** A case that broke a promise. */
export class Finding extends Error {
  constructor(
    readonly target: string,
    readonly bytes: Uint8Array,
    seed: number,
    cause: unknown,
  ) {
    const said = cause instanceof Error ? cause.stack : String(cause);
    super(
      `${target}: ${said}\nfound with FUZZ_SEED=${seed}; again: deno run -A ` +
        `scripts/fuzz.ts --case ${target}:${toHex(bytes)}`,
      { cause },
    );
  }
}

/** Cases between two looks at the coverage, which takes a while. */
const BATCH = 500;
/** Cases kept of one target; features beyond are too fine to be of use. */
const CORPUS_MAX = 400;

/** Fuzzes one target. */
export class Fuzzer {
  readonly corpus: Uint8Array[] = [];
  readonly features = new Set<string>();
  cases = 0;
  #batch: Uint8Array[] = [];

  constructor(
    readonly target: Target,
    readonly random: Random,
    private readonly coverage?: Coverage,
  ) {}

  /** Tries the cases that it begins with. */
  async begin(kept: readonly Uint8Array[] = []): Promise<void> {
    for (const bytes of [...this.target.seeds(), ...kept]) this.#try(bytes);
    await this.#look();
  }

  /** Tries so many cases more. */
  async run(count: number): Promise<void> {
    const { random, target, corpus } = this;
    const most = target.max ?? 4096;
    for (let i = 0; i < count; i++) {
      const base = corpus.length === 0 ? new Uint8Array() : random.pick(corpus);
      this.#try(mutate(random, base, corpus, most));
      if (this.#batch.length >= BATCH) await this.#look();
    }
    await this.#look();
  }

  #try(bytes: Uint8Array): void {
    this.cases++;
    let reached: string;
    try {
      reached = this.target.run(bytes);
    } catch (error) {
      throw new Finding(this.target.name, bytes, this.random.seed, error);
    }
    if (this.coverage !== undefined) this.#batch.push(bytes);
    if (this.features.has(reached) || this.corpus.length >= CORPUS_MAX) return;
    this.features.add(reached);
    this.corpus.push(bytes);
  }

  /** Finds a case of the batch that ran code which none had run before. */
  async #look(): Promise<void> {
    const { coverage, target, corpus } = this;
    let suspects = this.#batch;
    this.#batch = [];
    if (coverage === undefined || suspects.length === 0) return;
    const fresh = await coverage.take();
    if (fresh.size === 0 || corpus.length >= CORPUS_MAX) return;
    while (suspects.length > 1) {
      const half = suspects.slice(0, suspects.length >> 1);
      for (const bytes of half) target.run(bytes);
      suspects = await coverage.ran(fresh) ? half : suspects.slice(half.length);
    }
    corpus.push(suspects[0]);
  }
}

const CORPUS = new URL("./corpus/", import.meta.url);

/** The cases that were kept of a target. */
export function readCorpus(target: string): Uint8Array[] {
  try {
    return Deno.readTextFileSync(new URL(`${target}.txt`, CORPUS)).split("\n")
      .filter((line) => line !== "").map((line) => fromHex(line));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Keeps the shortest case for each thing that a target tells apart. */
export function writeCorpus(
  { name, run, seeds }: Target,
  cases: readonly Uint8Array[],
): number {
  const known = new Set([...seeds()].map((bytes) => run(bytes)));
  const kept: string[] = [];
  const sorted = cases.filter(({ length }) => length <= 600)
    .sort((a, b) => a.length - b.length);
  for (const bytes of sorted) {
    const reached = run(bytes);
    if (known.has(reached) || kept.length >= 60) continue;
    known.add(reached);
    kept.push(toHex(bytes));
  }
  Deno.mkdirSync(CORPUS, { recursive: true });
  const text = kept.map((line) => `${line}\n`).join("");
  Deno.writeTextFileSync(new URL(`${name}.txt`, CORPUS), text);
  return kept.length;
}
