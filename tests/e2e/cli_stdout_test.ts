/** What happens when stdout is closed, full or read late. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { equals } from "@std/bytes/equals";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import { cliCommand, runCli, startHolder, test } from "../support/cli.ts";

const CLOSED = "cannot write to stdout: its reader has closed it";

/** Runs a command whose stdout is closed after its first `bytes`. */
async function runClosing(
  args: readonly string[],
  bytes: number,
): Promise<{ code: number; stderr: string }> {
  await using child = cliCommand(args).spawn();
  const stderr = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  let read = 0;
  while (read < bytes) {
    const { value, done } = await reader.read();
    if (done) break;
    read += value.length;
  }
  await reader.cancel();
  const { code } = await child.status;
  return { code, stderr: await stderr };
}

test(
  "a blob whose reader has seen enough ends with 1, and the holder is told",
  async (dir) => {
    const path = await dir.write("big", new Uint8Array(40 * 2 ** 20).fill(7));
    await using holder = await startHolder(dir.path, [path, "-v"]);
    const [{ ref }] = holder.refs;
    const { code, stderr } = await runClosing(
      words`recv-blob --blob-ref ${ref} --out - ${holder.attach()}`,
      10,
    );
    const log = (await holder.stop()).stderr;
    assertEquals(stderr, `net-transfer: ${CLOSED}\n`);
    assertEquals(code, 1);
    // Told, not left to find out: it would wait for a peer that is gone.
    assertStringIncludes(log, "by=peer");
  },
);

Deno.test("a result that nobody reads ends with 1", async () => {
  for (const args of [["version"], ["completion", "bash"], ["--help"]]) {
    const { code, stderr } = await runClosing(args, 0);
    assertEquals(stderr, `net-transfer: ${CLOSED}\n`, args.join(" "));
    assertEquals(code, 1);
  }
  const { code, stderr } = await runClosing(["version", "--output=json"], 0);
  assertEquals(JSON.parse(stderr).error, {
    kind: "io",
    message: CLOSED,
    exit_code: 1,
  });
  assertEquals(code, 1);
});

test("a reader that pauses for longer than a request may take ends no fetch, its own or another's", async (dir) => {
  const bytes = noise(40 * 2 ** 20, 1);
  const path = await dir.write("big", bytes);
  await using holder = await startHolder(dir.path, [path]);
  const [{ ref }] = holder.refs;
  const fetch = words`recv-blob --blob-ref ${ref} --timeout 4s
    ${holder.attach()} --out`;
  const child = cliCommand([...fetch, "-"]).spawn();
  const stderr = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  const parts = [(await reader.read()).value ?? new Uint8Array()];
  const pausedAt = performance.now();
  // Until the reader has paused for twice as long, others fetch.
  do {
    const other = await runCli([...fetch, dir.at("other")]);
    assertEquals(other.code, 0, other.stderr);
  } while (performance.now() - pausedAt < 8000);
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    parts.push(value);
  }
  const { code } = await child.status;
  assertEquals(code, 0, await stderr);
  assertEquals(equals(concat(parts), bytes), true);
});
