import { assert } from "@std/assert";
import { giveWay } from "./give_way.ts";

const LOOPBACK = { transport: "udp", hostname: "127.0.0.1", port: 0 } as const;
const TURNS = 400;
/** A busy system may keep datagrams to itself for a while. */
const ROUNDS = 1000;

Deno.test("sockets have their turns while somebody gives way again and again", async () => {
  const a = Deno.listenDatagram(LOOPBACK);
  const b = Deno.listenDatagram(LOOPBACK);
  const to = (socket: Deno.DatagramConn) => socket.addr as Deno.NetAddr;
  let answers = 0;
  let isOver = false;
  const pass = async (from: Deno.DatagramConn, next: Deno.NetAddr) => {
    for (;;) {
      const [bytes] = await from.receive();
      answers++;
      if (isOver) return;
      await from.send(bytes, next);
    }
  };
  const passing = [pass(a, to(b)), pass(b, to(a))];
  await b.send(new Uint8Array(1), to(a));
  let most = 0;
  // 61 turns would pass for each without it, in every round.
  for (let round = 0; round < ROUNDS && most <= TURNS / 20; round++) {
    answers = 0;
    for (let turn = 0; turn < TURNS; turn++) await giveWay();
    most = Math.max(most, answers);
  }
  isOver = true;
  await a.send(new Uint8Array(1), to(b));
  await b.send(new Uint8Array(1), to(a));
  await Promise.all(passing);
  a.close();
  b.close();
  assert(most > TURNS / 20, `${most} of ${TURNS} turns`);
});

Deno.test("timers have their turns, too", async () => {
  let fired = false;
  setTimeout(() => fired = true, 0);
  for (let turn = 0; turn < 1_000_000 && !fired; turn++) await giveWay();
  assert(fired);
});
