/** Fetches through a cache before a web server. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  assertSameTree,
  cli,
  failureOf,
  resultOf,
  startHolder,
  test,
} from "../support/cli.ts";
import { makeTree } from "../support/end_to_end.ts";
import { Nginx, withoutNginx } from "../support/nginx.ts";
import { unless } from "../support/unless.ts";

/** Publishes a tree into a store; gives its reference. */
async function publish(dir: TempDir): Promise<string> {
  const tree = await makeTree(dir);
  const { remote_ref } = await resultOf(
    cli`send-dir ${tree} --store ${dir.at("store")} --output ndjson`,
  );
  return remote_ref;
}

/** The chunks of a store as objects, which is what is published. */
async function exportObjects(store: string, to: string): Promise<void> {
  await Deno.mkdir(join(to, "blob"), { recursive: true });
  for (const { name } of Deno.readDirSync(join(store, "dataforts/blob"))) {
    await Deno.copyFile(
      join(store, "dataforts/blob", name, "v0000000001/dat"),
      join(to, "blob", name),
    );
  }
}

for (const layout of ["objects", "store"] as const) {
  test(
    unless(
      withoutNginx,
      `a tree is fetched through a cache before a web server with ${layout}`,
    ),
    async (dir) => {
      const ref = await publish(dir);
      const root = layout === "store" ? dir.at("store") : dir.at("objects");
      if (layout === "objects") await exportObjects(dir.at("store"), root);
      await using nginx = await Nginx.start(await dir.mkdir("nginx"), root);
      await using cache = await startHolder(
        dir.path,
        words`--store ${await dir.mkdir("cache")} --upstream ${nginx.url}`,
      );
      await resultOf(
        cli`recv-dir --remote-ref ${ref} --out ${dir.at("copy")}
          ${cache.attach()} --output ndjson`,
      );
      await assertSameTree(dir.at("tree"), dir.at("copy"));
      const asked = await nginx.requests();
      const connections = new Set(asked.map((line) => line.split(" ")[3]));
      assert(connections.size < asked.length, "connections are kept");
      const chunks = asked.filter((line) => / 200 /.test(line));
      assertEquals(
        new Set(chunks.map((line) => line.split(" ")[1])).size,
        chunks.length,
      );
    },
  );
}

test(
  unless(
    withoutNginx,
    "what a cache has is served when the mirror is gone, and what it lacks is not held to be absent",
  ),
  async (dir) => {
    const ref = await publish(dir);
    const other = await dir.write("other", noise(5 * 2 ** 20, 77));
    const { blob_ref } = await resultOf(
      cli`send-blob ${other} --store ${dir.at("store")} --output ndjson`,
    );
    const nginx = await Nginx.start(await dir.mkdir("nginx"), dir.at("store"));
    await using cache = await startHolder(
      dir.path,
      words`--store ${await dir.mkdir("cache")} --upstream ${nginx.url}`,
    );
    const fetch = (out: string) =>
      cli`recv-dir --remote-ref ${ref} --out ${dir.at(out)}
        ${cache.attach()} --output ndjson`;
    await resultOf(fetch("copy"));
    await nginx[Symbol.asyncDispose]();
    await resultOf(fetch("again"));
    await assertSameTree(dir.at("tree"), dir.at("again"));
    const failure = failureOf(
      await cli`recv-blob --blob-ref ${blob_ref} --out ${dir.at("never")}
        ${cache.attach()} --timeout 1s --output ndjson`,
    );
    assertEquals(failure.exit_code, 3);
    assert(failure.kind !== "not_found", failure.message);
    await using _again = await Nginx.start(
      await dir.mkdir("nginx2"),
      dir.at("store"),
      "",
      nginx.port,
    );
    await resultOf(
      cli`recv-blob --blob-ref ${blob_ref} --out ${dir.at("blob")}
        ${cache.attach()} --output ndjson`,
    );
    assertEquals(
      await Deno.readFile(dir.at("blob")),
      await Deno.readFile(other),
    );
  },
);

test(
  unless(
    withoutNginx,
    "a fetch through a cache survives a mirror that is killed and started again",
  ),
  async (dir) => {
    const content = noise(40 * 2 ** 20, 5);
    const path = await dir.write("blob", content);
    const { blob_ref } = await resultOf(
      cli`send-blob ${path} --store ${dir.at("store")} --output ndjson`,
    );
    // Slow enough to be killed on the way.
    const slow = "limit_rate 4m;";
    const first = await Nginx.start(
      await dir.mkdir("nginx"),
      dir.at("store"),
      slow,
    );
    await using cache = await startHolder(
      dir.path,
      words`--store ${await dir.mkdir("cache")} --upstream ${first.url}`,
    );
    const fetching = cli`recv-blob --blob-ref ${blob_ref}
      --out ${dir.at("copy")} ${cache.attach()} --output ndjson`;
    const asked = async () => (await first.requests().catch(() => [])).length;
    while (await asked() === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await first[Symbol.asyncDispose]();
    await using _second = await Nginx.start(
      await dir.mkdir("nginx2"),
      dir.at("store"),
      "",
      first.port,
    );
    await resultOf(fetching);
    assertEquals(await Deno.readFile(dir.at("copy")), content);
  },
);
