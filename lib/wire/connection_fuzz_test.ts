import { assert, assertEquals } from "@std/assert";
import type { Stream } from "./streams/stream.ts";
import { TransportErrorCode } from "./packet/transport_error.ts";
import { pattern } from "./testing/bytes.ts";
import { concat } from "@std/bytes/concat";
import { encodeFrames, type Frame } from "./testing/frames.ts";
import { forEachSeed } from "./testing/fuzz.ts";
import { HostilePeer } from "./testing/hostile_peer.ts";
import type { Random } from "./testing/random.ts";
import { TEST_PARAMETERS } from "./testing/connection_options.ts";
import { type End, Simulation } from "./testing/simulation.ts";

// --- attackers on the path ---------------------------------------------------

/** What an attacker without the keys may make of a datagram and of earlier ones. */
function mutate(
  random: Random,
  bytes: Uint8Array,
  earlier: readonly Uint8Array[],
): Uint8Array[] {
  const other = random.pick(earlier);
  const flipped = bytes.slice();
  for (let i = random.below(4); i >= 0; i--) {
    flipped[random.below(flipped.length)] ^= 1 << random.below(8);
  }
  const cut = random.below(bytes.length + 1);
  // Our header before another's payload: a splice of two connections or packets.
  const splice = new Uint8Array(Math.max(cut, other.length));
  splice.set(other);
  splice.set(bytes.subarray(0, cut));
  return random.pick([
    [flipped],
    [bytes.subarray(0, cut)],
    [Uint8Array.of(...bytes, ...other)],
    [Uint8Array.of(...bytes, ...random.bytes(random.below(40)))],
    [splice],
    [other],
    [other, bytes, other],
    [bytes, bytes],
    [random.bytes(random.below(1500))],
    [],
  ]);
}

/** Sends one pattern each way; runs until both have arrived whole. */
function exchange(simulation: Simulation, length: number): void {
  const { client, server } = simulation;
  const send = (end: End, stream: Stream, salt: number) => {
    end.streams.write(stream, pattern(length, salt));
    end.streams.finish(stream);
  };
  const stream = client.streams.openStream()!;
  send(client, stream, 0);
  const got = new Map<End, Uint8Array[]>([[client, []], [server, []]]);
  let answered = false;
  simulation.runUntil(() => {
    const other = server.incoming[0];
    if (other !== undefined) {
      if (!answered) send(server, other, 1);
      answered = true;
      got.get(server)!.push(server.drain(other));
    }
    got.get(client)!.push(client.drain(stream));
    assertEquals([client.closed, server.closed], [undefined, undefined]);
    return stream.receive.done && other?.receive.done;
  });
  [server, client].forEach((end, salt) => {
    assertEquals(concat(got.get(end)!), pattern(length, salt));
  });
}

Deno.test("whatever an attacker makes of its datagrams, a connection carries its data whole", () => {
  forEachSeed({ fixed: 12, fresh: 8 }, (random) => {
    const { seed } = random;
    // Another connection with the same ids and other keys, to splice from.
    const foreign: Uint8Array[] = [];
    const twin = new Simulation({
      seed,
      keys: [new Uint8Array(32).fill(8), new Uint8Array(32).fill(9)],
    });
    twin.tamper = (_, bytes) => {
      foreign.push(bytes);
      return [bytes];
    };
    exchange(twin, 5000);

    const simulation = new Simulation({ seed, limits: { rekeyPackets: 30 } });
    const earlier = [...foreign];
    const rate = 0.1 + random.next() * 0.3;
    simulation.tamper = (_, bytes) => {
      const arriving = random.chance(rate)
        ? mutate(random, bytes, earlier)
        : [bytes];
      earlier.push(bytes);
      return arriving.filter((one) => one.length <= 65_507);
    };
    exchange(simulation, 40_000);
    simulation.runUntil(
      () =>
        [simulation.client, simulation.server].every(({ stats, streams }) =>
          streams.open === 0 &&
          stats.bytesInFlight === 0
        ),
      25_000,
    );
  });
});

// --- a peer with the keys -----------------------------------------------------

const VARINTS = [0, 1, 2, 63, 64, 16_383, 2 ** 30, 2 ** 32, 2 ** 53 - 1];
/** So far a stream's data may go when all of them share the connection's credit. */
const REACH = TEST_PARAMETERS.initialMaxData /
  TEST_PARAMETERS.initialMaxStreamsBidi / 2;

/**
 * Makes frames that mostly keep the rules, so that the few which do not meet
 * every state.
 */
class Script {
  /** End of the data of each stream, and whether it is final. */
  readonly #ends = new Map<number, { end: number; final: boolean }>();

  constructor(readonly random: Random, readonly peer: HostilePeer) {}

  frame(): Frame {
    const { random } = this;
    const id = this.#id();
    const code = this.#number(100);
    const data = () => this.#data(id);
    const finalSize = () => this.#finalSize(id);
    const payload = () => random.bytes(random.below(50));
    const pathFrame = () =>
      random.pick(["path_challenge", "path_response"] as const);
    const frames: (() => Frame)[] = [
      () => ({ type: "ping" }),
      () => this.peer.ack() ?? { type: "ping" },
      () => this.#partialAck(),
      () => ({ type: "reset_stream", id, code, finalSize: finalSize() }),
      () => ({ type: "stop_sending", id, code }),
      () => ({ type: "max_data", limit: this.#number(2 ** 22) }),
      () => ({ type: "max_stream_data", id, limit: this.#number(2 ** 20) }),
      () => ({ type: "max_streams", limit: this.#number(100) }),
      () => ({
        type: "ack_frequency",
        packets: this.#number(20) + 1,
        delayMs: this.#number(100),
      }),
      () => ({ type: pathFrame(), data: random.bytes(8) }),
      () => ({ type: "relay", nodeId: BigInt(code), payload: payload() }),
      data,
      data,
      data,
    ];
    return random.pick(frames)();
  }

  #breaks(): boolean {
    return this.random.chance(0.001);
  }

  /** A number below `plausible`, or one at the edge of something. */
  #number(plausible: number): number {
    return this.random.chance(0.03)
      ? this.random.pick(VARINTS)
      : this.random.below(plausible);
  }

  #id(): number {
    if (this.#breaks()) return this.random.pick(VARINTS);
    return 4 * this.random.below(TEST_PARAMETERS.initialMaxStreamsBidi);
  }

  #partialAck(): Frame {
    const { random, peer } = this;
    if (this.#breaks()) {
      return { type: "ack", ranges: [{ start: 0, end: 5000 }], delay: 0 };
    }
    const end = peer.received.largest - random.below(20);
    if (end < 0) return { type: "ping" };
    const start = Math.max(0, end - random.below(5));
    const delay = this.#number(100);
    return { type: "ack", ranges: [{ start, end }], delay };
  }

  #end(id: number): { end: number; final: boolean } {
    const known = this.#ends.get(id) ?? { end: 0, final: false };
    this.#ends.set(id, known);
    return known;
  }

  #finalSize(id: number): number {
    if (this.#breaks()) return this.random.pick(VARINTS);
    const stream = this.#end(id);
    if (!stream.final) stream.end += this.random.below(100);
    stream.final = true;
    return stream.end;
  }

  #data(id: number): Frame {
    const { random } = this;
    const stream = this.#end(id);
    const most = random.chance(0.5) ? 8 : 1100;
    const limit = this.#breaks() ? 2 ** 40 : stream.final ? stream.end : REACH;
    // New data in order, or anything again, or something far ahead.
    const offset = Math.min(
      limit,
      random.chance(0.5) ? stream.end : random.below(limit + 1),
    );
    const length = Math.min(random.below(most), limit - offset);
    stream.end = Math.max(stream.end, offset + length);
    const fin = offset + length === stream.end &&
      (stream.final || random.chance(0.05));
    stream.final ||= fin;
    return { type: "stream", id, offset, data: new Uint8Array(length), fin };
  }
}

/** What the application of the connection under test may do at any time. */
function act(random: Random, peer: HostilePeer): void {
  const { streams } = peer.victim;
  if (random.chance(0.1)) streams.openStream();
  const stream = random.pick([...streams.all(), undefined]);
  if (stream === undefined) return;
  streams.accept(stream);
  const bytes = (limit: number) => new Uint8Array(random.below(limit));
  const read = () => streams.read(stream, bytes(9000));
  random.pick([
    () => stream.send.ended || streams.write(stream, bytes(5000)),
    () => streams.finish(stream),
    () => streams.reset(stream, random.below(9)),
    () => streams.stop(stream, random.below(9)),
    () => streams.setClass(stream, random.pick(["bulk", "interactive"])),
    read,
    read,
  ])();
}

/** What the connection keeps for its peer must stay within what it granted. */
function checkHeld(peer: HostilePeer): void {
  let unread = 0;
  let segments = 0;
  for (const { receive } of peer.victim.streams.all()) {
    assert(
      receive.highest - receive.consumed <=
        TEST_PARAMETERS.initialMaxStreamData,
    );
    unread += receive.highest - receive.consumed;
    segments += receive.segments;
  }
  assert(unread <= TEST_PARAMETERS.initialMaxData, `${unread} bytes unread`);
  assert(segments <= 600 * 16 + unread / 256, `${segments} segments`);
  assert(peer.victim.streams.open <= 200);
}

Deno.test("whatever frames a peer with the keys sends, the connection lives or ends with a code", () => {
  const codes = new Set<number>(Object.values(TransportErrorCode));
  let survived = 0;
  const all = forEachSeed({ fixed: 60, fresh: 40 }, (random) => {
    const peer = new HostilePeer();
    const script = new Script(random, peer);
    for (let i = 0; i < 150 && peer.closed === undefined; i++) {
      const frames = Array.from(
        { length: 1 + random.below(6) },
        () => script.frame(),
      );
      // Two in a packet are an end by themselves.
      const first = frames.findIndex(({ type }) => type === "ack");
      if (!random.chance(0.001)) {
        frames.splice(
          0,
          Infinity,
          ...frames.filter(({ type }, i) => type !== "ack" || i === first),
        );
      }
      const payload = encodeFrames(...frames);
      if (random.chance(0.005)) {
        payload[random.below(payload.length)] = random.below(256);
      }
      peer.sendPayload(payload, {
        hostname: "192.0.2.1",
        port: random.chance(0.05) ? 1 + random.below(4) : 1,
      });
      if (peer.closed !== undefined) break;
      if (random.chance(0.7)) act(random, peer);
      if (random.chance(0.6)) peer.listen(20);
      if (random.chance(0.3)) peer.wait(random.below(200));
      checkHeld(peer);
    }
    const ended = peer.closed;
    if (ended === undefined) {
      survived++;
      peer.victim.close(peer.now, 0, "enough");
    }
    peer.listen();
    // Noise may spell CLOSE, which is not answered.
    if (ended?.by !== "peer") {
      assertEquals(peer.take().at(-1)?.type, "close");
    }
    if (ended?.by === "error") {
      assert(codes.has(ended.code), `code ${ended.code}`);
    } else if (ended !== undefined) assertEquals(ended.by, "peer");
    peer.wait(20_000);
    assert(peer.victim.finished);
  });
  // Else it would only try how connections end.
  assert(!all || survived >= 5, `only ${survived} survived`);
});
