import { landTree, type TreeItems } from "../../lib/landing/testing/trees.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { onWindows } from "../support/unless.ts";
import type { Attack } from "./attack.ts";

const ASIDE = ".net-transfer.replaced_0000000000000000";
const FRESH = ".net-transfer.fetch_0000000000000000";

/** A journal as a stopped exchange leaves it. */
function journal(oldNames: string[], newNames: string[]): string {
  return JSON.stringify({ version: 1, fresh: FRESH, oldNames, newNames });
}

/** Trees that look like a stopped exchange, by where their links lead out. */
const TREES: Record<string, (victim: string) => TreeItems> = {
  "from outside into the target": (victim) => [
    [ASIDE, { dir: true, mode: 0o700 }],
    [`${ASIDE}/journal`, { file: journal([], ["kept"]) }],
    [`${ASIDE}/entries`, { dir: true, mode: 0o700 }],
    [FRESH, { link: victim }],
  ],
  "from the target to the outside": (victim) => [
    [ASIDE, { dir: true, mode: 0o700 }],
    [`${ASIDE}/journal`, { file: journal(["planted"], []) }],
    [`${ASIDE}/entries`, { link: victim }],
    ["planted", { file: "x" }],
  ],
};

export const attack: Attack = {
  name: "stopped_exchange",
  claim:
    "A manifest cannot have the next landing at its target change anything outside, whatever its entries look like.",
  lacks: () => Promise.resolve(onWindows),
  async run() {
    const broken: string[] = [];
    for (const [way, treeOf] of Object.entries(TREES)) {
      await using dir = await TempDir.make();
      await dir.write("victim/kept", "x");
      const tree = treeOf(dir.at("victim"));
      await landTree(dir.at("out"), tree, { links: "keep" });
      await landTree(dir.at("out"), [["a", { file: "x" }]]);
      const names = [...Deno.readDirSync(dir.at("victim"))];
      if (names.map(({ name }) => name).join() !== "kept") broken.push(way);
    }
    return {
      held: broken.length === 0,
      line: broken.length === 0
        ? "two trees that look like a stopped exchange moved nothing in or out"
        : `entries were moved ${broken.join(", and ")}`,
    };
  },
};
