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

/** Something that happens, and a time in which nothing can come. */
interface Fault {
  readonly name: string;
  readonly outage: number;
  readonly happen: (proxy: LinkProxy) => Promise<void>;
}

function blackout(seconds: number): Fault {
  return {
    name: `${seconds} s without a network`,
    outage: seconds * SECOND,
    async happen(proxy) {
      proxy.change({ down: true });
      await delay(seconds * SECOND);
      proxy.change({ down: false });
    },
  };
}

function deadDirection(direction: "down" | "up", seconds: number): Fault {
  return {
    name: `${seconds} s in which nothing goes ${direction}`,
    outage: seconds * SECOND,
    async happen(proxy) {
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
  {
    name: "new ports of the fetcher",
    outage: 0,
    async happen(proxy) {
      proxy.rebind();
      await delay(SECOND / 2);
      proxy.rebind();
    },
  },
  {
    name: "a path that carries less",
    outage: 0,
    happen: (proxy) => Promise.resolve(proxy.change({ mtu: 1280 })),
  },
];

/** Watches what comes of a fetch. */
class Watch {
  readonly #times: number[] = [];
  /** Longest time that {@linkcode FLOW} datagrams took, in milliseconds. */
  pause = 0;
  /** Bytes of the datagrams with content. */
  bytes = 0;

  onDelivered(length: number): void {
    if (length < CONTENT_MIN) return;
    const now = performance.now();
    this.#times.push(now);
    const before = this.#times.at(-FLOW);
    this.pause = Math.max(this.pause, now - (before ?? now));
    this.bytes += length;
  }
}

/** Fetches a file over a link on which a fault happens when a third has come. */
async function fetchWith(
  { name, outage, happen }: Fault,
  holder: HolderProcess,
  content: Uint8Array,
  out: string,
): Promise<void> {
  const watch = new Watch();
  await using proxy = new LinkProxy({
    to: holder.address,
    down: LINK,
    onDelivered: (length) => watch.onDelivered(length),
  });
  const fetched = runCli(
    words`recv-blob --blob-ref ${holder.refs[0].ref} --out ${out}
      --timeout 2m ${holder.attach(undefined, proxy.address)}`,
  );
  while (proxy.down.counters.bytes < BYTES / 3) await delay(10);
  await happen(proxy);
  const { code, stderr } = await fetched;
  assertEquals([code, stderr], [0, ""], proxy.describe());
  assert(equals(await Deno.readFile(out), content), proxy.describe());
  const beyond = watch.bytes / BYTES - 1;
  if (FULL) {
    const stood = (watch.pause / SECOND).toFixed(1);
    const percent = (100 * beyond).toFixed(1);
    console.log(
      `${name}: without content for ${stood} s, ${percent} % received beyond it`,
    );
    assert(watch.pause < outage + 3 * SECOND, `stood still for ${stood} s`);
  }
  // Headers are in it, and what was in flight.
  assert(beyond < 0.2, `${watch.bytes} bytes: ${proxy.describe()}`);
}

test("a fetch goes on by itself after", async (dir, t) => {
  const content = noise(BYTES, 1);
  const path = await dir.write("blob", content);
  await using holder = await startHolder(dir.path, [path]);
  // All at once, since outages take their time.
  await Promise.all(FAULTS.map((fault, i) =>
    t.step({
      name: fault.name,
      fn: () => fetchWith(fault, holder, content, dir.at(`out-${i}`)),
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
    })
  ));
});
