import { assert, assertEquals } from "@std/assert";
import { unless } from "../../tests/support/unless.ts";
import { DenoSocket } from "./deno_socket.ts";
import { Queue } from "./queue.ts";
import { ThreadedSocket } from "./threaded_socket.ts";

const HERE = "127.0.0.1";

const notOnLinux = Deno.build.os === "linux"
  ? undefined
  : "sockets share a port on Linux only";

/** A socket that may have a thread, what it receives, and one that sends to it. */
function setUp(wanted: boolean) {
  const socket = ThreadedSocket.bind(HERE, undefined) as ThreadedSocket;
  socket.relieveWhen(() => wanted);
  const arrived = new Queue<{ bytes: Uint8Array; port: number }>();
  const received = socket.receive((bytes, _size, { port }) =>
    arrived.push({ bytes: bytes.slice(), port })
  );
  const sender = DenoSocket.bind(HERE, 0);
  let sent = 0;
  /** Sends a datagram and waits for it: none is lost inside this machine. */
  const exchange = async () => {
    const bytes = new Uint8Array(1200).fill(++sent & 0xff);
    await sender.send(bytes, bytes.length, socket.local);
    assertEquals(await arrived.next(), { bytes, port: sender.local.port });
  };
  const close = async () => {
    await socket.close();
    sender.close();
    await received;
  };
  return { socket, sender, exchange, close };
}

Deno.test(
  unless(
    notOnLinux,
    "a thread takes over once much has arrived, and nothing is lost by that",
  ),
  async () => {
    const { socket, sender, exchange, close } = setUp(true);
    await exchange();
    assertEquals(socket.relieved, false);
    for (let i = 0; i < 400; i++) await exchange();
    assert(socket.relieved);
    // What is sent still comes from the one address.
    const port = new Promise<number>((resolve) => {
      sender.receive((_bytes, _size, from) => resolve(from.port));
    });
    await socket.send(Uint8Array.of(1), 1, sender.local);
    assertEquals(await port, socket.local.port);
    await close();
  },
);

Deno.test(
  unless(notOnLinux, "a socket whose path is short has no thread"),
  async () => {
    const { socket, exchange, close } = setUp(false);
    for (let i = 0; i < 300; i++) await exchange();
    assertEquals(socket.relieved, false);
    await close();
  },
);

Deno.test("sockets that share a port are never given the port of another one", async () => {
  const sockets = Array.from(
    { length: 50 },
    () => ThreadedSocket.bind(HERE, undefined),
  );
  assertEquals(new Set(sockets.map(({ local }) => local.port)).size, 50);
  for (const socket of sockets) await socket.close();
});
