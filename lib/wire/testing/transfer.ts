/** The simplest use of a connection. */

import { concat } from "@std/bytes/concat";
import { pattern } from "./bytes.ts";
import { type End, Simulation, type SimulationOptions } from "./simulation.ts";

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

/** Two connections over which `length` bytes have gone from client to server. */
export function connected(
  length = 1000,
  options: SimulationOptions = {},
): { simulation: Simulation; client: End; server: End } {
  const simulation = new Simulation(options);
  transfer(simulation, length);
  const { client, server } = simulation;
  return { simulation, client, server };
}
