import { type DirEntry, encodeDirManifest } from "../../lib/content/mod.ts";
import { TransferError } from "../../lib/errors.ts";
import { checkTree } from "../../lib/landing/mod.ts";
import type { Attack } from "./attack.ts";

const BYTES = 400_000;

/** Links until a manifest has so many bytes, each `of` its number. */
function manifestOfLinks(
  of: (index: number) => [path: string, target: string],
): Uint8Array {
  const entries: DirEntry[] = [];
  for (let bytes = 0; bytes < BYTES;) {
    const [path, target] = of(entries.length);
    entries.push({ path, kind: { type: "symlink", target } });
    bytes += path.length + target.length + 4;
  }
  return encodeDirManifest({ version: 1, entries });
}

/** Milliseconds that judging took, of a few times the least. */
function judged(manifest: Uint8Array): number {
  return Math.min(...[1, 2, 3].map(() => judgedOnce(manifest)));
}

/** Milliseconds that judging took; refusing is judging, too. */
function judgedOnce(manifest: Uint8Array): number {
  const start = performance.now();
  try {
    checkTree({ manifest, links: "inside" });
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
  }
  return performance.now() - start;
}

/** Two links, and thousands that lead through them in a few bytes each. */
const through = (long: string) => (i: number): [string, string] => {
  if (i === 0) return ["d/z", long];
  return i === 1 ? ["d/a", "z/".repeat(39)] : [`d/${i}`, "a"];
};

const NASTY: Record<string, (index: number) => [string, string]> = {
  "through one of slashes and dots": through("./".repeat(2046)),
  "through one of slashes": through(`.${"/".repeat(4090)}`),
  "through one that goes up and down": through("../d/".repeat(818)),
  "a chain": (i) => [`l${i}`, `l${i + 1}`],
  "a chain backwards": (i) => [`l${i}`, i === 0 ? "." : `l${i - 1}`],
  "long ones": (i) => [`l${i}`, "x/".repeat(2046)],
};

export const attack: Attack = {
  name: "link_judging",
  claim: "Judging the links of a manifest takes time in proportion to it.",
  run() {
    const honest = manifestOfLinks((i) => [`d/l${i}`, `target/${i}`]);
    const honestMs = Math.max(5, judged(honest));
    let worst = { name: "", ms: 0 };
    for (const [name, of] of Object.entries(NASTY)) {
      const ms = judged(manifestOfLinks(of));
      if (ms > worst.ms) worst = { name, ms };
    }
    // Linear costs differ by some times, the square of 400 KB by thousands.
    const held = worst.ms < 100 * honestMs;
    const line = `0.4 MB of links took ${Math.round(worst.ms)} ms at worst ` +
      `(${worst.name}), ordinary ones ${Math.round(honestMs)} ms`;
    return Promise.resolve({
      held,
      line,
      cost: { attacker: "0.4 MB", node: `${Math.round(worst.ms)} ms` },
    });
  },
};
