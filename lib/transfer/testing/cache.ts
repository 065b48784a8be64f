/** A cache before upstreams in memory. */

import { blake3 } from "../../content/mod.ts";
import { HandshakeError } from "../../errors.ts";
import type { Session } from "../../mesh/session.ts";
import { MemoryStore } from "../../store/mod.ts";
import { encodeResponseHeader } from "../protocol/response_header.ts";
import { TransferRegistry } from "../protocol/transfer_registry.ts";
import type { UpstreamEvent } from "../cache/upstream_event.ts";
import {
  UpstreamStore,
  type UpstreamStoreOptions,
} from "../cache/upstream_store.ts";
import { type Connection, pattern, type Script, settle } from "./fixture.ts";

/** A chunk that takes several reads. */
export const CHUNK: Uint8Array<ArrayBuffer> = pattern(100_000);
/** Its hash. */
export const HASH: Uint8Array = blake3(CHUNK);
/** Node id of the upstream. */
export const PEER = 77n;

/** A store of these chunks. */
export async function storeOf(...chunks: Uint8Array[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const bytes of chunks) await store.put(blake3(bytes), bytes);
  return store;
}

/** A store before the given connections, used one after the other. */
export class Cache implements AsyncDisposable {
  readonly store: UpstreamStore;
  readonly registry: TransferRegistry = new TransferRegistry();
  readonly events: UpstreamEvent[] = [];
  /** Sessions that were asked for. */
  attempts = 0;

  constructor(
    private readonly connections: Connection[],
    options: Partial<UpstreamStoreOptions> = {},
    readonly local: MemoryStore = new MemoryStore(),
  ) {
    this.store = new UpstreamStore(local, {
      peer: PEER,
      registry: this.registry,
      retryMs: 1,
      waitMs: 5000,
      connect: () => this.#next(),
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  /** How often something happened. */
  count(type: UpstreamEvent["type"]): number {
    return this.events.filter((event) => event.type === type).length;
  }

  #next(): Promise<Session> {
    const connection = this.connections[this.attempts++];
    return connection === undefined
      ? Promise.reject(new HandshakeError("nobody answers"))
      : Promise.resolve(connection.session);
  }

  /** Ends it, and the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    for (const connection of this.connections) {
      await connection[Symbol.asyncDispose]();
    }
  }
}

/**
 * A holder that announces {@linkcode CHUNK}, sends half of it, and the rest when
 * it is told to; counts its requests.
 */
export function halting(): {
  script: Script;
  goOn: () => void;
  asked: () => number;
} {
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  return {
    goOn: gate.resolve,
    asked: () => asked,
    script: async (_request, stream) => {
      asked++;
      await stream.write(encodeResponseHeader(CHUNK.length));
      await stream.write(CHUNK.subarray(0, 50_000));
      await gate.promise;
      await stream.write(CHUNK.subarray(50_000));
      stream.finish();
    },
  };
}

/** Waits until something has come to be. */
export async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round++) {
    if (round === 1000) throw new Error(`never came to be: ${condition}`);
    await settle();
  }
}
