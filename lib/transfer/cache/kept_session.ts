import { delay } from "@std/async";
import { Notify } from "../../async/notify.ts";
import { PeerClosedError, TimeoutError } from "../../errors.ts";
import { UPSTREAM_RETRY_MAX_MS, UPSTREAM_RETRY_MS } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import { ChunkFetcher } from "../ask/chunk_fetcher.ts";
import type { UpstreamEvent } from "./upstream_event.ts";

const NO_LONGER_USED = "no longer used";

/** How a {@linkcode KeptSession} works. */
export interface KeptSessionOptions {
  /** Attaches to the upstream. */
  connect: (signal: AbortSignal) => Promise<Session>;
  /** Longest time without progress of one request, in milliseconds. */
  timeoutMs: number;
  /** First pause after a failure, in milliseconds; doubled by each. */
  retryMs?: number;
  readonly emit: (event: UpstreamEvent) => void;
}

/** The upstream, as long as one session with it lasts. */
export interface AttachedUpstream {
  readonly session: Session;
  readonly chunks: ChunkFetcher;
}

/**
 * Keeps one session with a node: attaches, and attaches again when the session
 * ends, with pauses that grow as long as nothing lasts.
 */
export class KeptSession implements AsyncDisposable {
  readonly #options: KeptSessionOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #changed = new Notify();
  /** What is attached, or why the last attempt failed. */
  #state: AttachedUpstream | PeerClosedError | undefined;

  /** Begins to attach. */
  constructor(options: KeptSessionOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** What is attached now. */
  get current(): AttachedUpstream | undefined {
    return this.#state instanceof Error ? undefined : this.#state;
  }

  /**
   * What is attached, as soon as something is.
   *
   * @throws {PeerClosedError} At once when the last attempt failed, or as soon
   * as the present one does.
   * @throws {TimeoutError} After `waitMs`.
   */
  async attached(
    waitMs: number,
    signal: AbortSignal,
  ): Promise<AttachedUpstream> {
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort(new TimeoutError("the upstream was not attached in time"));
    }, waitMs);
    const either = AbortSignal.any([signal, late.signal]);
    try {
      while (this.#state === undefined) await this.#changed.wait(either);
      if (this.#state instanceof Error) throw this.#state;
      return this.#state;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = this.current?.session;
    this.#stop.abort();
    this.#become(new PeerClosedError("the upstream is no longer used"));
    await session?.close(0, NO_LONGER_USED);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { connect, emit, retryMs = UPSTREAM_RETRY_MS } = this.#options;
    const { signal } = this.#stop;
    let pause = retryMs;
    while (!signal.aborted) {
      const since = performance.now();
      try {
        await this.#use(await connect(signal));
        // One that lasted was no failure.
        if (performance.now() - since > UPSTREAM_RETRY_MAX_MS) pause = retryMs;
      } catch (error) {
        if (signal.aborted) return;
        const options = { cause: error };
        this.#become(
          new PeerClosedError("the upstream is not attached", options),
        );
        emit({ type: "attach_failed", error, retryMs: pause });
      }
      // The loop looks at the signal.
      await delay(pause, { signal }).catch(() => {});
      pause = Math.min(2 * pause, UPSTREAM_RETRY_MAX_MS);
    }
  }

  /** Offers a session until it ends. */
  async #use(session: Session): Promise<void> {
    const { emit, timeoutMs } = this.#options;
    const { signal } = this.#stop;
    if (signal.aborted) return await session.close(0, NO_LONGER_USED);
    const chunks = new ChunkFetcher(session, { timeoutMs });
    this.#become({ session, chunks });
    emit({ type: "attached", address: session.remote.address });
    const close = await session.closed;
    if (signal.aborted) return;
    this.#become(undefined);
    emit({ type: "detached", close });
  }

  #become(state: AttachedUpstream | PeerClosedError | undefined): void {
    this.#state = state;
    this.#changed.notifyAll();
  }
}
