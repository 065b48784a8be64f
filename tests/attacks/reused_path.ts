import { fetchDir } from "../../lib/transfer/mod.ts";
import { MemoryStore } from "../../lib/store/mod.ts";
import {
  connect,
  fileEntry,
  pattern,
  storeManifest,
  storePayload,
} from "../../lib/transfer/testing/fixture.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { type Attack, attackRuns } from "./attack.ts";
import { flip, giveAway, lacksAttacker } from "./support/flipper.ts";

/** A pipe would keep a fetch waiting for ever. */
const END_MS = 60_000;

export const attack: Attack = {
  name: "reused_path",
  claim:
    "Who exchanges files in a path of --reuse for pipes and links keeps no fetch waiting and gets nothing else into the tree.",
  lacks: lacksAttacker,
  async run() {
    await using dir = await TempDir.make();
    await Deno.chmod(dir.path, 0o755);
    const wanted = pattern(100_000, 1);
    await dir.write("secret", pattern(100_000, 2), { mode: 0o600 });
    const tree = await dir.tree("tree", { "x": wanted, "y": wanted });
    new Deno.Command("mkfifo", { args: [`${tree}/x.pipe`] }).outputSync();
    await Deno.symlink(dir.at("secret"), `${tree}/y.link`);
    giveAway(tree);
    await using store = new MemoryStore();
    await using connection = connect(store);
    const entry = fileEntry("f", await storePayload(store, wanted));
    const ref = await storeManifest(store, [entry]);
    await using _pipes = flip(`${tree}/x`, `${tree}/x.pipe`);
    await using _links = flip(`${tree}/y`, `${tree}/y.link`);
    const runs = attackRuns(20);
    let wrong = 0;
    for (let run = 0; run < runs; run++) {
      const out = dir.at(`out${run}`);
      const signal = AbortSignal.timeout(END_MS);
      const how = { reuse: [tree], signal };
      await fetchDir(connection.session, ref, out, how);
      const found = await Deno.readFile(`${out}/f`);
      if (!found.every((byte, i) => byte === wanted[i])) wrong++;
    }
    return {
      held: wrong === 0,
      line: `${runs} fetches beside pipes and links ended, ${wrong} wrong`,
    };
  },
};
