/** Publishing what lives, and what cannot be read. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async";
import { words } from "../../scripts/program.ts";
import { NAMED_MAX } from "../../lib/cli/publishing/warning_log.ts";
import {
  cli,
  cliCommand,
  failureOf,
  startHolder,
  test,
} from "../support/cli.ts";
import { LivingFile } from "../support/living_file.ts";
import { lowly } from "../support/lowly.ts";
import { onWindows, unless } from "../support/unless.ts";

const COUNTS = ["skipped", "changed", "vanished", "unreadable"] as const;

test("send-dir, send-blob and serve take what they read of a file that is written to", async (dir) => {
  await dir.write("tree/quiet", "1");
  using file = await LivingFile.make(dir.at("tree", "living"));
  for (
    const line of [
      words`send-dir ${dir.at("tree")}`,
      words`send-blob ${file.path}`,
    ]
  ) {
    const { code, stdout, stderr } = await cli`${line}`;
    assertEquals(code, 0, stderr);
    assertEquals(JSON.parse(stdout).changed, 1);
    assertStringIncludes(stderr, "living");
    const strict = await cli`${line} --strict --output json`;
    assertEquals(failureOf(strict).kind, "io");
    assertStringIncludes(failureOf(strict).message, "living");
  }
  await using holder = await startHolder(dir.path, [dir.at("tree")]);
  const { changed } = holder.ready.refs[0] as unknown as Record<string, number>;
  assertEquals(changed, 1);
  const got = await cli`recv-dir --remote-ref ${holder.refs[0].ref}
    --out ${dir.at("out")} ${holder.attach()}`;
  assertEquals(got.code, 0, got.stderr);
});

test("files that come and go while send-dir runs are no failure", async (dir) => {
  await dir.write("tree/quiet", new Uint8Array(1000));
  let isOver = false;
  const churn = (async () => {
    for (let n = 0; !isOver; n++) {
      const path = dir.at("tree", `tmp${n % 8}`);
      if (n % 16 < 8) await Deno.writeTextFile(path, "x".repeat(n % 50));
      else await Deno.remove(path);
    }
  })();
  try {
    for (let run = 0; run < 3; run++) {
      const { code, stdout, stderr } = await cli`send-dir ${dir.at("tree")}`;
      assertEquals(code, 0, stderr);
      assert(JSON.parse(stdout).files >= 1);
    }
  } finally {
    isOver = true;
    await churn;
  }
});

test(
  unless(
    onWindows,
    "sockets, pipes and devices are told in one line, and by name with -v",
  ),
  async (dir) => {
    await dir.write("tree/file", "1");
    const path = dir.at("tree", "socket");
    using _listener = Deno.listen({ transport: "unix", path });
    const quiet = await cli`send-dir ${dir.at("tree")}`;
    assertEquals(JSON.parse(quiet.stdout).skipped, 1);
    assertEquals([quiet.code, quiet.stderr.includes(path)], [0, false]);
    assertStringIncludes(quiet.stderr, "neither files, directories nor links");
    const verbose = await cli`send-dir ${dir.at("tree")} -v`;
    assertStringIncludes(verbose.stderr, path);
    await using holder = await startHolder(dir.path, [dir.at("tree")]);
    const row = holder.ready.refs[0] as unknown as Record<string, number>;
    assertEquals(COUNTS.map((name) => row[name]), [1, 0, 0, 0]);
    const { stderr } = await holder.stop();
    assertStringIncludes(stderr, "neither files, directories nor links");
  },
);

test(
  unless(
    lowly.obstacle,
    "what may not be read is left out, named up to a bound, and counted",
  ),
  async (dir) => {
    await dir.write("tree/open/file", "1");
    for (let n = 0; n < NAMED_MAX + 5; n++) {
      await dir.write(`tree/many/closed${n}`, "2", { mode: 0 });
    }
    await dir.write("tree/dir/file", "3");
    await Deno.chmod(dir.at("tree", "dir"), 0);
    const line = words`send-dir ${dir.at("tree")}`;
    const { code, stdout, stderr } = await lowly.run(line);
    assertEquals(code, 3, stderr);
    const { files, dirs, unreadable } = JSON.parse(stdout);
    assertEquals([files, dirs, unreadable], [1, 2, NAMED_MAX + 6]);
    assertEquals(stderr.match(/many\/closed/g)?.length, NAMED_MAX - 1);
    assertStringIncludes(stderr, "entries=6");
    assertStringIncludes(stderr, dir.at("tree", "dir"));

    const json = await lowly.run([...line, "--output", "json"]);
    const last = json.stderr.trimEnd().split("\n").at(-1) ?? "";
    const { kind, exit_code, unreadable: told } = JSON.parse(last).error;
    assertEquals([kind, exit_code, told], ["io", 3, unreadable]);
    assertEquals(JSON.parse(json.stdout).unreadable, unreadable);

    const strict = await lowly.run([...line, "--strict"]);
    assertEquals([strict.code, strict.stdout], [3, ""]);
    const excluded = await lowly.run(
      [...line, "--exclude", "closed*", "--exclude", "dir/"],
    );
    assertEquals([excluded.code, excluded.stderr], [0, ""]);

    await using holder = await lowly.startHolder(dir.path, [dir.at("tree")]);
    const row = holder.ready.refs[0] as unknown as Record<string, number>;
    assertEquals(row.unreadable, unreadable);
    await Deno.chmod(dir.at("tree", "dir"), 0o755);
  },
);

test("serve finds out at once that it cannot serve", async (dir) => {
  const large = await dir.write("large", "");
  // Reading it would take minutes.
  await Deno.truncate(large, 2 ** 38);
  const taken = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  using _closed = { [Symbol.dispose]: () => taken.close() };
  const { port } = taken.addr as Deno.NetAddr;
  const ready = dir.at("ready");
  const cases: [string, string[], number][] = [
    ["the port", ["--listen", `127.0.0.1:${port}`, "--ready-file", ready], 6],
    ["ready file", ["--ready-file", dir.at("none", "ready")], 1],
    ["ready file", ["--ready-file", dir.path], 1],
    ["no-such-path", [dir.at("no-such-path")], 1],
    ["not a directory", ["--store", await dir.write("file", "")], 1],
    ["no-such-rules", ["--exclude-from", dir.at("no-such-rules")], 1],
  ];
  for (const [said, flags, exit] of cases) {
    const listen = flags.includes("--listen")
      ? []
      : ["--listen", "127.0.0.1:0"];
    const { code, stderr } = await cli`serve ${large} ${listen} ${flags}
      --psk-hex ${"ab".repeat(32)} --identity ${await identity(dir.at("id"))}`;
    assertEquals(code, exit, stderr);
    if (said !== "the port") assertStringIncludes(stderr, said);
  }
});

async function identity(path: string): Promise<string> {
  await cli`identity generate --out ${path} --force`;
  return path;
}

test(
  unless(
    onWindows,
    "a ready file of an earlier run is gone while the tree is read, and there again when it is ready",
  ),
  async (dir) => {
    const large = await dir.write("large", "");
    await Deno.truncate(large, 2 ** 38);
    const ready = await dir.write("ready", "of an earlier run");
    const child = cliCommand(
      words`serve ${large} --listen 127.0.0.1:0 --ready-file ${ready}`,
      { home: dir.path },
    ).spawn();
    const ended = child.output();
    const exists = () => Deno.stat(ready).then(() => true, () => false);
    while (await exists()) await delay(20);
    child.kill("SIGINT");
    await ended;
    assertEquals(await exists(), false);

    const small = await dir.write("small", "1");
    await using holder = await startHolder(dir.path, [
      small,
      "--ready-file",
      ready,
    ]);
    assertEquals(JSON.parse(await Deno.readTextFile(ready)), holder.ready);
  },
);

test("serve takes thousands of paths, one of them twice, and files inside of what is served", async (dir) => {
  const paths: string[] = [];
  for (let n = 0; n < 3000; n++) {
    paths.push(await dir.write(`tree/${n}`, `file ${n}`));
  }
  const all = [dir.at("tree"), ...paths, paths[7]];
  await using holder = await startHolder(dir.path, all);
  assertEquals(holder.refs.map(({ path }) => path), all);
  assertEquals(holder.refs.at(-1)?.ref, holder.refs[8].ref);
  const got = await cli`recv-blob --blob-ref ${holder.refs[2999].ref}
    --out - ${holder.attach()}`;
  assertEquals(got.stdout, "file 2998");
});
