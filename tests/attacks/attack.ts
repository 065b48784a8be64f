/** What an attack came to. */
export interface Verdict {
  /** Whether the node held. */
  held: boolean;
  /** One line that says why. */
  line: string;
  /** What it cost either side, where that was measured. */
  cost?: { attacker: string; node: string };
}

/** An attack as a program. */
export interface Attack {
  /** File name without `.ts`. */
  name: string;
  /** The row of SECURITY.md that it shows, in one sentence. */
  claim: string;
  /** Names what this machine lacks, or `undefined`. */
  lacks?: () => Promise<string | undefined>;
  run(): Promise<Verdict>;
}
