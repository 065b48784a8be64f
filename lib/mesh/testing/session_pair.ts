/**
 * Two sessions over the simulated link of the wire: promises run, time is
 * virtual, nothing touches a socket.
 */

import { type LinkOptions, Simulation } from "../../wire/testing/simulation.ts";
import type { ConnectionHandler } from "../../wire/connection_options.ts";
import type { TransportParameters } from "../../wire/handshake/transport_parameters.ts";
import { WireSession } from "../wire_session.ts";

/** Promise callbacks that run before the next thing happens on the link. */
const TURNS = 30;

interface SessionPairOptions {
  /** Behaviour of the link, both directions. */
  link?: LinkOptions;
  /** What both ends announce. */
  parameters?: Partial<TransportParameters>;
}

/** The handler of a connection whose session comes to be at `index`. */
export function handlerOf(
  sessions: readonly WireSession[],
  index: number,
): ConnectionHandler {
  return {
    onOpen: () => {},
    onStream: (stream) => sessions[index].onStream(stream),
    onStreamEnd: () => sessions[index].onStreamEnd(),
    onStreamsAvailable: () => sessions[index].onStreamsAvailable(),
    onClose: (close) => sessions[index].onClose(close),
    onRelay: () => false,
  };
}

/** A session at each end of a link. */
export class SessionPair {
  /** The session that the other one attached with. */
  readonly server: WireSession;
  /** The session that attached. */
  readonly client: WireSession;
  /** The link. */
  readonly simulation: Simulation;

  /** Makes both ends. */
  constructor(options: SessionPairOptions = {}) {
    const sessions: WireSession[] = [];
    this.simulation = new Simulation({
      link: options.link,
      client: { handler: handlerOf(sessions, 0) },
      server: { handler: handlerOf(sessions, 1) },
      clientParameters: options.parameters,
      serverParameters: options.parameters,
    });
    for (const end of [this.simulation.client, this.simulation.server]) {
      sessions.push(
        new WireSession(end.connection, {
          now: () => this.simulation.now,
          wake: () => {},
          closeSent: () => Promise.resolve(this.simulation.flush()),
        }, { nodeId: 1n, publicKey: new Uint8Array(32) }),
      );
    }
    [this.client, this.server] = sessions;
  }

  /**
   * Runs the link until `promise` settles.
   *
   * @throws {Error} When it cannot: nothing happens on the link any more, or a
   * virtual minute has passed.
   */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const mark = () => settled = true;
    promise.then(mark, mark);
    const end = this.simulation.now + 60_000;
    for (;;) {
      for (let i = 0; i < TURNS && !settled; i++) await Promise.resolve();
      if (settled) return await promise;
      if (!this.simulation.step(end)) {
        throw new Error("it never settles: a virtual minute has passed");
      }
    }
  }

  /** Runs the link for `ms` virtual milliseconds. */
  async run(ms: number): Promise<void> {
    const end = this.simulation.now + ms;
    while (this.simulation.step(end)) {
      for (let i = 0; i < TURNS; i++) await Promise.resolve();
    }
  }
}
