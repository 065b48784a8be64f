/** What docs/guide.md says works: its blocks are run, in the order they stand. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { compareTrees } from "../scripts/compare_trees.ts";
import { noise } from "../scripts/make_tree.ts";
import { Blocks } from "./documents/blocks.ts";
import { Machine, pskFileOf, type Ready } from "./documents/machine.ts";

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
class Guide implements AsyncDisposable {
  readonly #dir: string;
  readonly holder: Machine;
  readonly fetcher: Machine;

  private constructor(dir: string, holder: Machine, fetcher: Machine) {
    this.#dir = dir;
    this.holder = holder;
    this.fetcher = fetcher;
  }

  static async start(): Promise<Guide> {
    const dir = await Deno.makeTempDir({ prefix: "net_transfer_guide_" });
    const holder = await Machine.create(dir, "holder");
    const fetcher = await Machine.create(dir, "fetcher");
    await Deno.mkdir(holder.at("photos", "drafts"), { recursive: true });
    await Deno.writeTextFile(holder.at("photos", "a.txt"), "hello\n");
    await Deno.writeFile(holder.at("photos", "b.raw"), noise(5_000_000, 1));
    await Deno.writeFile(holder.at("photos", "drafts", "c.raw"), noise(10, 2));
    await Deno.writeFile(holder.at("film.mkv"), noise(9_000_000, 3));
    return new Guide(dir, holder, fetcher);
  }

  /** One more machine. */
  machine(name: string): Promise<Machine> {
    return Machine.create(this.#dir, name);
  }

  /** Brings the key and the tickets over that the holder printed. */
  async bring(ready: Ready): Promise<void> {
    await this.fetcher.bring(pskFileOf(ready), "node.psk");
    for (const { kind, ticket } of ready.refs) {
      const name = kind === "dir" ? "photos.ticket" : "film.ticket";
      await Deno.writeTextFile(this.fetcher.at(name), `${ticket}\n`);
    }
  }

  /** Looks whether the tree has arrived, then takes it away. */
  async expectPhotos(): Promise<void> {
    const got = this.fetcher.at("photos");
    const { differences } = await compareTrees(this.holder.at("photos"), got);
    assertEquals(differences, []);
    await Deno.remove(got, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }
}

async function namesIn(dir: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
  return names.sort();
}

Deno.test("the guide: serve, fetch a tree, a part of it, a file", async () => {
  await using guide = await Guide.start();
  const { holder, fetcher } = guide;
  await holder.serve(block("serve"), async (ready) => {
    await guide.bring(ready);
    await fetcher.run(block("fetch"));
    await guide.expectPhotos();
    await fetcher.run(block("part"));
    assertEquals(await namesIn(fetcher.at("raw")), ["b.raw"]);
    assertStringIncludes(await fetcher.run(block("blob")), "9000000\n");
    const film = await Deno.readFile(holder.at("film.mkv"));
    assertEquals(await Deno.readFile(fetcher.at("film.mkv")), film);
    assertStringIncludes(await fetcher.run(block("script")), "fetched\n");
    await guide.expectPhotos();
    const events = await Deno.readTextFile(fetcher.at("events.ndjson"));
    for (const line of events.trimEnd().split("\n")) JSON.parse(line);
  });
});

Deno.test("the guide: an identity of one's own for a holder that lets only some attach", async () => {
  await using guide = await Guide.start();
  const made = JSON.parse(await guide.fetcher.run(block("identity")));
  const serve = block("allow", { FETCHER_KEY: made.node_pubkey });
  await guide.holder.serve(serve, async (ready) => {
    await guide.bring(ready);
    await guide.fetcher.run(block("allowed"));
    await guide.expectPhotos();
  });
});

Deno.test("the guide: a store, profiles, a cache between, transfers watched", async () => {
  await using guide = await Guide.start();
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
    await Deno.writeTextFile(cache.at("origin.ticket"), origin.ticket);
    const serve = block("cache", { FETCHER_KEY: made.node_pubkey });
    await cache.serve(serve, async (ready) => {
      const config = block("config", {
        "192.0.2.1:7700": origin.listen[0],
        CACHE_TICKET: ready.ticket,
        KEY: origin.node_pubkey,
        "/home/me": fetcher.at(),
      });
      await Deno.mkdir(fetcher.at(".config", "net-mesh"), { recursive: true });
      const path = fetcher.at(".config", "net-mesh", "config.toml");
      await Deno.writeTextFile(path, config);
      await fetcher.run(block("profiles", { REF }));
      await guide.expectPhotos();
      await fetcher.run(block("from-cache", { REF }));
      await guide.expectPhotos();
      const chunks = await namesIn(cache.at("cache", "dataforts", "blob"));
      assert(chunks.length > 3, `the cache keeps ${chunks.length} chunks`);
      const watched = await fetcher.run(block("watch"));
      assertStringIncludes(watched, '"cancelled": false');
    });
  });
});

Deno.test("the guide: a node behind a relay", async () => {
  await using guide = await Guide.start();
  const { holder, fetcher } = guide;
  const relay = await guide.machine("relay");
  for (const machine of [relay, holder, fetcher]) {
    const psk = "5a".repeat(32);
    await Deno.writeTextFile(machine.at("node.psk"), psk, { mode: 0o600 });
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

Deno.test("the guide: completion and manual", async () => {
  await using guide = await Guide.start();
  const { fetcher } = guide;
  await fetcher.run(block("completion"));
  const share = fetcher.at(".local", "share");
  const completions = join(share, "bash-completion", "completions");
  assertEquals(await namesIn(completions), ["net-transfer"]);
  const page = join(share, "man", "man1", "net-transfer.1");
  assertStringIncludes(await Deno.readTextFile(page), ".TH ");
});

Deno.test("every block of the guide is run by these tests", () => {
  assertEquals([...USED].sort(), GUIDE.all.map(({ name }) => name).sort());
});
