import { TransferError } from "../../lib/errors.ts";
import { writeWholeFile } from "../../lib/os/whole_file.ts";
import { blake3 } from "../../lib/content/mod.ts";
import { DiskStore, HashCache } from "../../lib/store/mod.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { type Attack, attackRuns } from "./attack.ts";
import { startAttacker } from "./support/attacker.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { stateOf } from "./support/landing_race.ts";
import { swappedAncestor } from "./support/unsafe_parents.ts";

const CHUNK = new TextEncoder().encode("content");
const HASHES = { root: new Uint8Array(32), chunks: [] };

/** All that is written besides targets: files of the program, stores, caches. */
const WRITES: Record<string, (parent: string) => Promise<unknown>> = {
  "an identity or a ready file": (parent) =>
    writeWholeFile(`${parent}/node.toml`, "seed", {
      what: "identity file",
      mode: 0o600,
      replace: true,
      parents: true,
    }),
  "a store": async (parent) => {
    await using store = await DiskStore.open(`${parent}/store`);
    await store.put(blake3(CHUNK), CHUNK);
  },
  "the cache of hashes": (parent) => {
    const path = `${parent}/net-transfer/hashes`;
    const cache = HashCache.open(path, { uid: Deno.uid(), now: () => 1e12 });
    const stamp = { dev: 1, ino: 1, size: 7, mtimeMs: 1e9, ctimeMs: 1e9 };
    cache.add(stamp, HASHES as never, 1e12);
    cache.save();
    return Promise.resolve();
  },
};

export const attack: Attack = {
  name: "foreign_writes",
  claim:
    "What root writes into a directory of another user besides targets goes nowhere else: it is refused.",
  lacks: lacksAttacker,
  async run() {
    const runs = attackRuns(9);
    const { world, body } = swappedAncestor("owner");
    const broken = new Set<string>();
    let [lost, changes] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const [what, write] = Object.entries(WRITES)[run % 3];
      await using dir = await TempDir.make();
      await Deno.chmod(dir.path, 0o755);
      await dir.write("victim/node.toml", "precious");
      await Deno.chmod(dir.at("victim"), 0o700);
      const { parent, args } = await world(dir, dir.at("victim"));
      const state = stateOf(dir.at("victim"));
      await using attacker = await startAttacker(body, args);
      try {
        await write(parent);
      } catch (error) {
        if (!(error instanceof TransferError)) throw error;
      }
      changes += await attacker.end();
      if (stateOf(dir.at("victim")) === state) continue;
      lost++;
      broken.add(what);
    }
    return {
      held: lost === 0,
      line: lost === 0
        ? `nothing outside was written in ${runs} tries, ${changes} changes of ` +
          "names by the attacker"
        : `${lost} of ${runs} tries wrote outside: ${[...broken].join(", ")}`,
    };
  },
};
