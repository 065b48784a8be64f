/** A kept session over connections in memory, one after the other. */

import { HandshakeError } from "../../errors.ts";
import { type KeepEvent, KeptSession } from "../../mesh/mod.ts";
import type { Connection } from "./fixture.ts";

/** The session, and what becomes of it. */
export interface KeptConnections extends AsyncDisposable {
  readonly session: KeptSession;
  readonly events: KeepEvent[];
}

/** Keeps a session over the connections, each used when the one before is lost. */
export function keptOver(
  [first, ...rest]: readonly Connection[],
  keepMs = 60_000,
): KeptConnections {
  const events: KeepEvent[] = [];
  const left = [...rest];
  const session = new KeptSession(first.session, {
    keepMs,
    retryMs: 1,
    onEvent: (event) => events.push(event),
    connect: () => {
      const next = left.shift();
      return next === undefined
        ? Promise.reject(new HandshakeError("nobody is there"))
        : Promise.resolve(next.session);
    },
  });
  return {
    session,
    events,
    [Symbol.asyncDispose]: async () => {
      await session.close();
      for (const connection of [first, ...rest]) {
        await connection[Symbol.asyncDispose]();
      }
    },
  };
}
