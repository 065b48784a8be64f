/** What docs/guide.md says works: its blocks are run, in the order they stand. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parseKeyring } from "../lib/cli/node/keyring_file.ts";
import type { Ready } from "../scripts/holder_process.ts";
import { noise } from "../scripts/make_tree.ts";
import type { TempDir } from "../scripts/temp_dir.ts";
import { Blocks } from "./support/blocks.ts";
import { assertSameTree, pathsIn, SOME_KEY, test } from "./support/cli.ts";
import { ShareProcess } from "./support/share_process.ts";
import { Machine, pskFileOf } from "./support/machine.ts";
import { BUCKET, S3Server } from "./support/s3_server.ts";
import { TmuxTerminal, whyNoTmux } from "./support/tmux.ts";
import { unless } from "./support/unless.ts";

const GUIDE = await Blocks.of("docs/guide.md");
const USED = new Set<string>();

/** The text of a block, what commands printed in place of its placeholders. */
function block(name: string, printed: Record<string, string> = {}): string {
  USED.add(name);
  let text = GUIDE.named(name);
  for (const [placeholder, value] of Object.entries(printed)) {
    assertStringIncludes(text, placeholder);
    const word = /\W/.test(placeholder) ? placeholder : `\\b${placeholder}\\b`;
    text = text.replaceAll(new RegExp(word, "g"), value);
  }
  return text;
}

/** The machines of the guide. */
class Guide {
  private constructor(
    private readonly dir: TempDir,
    readonly holder: Machine,
    readonly fetcher: Machine,
  ) {}

  static async make(dir: TempDir): Promise<Guide> {
    const holder = await Machine.create(dir, "holder", {
      "photos/a.txt": "hello\n",
      "photos/b.raw": noise(5_000_000, 1),
      "photos/drafts/c.raw": noise(10, 2),
      "film.mkv": noise(9_000_000, 3),
    });
    return new Guide(dir, holder, await Machine.create(dir, "fetcher"));
  }

  /** One more machine. */
  machine(name: string): Promise<Machine> {
    return Machine.create(this.dir, name);
  }

  /** Brings the key and the tickets over that the holder printed. */
  async bring(ready: Ready): Promise<void> {
    await this.fetcher.bring(pskFileOf(ready), "node.psk");
    for (const { kind, ticket } of ready.refs) {
      const name = kind === "dir" ? "photos.ticket" : "film.ticket";
      await this.fetcher.write(name, `${ticket}\n`);
    }
  }

  /** Looks whether the tree has arrived, then removes it. */
  async expectPhotos(): Promise<void> {
    const got = this.fetcher.at("photos");
    await assertSameTree(this.holder.at("photos"), got);
    await Deno.remove(got, { recursive: true });
  }
}

/** A test with the machines of the guide. */
function guideTest(name: string, body: (guide: Guide) => Promise<void>): void {
  test(`the guide: ${name}`, async (dir) => body(await Guide.make(dir)));
}

guideTest("serve, fetch a tree, a part of it, a file", async (guide) => {
  const { holder, fetcher } = guide;
  await holder.serve(block("serve"), async (ready) => {
    await guide.bring(ready);
    await fetcher.run(block("fetch"));
    await guide.expectPhotos();
    const looked = await fetcher.run(block("doctor"));
    assertStringIncludes(looked, '"rate_down"');
    await fetcher.run(block("part"));
    assertEquals(await pathsIn(fetcher.at("raw")), ["b.raw"]);
    assertStringIncludes(await fetcher.run(block("blob")), "9000000\n");
    const film = await Deno.readFile(holder.at("film.mkv"));
    assertEquals(await Deno.readFile(fetcher.at("film.mkv")), film);
    assertStringIncludes(await fetcher.run(block("script")), "fetched\n");
    await guide.expectPhotos();
    const events = await Deno.readTextFile(fetcher.at("events.ndjson"));
    for (const line of events.trimEnd().split("\n")) JSON.parse(line);
  });
});

guideTest("share once, get", async ({ holder, fetcher }) => {
  const line = block("share").trim().split(" ");
  assertEquals(line.slice(0, 2), ["net-transfer", "share"]);
  await using share = await ShareProcess.start(line.slice(2), {
    cwd: holder.at("."),
  });
  await fetcher.run(block("get").replace("TICKET", share.ready.ticket));
  await assertSameTree(holder.at("photos"), fetcher.at("trip", "photos"));
  assertEquals((await share.ended()).fetches, 1);
});

guideTest("keys one by one", async (guide) => {
  const { holder, fetcher } = guide;
  const serve = `${block("ticket-for").trimEnd()} --listen 127.0.0.1:0`;
  await holder.serve(serve, async (ready) => {
    const [ann, ben] = ready.psk_tickets!;
    assertEquals([ann.psk, ben.psk], ["ann", "ben"]);
    await fetcher.run(
      `net-transfer recv-dir --ticket ${ann.refs[0]} --out photos`,
    );
    await guide.expectPhotos();
    await holder.write("photos.ticket", `${ready.refs[0].ticket}\n`);
    const results = (await holder.run(block("psk"))).trim().split("\n}\n")
      .map((text, i, { length }) =>
        JSON.parse(i + 1 < length ? `${text}}` : text)
      );
    assertEquals(results.length, 4);
    const [listed, revoked, , added] = results;
    const names = listed.psks.map(({ name }: { name: string }) => name);
    assertEquals([names, revoked.revoked], [["ann", "ben"], ["ann"]]);
    const fetch = `net-transfer recv-dir --ticket ${added.ticket} --out photos`;
    await fetcher.run(`${fetch} --connect-timeout 60s`);
    await guide.expectPhotos();
  });
  const written = block("keyring", { "64 hexadecimal digits": SOME_KEY });
  const [{ name, createdAt }] = parseKeyring(written, "node.keyring");
  assertEquals([name, createdAt], ["ann", "2026-01-31T12:00:00Z"]);
});

/** A screen without what differs from run to run. */
function steady(screen: string): string[] {
  return screen.trim().split("\n").map((line) =>
    line.replace(/nt1[a-z2-7]+/, "nt1…")
      .replace(/^(On another|In another terminal of this) machine:$/, "There:")
      .replace(/^\d\d:\d\d:\d\d/, "TIME")
      .replace(/\d+\.\d+\.\d+\.\d+:\d+/, "ADDRESS")
      .replace(/ in \S+ \S+ \(\S+ \S+\/s\)$/, " in PACE")
  );
}

const SCREEN = block("screen");

test(
  unless(
    whyNoTmux(),
    "the guide: what serve shows on a terminal, and a command of it pasted",
  ),
  async (dir) => {
    const { holder, fetcher } = await Guide.make(dir);
    const serve = block("serve").trim().replace("net-transfer", "exec $&")
      .replace(/--listen \S+/, "--listen 127.0.0.1:0");
    const path = `PATH='${dir.at("bin")}':"$PATH"`;
    const program = ["sh", "-c", `cd '${holder.at()}'; ${path}; ${serve}`];
    await using terminal = await TmuxTerminal.start(program, {
      dir,
      columns: 90,
    });
    await terminal.untilShown("Ctrl-C ends it.");
    const shown = await terminal.printed();
    await fetcher.run(shown.match(/^net-transfer recv-dir .*$/m)![0]);
    await terminal.untilShown(" got ");
    await terminal.press("C-c");
    await terminal.untilShown("exit=0");
    const printed = (await terminal.printed()).replace(/\n\^C/, "\n")
      .replace(/\nexit=0[^]*$/, "\n");
    assertEquals(steady(printed), steady(SCREEN));
  },
);

guideTest(
  "an identity of one's own for a holder that lets only some attach",
  async (guide) => {
    const made = JSON.parse(await guide.fetcher.run(block("identity")));
    const serve = block("allow", { FETCHER_KEY: made.node_pubkey });
    await guide.holder.serve(serve, async (ready) => {
      await guide.bring(ready);
      await guide.fetcher.run(block("allowed"));
      await guide.expectPhotos();
    });
  },
);

guideTest("serve leaves out what patterns match", async (guide) => {
  const { holder } = guide;
  await holder.run(
    "mkdir -p home/.cache; echo x >home/.cache/x; echo y >home/y",
  );
  await holder.write("home/z.o", "object");
  await holder.write(".gitignore", "*.o\n");
  await holder.serve(block("living"), ({ refs }) => {
    assertEquals(refs[0].size, 2);
    return Promise.resolve();
  });
});

guideTest(
  "a store, profiles, a cache between, transfers watched",
  async (guide) => {
    const { holder, fetcher } = guide;
    const cache = await guide.machine("cache");
    const made = JSON.parse(
      await fetcher.run("net-transfer identity generate --out me.toml"),
    );
    await holder.serve(block("store"), async (origin) => {
      const sent = await Deno.readTextFile(holder.at("photos.json"));
      const REF: string = JSON.parse(sent).remote_ref;
      await fetcher.bring(pskFileOf(origin), "node.psk");
      await cache.bring(pskFileOf(origin), "node.psk");
      await cache.write("origin.ticket", origin.ticket);
      const serve = block("cache", { FETCHER_KEY: made.node_pubkey });
      await cache.serve(serve, async (ready) => {
        const config = block("config", {
          "192.0.2.1:7700": origin.listen[0],
          CACHE_TICKET: ready.ticket,
          KEY: origin.node_pubkey,
          "/home/me": fetcher.at(),
        });
        await fetcher.write(".config/net-mesh/config.toml", config);
        await fetcher.run(block("profiles", { REF }));
        await guide.expectPhotos();
        await fetcher.run(block("from-cache", { REF }));
        await fetcher.run(block("verify", { REF }));
        await guide.expectPhotos();
        await holder.run(block("verify-store"));
        await holder.run(block("export", { REF }));
        const chunks = await pathsIn(cache.at("cache", "dataforts", "blob"));
        assert(chunks.length > 3, `the cache keeps ${chunks.length} chunks`);
        const watched = await fetcher.run(block("watch"));
        assertStringIncludes(watched, '"cancelled": false');
      });
    });
  },
);

guideTest("limits on the rate", async (guide) => {
  const made = JSON.parse(await guide.fetcher.run(block("identity")));
  const serve = block("limited", { OPERATOR_KEY: made.node_pubkey });
  await guide.holder.write("node.psk", SOME_KEY);
  await guide.holder.serve(serve, async (ready) => {
    await guide.bring(ready);
    await guide.fetcher.run(block("limited-fetch"));
    await guide.expectPhotos();
    const limits = JSON.parse(await guide.fetcher.run(block("limit")));
    assertEquals(limits, {
      limit_rate: 50 * 1024 ** 2,
      limit_rate_session: null,
    });
  });
});

guideTest("a node behind a relay", async (guide) => {
  const { holder, fetcher } = guide;
  const relay = await guide.machine("relay");
  for (const machine of [relay, holder, fetcher]) {
    await machine.write("node.psk", SOME_KEY);
  }
  await relay.serve(block("relay"), async ({ listen, node_pubkey }) => {
    const passed = {
      "192.0.2.3:7700": listen[0],
      RELAY_KEY: node_pubkey,
    };
    const serve = block("via", passed);
    await holder.serve(
      `${serve.trimEnd()} --listen 127.0.0.1:0`,
      async (ready) => {
        const KEY = ready.node_pubkey;
        const REF = ready.refs[0].ref;
        await fetcher.run(block("from", { ...passed, KEY, REF }));
        await guide.expectPhotos();
      },
    );
  });
});

guideTest("several sources, and a web server alone", async (guide) => {
  const { holder, fetcher } = guide;
  await holder.run(
    "net-transfer send-dir photos --store store; net-transfer send-blob photos/b.raw --store store >photo.json",
  );
  const sent = JSON.parse(await Deno.readTextFile(holder.at("photo.json")));
  await fetcher.write("photo.ref", sent.blob_ref);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = holder.at("store", new URL(request.url).pathname);
      const bytes = await Deno.readFile(path).catch(() => undefined);
      return new Response(bytes, { status: bytes ? 200 : 404 });
    },
  );
  const cdn = `http://127.0.0.1:${server.addr.port}/`;
  const passed = { "https://cdn.example.org/photos/": cdn };
  await holder.serve(block("serve"), async (ready) => {
    await guide.bring(ready);
    // The key is beside it, as that of the node is.
    await fetcher.write("mirror.ticket", ready.ticket);
    const psk = "export NET_MESH_PSK_FILE=node.psk; ";
    const told = await fetcher.run(psk + block("sources", passed));
    const { sources } = JSON.parse(told);
    assertEquals(sources.length, 3);
    await guide.expectPhotos();
  });
  await fetcher.run(block("mirror", passed));
  const photo = await Deno.readFile(holder.at("photos/b.raw"));
  assertEquals(await Deno.readFile(fetcher.at("photo.raw")), photo);
});

guideTest("a bucket, and a cache before a web server", async (guide) => {
  const { holder, fetcher } = guide;
  await Deno.mkdir(holder.at("s3"));
  await using s3 = await S3Server.start(holder.at("s3"));
  const env = Object.entries(s3.env).map(([name, value]) =>
    `export ${name}='${value}'; `
  ).join("");
  const [send, serve] = block("bucket", { BUCKET }).trimEnd().split("\n");
  await holder.run(env + send);
  const { remote_ref } = JSON.parse(
    await Deno.readTextFile(holder.at("photos.json")),
  );
  const fetch = async (ready: Ready, out: string) => {
    await fetcher.bring(pskFileOf(ready), "node.psk");
    await fetcher.run(
      `net-transfer recv-dir --remote-ref ${remote_ref} --out ${out} ` +
        ready.attach.replace(/--psk-file \S+/, "--psk-file node.psk"),
    );
    await assertSameTree(holder.at("photos"), fetcher.at(out));
  };
  await holder.serve(env + serve, (ready) => fetch(ready, "of_bucket"));
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = holder.at("s3", BUCKET, new URL(request.url).pathname);
      const bytes = await Deno.readFile(path).catch(() => undefined);
      return new Response(bytes, { status: bytes ? 200 : 404 });
    },
  );
  const cdn = `http://127.0.0.1:${server.addr.port}/photos/`;
  const cache = block("mirror-cache", {
    "https://cdn.example.org/photos/": cdn,
  })
    .replace("\\\n", "");
  await holder.serve(cache, (ready) => fetch(ready, "of_mirror"));
});

guideTest("completion and manual", async (guide) => {
  const { fetcher } = guide;
  await fetcher.run(block("completion"));
  const share = fetcher.at(".local", "share");
  const completions = join(share, "bash-completion", "completions");
  assertEquals(await pathsIn(completions), ["net-transfer"]);
  const page = join(share, "man", "man1", "net-transfer.1");
  assertStringIncludes(await Deno.readTextFile(page), ".TH ");
});

Deno.test("every block of the guide is run by these tests", () => {
  assertEquals([...USED].sort(), GUIDE.all.map(({ name }) => name).sort());
});
