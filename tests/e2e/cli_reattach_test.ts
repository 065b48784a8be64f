/** Fetches outlive holders that are killed, started again and moved. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { equals } from "@std/bytes/equals";
import { exists } from "@std/fs";
import { decodeTicket, encodeTicket } from "../../lib/mesh/mod.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { type Finished, signal, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  assertSameTree,
  cliCommand,
  failureOf,
  startHolder,
  test,
} from "../support/cli.ts";
import { LinkProxy } from "../support/link_proxy.ts";

const MIB = 2 ** 20;
/** Several chunks, and more than the line below carries in a second. */
const SIZE = 18 * MIB + 7;
/** Bytes for a client after which a test does something to the holder. */
const ENOUGH = 6 * MIB;

/** A line to a holder that is slow enough to be looked at. */
class Line implements AsyncDisposable {
  readonly proxy: LinkProxy;
  #enough = Promise.withResolvers<void>();
  #delivered = 0;

  constructor(to: string) {
    this.proxy = new LinkProxy({
      to,
      down: { rate: 60, queue: MIB },
      onDelivered: (length) => {
        this.#delivered += length;
        if (this.#delivered > ENOUGH) this.#enough.resolve();
      },
    });
  }

  /** Resolves when a good part of what is fetched has arrived. */
  get enough(): Promise<void> {
    return this.#enough.promise;
  }

  /** Counts from the beginning. */
  again(): void {
    this.#delivered = 0;
    this.#enough = Promise.withResolvers();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.proxy[Symbol.asyncDispose]();
  }
}

/** A fetch that runs. */
class Fetch {
  readonly child: Deno.ChildProcess;
  readonly finished: Promise<Finished>;

  constructor(args: readonly string[]) {
    const json = words`--output ndjson --progress json`;
    this.child = cliCommand([...args, ...json]).spawn();
    this.finished = this.#finish();
  }

  async #finish(): Promise<Finished> {
    const [stdout, stderr, { code }] = await Promise.all([
      new Response(this.child.stdout).text(),
      new Response(this.child.stderr).text(),
      this.child.status,
    ]);
    return { code, stdout, stderr };
  }
}

/** The flags to attach by way of a line. */
function by(line: Line, holder: HolderProcess): string[] {
  return words`--node-addr ${line.proxy.address}
    --node-pubkey ${holder.ready.node_pubkey} --psk-file ${holder.pskFile}`;
}

/** Fails unless a fetch told that its holder was lost, and found again. */
function assertLostAndFound({ stderr }: Finished): void {
  const events = stderr.trimEnd().split("\n")
    .map((line) => JSON.parse(line).event)
    .filter((event) => event !== "progress").join(" ");
  assertMatch(events, /^start( lost attached)+ done$/);
}

/** Bytes that a holder has sent as whole answers, as it logs them. */
function answered(log: string): number {
  return [...log.matchAll(/ answered .* bytes=(\d+)/g)]
    .reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

/** Starts the holder anew, where it was, with what it had. */
function again(
  dir: TempDir,
  holder: HolderProcess,
  args: readonly string[],
): Promise<HolderProcess> {
  return startHolder(dir.path, args, { listen: holder.address });
}

test("a blob goes on when its holder was killed and started again", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  const served = words`${blob} -vv`;
  const holder = await startHolder(dir.path, served);
  await using line = new Line(holder.address);
  const [{ ref }] = holder.refs;
  const fetch = new Fetch(
    words`recv-blob --blob-ref ${ref} --out ${dir.at("got")} ${
      by(line, holder)
    }`,
  );
  await line.enough;
  const first = await holder.stop("SIGKILL");
  const second = await again(dir, holder, served);
  const run = await fetch.finished;
  assertEquals(run.code, 0, run.stderr);
  const { bytes, bytes_fetched, reattached } = JSON.parse(run.stdout);
  assertEquals([bytes, bytes_fetched, reattached], [SIZE, SIZE, 1]);
  assertLostAndFound(run);
  assertEquals(await Deno.readFile(dir.at("got")), await Deno.readFile(blob));
  // What came whole is not asked for again, and of the rest what is missing.
  const { stderr } = await second.stop();
  assert(answered(first.stderr) + answered(stderr) < SIZE, stderr);
});

test("a tree goes on when its holder was killed and started again", async (dir) => {
  const files = Array.from(
    { length: 700 },
    (_, i) => [`small/${i}`, noise(1 + i * 31 % 9000, i)] as const,
  );
  const tree = await dir.tree("tree", {
    "large-1": noise(6 * MIB, 1),
    "large-2": noise(6 * MIB, 2),
    ...Object.fromEntries(files),
  });
  const served = words`${tree} -vv`;
  const holder = await startHolder(dir.path, served);
  await using line = new Line(holder.address);
  const [{ ref }] = holder.refs;
  const fetch = new Fetch(
    words`recv-dir --remote-ref ${ref} --out ${dir.at("got")} ${
      by(line, holder)
    }`,
  );
  await line.enough;
  await holder.stop("SIGKILL");
  await using _second = await again(dir, holder, served);
  const run = await fetch.finished;
  assertEquals(run.code, 0, run.stderr);
  const { bytes, bytes_fetched, reattached } = JSON.parse(run.stdout);
  assertEquals([bytes_fetched, reattached], [bytes, 1]);
  await assertSameTree(tree, dir.at("got"));
});

test("a holder that is stopped and started again costs no fetch", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  const holder = await startHolder(dir.path, [blob]);
  await using line = new Line(holder.address);
  const [{ ref }] = holder.refs;
  const fetch = new Fetch(
    words`recv-blob --blob-ref ${ref} --out ${dir.at("got")} ${
      by(line, holder)
    }`,
  );
  await line.enough;
  await holder.stop("SIGTERM");
  await using _second = await again(dir, holder, [blob]);
  const run = await fetch.finished;
  assertEquals(run.code, 0, run.stderr);
  assertEquals(await Deno.readFile(dir.at("got")), await Deno.readFile(blob));
});

test("a stream goes on when its holder was killed and started again", async (dir) => {
  const size = 80 * MIB;
  const blob = await dir.write("blob", noise(size, 1));
  const holder = await startHolder(dir.path, [blob]);
  const [{ ref }] = holder.refs;
  const child = cliCommand(
    words`recv-blob --blob-ref ${ref} --out - ${holder.attach()}
      --output ndjson`,
  ).spawn();
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  const got = new Uint8Array(size);
  let filled = 0;
  const read = async (until: number) => {
    while (filled < until) {
      const { value, done } = await reader.read();
      if (done) return;
      got.set(value, filled);
      filled += value.length;
    }
  };
  // The rest is more than is fetched ahead of the reader.
  await read(5 * MIB);
  await holder.stop("SIGKILL");
  await using _second = await again(dir, holder, [blob]);
  await read(size);
  await reader.cancel();
  const { code } = await child.status;
  const stderr = await errors;
  assertEquals(code, 0, stderr);
  assertEquals([filled, JSON.parse(stderr).reattached], [size, 1]);
  assert(equals(got, await Deno.readFile(blob)));
});

test("a holder that moved is found at another address of its ticket", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  const holder = await startHolder(dir.path, words`${blob} --ticket-psk`);
  await using line = new Line(holder.address);
  // Nobody is there yet.
  await using other = new Line("127.0.0.1:9");
  const addresses = [line, other].map(({ proxy }) => proxy.address);
  const [{ ticket }] = holder.refs;
  const both = encodeTicket({ ...decodeTicket(ticket), addresses });
  const fetch = new Fetch(
    words`recv-blob --ticket ${both} --out ${dir.at("got")}`,
  );
  await line.enough;
  await holder.stop("SIGKILL");
  await using moved = await startHolder(dir.path, [blob]);
  other.proxy.target.port = Number(moved.address.split(":")[1]);
  const run = await fetch.finished;
  assertEquals(run.code, 0, run.stderr);
  const { reattached, sources } = JSON.parse(run.stdout);
  assertEquals([reattached, sources[0].source], [1, addresses[1]]);
  assertEquals(await Deno.readFile(dir.at("got")), await Deno.readFile(blob));
});

test("a fetch goes on when the upstream of its cache was killed and started again", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  const origin = await startHolder(dir.at("origin"), words`${blob} -vv`);
  await using line = new Line(origin.address);
  const upstream = `${line.proxy.address}#${origin.ready.node_pubkey}`;
  await using cache = await startHolder(
    dir.at("cache"),
    words`--store ${dir.at("store")} --upstream ${upstream}
      --psk-file ${origin.pskFile} -v`,
  );
  const [{ ref }] = origin.refs;
  const fetch = new Fetch(
    words`recv-blob --blob-ref ${ref} --out ${dir.at("got")}
      ${cache.attach()}`,
  );
  await line.enough;
  const first = await origin.stop("SIGKILL");
  const second = await startHolder(dir.at("origin"), words`${blob} -vv`, {
    listen: origin.address,
  });
  const run = await fetch.finished;
  assertEquals(run.code, 0, run.stderr);
  assertEquals(JSON.parse(run.stdout).reattached, 0);
  assertEquals(await Deno.readFile(dir.at("got")), await Deno.readFile(blob));
  const { stderr } = await second.stop();
  assert(answered(first.stderr) + answered(stderr) < SIZE, stderr);
});

test("a fetch goes on when its cache was killed and started again", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  await using origin = await startHolder(dir.at("origin"), [blob]);
  const args = words`--store ${dir.at("store")} --psk-file ${origin.pskFile}
    --upstream ${origin.address}#${origin.ready.node_pubkey}`;
  const cache = await startHolder(dir.at("cache"), args);
  await using line = new Line(cache.address);
  const [{ ref }] = origin.refs;
  const fetch = new Fetch(
    words`recv-blob --blob-ref ${ref} --out ${dir.at("got")}
      ${by(line, cache)}`,
  );
  await line.enough;
  await cache.stop("SIGKILL");
  await using _second = await startHolder(dir.at("cache"), args, {
    listen: cache.address,
  });
  const run = await fetch.finished;
  assertEquals(run.code, 0, run.stderr);
  assertEquals(JSON.parse(run.stdout).reattached, 1);
  assertEquals(await Deno.readFile(dir.at("got")), await Deno.readFile(blob));
});

test("a relayed fetch goes on when the holder, or the relay, was killed and started again", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  const relayArgs = words`--store ${dir.at("empty")} --relay`;
  let relay = await startHolder(dir.at("relay"), relayArgs);
  const args = words`${blob} --psk-file ${relay.pskFile}
    --via ${relay.address}#${relay.ready.node_pubkey}`;
  let holder = await startHolder(dir.at("holder"), args);
  await using line = new Line(relay.address);
  const [{ ref }] = holder.refs;
  for (const killed of ["holder", "relay"]) {
    const out = dir.at(`got-${killed}`);
    line.again();
    const fetch = new Fetch(
      words`recv-blob --blob-ref ${ref} --out ${out}
        --from ${holder.ready.node_pubkey} ${by(line, relay)} --direct never`,
    );
    await line.enough;
    if (killed === "holder") {
      await holder.stop("SIGKILL");
      holder = await startHolder(dir.at("holder"), args);
    } else {
      await relay.stop("SIGKILL");
      const { address: listen } = relay;
      relay = await startHolder(dir.at("relay"), relayArgs, { listen });
    }
    const run = await fetch.finished;
    assertEquals(run.code, 0, `${killed}: ${run.stderr}`);
    assert(JSON.parse(run.stdout).reattached > 0);
    assertEquals(await Deno.readFile(out), await Deno.readFile(blob));
  }
  await holder.stop();
  await relay.stop();
});

test("a holder that never comes back ends the fetch in its time, and says so", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  const holder = await startHolder(dir.path, [blob]);
  await using line = new Line(holder.address);
  const [{ ref }] = holder.refs;
  const out = dir.at("got");
  const fetch = new Fetch(
    words`recv-blob --blob-ref ${ref} --out ${out} --timeout 8s
      ${by(line, holder)}`,
  );
  await line.enough;
  await holder.stop("SIGKILL");
  const failure = failureOf(await fetch.finished);
  assertEquals([failure.kind, failure.exit_code], ["timeout", 3]);
  assert(!await exists(out));
});

test("another key at the address of the holder is never attached to", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  const holder = await startHolder(dir.at("one"), [blob]);
  await using line = new Line(holder.address);
  const [{ ref }] = holder.refs;
  const fetch = new Fetch(
    words`recv-blob --blob-ref ${ref} --out ${dir.at("got")} --timeout 8s
      ${by(line, holder)}`,
  );
  await line.enough;
  await holder.stop("SIGKILL");
  await using other = await startHolder(
    dir.at("other"),
    words`${blob} -v --psk-file ${holder.pskFile}`,
    { listen: holder.address },
  );
  const failure = failureOf(await fetch.finished);
  assertEquals([failure.kind, failure.exit_code], ["timeout", 3]);
  assert(!(await other.stop()).stderr.includes("peer attached"));
});

test("a holder that is back without the content ends the fetch at once", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  const holder = await startHolder(dir.path, [blob]);
  await using line = new Line(holder.address);
  const [{ ref }] = holder.refs;
  const fetch = new Fetch(
    words`recv-blob --blob-ref ${ref} --out ${dir.at("got")}
      ${by(line, holder)}`,
  );
  await line.enough;
  await holder.stop("SIGKILL");
  const without = await dir.write("without", "something else\n");
  await using _second = await again(dir, holder, [without]);
  const failure = failureOf(await fetch.finished);
  assertEquals([failure.kind, failure.exit_code], ["not_found", 3]);
});

test("an interrupt ends the waiting for a holder at once", async (dir) => {
  const blob = await dir.write("blob", noise(SIZE, 1));
  const holder = await startHolder(dir.path, [blob]);
  await using line = new Line(holder.address);
  const [{ ref }] = holder.refs;
  const fetch = new Fetch(
    words`recv-blob --blob-ref ${ref} --out ${dir.at("got")} --timeout 10m
      ${by(line, holder)}`,
  );
  await line.enough;
  await holder.stop("SIGKILL");
  signal(fetch.child, "SIGINT");
  const run = await fetch.finished;
  assertEquals(run.code, 130, run.stderr);
  assertMatch(run.stderr, /"kind":"interrupted"/);
});
