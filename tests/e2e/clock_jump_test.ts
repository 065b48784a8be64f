import { assert, assertEquals } from "@std/assert";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import { BrokenDisk, noBrokenDisks } from "../support/broken_disk.ts";
import {
  assertSameTree,
  resultOf,
  runCli,
  startHolder,
  test,
} from "../support/cli.ts";
import { unless } from "../support/unless.ts";

const HOUR = 3600;
const MIB = 2 ** 20;

test(
  unless(
    noBrokenDisks,
    "a clock that jumps by hours, back and forth, disturbs no holder, cache or fetch",
  ),
  async (dir) => {
    const tree = await dir.tree("tree", {
      "a/large": noise(5 * MIB, 1),
      ...Object.fromEntries(
        Array.from({ length: 30 }, (_, i) => [`b/${i}`, noise(9000, i)]),
      ),
    });
    const disk = await BrokenDisk.make(dir, dir.path);
    const env = disk.env();
    const limit = words`--limit-rate 3M`;
    await using holder = await startHolder(dir.path, [tree, ...limit], { env });
    const [{ ref }] = holder.refs;
    const home = await dir.mkdir("home");
    const upstream = words`--store ${dir.at("cache")} --store-max 256M
      --psk-file ${holder.pskFile}
      --upstream ${`${holder.address}#${holder.ready.node_pubkey}`}`;
    await using cache = await startHolder(home, upstream, { env });
    let hours = 0;
    const jumping = setInterval(() => {
      hours = hours > 0 ? -7 : 5;
      disk.shiftClock(hours * HOUR);
    }, 200);
    try {
      for (const [node, out] of [[cache, "one"], [holder, "other"]] as const) {
        for (let again = 0; again < 2; again++) {
          const line = words`recv-dir --remote-ref ${ref} --out ${dir.at(out)}
            --replace ${node.attach()} --output json`;
          const result = await resultOf(runCli(line, { env, home }));
          assertEquals(result.reattached ?? 0, 0, "it was attached to again");
          assert(result.duration_secs < HOUR, "time that did not pass");
          await assertSameTree(tree, dir.at(out));
        }
      }
    } finally {
      clearInterval(jumping);
    }
  },
);
