import { assertEquals, assertRejects } from "@std/assert";
import { HandshakeError } from "../errors.ts";
import type { RemoteAddress } from "../wire/mod.ts";
import { pattern } from "../wire/testing/bytes.ts";
import { cryptoProvider } from "./aead_backend.ts";
import type { DatagramHandler, DatagramSocket } from "./datagram_socket.ts";
import { DenoSocket } from "./deno_socket.ts";
import { Endpoint } from "./endpoint.ts";
import { ephemeralIdentity } from "./identity.ts";
import { echo, exchange, listen, PSK } from "./testing/echo_node.ts";

/** A socket on loopback whose system can be told to refuse to send. */
class FlakySocket implements DatagramSocket {
  readonly #socket = DenoSocket.bind("127.0.0.1", 0);
  readonly local = this.#socket.local;
  readonly receiveBufferBytes = this.#socket.receiveBufferBytes;
  readonly drops = undefined;
  refuses = false;
  refused = 0;
  lastSendError: Error | undefined;

  receive(take: DatagramHandler): Promise<void> {
    return this.#socket.receive(take);
  }

  send(
    bytes: Uint8Array,
    segmentSize: number,
    to: RemoteAddress,
  ): Promise<void> {
    if (!this.refuses) return this.#socket.send(bytes, segmentSize, to);
    this.refused++;
    this.lastSendError = new Error("no route to host");
    return Promise.resolve();
  }

  close(): void {
    this.#socket.close();
  }
}

async function endpointOn(socket: DatagramSocket): Promise<Endpoint> {
  const provider = await cryptoProvider();
  const identity = ephemeralIdentity();
  return new Endpoint({ socket, provider, identity });
}

Deno.test("an attach that the system refuses to send ends with what it says", async () => {
  await using node = await listen();
  const socket = new FlakySocket();
  const endpoint = await endpointOn(socket);
  socket.refuses = true;
  const { publicKey, address } = node;
  await assertRejects(
    () => endpoint.connect({ address, publicKey, psk: PSK, budgetMs: 300 }),
    HandshakeError,
    `cannot send to 127.0.0.1:${address.port} for`,
  );
  await endpoint.close();
});

Deno.test("a session outlives a system that refuses to send for a while", async () => {
  await using node = await listen(echo);
  const socket = new FlakySocket();
  const endpoint = await endpointOn(socket);
  const { publicKey, address } = node;
  const session = await endpoint.connect({ address, publicKey, psk: PSK });
  socket.refuses = true;
  const answer = exchange(session, pattern(100_000));
  while (socket.refused < 3) await new Promise((next) => setTimeout(next, 10));
  socket.refuses = false;
  assertEquals(await answer, pattern(100_000));
  await endpoint.close();
});
