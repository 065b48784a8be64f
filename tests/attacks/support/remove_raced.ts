/**
 * Removes old trees while somebody in them exchanges what is removed; prints
 * how often a file outside went. A process of its own, for its directory is
 * that of all its threads.
 */

import { TreeRemoval } from "../../../lib/landing/worker/remove_tree.ts";
import { TempDir } from "../../../scripts/temp_dir.ts";
import { whileSwapping } from "./swapper.ts";

const INNER = 300;

const runs = Number(Deno.args[0]);
const here = Deno.cwd();
let broken = 0;
for (let run = 0; run < runs; run++) {
  await using dir = await TempDir.make();
  const victim = dir.at("victim");
  await dir.write("victim/kept", "x");
  const shared = dir.at("old", "shared");
  for (let i = 0; i < INNER; i++) {
    await Deno.mkdir(`${shared}/x${i}`, { recursive: true });
  }
  await Deno.chmod(shared, 0o777);
  await Deno.chmod(dir.at("old"), run % 2 === 0 ? 0o777 : 0o755);
  // The thread stands in for somebody who entered before it was moved.
  Deno.chdir(shared);
  const swap = { directory: ".", prefix: "x", to: victim, back: true };
  await whileSwapping(swap, () => {
    const removal = new TreeRemoval(dir.at("old"));
    try {
      removal.step();
    } catch {
      // What cannot be removed stays, which is no harm.
    }
    return Promise.resolve();
  });
  Deno.chdir(here);
  const kept = await Deno.stat(`${victim}/kept`).catch(() => undefined);
  if (kept === undefined) broken++;
}
console.log(broken);
