/**
 * The simplest use of a connection.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { pattern } from "./bytes.ts";
import { drain, type Simulation } from "./simulation.ts";

/** Sends `length` bytes from client to server on one stream; returns what arrived. */
export function transfer(simulation: Simulation, length: number): Uint8Array {
  const { client, server } = simulation;
  const stream = client.connection.streams.openStream()!;
  client.connection.streams.write(stream, pattern(length));
  client.connection.streams.finish(stream);
  const received = new Uint8Array(length);
  let at = 0;
  simulation.runUntil(() => {
    for (const incoming of server.incoming) {
      const part = drain(server, incoming);
      received.set(part, at);
      at += part.length;
    }
    return server.incoming.length > 0 && server.incoming[0].receive.done;
  });
  assertEquals(at, length);
  return received;
}
