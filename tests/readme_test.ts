/** What README.md says works: its commands and its sample are run. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { dirname, join } from "@std/path";
import config from "../deno.json" with { type: "json" };
import type { Ready } from "../scripts/holder_process.ts";
import { makeSmall } from "../lib/content/mod.ts";
import { sharePage } from "../lib/cli/sharing/share_page.ts";
import { PLAIN } from "../lib/cli/framework/terminal/paint.ts";
import { fetchCommand } from "../lib/cli/serving/fetch_command.ts";
import { KEY_NOTE, readyPage } from "../lib/cli/serving/ready_page.ts";
import { noise } from "../scripts/make_tree.ts";
import { ROOT, words } from "../scripts/program.ts";
import { Blocks } from "./support/blocks.ts";
import { assertSameTree, test } from "./support/cli.ts";
import { ShareProcess } from "./support/share_process.ts";
import { Machine, pskFileOf } from "./support/machine.ts";

const README = await Deno.readTextFile(join(ROOT, "README.md"));
const DOCUMENTS = [
  "README.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "docs/architecture.md",
  "docs/cli.md",
  "docs/contributing.md",
  "docs/decisions.md",
  "docs/guide.md",
  "docs/scripting.md",
  "docs/wire.md",
];
/** How the README runs Deno for those who have only Node. */
const NPX = "npx -y deno@2.9.6";

const BLOCKS = await Blocks.of("README.md");

/** The machine that has the files, and the other. */
interface Machines {
  readonly holder: Machine;
  readonly fetcher: Machine;
}

/** A test with them. */
function tourTest(
  name: string,
  body: (machines: Machines) => Promise<void>,
): void {
  test(name, async (dir) => {
    const holder = await Machine.create(dir, "holder", {
      "photos/a.txt": "hello\n",
      "photos/2024/b.raw": noise(5 * 2 ** 20, 1),
      "film.mkv": noise(9_000_000, 2),
    });
    await body({ holder, fetcher: await Machine.create(dir, "fetcher") });
  });
}

/** Puts what `serve` printed where the README has placeholders. */
function fill(script: string, ready: Ready, ref: string): string {
  return script
    .replaceAll("192.0.2.1:7700", ready.listen[0])
    .replace(/\bREF\b/g, ref)
    .replace(/\bKEY\b/g, ready.node_pubkey);
}

Deno.test("every shell block of the README is one a test runs", () => {
  const tested = new Set(
    words`share share-screen get serve screen recv-dir ticket store config recv-blob library sandbox`,
  );
  for (const { name, language, text } of BLOCKS.all) {
    if (name !== undefined) assert(tested.has(name), name);
    else {
      assertEquals(language, "sh");
      for (const line of text.trimEnd().split("\n")) {
        assert(line.startsWith(`${NPX} `), line);
      }
    }
  }
  for (const name of tested) BLOCKS.named(name);
});

Deno.test("the README's screen is what serve shows", () => {
  const ticket = "nt1…";
  const shown = readyPage({
    listen: ["192.0.2.1:7700"],
    offers: [{
      path: "./photos/",
      kind: "dir",
      size: 40_000_000,
    }],
    isRelay: false,
    isRelayed: false,
    commands: [{
      lines: [fetchCommand({
        content: { kind: "dir", name: "photos" },
        ticket,
      })],
    }],
    keyNote: KEY_NOTE,
  }, PLAIN);
  assertEquals(BLOCKS.named("screen"), `${shown}\n`);
});

Deno.test("the README's first screen is what share shows", () => {
  const content = {
    kind: "dir",
    name: "photos",
    form: "inline",
    hash: new Uint8Array(32),
    size: 9,
  } as const;
  const shown = sharePage({
    shared: {
      content,
      ref: makeSmall("", content.hash, content.size),
      bytes: 40_000_000n,
      files: 3,
      parts: [],
    },
    code: "7-topic-lemon-cargo",
    ticket: "nt1…",
    listen: [],
    nodeId: 0n,
    publicKey: content.hash,
    rates: { total: Infinity, session: Infinity },
    isForSome: false,
    isRelayed: false,
    qr: "never",
  }, PLAIN);
  assertEquals(BLOCKS.named("share-screen"), `${shown}\n`);
});

Deno.test("the README's first commands are tasks that the continuous run runs, too", async () => {
  const ci = await Deno.readTextFile(join(ROOT, ".ci/run"));
  const tasks = [...README.matchAll(/deno(?:@[\d.]+)? task (\w+)/g)];
  assert(tasks.length >= 4);
  for (const [, task] of tasks) {
    assert(task in config.tasks, `deno.json has no task ${task}`);
  }
  assertStringIncludes(ci, `current=(${NPX})`);
  for (const task of ["demo", "test"]) {
    assertStringIncludes(README, `${NPX} task ${task}\n`);
    assertStringIncludes(ci, `"\${current[@]}" task ${task}`);
  }
});

Deno.test("the other commands with npx run", async () => {
  const lines = BLOCKS.all.filter(({ name }) => name === undefined)
    .flatMap(({ text }) => text.trimEnd().split("\n"))
    .filter((line) => !line.includes(" task "));
  assertEquals(lines.length, 1);
  for (const line of lines) {
    const words = line.slice(NPX.length + 1).split(" ");
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: words,
      cwd: ROOT,
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  }
});

tourTest(
  "the tour: share, then get on the other machine",
  async ({ holder, fetcher }) => {
    const line = BLOCKS.named("share").trim().split(" ");
    assertEquals(line.slice(0, 2), ["net-transfer", "share"]);
    await using share = await ShareProcess.start(line.slice(2), {
      cwd: holder.at("."),
    });
    const { ticket } = share.ready;
    await fetcher.run(BLOCKS.named("get").replace(/\bCODE\b/, ticket));
    await assertSameTree(holder.at("photos"), fetcher.at("photos"));
  },
);

tourTest(
  "the tour: serve, then recv-dir on another machine",
  async ({ holder, fetcher }) => {
    await holder.serve(BLOCKS.named("serve"), async (ready) => {
      const [{ ref, ticket }] = ready.refs;
      await fetcher.bring(pskFileOf(ready), "node.psk");
      for (const name of ["recv-dir", "ticket"]) {
        const script = fill(BLOCKS.named(name), ready, ref)
          .replace(/\bTICKET\b/, ticket);
        await fetcher.run(script);
        await assertSameTree(holder.at("photos"), fetcher.at("photos"));
        await Deno.remove(fetcher.at("photos"), { recursive: true });
      }
    });
  },
);

tourTest(
  "the tour: a store, a configuration file, recv-blob",
  async ({ holder, fetcher }) => {
    const [sendDir, sendBlob, serve] = BLOCKS.named("store").split("\n");
    await holder.run(sendDir);
    const sent = JSON.parse(await holder.run(sendBlob));
    await holder.serve(serve, async (ready) => {
      await fetcher.bring(pskFileOf(ready), "node.psk");
      await fetcher.write(
        ".config/net-mesh/config.toml",
        fill(BLOCKS.named("config"), ready, "")
          .replace("/home/me/node.psk", fetcher.at("node.psk")),
      );
      const script = fill(BLOCKS.named("recv-blob"), ready, sent.blob_ref);
      const printed = await fetcher.run(script);
      const film = await Deno.readFile(holder.at("film.mkv"));
      assertEquals(await Deno.readFile(fetcher.at("film.mkv")), film);
      const sum = await crypto.subtle.digest("SHA-256", film);
      assertStringIncludes(printed, encodeHex(sum));
    });
  },
);

tourTest("the command with few permissions", async ({ holder, fetcher }) => {
  await holder.serve(BLOCKS.named("serve"), async (ready) => {
    const data = fetcher.at("data");
    await fetcher.bring(pskFileOf(ready), "keys/node.psk");
    await Deno.mkdir(data);
    const script = fill(BLOCKS.named("sandbox"), ready, ready.refs[0].ref)
      .replaceAll("/data", data)
      .replaceAll("/keys", fetcher.at("keys"))
      .replace("./cli.ts", join(ROOT, "cli.ts"))
      .replace("deno run", `'${Deno.execPath()}' run --quiet`);
    await fetcher.run(script);
    await assertSameTree(holder.at("photos"), join(data, "photos"));
  });
});

Deno.test("the command with few permissions loads no code from the network, and may not write its key", () => {
  const command = BLOCKS.named("sandbox");
  const [, writable] = /--allow-write=(\S+)/.exec(command) ?? [];
  const [, key] = /--psk-file (\S+)/.exec(command) ?? [];
  assertStringIncludes(command, " --no-remote ");
  assertStringIncludes(command, " --no-prompt ");
  assertEquals(
    writable.split(",").filter((dir) => `${key}/`.startsWith(`${dir}/`)),
    [],
  );
});

tourTest("the library sample checks and runs", async ({ holder }) => {
  await holder.write("sample.ts", BLOCKS.named("library"));
  const deno = `'${Deno.execPath()}' run -A --check --quiet`;
  const printed = await holder.run(
    `${deno} --config '${join(ROOT, "deno.json")}' sample.ts`,
  );
  assertStringIncludes(printed, "2024/b.raw\n");
  assertStringIncludes(printed, `2 files, ${5 * 2 ** 20 + 6} bytes\n`);
  assertStringIncludes(
    printed,
    `${9_000_000 - 2 * 4_194_304} verified bytes`,
  );
  await assertSameTree(holder.at("photos"), holder.at("copy"));
});

for (const path of DOCUMENTS) {
  Deno.test(`every link in ${path} leads somewhere`, async () => {
    const text = await Deno.readTextFile(join(ROOT, path));
    for (const [, target] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      await Deno.stat(join(ROOT, dirname(path), target));
    }
  });
}
