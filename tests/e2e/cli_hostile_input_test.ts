/**
 * What a stranger types and what lies around: refused in words that help, and
 * nothing harmed.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { words } from "../../scripts/program.ts";
import {
  cli,
  failureOf,
  OTHER_KEY,
  runCli,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";
import { onWindows, unless } from "../support/unless.ts";

test(
  unless(
    onWindows,
    "serve leaves a pipe alone that is given as its ready file",
  ),
  async (dir) => {
    const pipe = dir.at("pipe");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    const file = await dir.write("a.bin", "a");
    const { code, stdout, stderr } = await runCli(
      words`serve ${file} --listen 127.0.0.1:0 --ready-file ${pipe}`,
      { home: dir.path },
    );
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `ready file "${pipe}"`);
    assertEquals((await Deno.lstat(pipe)).isFifo, true);
  },
);

test("send-blob of a directory says what to do instead", async (dir) => {
  const said = {
    kind: "usage",
    message: `'${dir.path}' is a directory`,
    exit_code: 2,
    hint: "use send-dir for a directory",
    path: dir.path,
  };
  const ours = await cli`send-blob ${dir.path} --output json`;
  assertEquals(failureOf(ours), said);
  // Scripts that were written for the reference get its code.
  const theirs = await cli`transfer send-blob ${dir.path} --output json`;
  assertEquals(failureOf(theirs), { ...said, kind: "store", exit_code: 3 });
});

test("a configuration file that is too long is called so", async (dir) => {
  const path = await dir.write("config.toml", "#".repeat(2 ** 20 + 1));
  const { code, stderr } = await cli`ls --config ${path}`;
  assertEquals(code, 3);
  assertStringIncludes(stderr, "longer than 1048576 bytes");
});

Deno.test("a name that starts with a dash is told where it may stand", async () => {
  const { code, stderr } = await runCli(["send-blob", "-dash"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "goes after --");
});

Deno.test("a reference file without a name is refused before any is read", async () => {
  const { code, stderr } = await cli`recv-blob --blob-ref @ --out x`;
  assertEquals(code, 2);
  assertStringIncludes(stderr, "there is no file after the @");
});

Deno.test("a failure is the last line on stderr, however much is told", async () => {
  for (const level of ["-v", "-vvv"]) {
    const run = await cli`send-blob /none --output json ${level}`;
    assertEquals([run.code, failureOf(run).kind], [1, "io"]);
  }
});

Deno.test("recv-blob does not take a directory's name for a file's", async () => {
  const { code, stderr } = await cli`recv-blob --blob-ref ${SOME_KEY}
    --out downloads/`;
  assertEquals(code, 2);
  assertStringIncludes(stderr, "'downloads/' for '--out <FILE>': a directory");
});

test(
  "holders that start at once for the first time have one identity",
  async (dir) => {
    const file = await dir.write("a.bin", "a");
    const keys = await Promise.all(
      Array.from({ length: 3 }, async () => {
        await using holder = await startHolder(dir.path, [file]);
        return holder.ready.node_pubkey;
      }),
    );
    assertEquals(new Set(keys).size, 1, keys.join());
  },
);

Deno.test("an invalid public key is a mistake of the user, not a bug", async () => {
  const run = await cli`ls --node-addr 127.0.0.1:9 --psk-hex ${OTHER_KEY}
    --node-pubkey ${"00".repeat(32)} --output json`;
  assertEquals([run.code, failureOf(run).kind], [2, "usage"]);
});

test(
  unless(
    onWindows,
    "what cannot be opened is named, whatever the system calls it",
  ),
  async (dir) => {
    const socket = dir.at("socket");
    const loop = dir.at("loop");
    await Deno.symlink("loop", loop);
    using _listener = Deno.listen({ transport: "unix", path: socket });
    const refused = [["send-blob", socket], ["send-dir", loop]];
    for (const [verb, path] of refused) {
      const run = await cli`${verb} ${path} --output json`;
      const { kind, message } = failureOf(run);
      assertEquals([run.code, kind], [1, "io"]);
      assertStringIncludes(message, `"${path}": `);
    }
  },
);
