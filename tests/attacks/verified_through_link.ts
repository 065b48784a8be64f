import { encodeDirManifest } from "../../lib/content/mod.ts";
import { MemoryStore, verifyDir } from "../../lib/store/mod.ts";
import {
  fileEntry,
  pattern,
  storePayload,
} from "../../lib/transfer/testing/fixture.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { type Attack, attackRuns } from "./attack.ts";
import { flip, giveAway, lacksAttacker } from "./support/flipper.ts";

/** A pipe would keep a reader waiting for ever. */
const END_MS = 60_000;
const LENGTH = 300_000;

export const attack: Attack = {
  name: "verified_through_link",
  claim:
    "Who exchanges directories and files of a tree for links to the right content elsewhere, and for pipes, has no check call them right, and none wait.",
  lacks: lacksAttacker,
  async run() {
    await using dir = await TempDir.make();
    await Deno.chmod(dir.path, 0o755);
    const [right, wrong] = [pattern(LENGTH, 1), pattern(LENGTH, 2)];
    const elsewhere = await dir.tree("elsewhere", { f: right });
    const tree = await dir.tree("tree", {
      "d/f": wrong,
      "d.link": { link: elsewhere },
      f: wrong,
      "f.link": { link: `${elsewhere}/f` },
      p: wrong,
    });
    new Deno.Command("mkfifo", { args: [`${tree}/p.pipe`] }).outputSync();
    giveAway(tree);
    giveAway(`${tree}/d`);
    await using store = new MemoryStore();
    const ref = await storePayload(store, right);
    const paths = ["d/f", "f", "p"];
    const entries = paths.map((path) => fileEntry(path, ref));
    const manifest = encodeDirManifest({ version: 1, entries });
    await using _directories = flip(`${tree}/d`, `${tree}/d.link`);
    await using _files = flip(`${tree}/f`, `${tree}/f.link`);
    await using _pipes = flip(`${tree}/p`, `${tree}/p.pipe`);
    const runs = attackRuns(50);
    let fooled = 0;
    for (let run = 0; run < runs; run++) {
      const signal = AbortSignal.timeout(END_MS);
      const options = { signal, modesOf: () => [] };
      const { differences } = await verifyDir(tree, manifest, options);
      const told = new Set(differences.map(({ path }) => path));
      fooled += paths.filter((path) => !told.has(path)).length;
    }
    return {
      held: fooled === 0,
      line: `${runs} checks beside links and pipes ended, ${fooled} fooled`,
    };
  },
};
