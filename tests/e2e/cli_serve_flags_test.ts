/** Serves a small file with some flags. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { decodeTicket, loadIdentity, Node, toHex } from "../../mod.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { cli, startHolder, test } from "../support/cli.ts";
import { onWindows, unless } from "../support/unless.ts";

async function serving(dir: TempDir, flags: string[]): Promise<HolderProcess> {
  return startHolder(dir.path, [await dir.write("a.txt", "hello\n"), ...flags]);
}

/** Fetches the file that is served. */
function fetchFrom({ refs, ready }: HolderProcess, ...more: string[]) {
  return cli`recv-blob --blob-ref ${refs[0].ref} --out -
    ${ready.attach.split(" ")} ${more}`;
}

test(
  "--advertise replaces the addresses that are printed, in order, also in tickets",
  async (dir) => {
    const addresses = ["files.example:7700", "[2001:db8::1]:7701"];
    const flags = addresses.flatMap((address) => ["--advertise", address]);
    await using holder = await serving(dir, flags);
    const { listen, attach, ticket, refs } = holder.ready;
    assertEquals(listen, addresses);
    assertMatch(attach, /^--node-addr files\.example:7700 /);
    assertEquals(decodeTicket(ticket).addresses, addresses);
    assertEquals(decodeTicket(refs[0].ticket).addresses, addresses);
  },
);

test(
  "--allow, given twice, lets both keys in and nobody else",
  async (dir) => {
    const files = ["one", "two"].map((name) => dir.at(`${name}.toml`));
    const allow: string[] = [];
    for (const out of files) {
      assertEquals((await cli`identity generate --out ${out}`).code, 0);
      allow.push("--allow", toHex((await loadIdentity(out)).x25519Public));
    }
    await using holder = await serving(dir, allow);
    for (const identity of files) {
      const got = await fetchFrom(holder, "--identity", identity);
      assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
    }
    const stranger = await fetchFrom(holder, "--connect-timeout", "300ms");
    assertEquals([stranger.code, stranger.stdout], [6, ""]);
  },
);

test(
  "--max-connections turns away one peer too many, with a reason",
  async (dir) => {
    const flags = words`--max-connections 1 --ticket-psk`;
    await using holder = await serving(dir, flags);
    const { addresses: address, publicKey, psk } = decodeTicket(
      holder.ready.ticket,
    );
    if (psk === undefined) throw new Error("the ticket carries no key");
    await using _first = await Node.attach({ address, publicKey, psk });
    const { code, stderr } = await fetchFrom(holder);
    assert(code === 3 || code === 6, stderr);
    assertStringIncludes(stderr, "as many sessions as it may");
  },
);

test("--log-format json logs one object a line", async (dir) => {
  await using holder = await serving(dir, words`--log-format json -vv`);
  const got = await fetchFrom(holder);
  assertEquals(got.code, 0, got.stderr);
  const { stderr } = await holder.stop();
  const lines: { level: string; message: string }[] = stderr.trim().split("\n")
    .map((line) => JSON.parse(line));
  const messages = lines.map(({ message }) => message);
  assert(messages.includes("peer attached"), stderr);
  assert(messages.includes("answered"), stderr);
  assert(lines.every(({ level }) => ["info", "debug"].includes(level)), stderr);
});

for (const flags of [[], ["--ticket-psk"]]) {
  const name = `a ready file is for its owner alone with ${
    flags[0] ?? "a ticket without the key"
  }`;
  test(unless(onWindows, name), async (dir) => {
    const path = dir.at("ready.json");
    const args = words`--ready-file ${path} ${flags}`;
    await using holder = await serving(dir, args);
    const { ticket } = JSON.parse(await Deno.readTextFile(path));
    assertEquals(ticket, holder.ready.ticket);
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  });
}
