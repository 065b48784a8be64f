import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { words } from "../../scripts/program.ts";
import { cli, OTHER_KEY, runCli, SOME_KEY } from "../support/cli.ts";

const ATTACH = words`--node-addr 127.0.0.1:1 --node-pubkey ${SOME_KEY}
  --psk-hex ${OTHER_KEY}`;
const HASH = "8e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a99";

type Row = [
  code: number,
  args: string[],
  stderr: string | RegExp,
  env?: Record<string, string>,
];

const REFUSED: Row[] = [
  [2, words`frobnicate`, "unrecognized subcommand 'frobnicate'"],
  [2, words`recv-blb`, "hint: did you mean 'recv-blob'?"],
  [2, words`identity shw`, "did you mean 'show'?"],
  [2, words`version --verbos`, "did you mean '--verbose'?"],
  [2, words`version extra`, "unexpected argument 'extra'"],
  [2, words`version -q -q`, "multiple times"],
  [2, words`version --output JSON`, "possible values: json"],
  [2, words`version --log-format`, "a value is required"],
  [2, words`version`, "'loud' is no level", { NET_MESH_LOG: "loud" }],
  [2, words`recv-blob --blob-ref ${HASH}`, "--out <FILE>"],
  [2, words`recv-blob --blob-ref xyz --out x ${ATTACH}`, "'--blob-ref <REF>'"],
  [2, words`recv-blob --blob-ref ${HASH} --out x`, "needs a node to attach to"],
  [
    2,
    words`recv-blob --blob-ref ${HASH} --out x --psk-hex ${OTHER_KEY}`,
    "--node-addr",
  ],
  [
    2,
    words`recv-dir --remote-ref ${HASH} --out x ${ATTACH} --node-id 7`,
    "does not belong to the public key",
  ],
  [
    2,
    words`recv-dir --remote-ref ${HASH} --out x --node-addr here`,
    "'--node-addr <ADDR:PORT>'",
  ],
  [
    2,
    words`recv-blob --blob-ref ${HASH} --out x --profile prod`,
    "profile 'prod' does not exist",
  ],
  [
    2,
    words`recv-blob --blob-ref ${HASH} --out x --config /no/c.toml`,
    "'/no/c.toml' does not exist",
  ],
  [
    1,
    words`recv-blob --blob-ref @/no/ref --out x ${ATTACH}`,
    'cannot read the reference file "/no/ref"',
  ],
  [
    1,
    words`recv-dir --include x --remote-ref @/no/ref --out /nonexistent/x
      ${ATTACH}`,
    'cannot read the reference file "/no/ref"',
  ],
  [
    2,
    words`recv-blob --blob-ref ${HASH} --out x ${ATTACH} --timeout
      ${"10 5s"}`,
    "'--timeout <DUR>'",
  ],
  [
    2,
    words`recv-blob --blob-ref ${HASH} --out x ${ATTACH.slice(0, 4)}
      --psk-hex 5ec2e7`,
    /^(?!.*5ec2e7)net-transfer: invalid value for '--psk-hex <HEX>'/s,
  ],
  [
    6,
    words`recv-blob --blob-ref ${HASH} --out /nonexistent/x ${ATTACH}
      --connect-timeout 300ms`,
    "net-transfer: ",
  ],
  [2, words`serve`, "nothing to serve"],
  [1, words`identity show /no/id.toml`, "/no/id.toml"],
  [1, words`send-blob /no/file`, '"/no/file"'],
  [3, words`send-blob /`, "net-transfer: "],
  [2, words`send-dir /no/dir`, "'/no/dir'"],
  [2, words`send-dir /dev/null`, "not a directory"],
];

for (const [code, args, stderr, env] of REFUSED) {
  Deno.test(`'${args.join(" ").slice(0, 60)}' exits ${code}`, async () => {
    const finished = await runCli(args, { env });
    assertEquals(finished.code, code, finished.stderr);
    assertEquals(finished.stdout, "");
    if (typeof stderr === "string") {
      assertStringIncludes(finished.stderr, stderr);
    } else assertMatch(finished.stderr, stderr);
  });
}

Deno.test("a failure in a format of programs is one JSON line on stderr", async () => {
  const { code, stdout, stderr } = await cli`version --output json --bogus`;
  assertEquals([code, stdout], [2, ""]);
  assertEquals(JSON.parse(stderr), {
    error: {
      kind: "usage",
      message: "unexpected argument '--bogus' found",
      exit_code: 2,
      hint: "see 'net-transfer version --help'",
      argument: "--bogus",
    },
  });
  assertEquals(stderr.trimEnd().split("\n").length, 1);
});

Deno.test("every verb has help with an example, whatever is missing", async () => {
  const verbs = [
    ...words`recv-blob send-blob recv-dir send-dir serve version`,
    ...["generate", "show", "fingerprint"].map((verb) => `identity ${verb}`),
  ];
  await Promise.all(verbs.map(async (verb) => {
    const { code, stdout, stderr } = await cli`${verb.split(" ")} --help`;
    assertEquals([code, stderr], [0, ""], verb);
    assertStringIncludes(stdout, `Usage: net-transfer ${verb} [OPTIONS]`);
    assertMatch(stdout, /Examples?:\n {2}# .*\n {2}net-transfer /);
    for (const line of stdout.split("\n")) {
      assert(line.length <= 80 || line.startsWith("  net-transfer"), line);
    }
  }));
});

Deno.test("help, -h and a leading 'transfer' lead to the same pages", async () => {
  const root = await cli`--help`;
  assertStringIncludes(root.stdout, "Usage: net-transfer [OPTIONS] <VERB>");
  assertEquals(await cli`transfer -h`, root);
  assertEquals(await cli`help`, root);
  const verb = await cli`recv-dir --help`;
  assertEquals(await cli`help transfer recv-dir`, verb);
  assertEquals(await cli`-q transfer recv-dir -h`, verb);
  const group = await cli`identity --help`;
  assertStringIncludes(group.stdout, "fingerprint");
});

Deno.test("no verb at all prints help on stderr and exits 2", async () => {
  const { code, stdout, stderr } = await runCli([]);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "Usage: net-transfer");
});

Deno.test("version prints the same in every format", async () => {
  const { version }: { version: string } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const flag = await cli`-V`;
  assertEquals(flag.stdout, `net-transfer ${version}\n`);
  const fields = {
    cli_version: version,
    deno_version: Deno.version.deno,
    git_revision: null,
  };
  const json = await runCli(["version"], { env: { NO_COLOR: "1" } });
  assertEquals(json.stdout, `${JSON.stringify(fields, null, 2)}\n`);
  const ndjson = await cli`--output=ndjson version`;
  assertEquals(ndjson.stdout, `${JSON.stringify(fields)}\n`);
  const yaml = await cli`version --output yaml`;
  assertEquals(
    yaml.stdout,
    `cli_version: ${version}\ndeno_version: ${Deno.version.deno}\ngit_revision: null\n`,
  );
  const table = await cli`version --output table`;
  assertMatch(table.stdout, /^cli_version {3}\d/);
  const text = await cli`version --output text`;
  assertMatch(text.stdout, /^net-transfer \S+ \(Deno \S+\)\n$/);
});

Deno.test("a failure is coloured as the command line says, even a wrong one", async () => {
  const painted = "\x1b[31mnet-transfer:\x1b[39m ";
  const cases: [string[], Record<string, string>, boolean][] = [
    [words`--color always nope`, {}, true],
    [["nope", "--color=always"], { NO_COLOR: "1" }, true],
    [["nope"], {}, false],
    [words`nope --color=always --color=never`, {}, false],
    [["nope", "--no-color"], {}, false],
  ];
  for (const [args, env, expected] of cases) {
    const { code, stderr } = await runCli(args, { env });
    assertEquals([code, stderr.startsWith(painted)], [2, expected], stderr);
    if (!expected) assert(!stderr.includes("\x1b"), stderr);
  }
});

Deno.test("the format of log lines is not that of the failure", async () => {
  const args = words`send-blob /nonexistent --log-format json`;
  const text = await runCli(args);
  assertMatch(text.stderr, /^net-transfer: /);
  const json = await cli`${args} --output json`;
  assertEquals(JSON.parse(json.stderr).error.exit_code, 1);
});
