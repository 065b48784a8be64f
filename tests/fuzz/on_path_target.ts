/**
 * A connection and somebody on its path who has no keys: what becomes of each
 * datagram is read from the bytes of a case. Both ends must get what the other
 * sent, whole.
 */

import { concat } from "@std/bytes/concat";
import { equals } from "@std/bytes/equals";
import type { Stream } from "../../lib/wire/streams/stream.ts";
import { pattern } from "../../lib/wire/testing/bytes.ts";
import { type End, Simulation } from "../../lib/wire/testing/simulation.ts";
import type { Target } from "./engine.ts";
import { Tape } from "./tape.ts";

const BYTES = 12_000;
/** Virtual milliseconds that the attacker may cost. */
const PATIENCE_MS = 60_000;
/** Packets of one key, so that keys change on the way. */
const REKEY_PACKETS = 8;
const DATAGRAM_MAX = 65_507;

/** What somebody without the keys may make of a datagram and of earlier ones. */
function tamper(
  tape: Tape,
  bytes: Uint8Array,
  earlier: readonly Uint8Array[],
): Uint8Array[] {
  const other = () => earlier[tape.u8() % earlier.length];
  const at = () => tape.u8() % bytes.length;
  const kind = tape.u8() % 16;
  switch (kind) {
    case 0: {
      const flipped = bytes.slice();
      flipped[at()] ^= 1 << (tape.u8() & 7);
      return [flipped];
    }
    case 1:
      return [bytes.subarray(0, at())];
    case 2:
      return [concat([bytes, other()])];
    case 3:
      return [concat([bytes, tape.take(tape.u8() & 31)])];
    case 4: {
      // Our header before another's payload.
      const cut = tape.u8() & 31;
      return [concat([bytes.subarray(0, cut), other().subarray(cut)])];
    }
    case 5:
      return [other()];
    case 6:
      return [other(), bytes, other()];
    case 7:
      return [bytes, bytes];
    case 8:
      return [tape.take(tape.u8())];
    case 9:
      return [];
    case 10: {
      const flipped = bytes.slice();
      // The key phase.
      flipped[0] ^= 4;
      return [flipped, bytes];
    }
    case 11: {
      const reset = new Uint8Array(25);
      reset.set([5, ...bytes.subarray(1, 9), ...tape.take(16)]);
      return [reset, bytes];
    }
    default:
      return [bytes];
  }
}

/** Datagrams of another connection with the same ids and other keys. */
const foreign: Uint8Array[] = (() => {
  const found: Uint8Array[] = [];
  const twin = new Simulation({
    seed: 1,
    keys: [new Uint8Array(32).fill(8), new Uint8Array(32).fill(9)],
  });
  twin.tamper = (_, bytes) => {
    found.push(bytes);
    return [bytes];
  };
  twin.client.open(pattern(3000, 1), true);
  twin.run(200);
  return found;
})();

/** Sends one pattern each way; runs until both are there, or it is broken. */
function exchange(simulation: Simulation): string {
  const { client, server } = simulation;
  const send = (end: End, stream: Stream, salt: number) => {
    end.streams.write(stream, pattern(BYTES, salt));
    end.streams.finish(stream);
  };
  const stream = client.streams.openStream()!;
  send(client, stream, 0);
  const got: [Uint8Array[], Uint8Array[]] = [[], []];
  let isAnswered = false;
  simulation.runUntil(() => {
    const other = server.incoming[0];
    if (other !== undefined) {
      if (!isAnswered) send(server, other, 1);
      isAnswered = true;
      got[0].push(server.drain(other));
    }
    got[1].push(client.drain(stream));
    if (client.closed ?? server.closed) return true;
    return stream.receive.done && other?.receive.done;
  }, PATIENCE_MS);
  for (const [salt, parts] of got.entries()) {
    if (!equals(concat(parts), pattern(BYTES, salt))) {
      const { reason } = client.closed ?? server.closed ?? { reason: "late" };
      throw new Error(`broken: other content (${reason})`);
    }
  }
  return [client, server].map(({ stats }) =>
    `lost ${stats.packetsLost.toString(2).length}`
  ).join();
}

function run(bytes: Uint8Array): string {
  const tape = new Tape(bytes);
  const simulation = new Simulation({
    seed: 1,
    limits: { rekeyPackets: REKEY_PACKETS },
  });
  const earlier = [...foreign];
  const kinds = new Set<number>();
  simulation.tamper = (_, datagram) => {
    if (tape.done) return [datagram];
    kinds.add((tape.bytes[tape.at] ?? 0) % 16);
    const arriving = tamper(tape, datagram, earlier);
    earlier.push(datagram);
    return arriving.filter(({ length }) => length <= DATAGRAM_MAX);
  };
  const ended = exchange(simulation);
  return `${ended} ${[...kinds].sort((a, b) => a - b).join()}`;
}

/** The connection and its path as a target. */
export const onPathTarget: Target = {
  name: "on_path",
  seeds: () => [
    new Uint8Array(30).fill(15),
    Uint8Array.from({ length: 64 }, (_, i) => i),
    Uint8Array.from({ length: 90 }, (_, i) => i % 3 === 0 ? 9 : 15),
    Uint8Array.from({ length: 200 }, (_, i) => i * 37),
  ],
  run,
  cost: 1000,
  max: 300,
};
