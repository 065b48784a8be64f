import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { fromFileUrl } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { words } from "../../scripts/program.ts";
import { cli, OTHER_KEY, resultOf, runCli, SOME_KEY } from "../support/cli.ts";

const ATTACH = words`--node-addr 127.0.0.1:1 --node-pubkey ${SOME_KEY}
  --psk-hex ${OTHER_KEY}`;
const NO_FILE = 'cannot read the reference file "/no/ref"';

/** One case for each part that can refuse; the rest is in the tests of the parts. */
const REFUSED: [
  code: number,
  args: string[],
  stderr: string,
][] = [
  [2, words`recv-blb`, "hint: did you mean 'recv-blob'?"],
  [2, words`identity shw`, "did you mean 'show'?"],
  [2, words`version --verbos`, "did you mean '--verbose'?"],
  [1, words`recv-blob --blob-ref @/no/ref --out x ${ATTACH}`, NO_FILE],
  [
    1,
    words`recv-dir --include x --remote-ref @/no/ref --out /nonexistent/x
      ${ATTACH}`,
    NO_FILE,
  ],
  [
    6,
    words`recv-blob --blob-ref ${SOME_KEY} --out /nonexistent/x ${ATTACH}
      --connect-timeout 300ms`,
    "net-transfer: ",
  ],
  [2, words`serve`, "nothing to serve"],
  [1, words`identity show /no/id.toml`, "/no/id.toml"],
  [1, words`send-blob /no/file`, '"/no/file"'],
  [2, words`send-dir /no/dir`, "'/no/dir'"],
  [2, words`send-dir /dev/null`, "not a directory"],
];

for (const [code, args, stderr] of REFUSED) {
  Deno.test(`'${args.join(" ").slice(0, 60)}' exits ${code}: ${stderr}`, async () => {
    const finished = await runCli(args);
    assertEquals([finished.code, finished.stdout], [code, ""]);
    assertStringIncludes(finished.stderr, stderr);
  });
}

Deno.test("what has no effect is taken with a warning, and the result is the same", async () => {
  const cases: [string, string[], Record<string, string>?][] = [
    ["'loud' is no level", ["version"], { NET_MESH_LOG: "loud" }],
    ["--node has no effect on version", words`version --node 1`],
    ["--timeout has no effect on version", words`version --timeout 0`],
    ["--timeout has no effect on version", ["version", "--timeout", " 5 "]],
  ];
  for (const [warning, args, env] of cases) {
    const { code, stdout, stderr } = await runCli(args, { env });
    assertEquals([code, stdout], [0, (await cli`version`).stdout]);
    assertStringIncludes(stderr, warning);
    assertEquals(stderr.trimEnd().split("\n").length, 1);
  }
});

Deno.test("patterns are read from stdin, once", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/kept`, "");
    await Deno.writeTextFile(`${dir}/left`, "");
    const send = words`send-dir ${dir} --exclude-from -`;
    const result = await resultOf(runCli(send, { stdin: "left\n" }));
    assertEquals(result.files, 1);
    const recv = words`recv-dir --remote-ref - --exclude-from - --out ${dir}/x
      ${ATTACH}`;
    for (const args of [[...send, "--exclude-from", "-"], recv]) {
      const { code, stderr } = await runCli(args, { stdin: "left\n" });
      assertEquals(code, 2);
      assertStringIncludes(stderr, "stdin can be read once");
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("serve says what to give where its home cannot be written", async () => {
  const { code, stderr } = await runCli(
    words`serve ${fromFileUrl(import.meta.url)} --listen 127.0.0.1:0`,
    { home: "/proc/none" },
  );
  assertEquals(code, 1);
  assertStringIncludes(stderr, "give --identity and --psk-file");
});

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

Deno.test("help, --help and a leading 'transfer' lead to the same pages, -h to the short ones", async () => {
  const root = await cli`--help`;
  assertStringIncludes(root.stdout, "Usage: net-transfer [OPTIONS] <VERB>");
  assertEquals(await cli`transfer --help`, root);
  assertEquals(await cli`help`, root);
  const short = await cli`-h`;
  assertEquals(await cli`transfer -h`, short);
  assert(short.stdout.length < root.stdout.length / 1.5);
  const verb = await cli`recv-dir --help`;
  assertEquals(await cli`-q transfer help recv-dir`, verb);
  const brief = await cli`recv-dir -qh`;
  assert(brief.stdout.length < verb.stdout.length / 2);
});

Deno.test("no verb at all prints help on stderr and exits 2", async () => {
  const { code, stdout, stderr } = await runCli([]);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "Usage: net-transfer");
});

Deno.test("version prints its fields, or a line for people", async () => {
  const version = {
    cli_version: config.version,
    deno_version: Deno.version.deno,
    git_revision: null,
  };
  assertEquals(await resultOf(cli`version`), version);
  const flag = await cli`-V`;
  assertEquals(flag.stdout, `net-transfer ${config.version}\n`);
  const text = await cli`version --output text`;
  assertMatch(text.stdout, /^net-transfer \S+ \(Deno \S+\)\n$/);
});

Deno.test("a failure is coloured as the command line says, even a wrong one", async () => {
  const painted = "\x1b[31mnet-transfer:\x1b[39m ";
  const cases: [string[], Record<string, string>, boolean][] = [
    [words`--color always nope`, { NO_COLOR: "1" }, true],
    [words`nope --no-color --color=always`, {}, false],
  ];
  for (const [args, env, expected] of cases) {
    const { code, stderr } = await runCli(args, { env });
    assertEquals([code, stderr.startsWith(painted)], [2, expected], stderr);
    if (!expected) assert(!stderr.includes("\x1b"), stderr);
  }
});

Deno.test("the format of log lines is not that of the failure", async () => {
  const text = await cli`send-blob /nonexistent --log-format json`;
  assertMatch(text.stderr, /^net-transfer: /);
});
