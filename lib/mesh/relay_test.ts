import { assert, assertEquals } from "@std/assert";
import { RELAY_BURST, RELAY_RATE, RELAYED_DATAGRAM_MAX } from "../limits.ts";
import { Relay, type RelayedSession } from "./relay.ts";

class FakeSession implements RelayedSession {
  readonly remote;
  readonly closed: Promise<void>;
  readonly got: { from: bigint; bytes: Uint8Array }[] = [];
  end!: () => void;

  constructor(nodeId: bigint, mark = 0) {
    const publicKey = new Uint8Array(32).fill(mark);
    this.remote = { nodeId, publicKey, address: "192.0.2.1:1" };
    this.closed = new Promise((resolve) => this.end = resolve);
  }

  sendRelay(from: bigint, bytes: Uint8Array): void {
    this.got.push({ from, bytes });
  }
}

Deno.test("a relay names the sender, not the target, and copies the packet", () => {
  const relay = new Relay();
  const [a, b] = [new FakeSession(1n), new FakeSession(2n)];
  relay.add(a);
  relay.add(b);
  const packet = Uint8Array.of(1, 2, 3);
  relay.forward(a, 2n, packet);
  packet.fill(0);
  assertEquals(b.got, [{ from: 1n, bytes: Uint8Array.of(1, 2, 3) }]);
  assertEquals(a.got, []);
});

Deno.test("a relay drops what has no target, no content, or is too large", () => {
  const relay = new Relay();
  const [a, b] = [new FakeSession(1n), new FakeSession(2n)];
  relay.add(a);
  relay.add(b);
  relay.forward(a, 3n, new Uint8Array(10));
  relay.forward(a, 1n, new Uint8Array(10));
  relay.forward(a, 2n, new Uint8Array(0));
  relay.forward(a, 2n, new Uint8Array(RELAYED_DATAGRAM_MAX + 1));
  assertEquals([a.got.length, b.got.length], [0, 0]);
  assertEquals(relay.stats, { forwarded: 0, dropped: 4 });
});

Deno.test("a node that attaches again takes over, until that session ends", async () => {
  const relay = new Relay();
  const [client, old, fresh] = [
    new FakeSession(1n),
    new FakeSession(2n, 1),
    new FakeSession(2n, 2),
  ];
  for (const session of [client, old, fresh]) relay.add(session);
  assertEquals(relay.find(2n)?.publicKey[0], 2);
  relay.forward(client, 2n, new Uint8Array(1));
  assertEquals([old.got.length, fresh.got.length], [0, 1]);
  fresh.end();
  await fresh.closed;
  assertEquals(relay.find(2n)?.publicKey[0], 1);
  old.end();
  await old.closed;
  assertEquals(relay.find(2n), undefined);
});

Deno.test("one node cannot send more than its rate, and others do not notice", () => {
  let now = 0;
  const relay = new Relay(() => now);
  const [greedy, modest, target] = [1n, 2n, 3n].map((id) =>
    new FakeSession(id)
  );
  for (const session of [greedy, modest, target]) relay.add(session);
  const packet = new Uint8Array(1000);
  let bytes = 0;
  for (let ms = 0; ms < 1000; ms++) {
    now = ms;
    for (let i = 0; i < 200; i++) relay.forward(greedy, 3n, packet);
    bytes += target.got.splice(0).length * packet.length;
    relay.forward(modest, 3n, packet);
    assertEquals(target.got.splice(0).length, 1);
  }
  assert(bytes <= RELAY_BURST + RELAY_RATE, `${bytes} bytes in one second`);
  assert(bytes > RELAY_RATE * 0.9, `${bytes} bytes in one second`);
});
