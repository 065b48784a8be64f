/** Two hosts with a bad link between them, which is a process of a third one. */

import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { equals } from "@std/bytes/equals";
import { noise } from "../../scripts/make_tree.ts";
import { runProgram, words } from "../../scripts/program.ts";
import { Cable, noCables } from "../support/cable.ts";
import { startHolder, test } from "../support/cli.ts";
import { LinkProxyProcess } from "../support/link_proxy_process.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { unless } from "../support/unless.ts";

const BYTES = 4 * 2 ** 20;
const LINK = {
  rate: 20,
  delay: 10,
  loss: 0.02,
  reorder: 0.01,
  duplicate: 0.01,
  corrupt: 0.001,
  mtu: 1400,
};

test(
  unless(
    await noCables(),
    "between two hosts a file arrives over a bad link that fails under way",
  ),
  async (dir) => {
    const content = noise(BYTES, 1);
    const path = await dir.write("blob", content);
    await using cable = await Cable.connect({ mtuBehindRouter: 1500 });
    await using holder = await startHolder(dir.path, [path], {
      program: cable.at("holder", TEST_PROGRAM),
      listen: `${cable.address("holder", "IPv4")}:0`,
    });
    await using proxy = await LinkProxyProcess.start(
      (program) => cable.at("router", program),
      {
        to: holder.address,
        down: LINK,
        ...cable.routerAddresses("IPv4"),
      },
    );
    const fetched = runProgram(
      cable.at("fetcher", TEST_PROGRAM),
      words`recv-blob --blob-ref ${holder.refs[0].ref} --out ${dir.at("out")}
        ${holder.attach(undefined, proxy.address)}`,
    );
    while (await proxy.bytes() < BYTES / 3) await delay(10);
    await proxy.change({ down: true });
    await delay(500);
    await proxy.change({ down: false });
    await proxy.rebind();
    const { code, stderr } = await fetched;
    assertEquals([code, stderr], [0, ""]);
    assert(equals(await Deno.readFile(dir.at("out")), content));
  },
);
