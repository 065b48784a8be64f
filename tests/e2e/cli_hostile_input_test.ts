/**
 * What a stranger types and what lies around: refused in words that help, and
 * nothing harmed.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { cliCommand, runCli, withTempDir } from "./cli_process.ts";

/** The failure that a run printed for programs. */
function failureOf(stderr: string): Record<string, unknown> {
  return JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "").error;
}

Deno.test({
  name: "serve leaves a pipe alone that is given as its ready file",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTempDir(async (dir) => {
      const pipe = join(dir, "pipe");
      await new Deno.Command("mkfifo", { args: [pipe] }).output();
      const file = join(dir, "a.bin");
      await Deno.writeTextFile(file, "a");
      const { code, stdout, stderr } = await runCli([
        ...["serve", file, "--listen", "127.0.0.1:0", "--ready-file", pipe],
      ], { home: dir });
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(stderr, `ready file "${pipe}"`);
      assertEquals((await Deno.lstat(pipe)).isFifo, true);
    });
  },
});

Deno.test("send-blob of a directory says what to do instead", async () => {
  await withTempDir(async (dir) => {
    const { code, stdout, stderr } = await runCli([
      ...["send-blob", dir, "--output", "json"],
    ]);
    assertEquals([code, stdout], [3, ""]);
    assertEquals(failureOf(stderr), {
      kind: "store",
      message: `'${dir}' is a directory`,
      exit_code: 3,
      hint: "use send-dir for a directory",
      path: dir,
    });
  });
});

Deno.test("a configuration file that is too long is called so", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "config.toml");
    await Deno.writeTextFile(path, "#".repeat(2 ** 20 + 1));
    const { code, stderr } = await runCli(["ls", "--config", path]);
    assertEquals(code, 3);
    assertStringIncludes(stderr, "longer than 1048576 bytes");
  });
});

Deno.test("a name that starts with a dash is told where it may stand", async () => {
  const { code, stderr } = await runCli(["send-blob", "-dash"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "goes after --");
});

Deno.test("a reference file without a name is refused before any is read", async () => {
  const { code, stderr } = await runCli([
    ...["recv-blob", "--blob-ref", "@", "--out", "x"],
  ]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "there is no file after the @");
});

Deno.test("a failure is the last line on stderr, however much is told", async () => {
  for (const level of ["-v", "-vvv"]) {
    const { code, stderr } = await runCli([
      ...["send-blob", "/none", "--output", "json", level],
    ]);
    assertEquals([code, failureOf(stderr).kind], [1, "io"]);
  }
});

Deno.test("recv-blob does not take a directory's name for a file's", async () => {
  const { code, stderr } = await runCli([
    ...["recv-blob", "--blob-ref", "ab".repeat(32), "--out", "downloads/"],
  ]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "'downloads/' for '--out <FILE>': a directory");
});

Deno.test("holders that start at once for the first time have one identity", async () => {
  await withTempDir(async (home) => {
    const file = join(home, "a.bin");
    await Deno.writeTextFile(file, "a");
    const keys = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const args = ["serve", file, "--listen", "127.0.0.1:0"];
        const child = cliCommand([...args, "--output", "ndjson"], { home })
          .spawn();
        const reader = child.stdout.pipeThrough(new TextDecoderStream())
          .getReader();
        let line = "";
        while (!line.includes("\n")) {
          const { value, done } = await reader.read();
          if (done) break;
          line += value;
        }
        child.kill("SIGTERM");
        await reader.cancel();
        await child.stderr.cancel();
        await child.status;
        return JSON.parse(line).node_pubkey;
      }),
    );
    assertEquals(new Set(keys).size, 1, keys.join());
  });
});

Deno.test("a public key that is none is a mistake of the user, not a bug", async () => {
  const { code, stderr } = await runCli([
    ...["ls", "--node-addr", "127.0.0.1:9", "--node-pubkey", "00".repeat(32)],
    ...["--psk-hex", "cd".repeat(32), "--output", "json"],
  ]);
  assertEquals([code, failureOf(stderr).kind], [2, "usage"]);
});

Deno.test({
  name: "what cannot be opened is named, whatever the system calls it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTempDir(async (dir) => {
      const socket = join(dir, "socket");
      const loop = join(dir, "loop");
      await Deno.symlink("loop", loop);
      using _listener = Deno.listen({ transport: "unix", path: socket });
      const refused = [["send-blob", socket], ["send-dir", loop]];
      for (const [verb, path] of refused) {
        const { code, stderr } = await runCli([
          ...[verb, path, "--output", "json"],
        ]);
        const { kind, message } = failureOf(stderr);
        assertEquals([code, kind], [1, "io"]);
        assertStringIncludes(String(message), `"${path}": `);
      }
    });
  },
});
