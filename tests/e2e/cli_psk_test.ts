/** Keys with names: given out, revoked and replaced while a node serves. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { exists } from "@std/fs";
import { decodeTicket } from "../../lib/mesh/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  cli,
  cliCommand,
  failureOf,
  resultOf,
  startHolder,
  test,
} from "../support/cli.ts";
import { onWindows, unless } from "../support/unless.ts";

const SIZE = 20_000_000;
/** For what must succeed on a busy machine. */
const PATIENT = words`--connect-timeout 60s`;
/** For what must fail. */
const HASTY = words`--connect-timeout 1s`;

/** The keyring of a holder, by the flags that name it. */
function of(holder: HolderProcess): string[] {
  return words`--identity ${holder.pskFile.replace(/\.psk$/, ".toml")}`;
}

function startSharing(
  dir: TempDir,
  path: string,
  ...flags: string[]
): Promise<HolderProcess> {
  return startHolder(dir.at("holder"), words`${path} ${flags}`);
}

/** The tickets of the first path, by the names of their keys. */
function ticketsOf(holder: HolderProcess): Record<string, string> {
  const rows = holder.ready.psk_tickets ?? [];
  return Object.fromEntries(rows.map(({ psk, refs }) => [psk, refs[0]]));
}

async function keyOf(holder: HolderProcess, name: string): Promise<string> {
  const path = holder.pskFile.replace(/\.psk$/, ".keyring");
  const text = await Deno.readTextFile(path);
  return new RegExp(`\\[psk\\.${name}\\]\\npsk_hex = "(\\w+)"`).exec(text)![1];
}

/** Waits until a fetch succeeds or fails as it should: a node looks each second. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo());
}

const blobCode = async (ticket: string) =>
  (await cli`recv-blob --ticket ${ticket} --out - ${HASTY}`).code;

test(
  "a key that is revoked ends the fetch of who has it, and no other",
  async (dir) => {
    const blob = await dir.write("blob", noise(SIZE, 1));
    await using holder = await startSharing(
      dir,
      blob,
      ...words`--ticket-for ann --ticket-for ben -v`,
    );
    const { ann, ben } = ticketsOf(holder);
    assertNotEquals(ann, ben);
    const child = cliCommand(
      words`recv-blob --ticket ${ann} --out ${dir.at("ann")} --limit-rate 500K
        --progress json --output json ${PATIENT}`,
    ).spawn();
    const output = child.output();
    await until(() => exists(dir.at("ann.partial")));
    const revoked = await resultOf(cli`psk revoke ann ${of(holder)}`);
    assertEquals(revoked.revoked, ["ann"]);
    const { code, stdout, stderr } = await output;
    const said = new TextDecoder().decode(stderr);
    assertEquals([code, stdout.length], [3, 0], said);
    assertStringIncludes(said, "the pre-shared key was revoked");
    assert(!await exists(dir.at("ann")));
    assertEquals(await blobCode(ann), 6);
    const got = await cli`recv-blob --ticket ${ben} --out ${dir.at("ben")}
      ${PATIENT}`;
    assertEquals(got.code, 0, got.stderr);
    assertEquals(await Deno.readFile(dir.at("ben")), await Deno.readFile(blob));
    const log = (await holder.stop()).stderr;
    assertMatch(log, /peer attached.*psk=ann/);
    assertMatch(log, /peer detached.*psk=ann.*by=local.*was revoked/);
  },
);

test(
  "a key is given out, and replaced, while the node serves",
  async (dir) => {
    const blob = await dir.write("blob", noise(1000, 1));
    await using holder = await startSharing(dir, blob);
    const [{ ticket }] = holder.refs;
    assertEquals(decodeTicket(ticket).psk, undefined);
    const added = await resultOf(cli`psk add ann ${ticket} ${of(holder)}`);
    assertEquals(
      toHex(decodeTicket(added.ticket).psk!),
      await keyOf(holder, "ann"),
    );
    await until(async () => await blobCode(added.ticket) === 0);
    const next = await resultOf(
      cli`psk add ann ${ticket} --replace ${of(holder)}`,
    );
    assertNotEquals(next.ticket, added.ticket);
    await until(async () => await blobCode(next.ticket) === 0);
    assertEquals(await blobCode(added.ticket), 6);
    const own = await cli`recv-blob --ticket ${ticket} --out - ${PATIENT}
      --psk-file ${holder.pskFile}`;
    assertEquals(own.code, 0, own.stderr);
  },
);

test(
  "keys of tickets stay from one run to the next, and are never told",
  async (dir) => {
    const blob = await dir.write("blob", noise(1000, 1));
    const args = words`--ticket-for ann`;
    const first = await startSharing(dir, blob, ...args);
    const key = await keyOf(first, "ann");
    await first.stop();
    await using second = await startSharing(dir, blob, ...args);
    assertEquals(await keyOf(second, "ann"), key);
    const { ann } = ticketsOf(second);
    assertEquals(toHex(decodeTicket(ann).psk!), key);
    const listed = await cli`psk list ${of(second)} --output json`;
    const { psks } = JSON.parse(listed.stdout);
    assertEquals(psks.map(({ name }: { name: string }) => name), ["ann"]);
    assertMatch(psks[0].created_at, /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/);
    assert(!listed.stdout.includes(key));
    for (const field of ["ticket", "attach"]) {
      assert(!second.ready[field as "ticket"].includes(key));
    }
    assertEquals(decodeTicket(second.ready.ticket).psk, undefined);
  },
);

test(
  "psk refuses what cannot be, and says what to do",
  async (dir) => {
    const identity = words`--identity ${dir.at("node.toml")}`;
    const refused = async (args: string[]) =>
      failureOf(await cli`psk ${args} ${identity} --output json`);
    assertEquals((await cli`psk add ann ${identity}`).code, 0);
    const cases: [string[], number, string, RegExp][] = [
      [["add", "ann"], 2, "usage", /ann already/],
      [["add", "default"], 2, "usage", /permanent key/],
      [["add", "a/b"], 2, "usage", /letters, digits/],
      [["revoke", "ben"], 2, "not_found", /no pre-shared key ben/],
      [["revoke"], 2, "usage", /nothing to revoke/],
    ];
    for (const [args, code, kind, message] of cases) {
      const failure = await refused(args);
      assertEquals(
        [failure.exit_code, failure.kind],
        [code, kind],
        args.join(),
      );
      assertMatch(failure.message, message);
    }
    const many = Array.from({ length: 24 }, (_, i) => `k${i}`);
    const codes: number[] = [];
    for (const name of many) {
      codes.push((await cli`psk add ${name} ${identity}`).code);
    }
    assertEquals(codes, [...Array(23).fill(0), 2]);
  },
);

test(
  "psk add of several processes at once loses no key",
  async (dir) => {
    const identity = words`--identity ${dir.at("node.toml")}`;
    const names = ["a", "b", "c", "d"];
    const runs = await Promise.all(
      names.map((name) => cli`psk add ${name} ${identity}`),
    );
    for (const { code, stderr } of runs) assertEquals(code, 0, stderr);
    const { psks } = await resultOf(cli`psk list ${identity}`);
    const kept = psks.map(({ name }: { name: string }) => name).sort();
    assertEquals(kept, names);
  },
);

test(
  "a ticket for somebody never has the permanent key, not even as that of the relay",
  async (dir) => {
    const blob = await dir.write("blob", noise(1000, 1));
    await using relay = await startHolder(dir.at("relay"), ["--relay"]);
    const { code, stderr } = await cli`serve ${blob} --listen 127.0.0.1:0
      --identity ${relay.pskFile.replace(/\.psk$/, ".toml")}
      --psk-file ${relay.pskFile} --ticket-for ann --ticket-relay-psk
      --via ${relay.address}#${relay.ready.node_pubkey}`;
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, "after their own is revoked");
  },
);

test(
  unless(
    onWindows,
    "a keyring that cannot be used changes nothing, with a warning, and one for others' eyes is refused",
  ),
  async (dir) => {
    const blob = await dir.write("blob", noise(1000, 1));
    const holder = await startSharing(dir, blob, "--ticket-for", "ann");
    const { ann } = ticketsOf(holder);
    const path = holder.pskFile.replace(/\.psk$/, ".keyring");
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    const key = await keyOf(holder, "ann");
    await Deno.writeTextFile(path, `[psk.ann]\npsk_hex = "${key.slice(1)}"\n`);
    // Longer than it takes to be looked at twice.
    await new Promise((done) => setTimeout(done, 3000));
    const got = await cli`recv-blob --ticket ${ann} --out - ${PATIENT}`;
    assertEquals(got.code, 0, got.stderr);
    const { stderr } = await holder.stop();
    assertStringIncludes(stderr, "all keys stay as they are");
    assert(!stderr.includes(key.slice(1, 20)), stderr);
    await Deno.writeTextFile(path, `[psk.ann]\npsk_hex = "${key}"\n`);
    await Deno.chmod(path, 0o644);
    const listed = await cli`psk list --identity ${
      path.replace(/keyring$/, "toml")
    }`;
    assertEquals(listed.code, 2, listed.stderr);
    assertStringIncludes(listed.stderr, "can be used by others");
  },
);
