import { assert, assertArrayIncludes, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { COMMAND_LINE } from "../../lib/cli/command_line.ts";
import { everyPage, loadCatalog } from "../../lib/cli/framework/catalog.ts";
import { planCompletion } from "../../lib/cli/framework/completion/plan.ts";
import { spellings } from "../../lib/cli/framework/options/option.ts";
import {
  completionScript,
  type Shell,
  SHELLS,
} from "../../lib/cli/framework/completion/shells.ts";
import { PROGRAM } from "../../lib/cli/version.ts";
import { type Finished, runProgram, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { cli, runCli, test } from "../support/cli.ts";
import { unless } from "../support/unless.ts";

const root = await loadCatalog(COMMAND_LINE);
const plan = planCompletion(root, COMMAND_LINE);

/** The program of each shell, and how it checks a script without running it. */
const CHECKERS: Record<Shell, { program: string; args: string[] }> = {
  bash: { program: "bash", args: ["-n"] },
  zsh: { program: "zsh", args: ["-n"] },
  fish: { program: "fish", args: ["-n"] },
  elvish: { program: "elvish", args: [] },
  powershell: {
    program: "pwsh",
    args: words`-NoProfile -Command
      ${"$e = $null; [void][System.Management.Automation.Language.Parser]::ParseFile($args[0], [ref]$null, [ref]$e); $e; exit $e.Count"}`,
  },
};

/** Elvish outside of a terminal lacks its editor; this stands in for it. */
const ELVISH_EDITOR = `var edit: = (ns [
  &complex-candidate~={|stem &display='' &code-suffix=''| put $stem }
  &complete-filename~={|@words| put [&stem=a-file] }
  &completion:=(ns [&arg-completer=[&]])
])
`;

/** What keeps a shell's tests from being run. */
function obstacleTo(shell: Shell): string | undefined {
  const { program } = CHECKERS[shell];
  try {
    new Deno.Command(program, {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return undefined;
  } catch {
    return `${program} is not installed`;
  }
}

/** A script of a shell, and what is there to complete. */
interface Place {
  readonly dir: TempDir;
  readonly script: string;
  /** Runs the shell, which finds the program. */
  run(...args: string[]): Promise<Finished>;
}

/** A test of a shell's script, where the shell is installed. */
function scriptTest(
  shell: Shell,
  does: string,
  body: (place: Place) => Promise<void>,
): void {
  test(unless(obstacleTo(shell), `${shell} ${does}`), async (dir) => {
    const text = completionScript(shell, plan);
    const script = await dir.write(
      `completion.${shell}`,
      shell === "elvish" ? ELVISH_EDITOR + text : text,
    );
    // A stand-in that answers as the program does, which has its own test.
    await dir.write(
      join("bin", PROGRAM),
      `#!/bin/sh
case "$*" in
"completion --list profiles") printf 'default\\nhome\\n' ;;
"completion --list profiles --config=x" | "completion --list profiles --config x") echo other ;;
*) exit 2 ;;
esac
`,
      { mode: 0o755 },
    );
    await dir.tree("place", { "photos/": "", "photo.raw": "" });
    const env = {
      PATH: `${dir.at("bin")}:${Deno.env.get("PATH")}`,
      HOME: dir.path,
      XDG_CONFIG_HOME: dir.path,
    };
    const { program } = CHECKERS[shell];
    const run = (...args: string[]) => runProgram([program], args, { env });
    await body({ dir, script, run });
  });
}

/** Words offered one a line, in order. */
function offered(text: string): string[] {
  return text.split("\n").filter(Boolean).sort();
}

/** A line, and everything its last word can become. */
const LINES: [line: string, found: string[]][] = [
  ["net-transfer recv-", ["recv-blob", "recv-dir"]],
  ["net-transfer transfer send-", ["send-blob", "send-dir"]],
  ["net-transfer identity ", ["fingerprint", "generate", "show"]],
  ["net-transfer -q --output json ident", ["identity"]],
  ["net-transfer recv-dir --remote", ["--remote-ref"]],
  ["net-transfer serve --remote", []],
  ["net-transfer recv-dir --color ", ["always", "auto", "never"]],
  ["net-transfer recv-dir --node-addr 10.0.0.1:7700 --profile h", ["home"]],
  ["net-transfer recv-dir --config x --profile ", ["other"]],
  ["net-transfer recv-dir --config=x --profile ", ["other"]],
  ["net-transfer completion f", ["fish"]],
];

Deno.test("every shell has a script that names every verb and option", () => {
  for (const shell of SHELLS) {
    const script = completionScript(shell, plan);
    for (const page of everyPage(root)) {
      const word = page.words.at(-1) ?? PROGRAM;
      assert(script.includes(word), `${shell}: ${word}`);
      for (const spec of page.options) {
        const typed = spellings(spec).at(-1) ?? "";
        const shown = shell === "fish" ? `-l ${typed.slice(2)} ` : typed;
        assert(script.includes(shown), `${shell}: ${shown}`);
      }
    }
  }
});

Deno.test("an option takes a value in every verb or in none", () => {
  const flags = plan.places.flatMap(({ options }) =>
    options.filter(({ value }) => value === undefined).flatMap(spellings)
  );
  assertEquals(flags.filter((typed) => plan.valued.includes(typed)), []);
});

for (const shell of SHELLS) {
  scriptTest(shell, "can read its script", async ({ script, run }) => {
    const { code, stderr } = await run(...CHECKERS[shell].args, script);
    assertEquals([code, stderr], [0, ""]);
  });
}

/** Calls the function as bash does, with the words split as bash does. */
const BASH_DRIVER = `
source "$1"
COMP_LINE=$2
COMP_POINT=\${#2}
COMP_WORDS=()
rest=$2
while [[ -n $rest ]]; do
    if [[ $rest =~ ^[[:space:]]+ ]]; then
        rest=\${rest:\${#BASH_REMATCH}}
        [[ -n $rest ]] || COMP_WORDS+=('')
    elif [[ $rest =~ ^[=:@]+ || $rest =~ ^[^[:space:]=:@]+ ]]; then
        COMP_WORDS+=("$BASH_REMATCH")
        rest=\${rest:\${#BASH_REMATCH}}
    fi
done
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_net_transfer "\${COMP_WORDS[0]}" '' ''
[[ \${#COMPREPLY[@]} == 0 ]] || printf '%s\\n' "\${COMPREPLY[@]}"
`;

scriptTest(
  "bash",
  "completes verbs, options, choices, paths and profiles",
  async ({ dir, script, run }) => {
    const lines: typeof LINES = [
      ...LINES,
      // bash replaces only what follows its last break.
      ["net-transfer recv-dir --color=a", ["always", "auto"]],
      ["net-transfer recv-dir --color=", ["always", "auto", "never"]],
      ["net-transfer recv-dir --out pho", ["photos"]],
      ["net-transfer recv-blob --out pho", ["photo.raw", "photos"]],
      ["net-transfer recv-blob --blob-ref @pho", ["photo.raw", "photos"]],
      ["net-transfer serve photos pho", ["photo.raw", "photos"]],
      ["net-transfer recv-dir --node-addr ", []],
      ["net-transfer version --l", ["--log-format"]],
    ];
    const text = `cd "${dir.at("place")}"\n${BASH_DRIVER}`;
    const driver = await dir.write("driver.bash", text);
    for (const [line, found] of lines) {
      const { stdout, stderr } = await run("--norc", driver, script, line);
      assertEquals([offered(stdout), stderr], [found, ""], line);
    }
  },
);

scriptTest(
  "fish",
  "completes verbs, options, choices, paths and profiles",
  async ({ dir, script, run }) => {
    const lines: typeof LINES = [
      ...LINES,
      ["net-transfer recv-dir --out pho", ["photos/"]],
      ["net-transfer recv-blob --out pho", ["photo.raw", "photos/"]],
      ["net-transfer recv-blob --blob-ref @pho", ["@photo.raw", "@photos/"]],
    ];
    const driver = `source $argv[1]; cd $argv[2]
for line in $argv[3..-1]
complete -C $line | string replace -r '\\t.*' ''
echo .
end`;
    const { stdout, stderr } = await run(
      ...words`--no-config -c ${driver} ${script} ${dir.at("place")}`,
      ...lines.map(([line]) => line),
    );
    const answers = stdout.split(/^\.\n/m).map(offered);
    assertEquals(stderr, "");
    for (const [at, [line, found]] of lines.entries()) {
      assertEquals(answers[at], found, line);
    }
  },
);

scriptTest("elvish", "is offered what can follow", async ({ script, run }) => {
  const driver = `
for line [$@args] {
  echo (put [($edit:completion:arg-completer[net-transfer] (str:split ' ' $line))] | to-json)
}
`;
  await Deno.writeTextFile(script, driver, { append: true });
  const { stdout, stderr } = await run(script, ...LINES.map(([line]) => line));
  assertEquals(stderr, "");
  const answers = stdout.trimEnd().split("\n");
  for (const [at, [line, found]] of LINES.entries()) {
    // The editor itself leaves out what does not begin as was typed.
    assertArrayIncludes<string>(JSON.parse(answers[at]), found, line);
  }
});

scriptTest(
  "zsh",
  "takes its script as the completion of the program",
  async ({ script, run }) => {
    const driver = "autoload -U compinit && compinit -D -u && " +
      "source $1 && print $_comps[net-transfer]";
    const { code, stdout, stderr } = await run(
      "-f",
      "-c",
      driver,
      "zsh",
      script,
    );
    assertEquals([code, stdout, stderr], [0, "_net-transfer\n", ""]);
  },
);

Deno.test("completion prints the script, or names and nothing else", async () => {
  const { code, stdout, stderr } = await cli`completion fish --output yaml`;
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout, completionScript("fish", plan));
  for (const args of [["tcsh"], [], words`bash --list profiles`]) {
    const refused = await cli`completion ${args}`;
    assertEquals([refused.code, refused.stdout], [2, ""]);
  }
});

test(
  "completion --list profiles names those of the configuration file",
  async (dir) => {
    const list = words`completion --list profiles`;
    const none = await runCli(list, { env: { XDG_CONFIG_HOME: dir.path } });
    assertEquals(none, { code: 0, stdout: "default\n", stderr: "" });
    const text = "[default]\n[profiles.home]\n[profiles.'far away']\n";
    const config = await dir.write("c.toml", text);
    const some = await cli`${list} --config ${config}`;
    assertEquals(some.stdout, "default\nhome\nfar away\n");
    const env = await runCli(list, { env: { NET_MESH_CONFIG: config } });
    assertEquals(env.stdout, some.stdout);
    await Deno.writeTextFile(config, "[");
    const broken = await cli`${list} --config ${config}`;
    assertEquals([broken.code, broken.stdout], [3, ""]);
  },
);
