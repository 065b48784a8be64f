/** What signals do to a process that works, and what they leave behind. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async";
import { exists } from "@std/fs";
import { isHangupIgnored } from "../../lib/os/ignored_signals.ts";
import { readSystemFile } from "../../lib/os/system_file.ts";
import { noise } from "../../scripts/make_tree.ts";
import { signal, words } from "../../scripts/program.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  cliCommand,
  runCli,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";
import { onWindows, unless } from "../support/unless.ts";

const MIB = 2 ** 20;
const SIZE = 18 * MIB + 7;
/** So slow that a fetch of all is never over before a signal comes. */
const SLOWLY = words`--limit-rate 1M`;

/** Who runs the tests under nohup has processes that outlive a hangup. */
const noHangups = onWindows ??
  (isHangupIgnored(readSystemFile("/proc/self/status"), Deno.env.get("_"))
    ? "hangups are ignored here"
    : undefined);

function holderOf(dir: TempDir, ...flags: string[]): Promise<HolderProcess> {
  return startHolder(dir.path, [dir.at("blob"), ...flags]);
}

/** A fetch that attaches to nobody, once it has begun to. */
async function attaching(dir: TempDir, ...before: string[]) {
  const silent = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const { port } = silent.addr as Deno.NetAddr;
  const command = words`recv-blob --blob-ref ${SOME_KEY} --out ${dir.at("out")}
    --node-addr 127.0.0.1:${port} --node-pubkey ${SOME_KEY}
    --psk-hex ${SOME_KEY} --output json`;
  const child = cliCommand(command, { before }).spawn();
  await silent.receive();
  silent.close();
  return child;
}

/** How a process ended: its exit code and the failure that it printed. */
async function endOf(child: Deno.ChildProcess) {
  const { code, stderr } = await child.output();
  const last = new TextDecoder().decode(stderr).trimEnd().split("\n").at(-1);
  return { code, error: JSON.parse(last ?? "").error };
}

/** A fetch of which something has come. */
async function fetching(holder: HolderProcess, out: string, kind = "blob") {
  const ref = kind === "blob" ? "--blob-ref" : "--remote-ref";
  const child = cliCommand(
    words`recv-${kind} ${ref} ${holder.refs[0].ref} --out ${out}
      --progress json --output json ${holder.attach()}`,
  ).spawn();
  let stderr = "";
  const some = Promise.withResolvers<void>();
  const read = (async () => {
    const decoder = new TextDecoderStream();
    for await (const text of child.stderr.pipeThrough(decoder)) {
      stderr += text;
      if (/"bytes":[1-9]/.test(stderr)) some.resolve();
    }
    some.resolve();
  })();
  await some.promise;
  return {
    child,
    end: async () => {
      const [{ code }] = await Promise.all([
        child.status,
        read,
        new Response(child.stdout).text(),
      ]);
      return { code, last: stderr.trimEnd().split("\n").at(-1) ?? "" };
    },
  };
}

test(unless(noHangups, "a closed terminal stops a fetch"), async (dir) => {
  const child = await attaching(dir);
  child.kill("SIGHUP");
  const { code, error } = await endOf(child);
  assertEquals([code, error.kind, error.exit_code], [129, "interrupted", 129]);
});

test(
  unless(onWindows, "a fetch under nohup outlives its terminal"),
  async (dir) => {
    // What a shell tells its children: the runtime may be faster than we are.
    const child = await attaching(dir, "env", "_=/usr/bin/nohup", "nohup");
    child.kill("SIGHUP");
    child.kill("SIGINT");
    const { code, error } = await endOf(child);
    assertEquals([code, error.message], [130, "interrupted by SIGINT"]);
  },
);

test(
  unless(onWindows, "an interrupted fetch says what it leaves behind"),
  async (dir) => {
    await dir.write("blob", noise(SIZE, 1));
    const out = dir.at("got");
    {
      await using holder = await holderOf(dir, ...words`--limit-rate 2M`);
      const { child, end } = await fetching(holder, out);
      const partial = `${await Deno.realPath(dir.path)}/got.partial`;
      while ((await Deno.stat(partial)).size === 0) await delay(20);
      signal(child, "SIGINT");
      const { code, last } = await end();
      const { error } = JSON.parse(last);
      assertEquals([code, error.left], [130, [partial]]);
      assertEquals([error.kept, error.kept_bytes % (4 * MIB)], [partial, 0]);
      assertMatch(error.hint, /run it again and it goes on with the .* MiB in/);
      assert(await exists(partial));
    }
    await using holder = await holderOf(dir);
    const again = await runCli(
      words`recv-blob --blob-ref ${holder.refs[0].ref} --out ${out}
        ${holder.attach()}`,
    );
    assertEquals(again.code, 0, again.stderr);
    assertEquals(JSON.parse(again.stdout).resumed, true);
    assert(!await exists(`${out}.partial`));
  },
);

test(
  unless(onWindows, "a fetch that was suspended goes on"),
  async (dir) => {
    const bytes = noise(SIZE, 1);
    await dir.write("blob", bytes);
    await using holder = await holderOf(dir, ...words`--limit-rate 4M`);
    const out = dir.at("got");
    const { child, end } = await fetching(holder, out);
    signal(child, "SIGTSTP");
    await delay(100);
    signal(child, "SIGCONT");
    const { code, last } = await end();
    assertEquals(code, 0, last);
    assertEquals(await Deno.readFile(out), bytes);
  },
);

test(
  unless(
    onWindows,
    "a second signal ends a holder that serves, and its ready file",
  ),
  async (dir) => {
    await dir.write("blob", noise(SIZE, 1));
    const ready = dir.at("ready");
    await using holder = await holderOf(
      dir,
      ...words`${SLOWLY} --ready-file ${ready}`,
    );
    assert(await exists(ready));
    const { child, end } = await fetching(holder, dir.at("got"));
    let over = false;
    holder.child.status.then(() => over = true);
    // The first lets it finish what it sends; others may arrive as one.
    while (!over) {
      signal(holder.child, "SIGINT");
      await delay(20);
    }
    assertEquals((await holder.child.status).code, 130);
    assert(!await exists(ready));
    signal(child, "SIGKILL");
    await end();
  },
);

test(
  unless(onWindows, "a signal ends a program that waits for stdin"),
  async () => {
    const child = cliCommand(
      words`send-blob - --progress json --output json`,
      { stdin: "" },
    ).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(noise(5 * MIB, 1));
    const texts = child.stderr.pipeThrough(new TextDecoderStream());
    let [stderr, isAsked] = ["", false];
    for await (const text of texts) {
      stderr += text;
      // It has hashed what there is.
      if (isAsked || !/"bytes":4194304/.test(stderr)) continue;
      isAsked = true;
      signal(child, "SIGINT");
    }
    const { code } = await child.status;
    assertEquals(code, 130, stderr);
    assertMatch(stderr, /interrupted by SIGINT/);
    await child.stdout.cancel();
    await writer.abort().catch(() => {
      // The pipe is broken already.
    });
  },
);
