/** What an attack is, and how all of them are found: one file each, no index. */

import { toFileUrl } from "@std/path";

/** What an attack came to. */
export interface Verdict {
  /** Whether what the claim promises held. */
  held: boolean;
  /** What was tried and what came of it, in one line. */
  line: string;
  /** What it cost whom, where that was measured. */
  cost?: { attacker: string; node: string };
}

/** A program that tries to do what SECURITY.md says nobody can. */
export interface Attack {
  /** The name of its file without `.ts`. */
  name: string;
  /** The row of SECURITY.md that it shows, in one sentence. */
  claim: string;
  /** Tells what this machine lacks to try it. */
  lacks?: () => Promise<string | undefined>;
  run(): Promise<Verdict>;
}

const HERE = new URL("./", import.meta.url);
const NOT_ATTACKS = ["attack.ts", "run.ts", "attacks_test.ts"];

/** The names of all attacks, in order. */
export function attackNames(): string[] {
  return [...Deno.readDirSync(HERE)]
    .filter(({ isFile, name }) =>
      isFile && name.endsWith(".ts") && !NOT_ATTACKS.includes(name)
    )
    .map(({ name }) => name.slice(0, -".ts".length)).sort();
}

/**
 * Loads one attack.
 *
 * @throws {Error} When the file is not there or holds an attack of another
 * name.
 */
export async function loadAttack(name: string): Promise<Attack> {
  const { pathname } = new URL(`${name}.ts`, HERE);
  const { attack }: { attack: Attack } = await import(
    toFileUrl(decodeURIComponent(pathname)).href
  );
  if (attack?.name !== name) {
    throw new Error(`${name}.ts exports no attack of that name`);
  }
  return attack;
}

/** How often a race is run: `ATTACK_RUNS`, or as often as a test can afford. */
export function attackRuns(usual: number): number {
  return Number(Deno.env.get("ATTACK_RUNS") ?? usual);
}

/** A verdict as one line. */
export function verdictLine(
  name: string,
  { held, line, cost }: Verdict,
): string {
  const costs = cost === undefined
    ? ""
    : ` [attacker: ${cost.attacker}; node: ${cost.node}]`;
  return `${held ? "held" : "BROKEN"}: ${name}: ${line}${costs}`;
}
