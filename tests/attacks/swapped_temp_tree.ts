import { TransferError } from "../../lib/errors.ts";
import { BlobLanding } from "../../lib/landing/blob_landing.ts";
import {
  blobRange,
  landTree,
  type TreeItems,
} from "../../lib/landing/testing/trees.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { onWindows } from "../support/unless.ts";
import { type Attack, attackRuns } from "./attack.ts";
import { whileSwapping } from "./support/swapper.ts";

const STRANGER = 65534;
const NAMES = Array.from({ length: 150 }, (_, i) => `d${i}`);

/** Directories that others may write to, files in them, and links. */
const TREE: TreeItems = [
  ...NAMES.map((name): TreeItems[number] => [name, { dir: true, mode: 0o777 }]),
  ...NAMES.map((name): TreeItems[number] => [`${name}/f`, { file: "x" }]),
  ...NAMES.map((name): TreeItems[number] => [`${name}/l`, { link: "f" }]),
];

/** What is in the directory that nobody is to touch, with modes. */
function stateOf(directory: string): string {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => {
    const { mode } = Deno.lstatSync(`${directory}/${name}`);
    const inner = Deno.lstatSync(`${directory}/${name}`).isDirectory
      ? stateOf(`${directory}/${name}`)
      : "";
    return `${name} ${mode} ${inner}`;
  });
  return names.sort().join(";");
}

/** The ways to land below a directory of a stranger. */
const WAYS: Record<string, (parent: string) => Promise<unknown>> = {
  "a tree": (parent) => landTree(`${parent}/out`, TREE),
  "a tree over an old one": async (parent) => {
    await Deno.mkdir(`${parent}/out/old`, { recursive: true });
    await landTree(`${parent}/out`, TREE);
  },
  "a tree in place": async (parent) => {
    await Deno.chown(parent, STRANGER, STRANGER);
    await landTree(parent, TREE, {
      plan: { install: "in_place", isVolume: false, warnings: [] },
    });
  },
  "a blob": async (parent) => {
    await using landing = await BlobLanding.open({ out: `${parent}/out` });
    await landing.write(blobRange(0, "abc"));
    await landing.commit(3);
  },
};

/** What is swapped, where it is not a temp tree beside the target. */
const PREFIXES: Record<string, string> = {
  "a tree in place": ".net-transfer.fetch_",
  "a blob": "out.partial",
};

export const attack: Attack = {
  name: "swapped_temp_tree",
  claim:
    "Somebody who owns a directory above a target cannot redirect what is written.",
  lacks: () =>
    Promise.resolve(
      onWindows ?? (Deno.uid() === 0 ? undefined : "root, to land as another"),
    ),
  async run() {
    const runs = attackRuns(3);
    const broken: string[] = [];
    let refused = 0;
    for (let run = 0; run < runs; run++) {
      for (const [way, land] of Object.entries(WAYS)) {
        await using dir = await TempDir.make();
        const victim = dir.at("victim");
        await Deno.mkdir(victim, { mode: 0o700 });
        const parent = dir.at("parent");
        await Deno.mkdir(parent);
        await Deno.chown(parent, STRANGER, STRANGER);
        const before = stateOf(victim);
        const swap = {
          directory: parent,
          prefix: PREFIXES[way] ?? ".out.fetch_",
          to: victim,
        };
        await whileSwapping(swap, async () => {
          try {
            await land(parent);
          } catch (error) {
            if (!(error instanceof TransferError)) throw error;
            if (error.kind === "usage") refused++;
          }
        });
        if (stateOf(victim) !== before) broken.push(way);
      }
    }
    const tries = runs * Object.keys(WAYS).length;
    return {
      held: broken.length === 0,
      line: broken.length === 0
        ? `nothing was written outside in ${tries} landings below a stranger's ` +
          `directory, ${refused} of them refused`
        : `${broken.length} of ${tries} landings wrote outside: ${
          [...new Set(broken)].join(", ")
        }`,
    };
  },
};
