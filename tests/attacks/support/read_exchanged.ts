/**
 * Publishes and serves a file that becomes something else behind each look at
 * it in turn; tells of the secret if that was read.
 */

import { blake3 } from "../../../lib/content/mod.ts";
import { MemoryStore, SourceStore, storeDir } from "../../../lib/store/mod.ts";
import { TempDir } from "../../../scripts/temp_dir.ts";
import { afterLook } from "./after_look.ts";

const SECRET = new TextEncoder().encode("what only root may read");
const GIVEN = new TextEncoder().encode("what everybody may read");
/** More looks than there are at one file. */
const LOOKS = 6;

/** Makes `path` what `by` makes it, and gives how often the secret was read. */
export async function readExchanged(
  by: (path: string, secret: string) => void,
): Promise<number> {
  let reads = 0;
  for (let nth = 1; nth <= LOOKS; nth++) {
    await using dir = await TempDir.make();
    const secret = await dir.write("secret", SECRET);
    const tree = await dir.tree("tree", { "x": GIVEN });
    const path = `${tree}/x`;
    const exchange = () => {
      Deno.renameSync(path, dir.at("old"));
      by(path, secret);
    };
    const restore = async () => {
      await Deno.remove(path).catch(() => {});
      await Deno.rename(dir.at("old"), path).catch(() => {});
    };
    const hash = blake3(SECRET);
    await using stored = new MemoryStore();
    await afterLook("x", nth, exchange, () => storeDir(stored, tree));
    if (await stored.has(hash)) reads++;
    await restore();
    await afterLook("x", nth, exchange, async () => {
      await using store = await SourceStore.of([tree]);
      if (await store.has(hash)) reads++;
    });
    await restore();
    await using store = await SourceStore.of([tree]);
    const served = await afterLook(
      "x",
      nth,
      exchange,
      () => store.get(blake3(GIVEN)),
    );
    if (served !== undefined && blake3(served).join() === hash.join()) reads++;
  }
  return reads;
}
