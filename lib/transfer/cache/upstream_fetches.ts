import { toHex } from "../../content/mod.ts";
import { PeerClosedError, StoreError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { type BatchContext, UpstreamBatch } from "./upstream_batch.ts";
import { type Fetched, Flight, GIVEN_UP } from "./upstream_flight.ts";
import type { Budget } from "../../async/budget.ts";
import type { TransferRegistry } from "../protocol/transfer_registry.ts";

/** Who wants chunks. */
export interface Asker {
  /** Its key in hex; "" is this node itself. */
  readonly owner: string;
  /** How many requests may run for it at once. */
  readonly requests: Budget;
}

/** How {@linkcode UpstreamFetches} work. */
export interface UpstreamFetchesOptions extends BatchContext {
  /** Node id of the upstream, for the rows of `registry`. */
  readonly peer: bigint;
  /** Shows every fetch, and cancels it. */
  readonly registry?: TransferRegistry;
}

/** How {@linkcode UpstreamFetches.fetch} works. */
export interface FetchOptions {
  /** Gives up what is begun for the caller. */
  signal?: AbortSignal;
  /** Tells whether somebody else has fetched a chunk while it was not the asker's turn; it is then given up. */
  isKept?: (hash: Uint8Array) => Promise<boolean>;
}

/** What is being fetched from an upstream: each chunk once, whoever asks for it. */
export class UpstreamFetches implements AsyncDisposable {
  readonly #options: UpstreamFetchesOptions;
  readonly #flights: Map<string, { flight: Flight; batch: UpstreamBatch }> =
    new Map();
  readonly #running: Set<Promise<void>> = new Set();
  #closed = false;

  constructor(options: UpstreamFetchesOptions) {
    this.#options = options;
  }

  /**
   * Joins the fetches that run, and begins one request for the other chunks as
   * soon as it is the asker's turn.
   *
   * @param hashes At most `GET_MANY_MAX`.
   * @returns When all have begun, how each ends.
   */
  async fetch(
    hashes: readonly Uint8Array[],
    asker: Asker,
    { signal, isKept }: FetchOptions = {},
  ): Promise<Promise<Fetched>[]> {
    const keys = hashes.map(toHex);
    if (keys.every((key) => this.#flights.has(key))) {
      return keys.map((key) => this.#join(key, asker)!);
    }
    await this.#turn(asker, signal);
    const batch = new UpstreamBatch(this.#options);
    const kept = isKept && await Promise.all(hashes.map(isKept));
    const results = keys.map((key, i) => {
      if (kept?.[i]) return Promise.resolve<Fetched>(GIVEN_UP);
      return this.#join(key, asker) ??
        this.#takeOff(hashes[i].slice(), key, asker, batch);
    });
    const work: Promise<void> = batch.run(signal).finally(() => {
      asker.requests.release(1);
      this.#running.delete(work);
    });
    this.#running.add(work);
    return results;
  }

  /** Ends all fetches. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const reason = new PeerClosedError("the cache is closed");
    for (const { flight, batch } of [...this.#flights.values()]) {
      batch.cancel(flight, reason);
    }
    await Promise.all(this.#running);
  }

  /** Waits for a request of the asker's own, and then for memory for it. */
  async #turn({ requests }: Asker, signal?: AbortSignal): Promise<void> {
    const { budget } = this.#options;
    await requests.acquire(1, signal);
    try {
      await budget.acquire(CHUNK_SIZE, signal);
      if (!this.#closed) return;
      budget.release(CHUNK_SIZE);
      throw new StoreError("the cache is closed");
    } catch (error) {
      requests.release(1);
      throw error;
    }
  }

  #join(key: string, { owner }: Asker): Promise<Fetched> | undefined {
    const flight = this.#flights.get(key)?.flight;
    flight?.owners.add(owner);
    return flight?.result;
  }

  #takeOff(
    hash: Uint8Array,
    key: string,
    asker: Asker,
    batch: UpstreamBatch,
  ): Promise<Fetched> {
    const { registry, peer, emit } = this.#options;
    emit({ type: "miss", hash });
    const flight = new Flight(hash, () => this.#flights.delete(key));
    flight.transfer = registry?.begin(
      peer,
      hash,
      (reason) => batch.cancel(flight, reason),
      { isOwnedBy: (publicKey) => flight.isOwnedBy(publicKey) },
    );
    flight.owners.add(asker.owner);
    this.#flights.set(key, { flight, batch });
    batch.add(flight);
    return flight.result;
  }
}
