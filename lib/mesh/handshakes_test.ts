import { assert, assertEquals, assertRejects } from "@std/assert";
import { HandshakeError } from "../errors.ts";
import { connectionIdKey } from "../wire/mod.ts";
import { TEST_PARAMETERS } from "../wire/testing/connection_options.ts";
import { testProvider } from "../wire/testing/crypto.ts";
import { handshakePair, TEST_PSK } from "../wire/testing/handshake_pair.ts";
import type { Attached } from "./attempt.ts";
import { Handshakes, type HandshakesHandler } from "./handshakes.ts";

const { initiatorKeys, responderKeys } = handshakePair();
const CLIENT = { hostname: "192.0.2.1", port: 1000 };
const SERVER = { hostname: "192.0.2.2", port: 2000 };

/** One end, and what it asked of its endpoint. */
class End {
  readonly handshakes: Handshakes;
  readonly sent: Uint8Array[] = [];
  readonly accepted: Attached[] = [];
  readonly resets: Parameters<HandshakesHandler["onStatelessReset"]>[] = [];
  wakeAt = Infinity;
  /** Whether the system refuses to send. */
  refuses = false;
  lastSendError: Error | undefined;

  constructor(listens: boolean, seed: number) {
    const lastSendError = () => this.lastSendError;
    this.handshakes = new Handshakes({
      config: {
        provider: testProvider({ seed }),
        staticKeys: listens ? responderKeys : initiatorKeys,
        parameters: TEST_PARAMETERS,
      },
      maxDatagramSize: ({ hostname }) => hostname === "192.0.2.2" ? 1392 : 1252,
      accept: listens
        ? {
          psks: [{ name: "test", secret: TEST_PSK }],
          resetPort: SERVER.port,
        }
        : undefined,
    }, {
      isConnection: () => false,
      onAccepted: (accepted) => this.accepted.push(accepted),
      onDisplaced: () => {},
      onStatelessReset: (...reset) => this.resets.push(reset),
      send: (packet) => {
        this.sent.push(packet);
        if (this.refuses) this.lastSendError = new Error("no route");
        return this.refuses ? Promise.resolve() : undefined;
      },
      get lastSendError() {
        return lastSendError();
      },
      wakeAt: (time) => this.wakeAt = Math.min(this.wakeAt, time),
    });
  }

  /** What it sent since the last call. */
  take(): Uint8Array[] {
    return this.sent.splice(0);
  }
}

function attach(client: End, signal?: AbortSignal) {
  return client.handshakes.attach({
    address: SERVER,
    publicKey: responderKeys.public,
    psk: TEST_PSK,
    signal,
  });
}

/** Both ends after their handshake. */
async function attached() {
  const [client, server] = [new End(false, 1), new End(true, 2)];
  const attaching = attach(client);
  server.handshakes.onPacket(0, client.take()[0], CLIENT);
  client.handshakes.onPacket(performance.now(), server.take()[0], SERVER);
  return { client, server, result: await attaching };
}

Deno.test("two ends shake hands: one attaches, the other accepts", async () => {
  const { client, server, result } = await attached();
  const [{ established, from }] = server.accepted;
  assertEquals([from, result.from], [CLIENT, SERVER]);
  assertEquals(established.receiveKey, result.established.sendKey);
  assertEquals(
    connectionIdKey(established.remoteConnectionId, 0),
    connectionIdKey(result.established.localConnectionId, 0),
  );
  // Nothing is left to be repeated.
  client.handshakes.onTimer(performance.now() + 60_000);
  assertEquals(client.take(), []);
});

Deno.test("the Initial goes out again in time, and draws the same answer", async () => {
  const [client, server] = [new End(false, 1), new End(true, 2)];
  const attaching = attach(client);
  const [first] = client.take();
  assert(client.wakeAt > performance.now() && client.wakeAt < Infinity);
  client.handshakes.onTimer(client.wakeAt);
  const [again] = client.take();
  assertEquals(again, first);
  for (const packet of [first, again]) {
    server.handshakes.onPacket(0, packet, CLIENT);
  }
  assertEquals(server.accepted.length, 1);
  const [response, repeated] = server.take();
  assertEquals(repeated, response);
  client.handshakes.onPacket(performance.now(), response, SERVER);
  await attaching;
});

Deno.test("an attempt ends soon when the system refuses to send", async () => {
  const client = new End(false, 1);
  client.refuses = true;
  const attaching = attach(client);
  const failure = assertRejects(
    () => attaching,
    HandshakeError,
    "cannot send to 192.0.2.2:2000",
  );
  await Promise.resolve();
  const start = performance.now();
  for (let now = start; now < start + 2100; now += 50) {
    client.handshakes.onTimer(now);
    await Promise.resolve();
  }
  await failure;
});

Deno.test("an end that does not listen answers neither Initials nor unknown connections", async () => {
  const { server } = await attached();
  const [client, other] = [new End(false, 3), new End(false, 4)];
  const attaching = attach(client);
  other.handshakes.onPacket(0, client.take()[0], CLIENT);
  const { localConnectionId } = server.accepted[0].established;
  const packet = transportPacket(localConnectionId);
  other.handshakes.onUnknownConnection(0, packet, CLIENT);
  assertEquals([other.sent.length, other.accepted.length], [0, 0]);
  client.handshakes.end(new HandshakeError("enough"));
  await assertRejects(() => attaching, HandshakeError, "enough");
});

Deno.test("an end that has ended answers no Initial: its keys are gone", async () => {
  const [client, server] = [new End(false, 1), new End(true, 2)];
  const attaching = attach(client);
  server.handshakes.end(new HandshakeError("enough"));
  server.handshakes.onPacket(0, client.take()[0], CLIENT);
  assertEquals([server.sent.length, server.accepted.length], [0, 0]);
  client.handshakes.end(new HandshakeError("enough"));
  await assertRejects(() => attaching, HandshakeError, "enough");
});

Deno.test("an abort ends an attempt with its reason", async () => {
  const client = new End(false, 1);
  const controller = new AbortController();
  const attaching = attach(client, controller.signal);
  controller.abort(new Error("changed my mind"));
  await assertRejects(() => attaching, Error, "changed my mind");
  await assertRejects(() => attach(client, controller.signal), Error);
  assertEquals(client.take().length, 1);
});

/** A transport packet with this connection id, longer than any reset. */
function transportPacket(id: Uint8Array): Uint8Array {
  const packet = new Uint8Array(100);
  packet[0] = 0x40;
  packet.set(id, 1);
  return packet;
}

Deno.test("packets of forgotten connections draw at most 20 resets in a second", async () => {
  const { client, server, result } = await attached();
  const { localConnectionId } = server.accepted[0].established;
  const packet = transportPacket(localConnectionId);
  for (const now of [5000, 5999, 6000]) {
    for (let i = 0; i < 30; i++) {
      server.handshakes.onUnknownConnection(now, packet, CLIENT);
    }
  }
  const resets = server.take();
  assertEquals(resets.length, 40);
  client.handshakes.onPacket(0, resets[0], SERVER);
  const { statelessResetToken } = result.established;
  assertEquals(client.resets, [
    [localConnectionId, statelessResetToken!, SERVER],
  ]);
  const madeUp = transportPacket(new Uint8Array(8).fill(9));
  server.handshakes.onUnknownConnection(9000, madeUp, CLIENT);
  assertEquals(server.take(), []);
});

Deno.test("bytes that are no packet are dropped", async () => {
  const { client, server } = await attached();
  for (const { handshakes } of [client, server]) {
    for (let first = 0; first < 64; first++) {
      for (const length of [1, 25, 57, 1200]) {
        const bytes = new Uint8Array(length).fill(7);
        bytes[0] = first;
        handshakes.onPacket(0, bytes, CLIENT);
      }
    }
    handshakes.onPacket(0, new Uint8Array(), CLIENT);
  }
  assertEquals([client.sent.length, server.sent.length], [0, 0]);
  assertEquals(server.accepted.length, 1);
});

Deno.test("each end announces the largest datagram of its own way to the other", async () => {
  const { server, result } = await attached();
  const sizes = [server.accepted[0], result].map(({ established }) =>
    established.peerParameters.maxDatagramSize
  );
  assertEquals(sizes, [1392, 1252]);
});
