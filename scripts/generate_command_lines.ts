/** Command lines that nobody would type, made by chance from a seed. */

import {
  everyPage,
  loadCatalog,
  type Page,
} from "../lib/cli/framework/catalog.ts";
import { COMMAND_LINE } from "../lib/cli/command_line.ts";
import type { Option } from "../lib/cli/framework/options/option.ts";
import { seededRandom } from "../lib/wire/testing/random.ts";

/** What real things there are for values to name. */
export interface Surroundings {
  /** Files and directories, by paths that are safe to read and to write. */
  readonly paths: readonly string[];
  /** The flags to attach to a holder with. */
  readonly attach: readonly string[];
  readonly references: readonly string[];
  readonly tickets: readonly string[];
}

/** What peers and hands put into names and values. */
export const NASTY: readonly string[] = [
  "new\nline",
  "tab\there",
  "\x1b[31mred\x1b[2J",
  "\x1b]0;title\x07",
  "\r100%",
  "\u202egnp.exe",
  "\u2066iso\u2069",
  "\u2028",
  "\u0085\u009b31m",
  "\ufeffbom",
  "zero\u200bwidth",
  "\ud800",
  "\x7f\x01",
  "日本語🎉",
  "e\u0301\u0301\u0301",
  "שלום",
  "q'uo\"te`$(id)",
  "%s%n",
  "a b",
  "--help-",
  "-rf",
  "=",
  "{}",
  "null",
  "1e999",
  "-1",
  "18446744073709551616",
  "0x",
  "nt1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "@",
  "b0b1b2b3",
  "x".repeat(5000),
  "ab".repeat(50_000),
];

/** Never given: they wait for ever, or are about the whole machine or its network. */
const EXCLUDED = ["serve", "share", "discover", "doctor"];

class CommandLines {
  constructor(
    private readonly random: () => number,
    private readonly pages: readonly Page[],
    private readonly around: Surroundings,
  ) {}

  next(): string[] {
    const page = this.#pick(this.pages);
    const name = page.words.join(" ");
    if (this.#happens(0.08)) {
      return [...page.words, this.#pick(["-h", "--help"])];
    }
    if (this.#happens(0.08)) return [this.#pick(NASTY), ...page.words];
    const args = [...page.words, ...this.#options(page), ...this.#given(page)];
    // Without a fault it would run for ever, or take its time.
    if (EXCLUDED.includes(name)) {
      args.push("--listen=nowhere", this.#pick(NASTY));
    }
    return args;
  }

  #options(page: Page): string[] {
    const most = page.options.filter(({ name }) => name !== "help");
    const chosen = most.filter(({ required }) =>
      required ? this.#happens(0.9) : this.#happens(3 / most.length)
    );
    const known = page.options.map(({ name }) => name);
    return [
      ...chosen.flatMap((spec) => this.#option(spec)),
      ...(known.includes("node-addr") && this.#happens(0.5)
        ? this.around.attach
        : []),
      ...(known.includes("connect-timeout")
        ? ["--connect-timeout", "100ms"]
        : []),
      ...(this.#happens(0.5)
        ? ["--output", this.#pick(["json", "ndjson", "yaml", "table", "text"])]
        : []),
      ...(this.#happens(0.3) ? [this.#pick(["-v", "-vv", "-vvv", "-q"])] : []),
      ...(this.#happens(0.05)
        ? [this.#pick(["--frob", "-Z", this.#pick(NASTY)])]
        : []),
    ];
  }

  #option({ name, value }: Option): string[] {
    if (value === undefined) return [`--${name}`];
    return [`--${name}=${this.#value(value)}`];
  }

  /** Positional words: as many as it takes, or one more. */
  #given({ verb }: Page): string[] {
    const kinds = Object.values(verb?.arguments ?? {}).map(({ value }) =>
      value
    );
    const words = kinds.map((kind) => this.#value(kind));
    if (this.#happens(0.1)) words.push(this.#pick(NASTY));
    return this.#happens(0.1) ? words.slice(1) : words;
  }

  #value({ metavar, completes }: NonNullable<Option["value"]>): string {
    if (this.#happens(0.35)) return this.#pick(NASTY);
    if (Array.isArray(completes)) return this.#pick(completes);
    if (/FILE|DIR|PATH/.test(metavar)) return this.#pick(this.around.paths);
    if (/REF/.test(metavar)) return this.#pick(this.around.references);
    if (/TICKET/.test(metavar)) return this.#pick(this.around.tickets);
    if (/HEX/.test(metavar)) return "ab".repeat(32);
    if (/ADDR/.test(metavar)) return "127.0.0.1:9";
    if (/DUR/.test(metavar)) return this.#pick(["0", "1s", "5ms", "forever"]);
    return this.#pick(["0", "1", "7", "2M", "none", "**/*"]);
  }

  #happens(probability: number): boolean {
    return this.random() < probability;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)];
  }
}

/** Makes command lines of every verb, the same ones for the same seed. */
export async function generateCommandLines(
  count: number,
  seed: number,
  around: Surroundings,
): Promise<string[][]> {
  const pages = [...everyPage(await loadCatalog(COMMAND_LINE))];
  const lines = new CommandLines(seededRandom(seed), pages, around);
  return Array.from({ length: count }, () => lines.next());
}
