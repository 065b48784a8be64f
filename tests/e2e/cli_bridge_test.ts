/** Codes among several hosts on one network. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatCode, parseCode } from "../../lib/meeting/code.ts";
import { runProgram, words } from "../../scripts/program.ts";
import { Bridge, noBridges } from "../support/bridge.ts";
import { failureOf, isolated, test } from "../support/cli.ts";
import { ShareProcess } from "../support/share_process.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { unless } from "../support/unless.ts";

const obstacle = await noBridges();

function share(
  bridge: Bridge,
  host: number,
  file: string,
): Promise<ShareProcess> {
  return ShareProcess.start([file], {
    program: bridge.at(host, TEST_PROGRAM),
    listen: "[::]:0",
    hasCode: true,
  });
}

function get(bridge: Bridge, host: number, code: string, ...more: string[]) {
  return runProgram(
    bridge.at(host, TEST_PROGRAM),
    ["get", code, "--out", "-", ...more],
    isolated({}),
  );
}

for (const family of ["IPv4", "IPv6"] as const) {
  test(
    unless(
      obstacle,
      `of two shares on a network without ${family} each is found by its own code`,
    ),
    async (dir) => {
      const files = [
        await dir.write("one", "one\n"),
        await dir.write("two", "two\n"),
      ];
      await using bridge = await Bridge.connect(3);
      await bridge.without(family);
      await using one = await share(bridge, 0, files[0]);
      await using two = await share(bridge, 1, files[1]);
      const [first, second] = [one, two].map(({ ready }) =>
        parseCode(ready.code!)
      );
      assert(first.number !== second.number);
      // The words of the one do not do for the other.
      const crossed = formatCode({ ...first, words: second.words });
      const refused = failureOf(
        await get(bridge, 2, crossed, "--output", "json"),
      );
      assertEquals(refused.message, "the code is wrong");
      for (
        const [{ ready }, text] of [[one, "one\n"], [two, "two\n"]] as const
      ) {
        const got = await get(bridge, 2, ready.code!);
        assertEquals([got.code, got.stdout], [0, text], got.stderr);
      }
    },
  );
}

test(
  unless(
    obstacle,
    "packets that are none, and announcements without a share, keep nobody from the share",
  ),
  async (dir) => {
    const file = await dir.write("file", "hello\n");
    await using bridge = await Bridge.connect(3);
    await using one = await share(bridge, 0, file);
    // Answers to all, again and again: cut ones, long ones, and the group's own.
    const noise = `
      const socket = Deno.listenDatagram({
        transport: "udp", hostname: "${bridge.address(1)}", port: 5353,
        reuseAddress: true,
      });
      console.log("ready");
      for (;;) {
        const bytes = crypto.getRandomValues(
          new Uint8Array(12 + Math.floor(Math.random() * 1400)),
        );
        bytes.set([0, 0, 0x84, 0, 0, 0, 0, Math.random() * 9]);
        await socket.send(bytes, {
          transport: "udp", hostname: "224.0.0.251", port: 5353,
        });
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    `;
    const [command, ...args] = bridge.at(1, [
      ...[Deno.execPath(), "eval", "--unstable-net", noise],
    ]);
    await using noisy = new Deno.Command(command, {
      args,
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = noisy.stdout.getReader();
    await reader.read();
    const got = await get(bridge, 2, one.ready.code!);
    assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
    const listed = await runProgram(
      bridge.at(2, TEST_PROGRAM),
      words`discover --for 1s --output json`,
      isolated({}),
    );
    assertMatch(listed.stdout, /"node_count": 0/);
    noisy.kill("SIGKILL");
    await reader.cancel();
  },
);
