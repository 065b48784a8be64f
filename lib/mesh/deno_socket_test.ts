import { assert, assertEquals, assertThrows } from "@std/assert";
import { HandshakeError } from "../errors.ts";
import { DenoSocket } from "./deno_socket.ts";
import { Queue } from "./queue.ts";

const HERE = "127.0.0.1";

Deno.test("datagrams arrive whole with the sender's address, several segments as datagrams of their own", async () => {
  const [a, b] = [DenoSocket.bind(HERE, 0), DenoSocket.bind(HERE, 0)];
  const arrived = new Queue<Uint8Array>();
  const received = b.receive((bytes, segmentSize, from) => {
    assertEquals([segmentSize, from.port], [bytes.length, a.local.port]);
    arrived.push(bytes.slice());
  });
  for (const size of [1, 1200, 65_507]) {
    const bytes = new Uint8Array(size).fill(size & 0xff);
    await a.send(bytes, size, b.local);
    assertEquals(await arrived.next(), bytes);
  }
  const { port } = b.local;
  await a.send(new Uint8Array(2500), 1000, { hostname: HERE, port });
  const lengths: (number | undefined)[] = [];
  for (let i = 0; i < 3; i++) lengths.push((await arrived.next())?.length);
  assertEquals(lengths.sort(), [1000, 1000, 500]);
  a.close();
  b.close();
  await received;
});

Deno.test("closing ends a wait for a datagram, and may be repeated", async () => {
  const socket = DenoSocket.bind(HERE, 0);
  const waiting = socket.receive(() => {});
  socket.close();
  socket.close();
  await waiting;
  await socket.receive(() => {});
});

Deno.test("a send that the system refuses is remembered, not thrown", async () => {
  const socket = DenoSocket.bind(HERE, 0);
  assertEquals(socket.lastSendError, undefined);
  await socket.send(new Uint8Array(65_508), 65_508, socket.local);
  assert(socket.lastSendError !== undefined);
  socket.close();
  // After the socket is gone it must not throw either.
  await socket.send(new Uint8Array(1), 1, { hostname: HERE, port: 9 });
});

Deno.test("an address in use says what to do, one that is not ours what the system said", () => {
  const socket = DenoSocket.bind(HERE, 0);
  const { port } = socket.local;
  const error = assertThrows(
    () => DenoSocket.bind(HERE, port),
    HandshakeError,
    `cannot listen on ${HERE}:${port}: the address is in use`,
  ) as HandshakeError;
  assert(error.hint?.includes("another port"));
  socket.close();
  assertThrows(
    () => DenoSocket.bind("192.0.2.1", 0),
    HandshakeError,
    "cannot listen on 192.0.2.1:0",
  );
});
