/** Chunks that are taken into a store from behind HTTP. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { noise } from "../../scripts/make_tree.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { cli, failureOf, resultOf, test } from "../support/cli.ts";

/** A tree that is published in a store, and exported. */
async function exported(dir: TempDir) {
  const tree = await dir.tree("tree", {
    "a/file": "file",
    large: noise(5e6, 1),
  });
  const store = dir.at("store");
  const { remote_ref: ref } = await resultOf(
    cli`send-dir ${tree} --store ${store}`,
  );
  const plain = dir.at("plain");
  const { chunks_copied: chunks } = await resultOf(
    cli`store export ${store} ${plain}`,
  );
  return { tree, ref, plain, chunks };
}

/** Serves a directory as any web server does. */
function serveFiles(root: string) {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ url, method }) => {
      const { pathname } = new URL(url);
      asked.push(pathname);
      try {
        const bytes = await Deno.readFile(join(root, pathname));
        return new Response(method === "HEAD" ? null : bytes);
      } catch {
        return new Response("<html>not here</html>", { status: 404 });
      }
    },
  );
  return {
    asked,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

test("store import takes what a reference needs from a web server, and only what is missing", async (dir) => {
  const { tree, ref, plain, chunks } = await exported(dir);
  await using mirror = serveFiles(plain);
  const copy = dir.at("copy");
  const line = ["store", "import", copy, mirror.url, "--ref", ref];
  const first = await resultOf(cli`${line}`);
  assertEquals([first.chunks_copied, first.from], [chunks, `${mirror.url}/`]);
  assertEquals((await cli`verify --store ${copy}`).code, 0);
  assertEquals((await cli`verify ${ref} ${tree} --store ${copy}`).code, 0);
  const again = await resultOf(cli`${line}`);
  assertEquals([again.chunks_copied, again.chunks_present], [0, chunks]);
});

test("a mirror that lies or lacks something costs that chunk, and nothing else", async (dir) => {
  const { ref, plain, chunks } = await exported(dir);
  const [first, second] = [...Deno.readDirSync(`${plain}/blob`)]
    .map(({ name }) => name).filter((name) => !ref.includes(name)).sort();
  await Deno.writeTextFile(`${plain}/blob/${first}`, "a lie");
  await Deno.remove(`${plain}/blob/${second}`);
  await using mirror = serveFiles(plain);
  const copy = dir.at("copy");
  const { code, stdout } =
    await cli`store import ${copy} ${mirror.url} --ref ${ref}`;
  const result = JSON.parse(stdout);
  assertEquals([code, result.missing], [3, [first, second]]);
  assertEquals(result.chunks_copied, chunks - 2);
  assertEquals((await cli`verify --store ${copy}`).code, 0);
});

test("a web server is told what is wanted, and one without the manifest is no source", async (dir) => {
  const { ref } = await exported(dir);
  await using mirror = serveFiles(await dir.mkdir("empty"));
  const copy = dir.at("copy");
  const unnamed = await cli`store import ${copy} ${mirror.url}`;
  assertEquals(unnamed.code, 2);
  assertStringIncludes(unnamed.stderr, "--ref");
  assertEquals(mirror.asked, []);
  const failed = failureOf(
    await cli`store import ${copy} ${mirror.url} --ref ${ref} --output json`,
  );
  assertEquals([failed.exit_code, failed.kind], [3, "store"]);
  const wrong = await cli`store import ${copy} ftp://host/ --ref ${ref}`;
  assertEquals(wrong.code, 2);
});
