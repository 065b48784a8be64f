/** Links that carry less than the usual 1500 bytes: tunnels and overlays. */

import { assert, assertEquals } from "@std/assert";
import { noise } from "../../scripts/make_tree.ts";
import { runProgram, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { Cable, type Family, noCables } from "../support/cable.ts";
import { startHolder, test } from "../support/cli.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { unless } from "../support/unless.ts";

const FAMILIES = ["IPv4", "IPv6"] as const;
/** Datagrams without a fragment that show that no more are made. */
const ENOUGH = 1000;
const obstacle = await noCables();

/** Serves a blob over one family while `use` fetches it. */
async function withBlob(
  { dir, cable, family, content }: {
    dir: TempDir;
    cable: Cable;
    family: Family;
    content: Uint8Array;
  },
  use: (fetch: (name: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const blob = await dir.write("blob", content);
  const address = cable.address("holder", family);
  await using holder = await startHolder(dir.path, [blob], {
    program: cable.at("holder", TEST_PROGRAM),
    listen: `${family === "IPv6" ? `[${address}]` : address}:0`,
  });
  await use(async (name) => {
    // Of a copy that is there already nothing would be sent.
    const out = dir.at(`${family}-${name}-${crypto.randomUUID()}`);
    const { code, stderr } = await runProgram(
      cable.at("fetcher", TEST_PROGRAM),
      words`recv-blob --blob-ref ${holder.refs[0].ref} --out ${out}
        ${holder.attach()}`,
    );
    assertEquals(code, 0, stderr);
    assertEquals(await Deno.readFile(out), content);
  });
}

test(
  unless(obstacle, "no datagram is cut on an interface of 1280, 1420 or 1492"),
  async (dir, t) => {
    const content = noise(2 ** 20, 1);
    await using cable = await Cable.connect();
    for (const family of FAMILIES) {
      await withBlob({ dir, cable, family, content }, async (fetch) => {
        for (const mtu of [1280, 1420, 1492]) {
          await t.step(`${family}, ${mtu}`, async () => {
            await cable.setMtu(mtu);
            await fetch(`${mtu}`);
            assertEquals(await cable.fragments(), 0);
          });
        }
      });
    }
  },
);

test(
  unless(obstacle, "an interface that shrinks under way is followed"),
  async (dir, t) => {
    const content = noise(32 * 2 ** 20, 2);
    await using cable = await Cable.connect();
    for (const family of FAMILIES) {
      await withBlob({ dir, cable, family, content }, async (fetch) => {
        await t.step(family, async () => {
          await cable.setMtu(1500);
          const sent = () => cable.datagrams("holder");
          let over = false;
          const fetching = fetch("shrinking").finally(() => over = true);
          const shrinking = async () => {
            const start = await sent();
            while (!over && await sent() - start < ENOUGH);
            await cable.setMtu(1280);
            // The system cuts until it is noticed, and then no more.
            let [cut, lastCutAt] = [NaN, 0];
            while (!over) {
              const fragments = await cable.fragments();
              if (fragments !== cut) lastCutAt = await sent();
              cut = fragments;
            }
            return await sent() - lastCutAt;
          };
          const [whole] = await Promise.all([shrinking(), fetching]);
          assert(whole > ENOUGH, `${whole} datagrams after the last fragment`);
        });
      });
    }
  },
);

test(
  unless(
    obstacle,
    "a router that refuses a probe is believed: nothing longer is sent there",
  ),
  async (dir, t) => {
    const content = noise(2 ** 20, 3);
    for (const mtu of [1280, 1420, 1492]) {
      await using cable = await Cable.connect({ mtuBehindRouter: mtu });
      for (const family of FAMILIES) {
        await withBlob({ dir, cable, family, content }, async (fetch) => {
          // What the kernel has learned of the path, the holder knows as well.
          for (const name of ["first", "again"]) {
            await t.step(`${family}, ${mtu}, ${name}`, async () => {
              await fetch(name);
              assertEquals(await cable.fragments(), 0);
            });
          }
        });
      }
    }
  },
);

test(
  unless(
    obstacle,
    "of what the kernel has learned from others one probe tells, and no data",
  ),
  async (dir, t) => {
    const content = noise(2 ** 20, 4);
    await using cable = await Cable.connect({ mtuBehindRouter: 1280 });
    for (const family of FAMILIES) {
      await t.step(family, async () => {
        await withBlob(
          { dir, cable, family, content },
          (fetch) => fetch("one"),
        );
        const before = await cable.fragments();
        // Another process, which must find out for itself.
        await withBlob(
          { dir, cable, family, content },
          (fetch) => fetch("two"),
        );
        const cut = await cable.fragments() - before;
        // Cut, made two of, and put together again of two.
        assert(cut <= 6, `${cut} counts of fragments`);
      });
    }
  },
);
