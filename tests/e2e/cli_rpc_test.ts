/** `ls`, `status` and `cancel`, and the cache that they look at. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async";
import { exists } from "@std/fs";
import { blake3 } from "../../lib/content/mod.ts";
import { fromHex, toHex } from "../../lib/text/hex.ts";
import {
  type BidiStream,
  encodeTicket,
  ephemeralIdentity,
  Node,
  type Session,
} from "../../lib/mesh/mod.ts";
import { decodeRequest, encodeResponseHeader } from "../../lib/transfer/mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { type Finished, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  assertSameTree,
  cli,
  failureOf,
  SOME_KEY,
  startHolder,
  test,
} from "../support/cli.ts";

const PSK = new Uint8Array(32).fill(5);

/** The flags with the shared key. */
const psk = ["--psk-hex", toHex(PSK)];

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

/** Runs command lines, at once, that are wrong. */
async function assertUsage(lines: readonly string[][]): Promise<void> {
  const failures = await Promise.all(
    lines.map(async (line) => failure(await cli`${line} --output json`)),
  );
  assertEquals(failures, lines.map(() => [2, "usage"]));
}

/** A row as it is printed, with its ids as text. */
interface Row {
  readonly transfer_id: string;
  readonly peer: string;
  readonly hash: string;
  readonly bytes_received: number;
  readonly total_bytes?: number;
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

/** Lists until there is an acceptable row, as long as `fetching` runs. */
async function listUntil(
  attach: string[],
  fetching: Promise<unknown>,
  accept: (row: Row) => boolean,
): Promise<Row> {
  let ended = false;
  fetching.then(() => ended = true);
  while (!ended) {
    const row = (await list(attach)).find(accept);
    if (row !== undefined) return row;
  }
  throw new Error("the fetch ended before it was listed");
}

/** A holder in this process: sends half of a chunk, and the rest too slowly for any test. */
class HaltingHolder implements AsyncDisposable {
  static readonly CHUNK = noise(4 * 2 ** 20, 1);
  static readonly HALF = HaltingHolder.CHUNK.length / 2;
  readonly #node: Node;
  readonly #givenUp = Promise.withResolvers<void>();
  readonly #running: Promise<void>[] = [];

  private constructor(node: Node) {
    this.#node = node;
    this.#running.push(this.#run());
  }

  static async start(): Promise<HaltingHolder> {
    return new HaltingHolder(
      await Node.listen({
        address: "127.0.0.1:0",
        psk: PSK,
        identity: ephemeralIdentity(),
      }),
    );
  }

  get nodeId(): bigint {
    return this.#node.nodeId;
  }

  /** What `--upstream` takes. */
  get addressed(): string {
    const { port } = this.#node.address;
    return `127.0.0.1:${port}#${toHex(this.#node.publicKey)}`;
  }

  /** Resolves when the chunk is no longer wanted. */
  get givenUp(): Promise<void> {
    return this.#givenUp.promise;
  }

  async #run(): Promise<void> {
    for await (const session of this.#node.sessions()) {
      this.#running.push(this.#serve(session));
    }
  }

  async #serve(session: Session): Promise<void> {
    for await (const stream of session.incomingStreams()) {
      this.#running.push(this.#answer(stream));
    }
  }

  async #answer(stream: BidiStream): Promise<void> {
    const { CHUNK, HALF } = HaltingHolder;
    const request = new Uint8Array(1024);
    const length = await stream.read(request, request.length);
    assertEquals(decodeRequest(request.subarray(0, length)).kind, "get");
    try {
      await stream.write(encodeResponseHeader(CHUNK.length));
      await stream.write(CHUNK.subarray(0, HALF));
      for (let at = HALF; at < CHUNK.length; at += 512) {
        await stream.write(CHUNK.slice(at, at + 512));
        await delay(20);
      }
    } catch {
      stream.reset(0);
      this.#givenUp.resolve();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#node.close();
    await Promise.all(this.#running);
  }
}

/** Starts a cache over a node. */
function startCache(dir: TempDir, upstream: string, ...flags: string[]) {
  const args = words`--store ${
    dir.at("store")
  } --upstream ${upstream} ${flags}`;
  return startHolder(dir.at("cache"), args);
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
    const row = await listUntil(cache.attach(), fetching, () => true);
    assertEquals(Object.keys(row), words`transfer_id peer hash bytes_received`);
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
    const { CHUNK } = HaltingHolder;
    const hash = toHex(blake3(CHUNK));
    const [operator, key] = await makeIdentity(dir);
    await using upstream = await HaltingHolder.start();
    await using cache = await startCache(
      dir,
      upstream.addressed,
      ...words`--admin-cancel ${key} --admin-cancel ${SOME_KEY} ${psk}`,
    );
    const attach = cache.attach(psk);
    const out = dir.at("out");
    const fetching = cli`recv-blob --blob-ref ${hash} --out ${out} --output json
    ${attach} --timeout 5m`;
    const row = await listUntil(
      attach,
      fetching,
      ({ bytes_received: bytes }) => bytes > 0,
    );
    const id = row.transfer_id;
    assertEquals(row, {
      transfer_id: id,
      peer: String(upstream.nodeId),
      hash,
      bytes_received: row.bytes_received,
      total_bytes: CHUNK.length,
    });

    const all = await list(attach, "--all");
    assertEquals(
      all.map(({ direction, hash }) => [direction, hash]),
      [["serving", hash], ["fetching", hash]],
    );
    assertEquals(Object.keys(all[1]), [...Object.keys(row), "direction"]);

    const hexId = `0x${BigInt(id).toString(16)}`;
    const status = parseExact(await succeed`status ${hexId} ${attach}`) as {
      transfer_id: string;
      found: boolean;
      transfer: Row;
    };
    assertEquals(Object.keys(status), ["transfer_id", "found", "transfer"]);
    assertEquals([status.transfer_id, status.found], [id, true]);
    assertEquals(Object.keys(status.transfer), Object.keys(row));
    assertEquals(status.transfer.hash, hash);

    const cancel = words`cancel ${id} ${attach} --output json`;
    assertEquals(failure(await cli`${cancel}`), [3, "permission"]);
    assertEquals(
      parseExact(await succeed`${cancel} --identity ${operator}`),
      { transfer_id: id, cancelled: true },
    );
    await upstream.givenUp;
    assertEquals(failure(await fetching), [3, "not_found"]);
    assert(!await exists(out));
    assertEquals(await list(attach), []);
  },
);

test(
  "a fetch is cancelled without leave by its own peer, where nobody may list",
  async (dir) => {
    const hash = toHex(blake3(HaltingHolder.CHUNK));
    const [identity] = await makeIdentity(dir);
    await using upstream = await HaltingHolder.start();
    await using cache = await startCache(
      dir,
      upstream.addressed,
      ...words`--admin-list none ${psk}`,
    );
    const attach = words`${cache.attach(psk)} --identity ${identity}
    --output json`;
    const fetching = cli`recv-blob --blob-ref ${hash} --out ${dir.at("out")}
    ${attach} --timeout 5m`;
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

Deno.test("ids and nodes are checked before anything is reached", async () => {
  await assertUsage([
    ["status", "not-an-id"],
    ["cancel", "1e3"],
    ["status"],
    ["ls"],
    ["status", "1"],
    ["cancel", "1"],
  ]);
});

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
    await assertUsage(cases.map((args) => [...args, ...keys]));
    assert(!await exists(dir.at("store")));
  },
);

test(
  "a cache whose upstream cannot be found serves what it has, and says so; idle, it has no transfers",
  async (dir) => {
    const file = await dir.write("a.txt", "hello\n");
    const upstream = `nosuch.invalid:7700#${SOME_KEY}`;
    await using cache = await startCache(dir, upstream, file);
    const says = (line: string, format: string) =>
      succeed`${line.split(" ")} ${cache.attach()} --output ${format}`;
    assertEquals(
      await Promise.all([
        succeed`recv-blob --blob-ref ${cache.refs[0].ref} --out -
        ${cache.attach()}`,
        says("status 0x42", "ndjson"),
        says("cancel 0x42", "ndjson"),
        says("status 7", "text"),
        says("cancel 7", "text"),
      ]),
      [
        "hello\n",
        '{"transfer_id":66,"found":false}\n',
        '{"transfer_id":66,"cancelled":false}\n',
        "transfer 7 is not running\n",
        "transfer 7 is not running, nothing to cancel\n",
      ],
    );
    assertEquals(
      await Promise.all([says("ls", "ndjson"), says("ls --all", "text")]),
      ['{"transfer_count":0,"transfers":[]}\n', "no transfers\n"],
    );
    const { code, stderr } = await cache.stop();
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /WARN not attached to the upstream .*nosuch\.invalid/);
  },
);
