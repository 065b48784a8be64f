/** `ls`, `status` and `cancel`, and the cache that they look at. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { blake3, toHex } from "../../lib/content/mod.ts";
import {
  type BidiStream,
  encodeTicket,
  ephemeralIdentity,
  Node,
  type Session,
} from "../../lib/mesh/mod.ts";
import { decodeRequest, encodeResponseHeader } from "../../lib/transfer/mod.ts";
import { compareTrees } from "../../scripts/compare_trees.ts";
import { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import {
  cliCommand,
  type CliOptions,
  type Finished,
  runCli,
  withTempDir,
} from "./cli_process.ts";

const PSK = new Uint8Array(32).fill(5);

/** A directory of its own for each test, with the shared key in a file. */
async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    const psk = join(dir, "shared.psk");
    await Deno.writeTextFile(psk, toHex(PSK), { mode: 0o600 });
    await use({ dir, psk: ["--psk-file", psk] });
  });
}

interface Place {
  readonly dir: string;
  /** The flags with the shared key. */
  readonly psk: string[];
}

async function serve(
  { dir }: Place,
  name: string,
  ...args: string[]
): Promise<HolderProcess> {
  const keys = join(dir, name);
  await Deno.mkdir(keys);
  return await HolderProcess.start(args, { keys });
}

async function succeed(
  args: readonly string[],
  options?: CliOptions,
): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, options);
  assertEquals(code, 0, stderr);
  return stdout;
}

/** Runs a verb that fails; gives its exit code and the kind of its failure. */
async function fail(args: readonly string[]): Promise<[number, string]> {
  return failure(await runCli([...args, "--output", "json"]));
}

/** Runs command lines, at once, that are none. */
async function assertUsage(lines: readonly string[][]): Promise<void> {
  const failures = await Promise.all(lines.map(fail));
  assertEquals(failures, lines.map(() => [2, "usage"]));
}

function failure({ code, stdout, stderr }: Finished): [number, string] {
  assertEquals(stdout, "");
  const { error } = JSON.parse(stderr.trim().split("\n").at(-1)!);
  assertEquals(error.exit_code, code);
  return [code, error.kind];
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
  const text = await succeed(["ls", ...attach, "--output", "ndjson", ...more]);
  assertMatch(text, /^\{"transfer_count":\d+,"transfers":\[.*\]\}\n$/);
  const { transfer_count: count, transfers } = parseExact(text) as {
    transfer_count: number;
    transfers: Row[];
  };
  assertEquals(count, transfers.length);
  return transfers;
}

/** Asks until there is a row that will do, as long as `fetching` runs. */
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

  /** Resolves when who asked for the chunk no longer wants it. */
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
        await new Promise((resolve) => setTimeout(resolve, 20));
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

Deno.test("what a cache has fetched it serves when its upstream is dead", async () => {
  await withPlace(async (place) => {
    const { dir } = place;
    const tree = join(dir, "tree");
    await Deno.mkdir(join(tree, "sub"), { recursive: true });
    await Deno.writeTextFile(join(tree, "a.txt"), "hello\n");
    await Deno.writeFile(join(tree, "sub", "large"), noise(9 * 2 ** 20, 2));
    await using origin = await serve(place, "origin", tree);
    const [, address, , key] = origin.attach();
    // Its key is not the cache's own: the ticket tells it.
    const ticket = join(dir, "origin.ticket");
    const psk = (await Deno.readTextFile(join(dir, "origin", "node.psk")))
      .trim();
    await Deno.writeTextFile(
      ticket,
      encodeTicket({
        publicKey: bytesOf(key),
        addresses: [address],
        psk: bytesOf(psk),
      }),
      { mode: 0o600 },
    );
    const store = join(dir, "not", "yet");
    await using cache = await serve(
      place,
      "cache",
      ...["--store", store, "--upstream", `@${ticket}`, "-vv"],
    );
    const recv = (out: string) => [
      ...["recv-dir", "--remote-ref", origin.refs[0].ref, "--out", out],
      ...cache.attach(),
    ];
    const [one, two] = [join(dir, "one"), join(dir, "two")];

    // While the upstream stands still, what is wanted of it is a row.
    Deno.kill(origin.pid, "SIGSTOP");
    const fetching = cliCommand(recv(one)).output();
    const row = await listUntil(cache.attach(), fetching, () => true);
    assertEquals(Object.keys(row), [
      ...["transfer_id", "peer", "hash", "bytes_received"],
    ]);
    assertEquals(row.bytes_received, 0);
    Deno.kill(origin.pid, "SIGCONT");
    assertEquals((await fetching).code, 0);
    assertEquals((await compareTrees(tree, one)).differences, []);
    assertEquals(await list(cache.attach()), []);

    Deno.kill(origin.pid, "SIGKILL");
    await succeed(recv(two));
    assertEquals((await compareTrees(tree, two)).differences, []);
    const { code, stderr } = await cache.stop();
    assertEquals(code, 0, stderr);
    // The manifest, the small file, three chunks: once each.
    const fetched = stderr.match(/chunk fetched from the upstream/g);
    assertEquals(fetched?.length, 5, stderr);
  });
});

Deno.test("a fetch that hangs is listed, looked at, and cancelled by who may", async () => {
  await withPlace(async (place) => {
    const { dir, psk } = place;
    const { CHUNK } = HaltingHolder;
    const hash = toHex(blake3(CHUNK));
    const operator = join(dir, "operator.toml");
    const made = await succeed(["identity", "generate", "--out", operator]);
    const { node_pubkey: key } = JSON.parse(
      await succeed(["identity", "show", operator, "--output", "json"]),
    );
    assertStringIncludes(made, "public_key_hex");
    await using upstream = await HaltingHolder.start();
    await using cache = await serve(
      place,
      "cache",
      ...["--store", join(dir, "store"), "--upstream", upstream.addressed],
      ...["--admin-cancel", key, "--admin-cancel", "ab".repeat(32), ...psk],
    );
    const attach = cache.attach(psk);
    const out = join(dir, "out");
    const fetching = runCli([
      ...["recv-blob", "--blob-ref", hash, "--out", out, "--output", "json"],
      ...[...attach, "--timeout", "5m"],
    ]);
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
    const status = parseExact(
      await succeed(["status", hexId, ...attach]),
    ) as { transfer_id: string; found: boolean; transfer: Row };
    assertEquals(Object.keys(status), ["transfer_id", "found", "transfer"]);
    assertEquals([status.transfer_id, status.found], [id, true]);
    assertEquals(Object.keys(status.transfer), Object.keys(row));
    assertEquals(status.transfer.hash, hash);

    const cancel = ["cancel", id, ...attach];
    assertEquals(await fail(cancel), [3, "permission"]);
    assertEquals(
      parseExact(await succeed([...cancel, "--identity", operator])),
      { transfer_id: id, cancelled: true },
    );
    await upstream.givenUp;
    assertEquals(failure(await fetching), [3, "not_found"]);
    await assertAbsent(out);
    assertEquals(await list(attach), []);
  });
});

Deno.test("who owns a fetch cancels it without leave, where nobody may list", async () => {
  await withPlace(async (place) => {
    const { dir, psk } = place;
    const hash = toHex(blake3(HaltingHolder.CHUNK));
    const identity = join(dir, "mine.toml");
    await succeed(["identity", "generate", "--out", identity]);
    await using upstream = await HaltingHolder.start();
    await using cache = await serve(
      place,
      "cache",
      ...["--store", join(dir, "store"), "--upstream", upstream.addressed],
      ...["--admin-list", "none", ...psk],
    );
    const attach = [...cache.attach(psk), "--identity", identity];
    const fetching = runCli([
      ...["recv-blob", "--blob-ref", hash, "--out", join(dir, "out")],
      ...[...attach, "--output", "json", "--timeout", "5m"],
    ]);
    assertEquals(await fail(["ls", ...attach]), [3, "permission"]);
    // Ids count up from 2^61 in a node; its request and the fetch are the first two.
    const first = 2n ** 61n + 1n;
    const ids = [first, first + 1n];
    let ended = false;
    fetching.then(() => ended = true);
    for (let at = 0; !ended; at ^= 1) {
      const args = ["cancel", String(ids[at]), ...attach];
      const { code, stdout } = await runCli([...args, "--output", "json"]);
      if (code === 0 && JSON.parse(stdout).cancelled) break;
    }
    const [code, kind] = failure(await fetching);
    assertEquals(code, 3);
    assert(["not_found", "peer_closed"].includes(kind), kind);
  });
});

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

Deno.test("serve refuses a cache without a store, one of itself, and a policy that contradicts itself", async () => {
  await withPlace(async ({ dir }) => {
    const identity = join(dir, "node.toml");
    await succeed(["identity", "generate", "--out", identity]);
    const shown = JSON.parse(
      await succeed(["identity", "show", identity, "--output", "json"]),
    );
    const store = ["serve", "--store", join(dir, "store")];
    const keys = ["--identity", identity, "--listen", "127.0.0.1:0"];
    const other = `127.0.0.1:9#${"ab".repeat(32)}`;
    const cases = [
      ["serve", dir, "--upstream", other],
      [...store, "--upstream", `127.0.0.1:9#${shown.node_pubkey}`],
      [...store, "--upstream", "127.0.0.1:9"],
      [...store, "--admin-list", "none", "--admin-list", "psk"],
      [...store, "--admin-cancel", "ab".repeat(32), "--admin-cancel", "none"],
      [...store, "--admin-list", "everyone"],
    ];
    await assertUsage(cases.map((args) => [...args, ...keys]));
    await assertAbsent(join(dir, "store"));
  });
});

Deno.test("a cache whose upstream cannot be found serves what it has, and says so; idle, it has no transfers", async () => {
  await withPlace(async (place) => {
    const file = join(place.dir, "a.txt");
    await Deno.writeTextFile(file, "hello\n");
    await using cache = await serve(
      place,
      "cache",
      ...[file, "--store", join(place.dir, "store")],
      ...["--upstream", `nosuch.invalid:7700#${"ab".repeat(32)}`],
    );
    const { ref } = cache.refs[0];
    const asJson = (...words: string[]) =>
      succeed([...words, ...cache.attach(), "--output", "json"])
        .then((text) => JSON.parse(text));
    const asText = (...words: string[]) =>
      succeed([...words, ...cache.attach(), "--output", "text"]);
    assertEquals(
      await Promise.all([
        succeed([
          ...["recv-blob", "--blob-ref", ref, "--out", "-"],
          ...cache.attach(),
        ]),
        asJson("status", "0x42"),
        asJson("cancel", "0x42"),
        asText("status", "7"),
        asText("cancel", "7"),
      ]),
      [
        "hello\n",
        { transfer_id: 66, found: false },
        { transfer_id: 66, cancelled: false },
        "transfer 7 is not running\n",
        "transfer 7 is not running, nothing to cancel\n",
      ],
    );
    assertEquals(
      await Promise.all([asJson("ls"), asText("ls", "--all")]),
      [{ transfer_count: 0, transfers: [] }, "no transfers\n"],
    );
    const { code, stderr } = await cache.stop();
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /WARN not attached to the upstream .*nosuch\.invalid/);
  });
});

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(
    hex.match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
}

async function assertAbsent(path: string): Promise<void> {
  assert(await Deno.lstat(path).then(() => false, () => true), path);
}
