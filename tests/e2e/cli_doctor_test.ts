/** `doctor`, by itself and of nodes that can be reached, or not. */

import { stripVTControlCharacters } from "node:util";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { ephemeralIdentity, Node } from "../../lib/mesh/mod.ts";
import { MemoryStore } from "../../lib/store/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { serveNode } from "../../lib/transfer/mod.ts";
import {
  type Finished,
  runProgram,
  sourceProgram,
  words,
} from "../../scripts/program.ts";
import {
  cli,
  OTHER_KEY,
  pathsIn,
  resultOf,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";

/** A moment for each measurement. */
const MOMENT = words`--measure 50ms --output json`;
const MACHINE =
  words`runtime permissions workers disk hash cipher socket buffers`;
const SETTINGS = words`configuration identity key`;
const PATH =
  words`target resolve reach handshake route rtt rate_down rate_up loss path_mtu`;

interface Diagnosis {
  readonly ok: boolean;
  readonly exit_code: number;
  readonly failed?: string;
  readonly limit?: { readonly stage: string; readonly reason: string };
  readonly checks: readonly (
    & { readonly check: string; readonly status: string; readonly said: string }
    & Readonly<Record<string, unknown>>
  )[];
}

function checkOf(
  { checks }: Diagnosis,
  name: string,
): Diagnosis["checks"][number] {
  const found = checks.find(({ check }) => check === name);
  if (found !== undefined) return found;
  throw new Error(`no ${name} in ${checks.map(({ check }) => check)}`);
}

const names = ({ checks }: Diagnosis) => checks.map(({ check }) => check);

/** What was diagnosed of something that a fetch would fail at. */
function failed({ code, stdout, stderr }: Finished): Diagnosis {
  const diagnosis: Diagnosis = JSON.parse(stdout);
  const { error } = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "");
  const { ok, exit_code } = diagnosis;
  assertEquals([ok, exit_code, error.exit_code], [false, code, code]);
  const { said, status, kind } = checkOf(diagnosis, diagnosis.failed ?? "");
  assertEquals([status, said, kind], ["failed", error.message, error.kind]);
  assertEquals(diagnosis.limit, undefined);
  return diagnosis;
}

test("doctor looks at this machine when no node is named", async (dir) => {
  const out = await dir.mkdir("out");
  const diagnosis: Diagnosis = await resultOf(
    cli`doctor ${MOMENT} --out ${out}`,
  );
  assertEquals(names(diagnosis), [...MACHINE, ...SETTINGS]);
  const { ok, exit_code, checks, limit } = diagnosis;
  assertEquals([ok, exit_code], [true, 0]);
  for (const { check, status } of checks) {
    assert(["ok", "warn", "skipped"].includes(status), check);
  }
  assertEquals(checkOf(diagnosis, "disk").path, out);
  assert(["disk", "hash", "crypto", "socket"].includes(limit?.stage ?? ""));
  assertEquals(await pathsIn(out), [], "what was written is gone");
});

test("doctor measures the path to a node, both ways", async (dir) => {
  await using holder = await startHolder(dir.path, [
    await dir.write("file", "hello\n"),
  ]);
  const diagnosis: Diagnosis = await resultOf(
    cli`doctor ${MOMENT} ${holder.attach()} --out ${dir.path}`,
  );
  assertEquals(names(diagnosis), [...MACHINE, ...SETTINGS, ...PATH]);
  const figure = (check: string, name: string) =>
    checkOf(diagnosis, check)[name];
  assertEquals(figure("route", "direct"), true);
  assertEquals(figure("route", "nat"), false);
  assertEquals(figure("reach", "address"), holder.address);
  for (const check of ["rate_down", "rate_up"]) {
    assert(Number(figure(check, "rate_mib_s")) > 0, check);
    assertEquals(figure(check, "congestion"), "bbr");
  }
  assert(Number(figure("rtt", "min_ms")) > 0);
  assert(Number(figure("path_mtu", "datagram_bytes_down")) >= 1200);
  assert(diagnosis.limit !== undefined);
});

test("people get a line for each check, and colours when they like", async (dir) => {
  await using holder = await startHolder(dir.path, ["--relay"]);
  const { code, stdout, stderr } =
    await cli`doctor --measure 50ms --output text --color always
    --out ${dir.path} ${holder.attach()}`;
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "\x1b[1mruntime");
  const lines = stripVTControlCharacters(stdout).split("\n");
  for (const name of [...MACHINE, ...SETTINGS, ...PATH, "limit"]) {
    const start = new RegExp(`^(ok|warn|skipped) +${name} +\\S`);
    const found = lines.filter((line) => start.test(line));
    assertEquals(found.length, 1, `${name} in ${stdout}`);
  }
});

test("doctor goes by way of a relay, and says so", async (dir) => {
  await using relay = await startHolder(dir.path, ["--relay"]);
  const home = await dir.mkdir("holder");
  await using holder = await startHolder(
    home,
    words`${await dir.write("file", "hello\n")} --psk-file ${relay.pskFile}
    --via ${relay.address}#${relay.ready.node_pubkey}`,
  );
  const diagnose = (...flags: string[]): Promise<Diagnosis> =>
    resultOf(
      cli`doctor ${MOMENT} ${relay.attach()} --from ${holder.ready.node_pubkey}
    --out ${dir.path} ${flags}`,
    );
  const diagnosis = await diagnose("--direct", "never");
  const { direct, said } = checkOf(diagnosis, "route");
  assertEquals([direct, said], [false, `relayed by node ${relay.id}`]);
  assert(Number(checkOf(diagnosis, "rate_down").bytes) > 0);
  const past = checkOf(await diagnose(), "route");
  assertEquals([past.direct, past.relay], [true, Number(relay.id)]);
  assertMatch(
    String(past.said),
    new RegExp(`^direct, past relay ${relay.id}; the node sees `),
  );

  const nobody = failed(
    await cli`doctor ${MOMENT} ${relay.attach()} --from 5 --out ${dir.path}`,
  );
  assertEquals([nobody.failed, nobody.exit_code], ["route", 3]);
});

test("doctor tells what a fetch would fail at, with its exit code", async (dir) => {
  await using holder = await startHolder(dir.path, [
    await dir.write("file", "hello\n"),
  ]);
  const [, address, , key, , psk] = holder.attach();
  const cases: [
    what: string,
    flags: string[],
    check: string,
    code: number,
  ][] = [
    [
      "no node at the address",
      words`--node-addr 127.0.0.1:1 --node-pubkey ${key} --psk-file ${psk}`,
      "reach",
      6,
    ],
    [
      "a key of another node",
      words`--node-addr ${address} --psk-file ${psk} --node-pubkey
      ${ephemeralKey()}`,
      "reach",
      6,
    ],
    [
      "another pre-shared key",
      words`--node-addr ${address} --node-pubkey ${key} --psk-hex ${OTHER_KEY}`,
      "reach",
      6,
    ],
    [
      "a name that nobody has",
      words`--node-addr nobody.invalid:7700 --node-pubkey ${key}
      --psk-file ${psk}`,
      "resolve",
      6,
    ],
    ["half a target", ["--node-addr", address], "target", 2],
    [
      "no such profile",
      ["--profile", "none"],
      "configuration",
      2,
    ],
  ];
  for (const [what, flags, check, code] of cases) {
    const run =
      await cli`doctor ${MOMENT} ${flags} --connect-timeout 1s --out ${dir.path}`;
    const diagnosis = failed(run);
    assertEquals([diagnosis.failed, run.code], [check, code], what);
    assertEquals(names(diagnosis).at(-1), check, "nothing follows");
  }
});

/** A public key of nobody. */
function ephemeralKey(): string {
  return toHex(ephemeralIdentity().x25519Public);
}

test("a directory that a fetch would make is measured above it, a file is none", async (dir) => {
  const { path } = checkOf(
    await resultOf(cli`doctor ${MOMENT} --out ${dir.at("new", "one")}`),
    "disk",
  );
  assertEquals(path, dir.path);
  const out = await dir.write("file", "in the way");
  const diagnosis = failed(await cli`doctor ${MOMENT} --out ${out}`);
  assertEquals([diagnosis.failed, diagnosis.exit_code], ["disk", 1]);
});

test("a node that does not let itself be measured is told from one that fails", async (dir) => {
  const psk = new Uint8Array(32).fill(0xab);
  assertEquals(toHex(psk), SOME_KEY);
  await using node = await Node.listen({
    address: "127.0.0.1:0",
    psk,
    identity: ephemeralIdentity(),
  });
  const stop = new AbortController();
  const served = serveNode(node, new MemoryStore(), { signal: stop.signal });
  const attach = words`--node-addr 127.0.0.1:${node.address.port}
    --node-pubkey ${toHex(node.publicKey)} --psk-hex ${SOME_KEY}`;
  const diagnosis: Diagnosis = await resultOf(
    cli`doctor ${MOMENT} ${attach} --out ${dir.path}`,
  );
  stop.abort();
  await served;
  assertEquals(checkOf(diagnosis, "rtt").status, "ok");
  for (const check of words`rate_down rate_up loss path_mtu`) {
    const { status, said } = checkOf(diagnosis, check);
    assertEquals(status, "skipped");
    assertStringIncludes(said, "older");
  }
  assertEquals([diagnosis.ok, diagnosis.limit], [true, undefined]);
});

test("doctor skips what the sandbox forbids", async (dir) => {
  const file = await dir.write("file", "hello\n");
  await using holder = await startHolder(dir.path, [file]);
  const out = await Deno.realPath(await dir.mkdir("out"));
  await Deno.rename(holder.pskFile, `${out}/node.psk`);
  const attach = holder.attach(["--psk-file", `${out}/node.psk`]);
  const diagnose = async (flags: string[], line: string[]) => {
    const program = sourceProgram(["--no-prompt", ...flags]);
    const { code, stdout, stderr } = await runProgram(
      program,
      words`doctor ${MOMENT} --out ${out} ${line}`,
    );
    assertEquals(code, 0, stderr);
    const diagnosis: Diagnosis = JSON.parse(stdout);
    const skipped = diagnosis.checks.filter(({ status }) =>
      status === "skipped"
    ).map(({ check }) => check);
    return { diagnosis, skipped };
  };
  const some = await diagnose(
    [
      `--allow-net=0.0.0.0:0,${holder.address}`,
      `--allow-read=${out}`,
      `--allow-write=${out}`,
    ],
    attach,
  );
  assertEquals(some.skipped, ["socket", "buffers"]);
  assert(Number(checkOf(some.diagnosis, "rate_down").bytes) > 0);
  assertEquals(checkOf(some.diagnosis, "permissions").status, "warn");

  const none = await diagnose([], []);
  assertEquals(none.skipped, ["disk", "socket", "buffers"]);
  assertEquals(checkOf(none.diagnosis, "hash").status, "ok");
});
