/** Codes between networks, from files, and for some keys alone. */

import { assertEquals, assertMatch } from "@std/assert";
import { runProgram, words } from "../../scripts/program.ts";
import { Cable, noCables } from "../support/cable.ts";
import {
  cli,
  failureOf,
  isolated,
  resultOf,
  startHolder,
  test,
} from "../support/cli.ts";
import { ShareProcess } from "../support/share_process.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { unless } from "../support/unless.ts";

const obstacle = await noCables();

/** Shares a file on a host by a code. */
function share(
  cable: Cable,
  ...args: readonly string[]
): Promise<ShareProcess> {
  return ShareProcess.start(args, {
    program: cable.at("holder", TEST_PROGRAM),
    listen: "[::]:0",
    hasCode: true,
  });
}

/** Gets something on another host, with a home of its own. */
function get(
  cable: Cable,
  args: readonly string[],
  options: { home?: string; env?: Record<string, string> } = {},
) {
  return runProgram(
    cable.at("fetcher", TEST_PROGRAM),
    ["get", ...args, "--out", "-"],
    isolated(options),
  );
}

test(
  unless(
    obstacle,
    "two networks that one node joins meet there, by a flag or the profile",
  ),
  async (dir) => {
    const file = await dir.write("file", "hello\n");
    await using cable = await Cable.connect({ mtuBehindRouter: 1500 });
    await using point = await startHolder(
      dir.path,
      words`--relay --rendezvous --ticket-psk`,
      { program: cable.at("router", TEST_PROGRAM), listen: "[::]:0" },
    );
    const path = await dir.write("point", point.ready.ticket, { mode: 0o600 });
    const at = ["--meet", `@${path}`];
    {
      await using one = await share(cable, file, ...at);
      const got = await get(cable, [one.ready.code!, ...at]);
      assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
    }
    const home = await dir.mkdir("home");
    await dir.write(
      "home/.config/net-mesh/config.toml",
      `[default]\nmeet = "@${path}"\n`,
    );
    await using two = await share(cable, file, ...at);
    const got = await get(cable, [two.ready.code!], { home });
    assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
    // On the local network alone nobody answers there.
    await using three = await share(cable, file, ...at);
    const failure = failureOf(
      await get(cable, words`${three.ready.code!} --timeout 2s --output json`),
    );
    assertEquals(failure.kind, "not_found");
  },
);

test(
  unless(
    obstacle,
    "a code is read from a private file, from stdin and from the variable",
  ),
  async (dir) => {
    const file = await dir.write("file", "hello\n");
    await using cable = await Cable.connect();
    await using one = await share(cable, file);
    const path = await dir.write("code", one.ready.code!, { mode: 0o644 });
    const refused = failureOf(
      await get(cable, [`@${path}`, "--output", "json"]),
    );
    assertMatch(refused.message, /file of a code/);
    await Deno.chmod(path, 0o600);
    const byFile = await get(cable, [`@${path}`]);
    assertEquals([byFile.code, byFile.stdout], [0, "hello\n"], byFile.stderr);
    const { code } = await one.next();
    const env = { NET_TRANSFER_TICKET: code };
    const byVariable = await get(cable, [], { env });
    assertEquals([byVariable.code, byVariable.stdout], [0, "hello\n"]);
  },
);

test(
  unless(
    obstacle,
    "a share for one key is found by its code with that key, and not without",
  ),
  async (dir) => {
    const file = await dir.write("file", "hello\n");
    const identity = dir.at("me.toml");
    await cli`identity generate --out ${identity}`;
    const { node_pubkey: key } = await resultOf(
      cli`identity show ${identity} --output json`,
    );
    await using cable = await Cable.connect();
    await using one = await share(cable, file, "--to", key);
    const code = one.ready.code!;
    const stranger = failureOf(
      await get(cable, words`${code} --output json`),
    );
    assertEquals([stranger.kind, stranger.exit_code], ["timeout", 6]);
    const got = await get(cable, [code, "--identity", identity]);
    assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
  },
);
