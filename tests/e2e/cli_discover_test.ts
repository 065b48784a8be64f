/** Holders that announce themselves, on hosts of their own. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { runProgram, words } from "../../scripts/program.ts";
import { Cable, noCables } from "../support/cable.ts";
import {
  failureOf,
  isolated,
  resultOf,
  startHolder,
  test,
} from "../support/cli.ts";
import { sourceProgram } from "../../scripts/program.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { unless } from "../support/unless.ts";

const obstacle = await noCables();

test(
  unless(
    obstacle,
    "discover lists a holder that announces itself, and how to attach",
  ),
  async (dir) => {
    const file = await dir.write("file", "hello\n");
    await using cable = await Cable.connect();
    const name = "shelf\u001b[31m of Ann";
    await using holder = await startHolder(
      dir.path,
      words`${file} --announce ${name}`,
      { program: cable.at("holder", TEST_PROGRAM), listen: "[::]:0" },
    );
    const discover = (...more: string[]) =>
      runProgram(
        cable.at("fetcher", TEST_PROGRAM),
        words`discover --for 2s ${more}`,
        isolated({}),
      );
    const found = await resultOf(discover("--output", "json"));
    const { node_pubkey: key } = holder.ready;
    assertEquals(found.node_count, 1);
    const [node] = found.nodes;
    assertEquals([node.name, node.node_pubkey], [name, key]);
    const port = holder.ready.listen[0].split(":").at(-1);
    const { device } = cable.linkLocal;
    const near = `${cable.address("holder", "IPv4")}:${port}`;
    // The system may have made a second link-local address.
    const local = node.addresses.filter((one: string) => one !== near);
    assert(node.addresses.includes(near), node.addresses.join());
    assert(local.length > 0);
    for (const address of local) {
      assertMatch(
        address,
        new RegExp(`^\\[fe80::[^\\]]*%${device}\\]:${port}$`),
      );
    }
    // Each of them leads to the holder.
    for (const address of node.addresses) {
      const fetched = await runProgram(
        cable.at("fetcher", TEST_PROGRAM),
        words`recv-blob --blob-ref ${holder.refs[0].ref} --out -
          --node-addr ${address} --node-pubkey ${key}
          --psk-file ${holder.pskFile}`,
        isolated({}),
      );
      assertEquals([fetched.code, fetched.stdout], [0, "hello\n"]);
    }
    const page = await discover("--output", "text");
    assertMatch(page.stdout, /^shelf\\u\{?1b\}?\[31m of Ann\n {2}--node-addr /);
  },
);

test(
  unless(
    obstacle,
    "nobody is listed where nobody announces itself, nor by way of other interfaces",
  ),
  async (dir) => {
    const file = await dir.write("file", "hello\n");
    await using cable = await Cable.connect();
    const program = cable.at("holder", TEST_PROGRAM);
    await using _silent = await startHolder(dir.path, [file], {
      program,
      listen: "[::]:0",
    });
    await using _local = await startHolder(
      await dir.mkdir("home"),
      words`${file} --announce local`,
      { program, listen: "127.0.0.1:0" },
    );
    const found = await resultOf(runProgram(
      cable.at("fetcher", TEST_PROGRAM),
      words`discover --for 1s --output json`,
      isolated({}),
    ));
    assertEquals(found.nodes, []);
    const here = await resultOf(runProgram(
      program,
      words`discover --for 1s --interface lo --output json`,
      isolated({}),
    ));
    assertEquals(here.node_count, 1);
  },
);

test("discover says which grants it lacks", async () => {
  const run = async (...grants: string[]) =>
    failureOf(
      await runProgram(
        sourceProgram(["--no-prompt", ...grants]),
        words`discover --for 10ms --interface lo --output json`,
        isolated({}),
      ),
    );
  const lacksLook = await run();
  assertEquals(lacksLook.kind, "permission");
  assertMatch(lacksLook.hint!, /--allow-sys=networkInterfaces/);
  const lacksNet = await run("--allow-sys=networkInterfaces");
  assertEquals(lacksNet.kind, "permission");
  assertMatch(lacksNet.hint!, /--allow-net/);
});
