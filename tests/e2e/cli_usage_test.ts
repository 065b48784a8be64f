import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { runCli } from "./cli_process.ts";

const ATTACH = [
  "--node-addr",
  "127.0.0.1:1",
  "--node-pubkey",
  "ab".repeat(32),
  "--psk-hex",
  "cd".repeat(32),
];
const HASH = "8e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a99";

interface Row {
  readonly args: string[];
  readonly code: number;
  readonly stderr: string | RegExp;
  readonly env?: Record<string, string>;
}

const REFUSED: Row[] = [
  {
    args: ["frobnicate"],
    code: 2,
    stderr: "unrecognized subcommand 'frobnicate'",
  },
  { args: ["recv-blb"], code: 2, stderr: "hint: did you mean 'recv-blob'?" },
  { args: ["identity", "shw"], code: 2, stderr: "did you mean 'show'?" },
  {
    args: ["version", "--verbos"],
    code: 2,
    stderr: "did you mean '--verbose'?",
  },
  {
    args: ["version", "extra"],
    code: 2,
    stderr: "unexpected argument 'extra'",
  },
  { args: ["version", "-q", "-q"], code: 2, stderr: "multiple times" },
  {
    args: ["version", "--output", "JSON"],
    code: 2,
    stderr: "possible values: json",
  },
  { args: ["version", "--log-format"], code: 2, stderr: "a value is required" },
  {
    args: ["version"],
    env: { NET_MESH_LOG: "loud" },
    code: 2,
    stderr: "'loud' is no level",
  },
  { args: ["recv-blob", "--blob-ref", HASH], code: 2, stderr: "--out <FILE>" },
  {
    args: ["recv-blob", "--blob-ref", "xyz", "--out", "x", ...ATTACH],
    code: 2,
    stderr: "'--blob-ref <REF>'",
  },
  {
    args: ["recv-blob", "--blob-ref", HASH, "--out", "x"],
    code: 2,
    stderr: "needs a node to attach to",
  },
  {
    args: [
      "recv-blob",
      "--blob-ref",
      HASH,
      "--out",
      "x",
      "--psk-hex",
      "cd".repeat(32),
    ],
    code: 2,
    stderr: "--node-addr",
  },
  {
    args: [
      "recv-dir",
      "--remote-ref",
      HASH,
      "--out",
      "x",
      ...ATTACH,
      "--node-id",
      "7",
    ],
    code: 2,
    stderr: "does not belong to the public key",
  },
  {
    args: [
      "recv-dir",
      "--remote-ref",
      HASH,
      "--out",
      "x",
      "--node-addr",
      "here",
    ],
    code: 2,
    stderr: "'--node-addr <ADDR:PORT>'",
  },
  {
    args: ["recv-blob", "--blob-ref", HASH, "--out", "x", "--profile", "prod"],
    code: 2,
    stderr: "profile 'prod' does not exist",
  },
  {
    args: [
      "recv-blob",
      "--blob-ref",
      HASH,
      "--out",
      "x",
      "--config",
      "/no/c.toml",
    ],
    code: 2,
    stderr: "'/no/c.toml' does not exist",
  },
  {
    args: ["recv-blob", "--blob-ref", "@/no/ref", "--out", "x", ...ATTACH],
    code: 1,
    stderr: 'cannot read the reference file "/no/ref"',
  },
  {
    args: [
      ...["recv-dir", "--include", "x", "--remote-ref", "@/no/ref"],
      ...["--out", "/nonexistent/x", ...ATTACH],
    ],
    code: 1,
    stderr: 'cannot read the reference file "/no/ref"',
  },
  {
    args: [
      "recv-blob",
      "--blob-ref",
      HASH,
      "--out",
      "x",
      ...ATTACH,
      "--timeout",
      "10 5s",
    ],
    code: 2,
    stderr: "'--timeout <DUR>'",
  },
  {
    args: [
      "recv-blob",
      "--blob-ref",
      HASH,
      "--out",
      "x",
      ...ATTACH.slice(0, 4),
      "--psk-hex",
      "5ec2e7",
    ],
    code: 2,
    stderr: /^(?!.*5ec2e7)net-transfer: invalid value for '--psk-hex <HEX>'/s,
  },
  {
    args: [
      "recv-blob",
      "--blob-ref",
      HASH,
      "--out",
      "/nonexistent/x",
      ...ATTACH,
      "--connect-timeout",
      "300ms",
    ],
    code: 6,
    stderr: "net-transfer: ",
  },
  { args: ["serve"], code: 2, stderr: "nothing to serve" },
  { args: ["identity", "show", "/no/id.toml"], code: 1, stderr: "/no/id.toml" },
  { args: ["send-blob", "/no/file"], code: 1, stderr: '"/no/file"' },
  { args: ["send-blob", "/"], code: 3, stderr: "net-transfer: " },
  { args: ["send-dir", "/no/dir"], code: 2, stderr: "'/no/dir'" },
  { args: ["send-dir", "/dev/null"], code: 2, stderr: "not a directory" },
];

for (const { args, code, stderr, env } of REFUSED) {
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
  const { code, stdout, stderr } = await runCli([
    "version",
    "--output",
    "json",
    "--bogus",
  ]);
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
    "recv-blob",
    "send-blob",
    "recv-dir",
    "send-dir",
    "serve",
    "identity generate",
    "identity show",
    "identity fingerprint",
    "version",
  ];
  await Promise.all(verbs.map(async (verb) => {
    const { code, stdout, stderr } = await runCli([
      ...verb.split(" "),
      "--help",
    ]);
    assertEquals([code, stderr], [0, ""], verb);
    assertStringIncludes(stdout, `Usage: net-transfer ${verb} [OPTIONS]`);
    assertMatch(stdout, /Examples?:\n {2}# .*\n {2}net-transfer /);
    for (const line of stdout.split("\n")) {
      assert(line.length <= 80 || line.startsWith("  net-transfer"), line);
    }
  }));
});

Deno.test("help, -h and a leading 'transfer' lead to the same pages", async () => {
  const root = await runCli(["--help"]);
  assertStringIncludes(root.stdout, "Usage: net-transfer [OPTIONS] <VERB>");
  assertEquals(await runCli(["transfer", "-h"]), root);
  assertEquals(await runCli(["help"]), root);
  const verb = await runCli(["recv-dir", "--help"]);
  assertEquals(await runCli(["help", "transfer", "recv-dir"]), verb);
  assertEquals(await runCli(["-q", "transfer", "recv-dir", "-h"]), verb);
  const group = await runCli(["identity", "--help"]);
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
  const flag = await runCli(["-V"]);
  assertEquals(flag.stdout, `net-transfer ${version}\n`);
  const fields = {
    cli_version: version,
    deno_version: Deno.version.deno,
    git_revision: null,
  };
  const json = await runCli(["version"], { env: { NO_COLOR: "1" } });
  assertEquals(json.stdout, `${JSON.stringify(fields, null, 2)}\n`);
  const ndjson = await runCli(["--output=ndjson", "version"]);
  assertEquals(ndjson.stdout, `${JSON.stringify(fields)}\n`);
  const yaml = await runCli(["version", "--output", "yaml"]);
  assertEquals(
    yaml.stdout,
    `cli_version: ${version}\ndeno_version: ${Deno.version.deno}\ngit_revision: null\n`,
  );
  const table = await runCli(["version", "--output", "table"]);
  assertMatch(table.stdout, /^cli_version {3}\d/);
  const text = await runCli(["version", "--output", "text"]);
  assertMatch(text.stdout, /^net-transfer \S+ \(Deno \S+\)\n$/);
});

Deno.test("a failure is coloured as the command line says, even a wrong one", async () => {
  const painted = "\x1b[31mnet-transfer:\x1b[39m ";
  const cases: [string[], Record<string, string>, boolean][] = [
    [["--color", "always", "nope"], {}, true],
    [["nope", "--color=always"], { NO_COLOR: "1" }, true],
    [["nope"], {}, false],
    [["nope", "--color=always", "--color=never"], {}, false],
    [["nope", "--no-color"], {}, false],
  ];
  for (const [args, env, expected] of cases) {
    const { code, stderr } = await runCli(args, { env });
    assertEquals([code, stderr.startsWith(painted)], [2, expected], stderr);
    if (!expected) assert(!stderr.includes("\x1b"), stderr);
  }
});

Deno.test("the format of log lines is not that of the failure", async () => {
  const args = ["send-blob", "/nonexistent", "--log-format", "json"];
  const text = await runCli(args);
  assertMatch(text.stderr, /^net-transfer: /);
  const json = await runCli([...args, "--output", "json"]);
  assertEquals(JSON.parse(json.stderr).error.exit_code, 1);
});
