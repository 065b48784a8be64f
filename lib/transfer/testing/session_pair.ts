/**
 * Two real sessions over the simulated link of the wire, which runs by itself:
 * what one end sends arrives before anything that takes time happens.
 */

import type { BidiStream } from "../../mesh/session.ts";
import { handlerOf } from "../../mesh/testing/session_pair.ts";
import { WireSession } from "../../mesh/wire_session.ts";
import type { Stream } from "../../wire/streams/stream.ts";
import { type End, Simulation } from "../../wire/testing/simulation.ts";

/** How a pair of sessions behaves. */
export interface SessionPairOptions {
  /** Bytes that one end of a stream may send and the other has not read. */
  window?: number;
  /** Streams that one side may have open. */
  streamsMax?: number;
  /** Who the client is to the holder: that many keys are told apart. @default {1} */
  client?: number;
}

/** Promise callbacks that run before the next thing happens on the link. */
const TURNS = 30;
/**
 * Virtual milliseconds without any event after which the link stands still:
 * more than an acknowledgement waits.
 */
const QUIET_MS = 50;

/** Lets the link deliver a datagram, which takes no time. */
export async function delivered(): Promise<void> {
  await turns(4 * TURNS);
}

async function turns(count = TURNS): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

/** A session that counts its streams. */
export class CountedSession extends WireSession {
  /** Streams opened by this end so far. */
  opened = 0;
  /** Most streams that were open at once. */
  peakOpen = 0;
  /** Every stream that the other end opened, as the wire has it. */
  readonly accepted: Stream[] = [];
  readonly #end: End;

  /** Use {@linkcode sessionPair}. */
  constructor(
    end: End,
    driver: ConstructorParameters<typeof WireSession>[1],
    nodeId: bigint,
  ) {
    const publicKey = new Uint8Array(32).fill(Number(nodeId));
    if (nodeId > 255n) new DataView(publicKey.buffer).setBigUint64(0, nodeId);
    super(end.connection, driver, { nodeId, publicKey });
    this.#end = end;
  }

  /** Nothing that this end sends arrives any more, no acknowledgement either. */
  mute(): void {
    this.#end.link.loss = 1;
  }

  /** Streams that are not over in both directions. */
  get open(): number {
    return this.#end.connection.streams.open;
  }

  override async openStream(
    options?: { signal?: AbortSignal },
  ): Promise<BidiStream> {
    const stream = await super.openStream(options);
    this.opened++;
    this.peakOpen = Math.max(this.peakOpen, this.open);
    return stream;
  }

  override onStream(stream: Stream): void {
    this.accepted.push(stream);
    super.onStream(stream);
  }
}

/**
 * Connects two sessions.
 *
 * @returns The two ends; streams opened on one arrive at the other.
 */
export function sessionPair(
  { window = 262_144, streamsMax = 256, client = 1 }: SessionPairOptions = {},
): [CountedSession, CountedSession] {
  const sessions: CountedSession[] = [];
  const parameters = {
    // Tests are not in virtual time.
    maxIdleTimeoutMs: 2 ** 30,
    initialMaxData: 2 ** 30,
    initialMaxStreamData: window,
    initialMaxStreamsBidi: streamsMax,
  };
  const fast = { datagramCeiling: () => 60_000 };
  const link = new Simulation({
    link: { delay: 0.01 },
    client: { ...fast, handler: handlerOf(sessions, 0) },
    server: { ...fast, handler: handlerOf(sessions, 1) },
    clientParameters: parameters,
    serverParameters: parameters,
  });
  let running: Promise<void> | undefined;
  const run = async () => {
    let before;
    do {
      before = link.now;
      // What woke the link may have more to do.
      await turns();
      const end = link.now + QUIET_MS;
      while (link.step(end)) {
        await turns();
        before = undefined;
      }
    } while (before === undefined);
    running = undefined;
  };
  const wake = () => running ??= run();
  for (const end of [link.client, link.server]) {
    const driver = { now: () => link.now, wake, closeSent: wake };
    // Each knows the other one.
    const nodeId = end === link.client ? 2n : BigInt(client);
    sessions.push(new CountedSession(end, driver, nodeId));
  }
  // The first packet of the client tells the server that it is there.
  link.run(QUIET_MS);
  return [sessions[0], sessions[1]];
}
