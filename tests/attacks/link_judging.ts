import {
  type DirEntry,
  encodeDirManifest,
  readDirEntries,
} from "../../lib/content/mod.ts";
import { TransferError } from "../../lib/errors.ts";
import { checkTree } from "../../lib/landing/mod.ts";
import { linksThatLeave } from "../../lib/landing/worker/link_policy.ts";
import type { TreeLink } from "../../lib/landing/worker/worker_protocol.ts";
import type { Attack } from "./attack.ts";

const BYTES = 400_000;
/** Looks at one name: as an entry, as a link, as a directory, and to go on. */
const STEPS_PER_NAME = 4;

/** Links until a manifest has so many bytes, each `of` its number. */
function linksOf(
  of: (index: number) => [path: string, target: string],
): TreeLink[] {
  const links: TreeLink[] = [];
  for (let bytes = 0; bytes < BYTES;) {
    const [path, target] = of(links.length);
    links.push({ path, target });
    bytes += path.length + target.length + 4;
  }
  return links;
}

/** Names in all paths and targets, empty ones too. */
function namesIn(links: readonly TreeLink[]): number {
  return links.reduce(
    (sum, { path, target }) =>
      sum + path.split("/").length + target.split("/").length,
    0,
  );
}

/** Steps of judging for each name that there is. */
function stepsPerName(links: TreeLink[]): number {
  const work = { steps: 0 };
  linksThatLeave(links, (name) => name.toLowerCase(), work);
  return work.steps / namesIn(links);
}

/** Judges a manifest of them as a fetch does; refusing is judging, too. */
function judge(links: readonly TreeLink[]): void {
  const entries = links.map(({ path, target }): DirEntry => ({
    path,
    kind: { type: "symlink", target },
  }));
  const manifest = encodeDirManifest({ version: 1, entries });
  try {
    checkTree({ manifest, links: "inside" });
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
  }
  if ([...readDirEntries(manifest)].length !== links.length) {
    throw new Error("the manifest holds other links");
  }
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
  "a tree of links": (i) => [`l${i}`, i === 0 ? "." : `l${(i - 1) >> 1}/x/..`],
  "each through two others": (
    i,
  ) => [`l${i}`, i < 2 ? "." : `l${i - 1}/l${i - 2}`],
  "long ones": (i) => [`l${i}`, "x/".repeat(2046)],
  "deep ones": (i) => [`${"d/".repeat(60)}l${i}`, "../".repeat(30)],
};

export const attack: Attack = {
  name: "link_judging",
  claim: "Judging the links of a manifest takes work in proportion to it.",
  run() {
    let worst = { name: "", steps: 0 };
    for (const [name, of] of Object.entries(NASTY)) {
      const links = linksOf(of);
      const steps = stepsPerName(links);
      if (steps > worst.steps) worst = { name, steps };
      // What counts no steps must end as well.
      judge(links);
    }
    const each = worst.steps.toFixed(1);
    return Promise.resolve({
      held: worst.steps > 0 && worst.steps <= STEPS_PER_NAME,
      line: `${Object.keys(NASTY).length} manifests of 0.4 MB of links took ` +
        `at most ${each} steps for each name in them (${worst.name})`,
      cost: { attacker: "0.4 MB", node: `${each} steps for a name` },
    });
  },
};
