import { assert, assertEquals } from "@std/assert";
import type { RemoteAddress } from "../wire/mod.ts";
import { type PumpSource, SendPump } from "./send_pump.ts";
import { TurnGroup, TurnGroups } from "./turn_groups.ts";

const TO = { hostname: "192.0.2.1", port: 1 };
const TURN = 128 * 1024;

/** A source of datagrams that begin with `mark` and a number of their own. */
class Source implements PumpSource {
  queued = false;
  readonly turns: boolean[] = [];

  constructor(
    readonly mark: number,
    public datagrams: number,
    readonly size = 32 * 1024,
    readonly group: TurnGroup<PumpSource> = new TurnGroup(),
  ) {}

  transmit(_now: number, out: Uint8Array) {
    if (this.datagrams === 0) return undefined;
    this.datagrams--;
    out.set([this.mark, this.datagrams]);
    return { length: this.size, to: TO };
  }

  onTurnOver(drained: boolean): void {
    this.turns.push(drained);
  }
}

/** A socket that takes everything at once, or when it is told to. */
class Socket {
  readonly sent: { mark: number; length: number; to: RemoteAddress }[] = [];
  readonly #busy: { read: () => void; bytes: Uint8Array; was: string }[] = [];
  busy = false;

  send(bytes: Uint8Array, _size: number, to: RemoteAddress) {
    this.sent.push({ mark: bytes[0], length: bytes.length, to });
    if (!this.busy) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#busy.push({ read: resolve, bytes, was: String(bytes) });
    return promise;
  }

  get marks(): number[] {
    return this.sent.map(({ mark }) => mark);
  }

  ready(): void {
    this.busy = false;
    for (const { read, bytes, was } of this.#busy.splice(0)) {
      assertEquals(String(bytes), was, "a buffer was written too early");
      read();
    }
  }
}

function setUp() {
  const socket = new Socket();
  const errors: unknown[] = [];
  const pump = new SendPump(socket, (error) => errors.push(error));
  return { socket, pump, errors };
}

Deno.test("connections take turns of 128 KiB until all are drained", async () => {
  const { socket, pump } = setUp();
  const [a, b] = [new Source(1, 6), new Source(2, 5)];
  pump.queue(a);
  pump.queue(b);
  await pump.flush();
  const turn = (mark: number) => new Array(TURN / a.size).fill(mark);
  assertEquals(socket.marks, [...turn(1), ...turn(2), 1, 1, 2]);
  assertEquals([a.turns, b.turns], [[false, true], [false, true]]);
  assertEquals(socket.sent[0], { mark: 1, length: a.size, to: TO });
});

Deno.test("who has many connections takes no more turns than who has one", async () => {
  const { socket, pump } = setUp();
  const groups = new TurnGroups<PumpSource>();
  const many = [1, 2, 3].map((mark) =>
    new Source(mark, 4, 32 * 1024, groups.join("many"))
  );
  const one = new Source(9, 12, 32 * 1024, groups.join("one"));
  for (const source of [...many, one]) pump.queue(source);
  await pump.flush();
  const marks = socket.marks.filter((_, i) => i % 4 === 0);
  assertEquals(marks, [1, 9, 2, 9, 3, 9]);
  groups.leave("many");
  assert(groups.join("many") === many[0].group, "it has two left");
});

Deno.test("beyond four connections of a key each further one shortens its turns", async () => {
  const { socket, pump } = setUp();
  const groups = new TurnGroups<PumpSource>();
  const crowd = Array.from({ length: 16 }, () => groups.join("crowd"));
  const one = new Source(1, 100, 16 * 1024, groups.join("one"));
  pump.queue(one);
  for (const group of crowd) pump.queue(new Source(2, 100, 16 * 1024, group));
  await pump.flush();
  const until = socket.marks.lastIndexOf(1);
  const others = socket.marks.slice(0, until).filter((mark) => mark === 2);
  assertEquals(others.length, Math.floor(99 / 8) * 2);
});

Deno.test("calls of one task share a run, and nothing is sent before it ends", async () => {
  const { socket, pump } = setUp();
  const source = new Source(1, 0);
  for (let i = 0; i < 3; i++) {
    pump.wake(source);
    source.datagrams++;
  }
  assertEquals(socket.sent, []);
  await Promise.resolve();
  await pump.flush();
  assertEquals([socket.sent.length, source.turns.length], [3, 1]);
});

Deno.test("a busy socket stops the pump, and no buffer is written before it was read", async () => {
  const { socket, pump } = setUp();
  socket.busy = true;
  const source = new Source(1, 100, 1000);
  pump.queue(source);
  let flushed = false;
  const done = pump.flush().then(() => flushed = true);
  for (let i = 0; i < 50; i++) await Promise.resolve();
  const held = socket.sent.length;
  assert(held > 1 && held < 100, `${held} sent to a busy socket`);
  assertEquals(flushed, false);
  socket.ready();
  await done;
  assertEquals(socket.sent.length, 100);
});

Deno.test("what is queued while the pump runs is sent by the same run", async () => {
  const { socket, pump } = setUp();
  const late = new Source(2, 1);
  const early = new Source(1, 1);
  early.onTurnOver = () => pump.wake(late);
  pump.queue(early);
  await pump.flush();
  assertEquals(socket.marks, [1, 2]);
});

Deno.test("packets of no connection are dropped while the socket has 64 of them to take", async () => {
  const { socket, pump } = setUp();
  socket.busy = true;
  for (let i = 0; i < 100; i++) pump.sendOnce(Uint8Array.of(i), TO);
  assertEquals(socket.sent.length, 64);
  let flushed = false;
  const done = pump.flush().then(() => flushed = true);
  for (let i = 0; i < 50; i++) await Promise.resolve();
  assertEquals(flushed, false);
  socket.ready();
  await done;
});

Deno.test("a stopped pump sends nothing more", async () => {
  const { socket, pump } = setUp();
  pump.stop();
  pump.queue(new Source(1, 1));
  await pump.flush();
  assertEquals(socket.sent, []);
});

Deno.test("a socket that throws is told of, and the pump runs again", async () => {
  const { socket, pump, errors } = setUp();
  const { send } = socket;
  socket.send = () => {
    throw new Error("no socket");
  };
  pump.queue(new Source(1, 1));
  pump.start();
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assertEquals(errors.map(String), ["Error: no socket"]);
  socket.send = send;
  pump.queue(new Source(2, 1));
  await pump.flush();
  assertEquals(socket.marks, [2]);
});
