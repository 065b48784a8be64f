/** Fetches from several places at once, by real processes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { blake3, encodeBlobRef, makeSmall } from "../../lib/content/mod.ts";
import { fromHex, toHex } from "../../lib/text/hex.ts";
import { encodeTicket } from "../../lib/mesh/mod.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { ScriptedHolder } from "../attacks/support/scripted_holder.ts";
import { say } from "../attacks/support/hostile_behaviours.ts";
import {
  assertSameTree,
  cli,
  cliCommand,
  failureOf,
  resultOf,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";
import { LinkProxy } from "../support/link_proxy.ts";

const MIB = 2 ** 20;

/** One source as the result has it. */
interface Source {
  readonly source: string;
  readonly bytes: number;
  readonly bytes_unused?: number;
  readonly failed?: string;
  readonly reason?: string;
}

/** Bytes that were of use, added up. */
function used(sources: readonly Source[]): number {
  return sources.reduce(
    (sum, { bytes, bytes_unused = 0 }) => sum + bytes - bytes_unused,
    0,
  );
}

/** A holder with keys of its own, which others may share. */
async function start(
  dir: TempDir,
  name: string,
  ...args: string[]
): Promise<HolderProcess> {
  const psk = dir.at("psk");
  await Deno.writeTextFile(psk, SOME_KEY, { mode: 0o600 });
  return await startHolder(await dir.mkdir(name), [...args, "--psk-file", psk]);
}

/** A node as \`ADDR:PORT#KEY\`. */
function plain(holder: HolderProcess, address = holder.address): string {
  return `${address}#${holder.ready.node_pubkey}`;
}

test("a tree is fetched from two nodes and a web server, and each is named", async (dir) => {
  const tree = await dir.tree("tree", {
    large: noise(9 * MIB + 1, 1),
    "a/small": noise(5000, 2),
    "a/other": noise(70_000, 3),
  });
  const { remote_ref: ref } = await resultOf(
    cli`send-dir ${tree} --store ${dir.at("store")} --output ndjson`,
  );
  await using one = await start(dir, "one", tree);
  await using two = await start(dir, "two", "--store", dir.at("store"));
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = join(dir.at("store"), new URL(request.url).pathname);
      const bytes = await Deno.readFile(path).catch(() => undefined);
      return new Response(bytes, { status: bytes ? 200 : 404 });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const from = words`--psk-file ${dir.at("psk")} --source ${plain(two)}
    --source ${url} ${one.attach([])}`;
  const looked = await resultOf(
    cli`recv-dir --remote-ref ${ref} --out ${dir.at("copy")} ${from}
      --dry-run --output ndjson`,
  );
  assertEquals(looked.chunks_missing, 0);
  const result = await resultOf(
    cli`recv-dir --remote-ref ${ref} --out ${dir.at("copy")} ${from}
      --output ndjson`,
  );
  const sources: Source[] = result.sources;
  assertEquals(sources.map(({ source }) => source), [
    one.address,
    two.address,
    url,
  ]);
  assertEquals(used(sources), result.bytes_fetched);
  assertEquals(result.bytes_fetched, result.bytes);
  await assertSameTree(tree, dir.at("copy"));
});

test("a web server alone is enough, for a file, a tree and a stream", async (dir) => {
  const tree = await dir.tree("tree", { a: noise(5 * MIB, 1), b: "b\n" });
  const store = dir.at("store");
  const sent = await resultOf(
    cli`send-dir ${tree} --store ${store} --output ndjson`,
  );
  const blob = await resultOf(
    cli`send-blob ${join(tree, "a")} --store ${store} --output ndjson`,
  );
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = join(store, new URL(request.url).pathname);
      const bytes = await Deno.readFile(path).catch(() => undefined);
      return new Response(bytes, { status: bytes ? 200 : 404 });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const result = await resultOf(
    cli`recv-dir --remote-ref ${sent.remote_ref} --out ${dir.at("copy")}
      --source ${url} --output ndjson`,
  );
  assert(!("peer" in result));
  await assertSameTree(tree, dir.at("copy"));
  const streamed = await cliCommand(
    words`recv-blob --blob-ref ${blob.blob_ref} --out - --source ${url}`,
  ).output();
  assertEquals(streamed.stdout, await Deno.readFile(join(tree, "a")));
  const lacking = toHex(
    encodeBlobRef(makeSmall("", blake3(noise(9, 9)), 9)),
  );
  const failure = failureOf(
    await cli`recv-blob --blob-ref ${lacking} --out ${dir.at("never")}
      --source ${url} --output ndjson`,
  );
  assertEquals([failure.kind, failure.exit_code], ["not_found", 3]);
});

test("a node that is killed in the middle leaves the rest to the other", async (dir) => {
  const path = await dir.write("blob", noise(40 * MIB, 1));
  await using one = await start(dir, "one", path);
  await using two = await start(dir, "two", path);
  let delivered = 0;
  const enough = Promise.withResolvers<void>();
  const line = { rate: 60, queue: MIB };
  await using near = new LinkProxy({ to: one.address, down: line });
  await using far = new LinkProxy({
    to: two.address,
    down: line,
    onDelivered: (length) => {
      delivered += length;
      if (delivered > 6 * MIB) enough.resolve();
    },
  });
  const child = cliCommand(
    words`recv-blob --blob-ref ${one.refs[0].ref} --out ${dir.at("copy")}
      --psk-file ${dir.at("psk")} --source ${plain(one, near.address)}
      --source ${plain(two, far.address)} --output ndjson`,
  ).spawn();
  await enough.promise;
  two.child.kill("SIGKILL");
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(code, 0, text);
  const { sources, bytes } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(used(sources), bytes);
  assert(sources.every((source: Source) => source.bytes > 0));
  assertEquals(await Deno.readFile(dir.at("copy")), await Deno.readFile(path));
});

test("a node that is killed and started again in the middle is used again", async (dir) => {
  const path = await dir.write("blob", noise(30 * MIB, 1));
  await using one = await start(dir, "one", path);
  const two = await start(dir, "two", path);
  const { address } = two;
  const line = { rate: 60, queue: MIB };
  await using near = new LinkProxy({ to: one.address, down: line });
  let delivered = 0;
  let enough = Promise.withResolvers<void>();
  await using far = new LinkProxy({
    to: address,
    down: line,
    onDelivered: (length) => {
      delivered += length;
      if (delivered > 5 * MIB) enough.resolve();
    },
  });
  const child = cliCommand(
    words`recv-blob --blob-ref ${one.refs[0].ref} --out ${dir.at("copy")}
      --psk-file ${dir.at("psk")} --source ${plain(one, near.address)}
      --source ${plain(two, far.address)} --timeout 5m --output ndjson`,
  ).spawn();
  await enough.promise;
  // What comes from now on until the other one is back comes from it alone.
  near.change({ down: true });
  two.child.kill("SIGKILL");
  await two.child.status;
  [delivered, enough] = [0, Promise.withResolvers()];
  const psk = words`--psk-file ${dir.at("psk")}`;
  await using _again = await startHolder(dir.at("two"), [path, ...psk], {
    listen: address,
  });
  await enough.promise;
  near.change({ down: false });
  const { code, stdout, stderr } = await child.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const result = JSON.parse(new TextDecoder().decode(stdout));
  const sources: Source[] = result.sources;
  assertEquals(used(sources), result.bytes);
  assertEquals(sources.map(({ failed }) => failed), [undefined, undefined]);
  assertEquals(await Deno.readFile(dir.at("copy")), await Deno.readFile(path));
});

test("a source that lies is named in a warning and in the result", async (dir) => {
  const payload = noise(9 * MIB, 1);
  const path = await dir.write("blob", payload);
  await using honest = await start(dir, "honest", path);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 0; at < payload.length; at += 4 * MIB) {
    const bytes = payload.subarray(at, at + 4 * MIB);
    chunks.set(toHex(blake3(bytes)), bytes);
  }
  // The honest one is out of reach until the other one has been asked.
  await using line = new LinkProxy({
    to: honest.address,
    down: { down: true },
  });
  await using liar = await ScriptedHolder.start(chunks, new Set(), (scene) => {
    line.change({ down: false });
    scene.honest[scene.honest.length - 1] ^= 1;
    return say(scene, scene.honest);
  });
  const { code, stdout, stderr } = await cli`recv-blob
    --blob-ref ${honest.refs[0].ref} --out ${dir.at("copy")}
    --psk-file ${dir.at("psk")} --source ${liar.ticket}
    --source ${plain(honest, line.address)} --connect-timeout 60s
    --output ndjson`;
  assertEquals(code, 0, stderr);
  const [bad, good]: Source[] = JSON.parse(stdout).sources;
  assertEquals([bad.failed, good.failed], ["hash_mismatch", undefined]);
  assertStringIncludes(bad.reason ?? "", "blob hash mismatch");
  assertStringIncludes(
    stderr,
    `going on without a source source=${bad.source}`,
  );
  assertEquals(await Deno.readFile(dir.at("copy")), payload);
});

test("sources that are not there are named, and cost the others nothing", async (dir) => {
  const path = await dir.write("blob", noise(5 * MIB, 1));
  await using holder = await start(dir, "holder", path);
  const nobody = encodeTicket({
    publicKey: fromHex(SOME_KEY),
    addresses: ["127.0.0.1:9"],
    psk: fromHex(SOME_KEY),
  });
  const psk = words`--psk-file ${dir.at("psk")}`;
  const result = await cli`recv-blob --blob-ref ${holder.refs[0].ref}
    --out ${dir.at("copy")} ${psk} --source ${nobody}
    --source ${plain(holder)} --output ndjson`;
  assertEquals(result.code, 0, result.stderr);
  assertEquals(used(JSON.parse(result.stdout).sources), 5 * MIB);
  const failure = failureOf(
    await cli`recv-blob --blob-ref ${holder.refs[0].ref}
      --out ${dir.at("never")} ${psk} --source ${nobody}
      --source 127.0.0.1:10#${SOME_KEY} --connect-timeout 1s
      --output ndjson`,
  );
  assertEquals(failure.exit_code, 6);
  assertStringIncludes(failure.message, "127.0.0.1:9 ");
  assertStringIncludes(failure.message, "127.0.0.1:10 ");
});

test("sources of the profile are used, and those of the command line instead of them", async (dir) => {
  const path = await dir.write("blob", noise(50_000, 1));
  await using one = await start(dir, "one", path);
  await using two = await start(dir, "two", path);
  const config = await dir.write(
    "config.toml",
    `[default]\npsk_file = "${dir.at("psk")}"\nsources = ["${plain(one)}"]\n`,
  );
  const named = async (...more: string[]) => {
    const out = dir.at(`copy${more.length}`);
    const { sources } = await resultOf(
      cli`recv-blob --blob-ref ${one.refs[0].ref} --out ${out}
        --config ${config} ${more} --output ndjson`,
    );
    return sources.map(({ source }: Source) => source);
  };
  assertEquals(await named(), [one.address]);
  assertEquals(await named("--source", plain(two)), [two.address]);
});
