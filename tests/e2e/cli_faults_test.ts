/**
 * What happens to networks and holders while a fetch is under way: it goes on
 * by itself and ends with the whole file.
 */

import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { equals } from "@std/bytes/equals";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import { runCli, startHolder, test } from "../support/cli.ts";
import { LinkProxy } from "../support/link_proxy.ts";

/** Whether outages are as long as the world's, and how long fetches stood still is told. */
const FULL = Deno.env.has("LINK_FULL");
const SECOND = 1000;
const BYTES = (FULL ? 16 : 3) * 2 ** 20;
const LINK = { rate: 8, delay: 10, mtu: 1500 };
/** A datagram of this length is content. */
const CONTENT_MIN = 1000;
/** Fewer datagrams at a time are probes, and no progress: 0.1 s of the link. */
const FLOW = 64;

/** A fetch under way, as faults see it. */
interface Fetch {
  readonly proxy: LinkProxy;
  /** Kills the holder and starts it again. */
  restart(): Promise<void>;
}

/** Something that happens to a fetch. */
interface Fault {
  readonly name: string;
  /** Whether it needs a holder of its own. */
  readonly alone?: boolean;
  readonly happen: (fetch: Fetch) => Promise<unknown> | void;
}

function blackout(seconds: number): Fault {
  return {
    name: `${seconds} s without a network`,
    async happen({ proxy }) {
      proxy.change({ down: true });
      await delay(seconds * SECOND);
      proxy.change({ down: false });
    },
  };
}

function deadDirection(direction: "down" | "up", seconds: number): Fault {
  return {
    name: `${seconds} s in which nothing goes ${direction}`,
    async happen({ proxy }) {
      proxy[direction].options.down = true;
      await delay(seconds * SECOND);
      proxy[direction].options.down = false;
    },
  };
}

const FAULTS: readonly Fault[] = [
  ...(FULL ? [5, 20, 28, 60] : [4]).map(blackout),
  deadDirection("down", FULL ? 20 : 2),
  deadDirection("up", FULL ? 20 : 2),
  { name: "a new port of the fetcher", happen: ({ proxy }) => proxy.rebind() },
  {
    name: "a path that carries less",
    happen: ({ proxy }) => proxy.change({ mtu: 1280 }),
  },
  {
    name: "a holder that is killed and started again",
    alone: true,
    happen: ({ restart }) => restart(),
  },
];

/** Watches what comes of a fetch. */
class Watch {
  #times: number[] = [];
  /** Longest time that {@linkcode FLOW} datagrams took, in milliseconds. */
  pause = 0;
  /** Bytes of the datagrams with content. */
  bytes = 0;

  /** The fault happens: what took long before was the start. */
  onFault(): void {
    this.#times = new Array(FLOW).fill(performance.now());
    this.pause = 0;
  }

  onDelivered(length: number): void {
    if (length < CONTENT_MIN) return;
    const now = performance.now();
    this.#times.push(now);
    this.pause = Math.max(this.pause, now - (this.#times.at(-FLOW) ?? now));
    this.bytes += length;
  }
}

/** What the fetches are of. */
interface Served {
  readonly dir: TempDir;
  readonly content: Uint8Array;
  /** Starts a holder of the content with a home directory of this name. */
  readonly start: (home: string) => Promise<HolderProcess>;
  readonly shared: HolderProcess;
}

/** Fetches a file over a link on which a fault happens when a third has come. */
async function fetchWith(
  { name, alone, happen }: Fault,
  { dir, content, start, shared }: Served,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  // A common one would have fetches wait for memory that stalled ones hold.
  let holder = alone || FULL ? stack.use(await start(name)) : shared;
  const watch = new Watch();
  const proxy = stack.use(
    new LinkProxy({
      to: holder.address,
      down: LINK,
      onDelivered: (length) => watch.onDelivered(length),
    }),
  );
  const out = dir.at(`${name}.out`);
  const fetched = runCli(
    words`recv-blob --blob-ref ${holder.refs[0].ref} --out ${out}
      --timeout 2m ${holder.attach(undefined, proxy.address)}`,
  );
  while (proxy.down.counters.bytes < BYTES / 3) await delay(10);
  watch.onFault();
  const since = performance.now();
  await happen({
    proxy,
    async restart() {
      await holder.stop("SIGKILL");
      holder = stack.use(await start(name));
      proxy.target.port = Number(holder.address.split(":").at(-1));
    },
  });
  const outage = performance.now() - since;
  const { code, stderr } = await fetched;
  assertEquals(code, 0, `${stderr}${proxy.describe()}`);
  assert(equals(await Deno.readFile(out), content), proxy.describe());
  const beyond = watch.bytes / BYTES - 1;
  if (FULL) {
    const seconds = (ms: number) => (ms / SECOND).toFixed(1);
    console.log(
      `${name}: ${seconds(watch.pause)} s without content, of ${
        seconds(outage)
      } s of outage; ${(100 * beyond).toFixed(1)} % received beyond it`,
    );
  }
  // Headers are in it, and what was in flight.
  assert(beyond < 0.2, `${watch.bytes} bytes: ${proxy.describe()}`);
}

test("a fetch goes on by itself after", async (dir, t) => {
  const content = noise(BYTES, 1);
  const path = await dir.write("blob", content);
  const start = async (home: string) =>
    startHolder(await dir.mkdir(home), [path]);
  await using shared = await start("shared");
  // All at once, since outages take their time.
  await Promise.all(FAULTS.map((fault) =>
    t.step({
      name: fault.name,
      fn: () => fetchWith(fault, { dir, content, start, shared }),
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
    })
  ));
});
