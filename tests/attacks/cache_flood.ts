import { blake3 } from "../../lib/content/mod.ts";
import { CacheStore, DiskStore, MemoryStore } from "../../lib/store/mod.ts";
import { UpstreamStore } from "../../lib/transfer/mod.ts";
import { connect, pattern } from "../../lib/transfer/testing/fixture.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import type { Attack } from "./attack.ts";

const CHUNK_BYTES = 100_000;
const MAX_BYTES = 8 * 2 ** 20;
const HONEST = 20;
const FLOOD = 400;

const keyOf = (peer: number) => ({
  publicKey: new Uint8Array(32).fill(peer),
});

/** Bytes of the files in a directory, and what the disk needs for all of it. */
function useOf(path: string): { bytes: number; onDisk: number } {
  const { blocks, size, isDirectory } = Deno.lstatSync(path);
  const onDisk = blocks === null ? size : blocks * 512;
  if (!isDirectory) return { bytes: size, onDisk };
  const inside = [...Deno.readDirSync(path)]
    .map(({ name }) => useOf(`${path}/${name}`));
  return inside.reduce(
    (sum, one) => ({
      bytes: sum.bytes + one.bytes,
      onDisk: sum.onDisk + one.onDisk,
    }),
    { bytes: 0, onDisk },
  );
}

export const attack: Attack = {
  name: "cache_flood",
  claim:
    "Whoever fetches ever new content through a cache takes no more disk than it allows, and pushes out nothing that two others want.",
  async run() {
    await using dir = await TempDir.make();
    const origin = new MemoryStore();
    const hashes: Uint8Array[] = [];
    for (let seed = 0; seed < HONEST + FLOOD; seed++) {
      const bytes = pattern(CHUNK_BYTES, seed);
      hashes.push(blake3(bytes));
      await origin.put(hashes[seed], bytes);
    }
    const disk = await DiskStore.open(dir.at("cache"));
    const local = new CacheStore(disk, { maxBytes: MAX_BYTES });
    await using upstream = connect(origin);
    await using cache = new UpstreamStore(local, {
      peer: 77n,
      connect: () => Promise.resolve(upstream.session),
    });
    const fetch = async (which: Uint8Array[], peer: number) => {
      for (const hash of which) await cache.get(hash, keyOf(peer));
    };
    const wanted = hashes.slice(0, HONEST);
    // The first brings them here, two more want them.
    for (const peer of [1, 2, 3]) await fetch(wanted, peer);
    for (const hash of hashes.slice(HONEST)) {
      for (let i = 0; i < 3; i++) await fetch([hash], 66);
    }
    const kept = await Promise.all(wanted.map((hash) => disk.has(hash)));
    const left = kept.filter((isHeld) => isHeld).length;
    const { bytes, onDisk } = useOf(dir.at("cache"));
    return {
      // What a disk needs besides depends on its file system: told, not judged.
      held: bytes <= MAX_BYTES && left === HONEST,
      line:
        `a flood of ${FLOOD} chunks left ${left} of ${HONEST} that others ` +
        `want; the cache has ${bytes} of ${MAX_BYTES} bytes, ${onDisk} on the disk`,
      cost: {
        attacker: `${3 * FLOOD * CHUNK_BYTES} bytes to fetch`,
        node: `${FLOOD * CHUNK_BYTES} bytes fetched from the node above`,
      },
    };
  },
};
