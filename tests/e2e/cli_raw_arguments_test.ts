/** Arguments that are not UTF-8: used as they are, or refused; never another path. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Finished, runProgram } from "../../scripts/program.ts";
import { test } from "../support/cli.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { unless } from "../support/unless.ts";

const NOT_LINUX = Deno.build.os === "linux"
  ? undefined
  : "only Linux has file names that are not UTF-8";
/** Refused before the program begins, so never another path. */
const ELSEWHERE = /^2\.4\./.test(Deno.version.deno)
  ? "Deno 2.4 takes no argument that is not UTF-8"
  : NOT_LINUX;

/** Runs the program in a directory, as `"$@"` of a shell script. */
function shell(cwd: string, script: string): Promise<Finished> {
  return runProgram(["sh", "-c", script, "sh", ...TEST_PROGRAM], [], {
    cwd,
    env: { NO_COLOR: "1" },
  });
}

test(
  unless(ELSEWHERE, "a path that is not UTF-8 is published as it is"),
  async ({ path }) => {
    const name = '$(printf "b\\377d")';
    const made = await shell(
      path,
      `printf right > "${name}"; printf wrong > "$(printf 'b\\357\\277\\275d')"
       mkdir "d${name}"; printf right > "d${name}/f"; mkdir e; printf right > e/f
       printf right | "$@" send-blob - --output ndjson
       "$@" send-blob "${name}" --output ndjson
       "$@" send-blob "d${name}/f" --output ndjson
       "$@" send-dir e --output ndjson; "$@" send-dir "d${name}" --output ndjson`,
    );
    assertEquals([made.code, made.stderr], [0, ""]);
    const [stdin, blob, below, twin, dir] = made.stdout.trimEnd().split("\n");
    assertEquals([blob, below, dir], [stdin, stdin, twin]);
  },
);

test(
  unless(ELSEWHERE, "what is left out of a tree is named below its own path"),
  async ({ path }) => {
    const { stderr } = await shell(
      path,
      `mkdir "$(printf 'd\\377')"; mkfifo "$(printf 'd\\377/pipe')"
       "$@" send-dir "$(printf 'd\\377')" -v`,
    );
    assertStringIncludes(stderr, "path=d\\xff/pipe");
  },
);

test(
  unless(ELSEWHERE, "a missing path that is not UTF-8 is named by its bytes"),
  async ({ path }) => {
    const missing = await shell(path, '"$@" send-blob "$(printf "b\\377d")"');
    assertEquals(missing.code, 1);
    assertStringIncludes(missing.stderr, "cannot open 'b\\xffd': No such file");
    const dir = await shell(path, '"$@" send-dir "$(printf "d\\377")"');
    assertEquals(dir.code, 2);
    const served = await shell(
      path,
      'HOME="$PWD" "$@" serve "$(printf "d\\377")" --listen 127.0.0.1:0',
    );
    assertEquals(served.code, 1);
    assertStringIncludes(served.stderr, "xff");
  },
);

test(
  unless(
    ELSEWHERE,
    "what is written under no UTF-8 is refused, nothing is made",
  ),
  async ({ path }) => {
    const key = "ab".repeat(32);
    const attach =
      `--node-addr 127.0.0.1:1 --node-pubkey ${key} --psk-hex ${key}`;
    const name = '$(printf "o\\377")';
    const lines = [
      `recv-blob --blob-ref ${key} --out "${name}" ${attach}`,
      `recv-dir --remote-ref ${key} --out "${name}" ${attach}`,
      `send-blob /dev/null --store "${name}"`,
      `serve / --store "${name}" --listen 127.0.0.1:0`,
      `version --config "${name}"`,
    ];
    for (const line of lines) {
      const { code, stderr } = await shell(path, `"$@" ${line}`);
      assertEquals(code, 2, line);
      assertStringIncludes(stderr, "'o\\xff'", line);
    }
    const entries = await Array.fromAsync(Deno.readDir(path));
    assertEquals(entries, []);
  },
);

test(
  unless(NOT_LINUX, "a name that holds U+FFFD is a name like any other"),
  async ({ path }) => {
    const name = "a\uFFFDb";
    await Deno.writeTextFile(`${path}/${name}`, "hello");
    const { code, stdout } = await shell(path, `"$@" send-blob '${name}'`);
    assertEquals(code, 0);
    assert(stdout.includes('"size": 5'));
  },
);

test(
  unless(NOT_LINUX, "a variable that is not UTF-8 is a mistake of the user"),
  async ({ path }) => {
    const { code, stderr } = await shell(
      path,
      'NET_MESH_CONFIG="$(printf "c\\377")" "$@" ls',
    );
    assertEquals(code, 2);
    assertStringIncludes(stderr, "NET_MESH_CONFIG is not UTF-8");
  },
);
