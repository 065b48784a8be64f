import { assert, assertEquals, assertThrows } from "@std/assert";
import { HandshakeError } from "../errors.ts";
import { DenoSocket } from "./deno_socket.ts";

const HERE = "127.0.0.1";

Deno.test("datagrams arrive whole with the sender's address", async () => {
  const [a, b] = [DenoSocket.bind(HERE, 0), DenoSocket.bind(HERE, 0)];
  const buffer = new Uint8Array(65_536);
  try {
    for (const size of [1, 1200, 65_507]) {
      const bytes = new Uint8Array(size).fill(size & 0xff);
      await a.send(bytes, size, b.local);
      const received = await b.receive(buffer);
      assertEquals(received?.length, size);
      assertEquals(received?.segmentSize, size);
      assertEquals(received?.from.port, a.local.port);
      assertEquals(buffer.subarray(0, size), bytes);
    }
  } finally {
    a.close();
    b.close();
  }
});

Deno.test("several segments leave as datagrams of their own", async () => {
  const [a, b] = [DenoSocket.bind(HERE, 0), DenoSocket.bind(HERE, 0)];
  const buffer = new Uint8Array(65_536);
  try {
    const bytes = Uint8Array.from({ length: 2500 }, (_, i) => i);
    await a.send(bytes, 1000, { hostname: HERE, port: b.local.port });
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 3; i++) {
      const received = await b.receive(buffer);
      parts.push(buffer.slice(0, received?.length));
    }
    assertEquals(parts.map((part) => part.length).sort(), [1000, 1000, 500]);
  } finally {
    a.close();
    b.close();
  }
});

Deno.test("closing ends whoever waits for a datagram, and may be repeated", async () => {
  const socket = DenoSocket.bind(HERE, 0);
  const waiting = socket.receive(new Uint8Array(65_536));
  socket.close();
  socket.close();
  assertEquals(await waiting, undefined);
  assertEquals(await socket.receive(new Uint8Array(65_536)), undefined);
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

Deno.test("an address in use says what to do", () => {
  const socket = DenoSocket.bind(HERE, 0);
  try {
    const error = assertThrows(
      () => DenoSocket.bind(HERE, socket.local.port),
      HandshakeError,
      `cannot listen on ${HERE}:${socket.local.port}: the address is in use`,
    ) as HandshakeError;
    assert(error.hint?.includes("another port"));
  } finally {
    socket.close();
  }
});

Deno.test("an address that is not ours is refused with the system's reason", () => {
  assertThrows(
    () => DenoSocket.bind("192.0.2.1", 0),
    HandshakeError,
    "cannot listen on 192.0.2.1:0",
  );
});
