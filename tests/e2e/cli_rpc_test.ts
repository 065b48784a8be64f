/** `ls`, `status` and `cancel`, and the cache that they look at. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { exists } from "@std/fs";
import { encodeTicket } from "../../lib/mesh/mod.ts";
import { fromHex } from "../../lib/text/hex.ts";
import { noise } from "../../scripts/make_tree.ts";
import { type Finished, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { HostileNode } from "../conformance/hostile_node.ts";
import {
  assertSameTree,
  cli,
  failureOf,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";

/** What a command line prints that succeeds. */
async function succeed(...line: Parameters<typeof words>): Promise<string> {
  const { code, stdout, stderr } = await cli(...line);
  assertEquals(code, 0, stderr);
  return stdout;
}

/** The exit code of a failure, and its kind. */
function failure(finished: Finished): [number, string] {
  const { exit_code: code, kind } = failureOf(finished);
  return [code, kind];
}

/** A row as it is printed, with its ids as text. */
interface Row {
  readonly transfer_id: string;
  readonly transfer_id_hex: string;
  readonly hash: string;
  readonly bytes_received: number;
  readonly direction?: string;
}

/** Reads JSON without rounding what is longer than a number can be. */
function parseExact(text: string): unknown {
  return JSON.parse(text.replace(/:\s*(\d{16,})/g, ':"$1"'));
}

/** The rows that `ls` prints, on one line. */
async function list(attach: string[], ...more: string[]): Promise<Row[]> {
  const text = await succeed`ls ${attach} --output ndjson ${more}`;
  assertMatch(text, /^\{"transfer_count":\d+,"transfers":\[.*\]\}\n$/);
  const { transfer_count: count, transfers } = parseExact(text) as {
    transfer_count: number;
    transfers: Row[];
  };
  assertEquals(count, transfers.length);
  return transfers;
}

/** Lists until there is a row, as long as `fetching` runs. */
async function listUntil(
  attach: string[],
  fetching: Promise<unknown>,
): Promise<Row> {
  let ended = false;
  fetching.then(() => ended = true);
  while (!ended) {
    const [row] = await list(attach);
    if (row !== undefined) return row;
  }
  throw new Error("the fetch ended before it was listed");
}

/** Starts a cache over a node. */
function startCache(dir: TempDir, upstream: string, ...flags: string[]) {
  const args = words`--store ${dir.at("store")} --upstream ${upstream}`;
  return startHolder(dir.at("cache"), [...args, ...flags]);
}

/** What a cache over a node takes, whose key peers use, too. */
function upstreamOf(node: HostileNode): { upstream: string; psk: string[] } {
  const [, address, , key, ...psk] = node.attach();
  return { upstream: `${address}#${key}`, psk };
}

/** Makes an identity; gives its file and its public key. */
async function makeIdentity(dir: TempDir): Promise<[string, string]> {
  const path = dir.at("operator.toml");
  const made = JSON.parse(await succeed`identity generate --out ${path}`);
  return [path, made.node_pubkey];
}

test(
  "what a cache has fetched it serves when its upstream is dead",
  async (dir) => {
    const tree = await dir.tree("tree", {
      "a.txt": "hello\n",
      "sub/large": noise(9 * 2 ** 20, 2),
    });
    await using origin = await startHolder(dir.at("origin"), [tree]);
    // Its key is not the cache's own: the ticket tells it.
    const ticket = encodeTicket({
      publicKey: fromHex(origin.ready.node_pubkey),
      addresses: [origin.address],
      psk: fromHex((await Deno.readTextFile(origin.pskFile)).trim()),
    });
    const file = await dir.write("origin.ticket", ticket, { mode: 0o600 });
    await using cache = await startCache(dir, `@${file}`, "-vv");
    const recv = (out: string) =>
      words`recv-dir --remote-ref ${origin.refs[0].ref} --out ${dir.at(out)}
      ${cache.attach()}`;

    // While the upstream stands still, what is wanted of it is a row.
    origin.child.kill("SIGSTOP");
    const fetching = cli`${recv("one")}`;
    const row = await listUntil(cache.attach(), fetching);
    assertEquals(
      Object.keys(row),
      words`transfer_id peer hash bytes_received transfer_id_hex peer_hex`,
    );
    assertEquals(row.bytes_received, 0);
    origin.child.kill("SIGCONT");
    assertEquals((await fetching).code, 0);
    await assertSameTree(tree, dir.at("one"));
    assertEquals(await list(cache.attach()), []);

    origin.child.kill("SIGKILL");
    await succeed`${recv("two")}`;
    await assertSameTree(tree, dir.at("two"));
    const { code, stderr } = await cache.stop();
    assertEquals(code, 0, stderr);
    // The manifest, the small file, three chunks: once each.
    const fetched = stderr.match(/chunk fetched from the upstream/g);
    assertEquals(fetched?.length, 5, stderr);
  },
);

test(
  "a fetch that hangs is listed, looked at, and cancelled by those who may",
  async (dir) => {
    const [operator, key] = await makeIdentity(dir);
    await using node = await HostileNode.start();
    const { upstream, psk } = upstreamOf(node);
    const cancelling = words`--admin-cancel ${key} --admin-cancel ${SOME_KEY}`;
    await using cache = await startCache(dir, upstream, ...psk, ...cancelling);
    const attach = cache.attach(psk);
    const out = dir.at("out");
    const fetching = cli`recv-blob --blob-ref ${node.silentBlob()} --out ${out}
      --output json ${attach} --timeout 5m`;
    const row = await listUntil(attach, fetching);
    const { transfer_id: id, hash } = row;

    const all = await list(attach, "--all");
    assertEquals(
      all.map(({ direction, hash }) => [direction, hash]),
      [["serving", hash], ["fetching", hash]],
    );
    const { direction: _, ...fetched } = all[1];
    assertEquals(fetched, row);

    const { transfer_id_hex: hexId } = row;
    assertEquals(BigInt(hexId), BigInt(id));
    assertEquals(
      parseExact(await succeed`status ${hexId} ${attach}`),
      { transfer_id: id, found: true, transfer: row, transfer_id_hex: hexId },
    );

    // As a parser that knows doubles alone hands it on.
    const rounded = JSON.stringify(JSON.parse(id));
    const missed = await cli`cancel ${rounded} ${attach}`;
    const { cancelled, rounded_from_hex: meant } = JSON.parse(missed.stdout);
    assertEquals([missed.code, cancelled], [0, false]);
    assertEquals(meant?.includes(hexId), true, missed.stdout);
    assertStringIncludes(missed.stderr, "a tool that rounds numbers makes it");

    const cancel = words`cancel ${id} ${attach} --output json`;
    assertEquals(failure(await cli`${cancel}`), [3, "permission"]);
    assertEquals(
      parseExact(await succeed`${cancel} --identity ${operator}`),
      { transfer_id: id, cancelled: true, transfer_id_hex: hexId },
    );
    assertEquals(failure(await fetching), [3, "not_found"]);
    assert(!await exists(out));
    assertEquals(await list(attach), []);
  },
);

test(
  "a fetch is cancelled without leave by its own peer, where nobody may list",
  async (dir) => {
    const [identity] = await makeIdentity(dir);
    await using node = await HostileNode.start();
    const { upstream, psk } = upstreamOf(node);
    const flags = words`--admin-list none ${psk}`;
    await using cache = await startCache(dir, upstream, ...flags);
    const attach = words`${cache.attach(psk)} --identity ${identity}
      --output json`;
    const fetching = cli`recv-blob --blob-ref ${node.silentBlob()}
      --out ${dir.at("out")} ${attach} --timeout 5m`;
    assertEquals(failure(await cli`ls ${attach}`), [3, "permission"]);
    // Ids count up from 2^61 in a node; its request and the fetch are the first two.
    const first = 2n ** 61n + 1n;
    const ids = [first, first + 1n];
    let ended = false;
    fetching.then(() => ended = true);
    for (let at = 0; !ended; at ^= 1) {
      const { code, stdout } = await cli`cancel ${ids[at]} ${attach}`;
      if (code === 0 && JSON.parse(stdout).cancelled) break;
    }
    const [code, kind] = failure(await fetching);
    assertEquals(code, 3);
    assert(["not_found", "peer_closed"].includes(kind), kind);
  },
);

test(
  "serve refuses a cache without a store, one of itself, and a policy that contradicts itself",
  async (dir) => {
    const [identity, key] = await makeIdentity(dir);
    const store = words`serve --store ${dir.at("store")}`;
    const keys = words`--identity ${identity} --listen 127.0.0.1:0`;
    const cases = [
      words`serve ${dir.path} --upstream 127.0.0.1:9#${SOME_KEY}`,
      words`${store} --upstream 127.0.0.1:9#${key}`,
      words`${store} --upstream 127.0.0.1:9`,
      words`${store} --admin-list none --admin-list psk`,
      words`${store} --admin-cancel ${SOME_KEY} --admin-cancel none`,
      words`${store} --admin-list everyone`,
    ];
    for (const args of cases) {
      const refused = await cli`${args} ${keys} --output json`;
      assertEquals(failure(refused), [2, "usage"], args.join(" "));
    }
    assert(!await exists(dir.at("store")));
  },
);

test(
  "a cache whose upstream cannot be found serves what it has, and says so",
  async (dir) => {
    const file = await dir.write("a.txt", "hello\n");
    const upstream = `nosuch.invalid:7700#${SOME_KEY}`;
    await using cache = await startCache(dir, upstream, file);
    const lines = {
      [`recv-blob --blob-ref ${cache.refs[0].ref} --out -`]: "hello\n",
      "status 7 --output text": "transfer 7 is not running\n",
      "cancel 7 --output text":
        "transfer 7 is not running, nothing to cancel\n",
    };
    for (const [line, printed] of Object.entries(lines)) {
      assertEquals(
        await succeed`${line.split(" ")} ${cache.attach()}`,
        printed,
        line,
      );
    }
    const { code, stderr } = await cache.stop();
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /WARN not attached to the upstream .*nosuch\.invalid/);
  },
);
