/** Publishing a tree while somebody has names lead to a file of ours. */

import { TempDir } from "../../../scripts/temp_dir.ts";
import { blake3 } from "../../../lib/content/mod.ts";
import { MemoryStore, SourceStore, storeDir } from "../../../lib/store/mod.ts";
import type { Verdict } from "../attack.ts";
import { flip, giveAway } from "./flipper.ts";

const SECRET = "what only root may read";
/** Long enough to hash that the names behind it change meanwhile. */
const LARGE = new Uint8Array(1024 * 1024).map((_, i) => i * 7 + (i >> 8));

/**
 * Publishes a tree again and again, of which one name is flipped.
 *
 * @param name What is flipped in the tree: `d`, a directory, or `d/x`, a file.
 * @param runs How often.
 */
export async function publishSecret(
  name: "d" | "d/x",
  runs: number,
): Promise<Verdict> {
  await using dir = await TempDir.make();
  await Deno.chmod(dir.path, 0o755);
  await dir.write("private/x", SECRET);
  await Deno.chmod(dir.at("private/x"), 0o600);
  const tree = await dir.tree("tree", { "a": LARGE, "d/x": "for all" });
  const secret = dir.at(name === "d" ? "private" : "private/x");
  await Deno.symlink(secret, `${tree}/${name}.link`);
  giveAway(tree);
  const hash = blake3(new TextEncoder().encode(SECRET));
  let published = 0;
  await using _attacker = flip(`${tree}/${name}`, `${tree}/${name}.link`);
  for (let run = 0; run < runs; run++) {
    await using stored = new MemoryStore();
    await storeDir(stored, tree);
    await using served = await SourceStore.of([tree]);
    if (await stored.has(hash) || await served.has(hash)) published++;
  }
  return {
    held: published === 0,
    line: `a file of root was published in ${published} of ${runs} runs`,
  };
}
