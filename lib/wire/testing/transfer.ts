/**
 * The simplest use of a connection.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";
import { pattern } from "./bytes.ts";
import type { Simulation } from "./simulation.ts";

/** Sends `length` bytes from client to server on one stream; returns what arrived. */
export function transfer(simulation: Simulation, length: number): Uint8Array {
  const { client, server } = simulation;
  client.open(pattern(length), true);
  const parts: Uint8Array[] = [];
  simulation.runUntil(() => {
    for (const incoming of server.incoming) parts.push(server.drain(incoming));
    return server.incoming.length > 0 && server.incoming[0].receive.done;
  });
  return concat(parts);
}
