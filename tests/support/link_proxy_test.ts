import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { LinkProxy, type LinkProxyOptions } from "./link_proxy.ts";

/** A node that sends back what it gets, and a client that reaches it by a proxy. */
class Pair implements AsyncDisposable {
  readonly #node = socket();
  readonly #client = socket();
  readonly #echo: Promise<void>;
  readonly proxy: LinkProxy;
  /** Ports that the node heard from. */
  readonly seen = new Set<number>();

  constructor(options: Omit<LinkProxyOptions, "to"> = {}) {
    const { port } = this.#node.addr as Deno.NetAddr;
    this.proxy = new LinkProxy({ to: `127.0.0.1:${port}`, ...options });
    this.#echo = (async () => {
      for await (const [bytes, from] of this.#node) {
        this.seen.add((from as Deno.NetAddr).port);
        await this.#node.send(bytes, from);
      }
    })();
  }

  async send(...bytes: number[]): Promise<void> {
    const port = Number(this.proxy.address.split(":")[1]);
    const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
    await this.#client.send(Uint8Array.from(bytes), to);
  }

  async receive(): Promise<number[]> {
    const [bytes] = await this.#client.receive(new Uint8Array(2000));
    return [...bytes];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    this.#node.close();
    this.#client.close();
    await this.#echo;
  }
}

function socket(): Deno.DatagramConn {
  const hostname = "127.0.0.1";
  return Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
}

Deno.test("what is sent to a proxy reaches its node, and the answer who sent it", async () => {
  await using pair = new Pair();
  await pair.send(1, 2, 3);
  assertEquals(await pair.receive(), [1, 2, 3]);
});

Deno.test("a datagram and its answer take the delay of the link each", async () => {
  await using pair = new Pair({ down: { delay: 30 } });
  const since = performance.now();
  await pair.send(1);
  await pair.receive();
  assert(performance.now() - since >= 60);
});

Deno.test("nothing passes during an outage, in both directions or in one", async () => {
  await using pair = new Pair();
  const { proxy } = pair;
  for (const [i, link] of [proxy.up, proxy.down].entries()) {
    link.options.down = true;
    await pair.send(1);
    while (link.counters.lost === 0) await delay(1);
    link.options.down = false;
    await pair.send(2, i);
    assertEquals(await pair.receive(), [2, i]);
  }
});

Deno.test("after a rebinding a client comes from another port and is still answered", async () => {
  await using pair = new Pair();
  for (const byte of [1, 2]) {
    await pair.send(byte);
    assertEquals(await pair.receive(), [byte]);
    pair.proxy.rebind();
  }
  assertEquals(pair.seen.size, 2);
});

Deno.test("a proxy says how to repeat what it did", async () => {
  await using pair = new Pair({ seed: 7 });
  assert(pair.proxy.describe().startsWith("LINK_SEED=7: "));
});
