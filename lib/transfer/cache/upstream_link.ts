import { PeerClosedError, TimeoutError } from "../../errors.ts";
import { UPSTREAM_RETRY_MAX_MS, UPSTREAM_RETRY_MS } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import { raceSignal } from "../../async/race_signal.ts";
import type { UpstreamEvent } from "./upstream_event.ts";

/** How an {@linkcode UpstreamLink} works. */
export interface UpstreamLinkOptions {
  /** Attaches to the upstream. */
  connect: (signal: AbortSignal) => Promise<Session>;
  /** First pause after a failure, in milliseconds; doubled by each. */
  retryMs?: number;
  /** Told what happens. */
  emit: (event: UpstreamEvent) => void;
}

/**
 * Keeps one session with a node: attaches, and attaches again when the session
 * ends, with pauses that grow as long as nothing lasts.
 */
export class UpstreamLink implements AsyncDisposable {
  readonly #options: UpstreamLinkOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #session?: Session;
  /** Why the last attempt failed, until one succeeds. */
  #failure?: PeerClosedError;
  #next: PromiseWithResolvers<Session>;

  constructor(options: UpstreamLinkOptions) {
    this.#options = options;
    this.#next = this.#promiseNext();
    this.#running = this.#run();
  }

  /** The session, if there is one now. */
  get session(): Session | undefined {
    return this.#session;
  }

  /**
   * The session, as soon as there is one.
   *
   * @throws {PeerClosedError} At once when the last attempt failed, or as soon
   * as the present one does.
   * @throws {TimeoutError} After `waitMs`.
   */
  async attached(waitMs: number, signal: AbortSignal): Promise<Session> {
    if (this.#session !== undefined) return this.#session;
    if (this.#failure !== undefined) throw this.#failure;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new TimeoutError("the upstream was not attached in time"));
    }, waitMs);
    try {
      return await raceSignal(
        Promise.race([this.#next.promise, late.promise]),
        signal,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const reason = new PeerClosedError("the upstream is no longer used");
    this.#stop.abort(reason);
    this.#next.reject(reason);
    await this.#session?.close(0, "no longer used");
    await this.#running;
  }

  #promiseNext(): PromiseWithResolvers<Session> {
    const next = Promise.withResolvers<Session>();
    // Perhaps nobody waits for it.
    next.promise.catch(() => {});
    return next;
  }

  async #run(): Promise<void> {
    const { connect, emit, retryMs = UPSTREAM_RETRY_MS } = this.#options;
    const { signal } = this.#stop;
    let pause = retryMs;
    while (!signal.aborted) {
      const since = performance.now();
      try {
        const session = await connect(signal);
        this.#failure = undefined;
        this.#session = session;
        this.#next.resolve(session);
        emit({ type: "attached", address: session.remote.address });
        if (signal.aborted) await session.close(0, "no longer used");
        const close = await session.closed;
        this.#session = undefined;
        this.#next = this.#promiseNext();
        if (signal.aborted) return;
        emit({ type: "detached", close });
        // One that lasted was no failure.
        if (performance.now() - since > UPSTREAM_RETRY_MAX_MS) pause = retryMs;
      } catch (error) {
        if (signal.aborted) return;
        this.#fail(error);
        emit({ type: "attach_failed", error, retryMs: pause });
      }
      await sleep(pause, signal);
      pause = Math.min(2 * pause, UPSTREAM_RETRY_MAX_MS);
    }
  }

  /** Nobody waits for an upstream that is known to be away. */
  #fail(cause: unknown): void {
    this.#failure = new PeerClosedError("the upstream is not attached", {
      cause,
    });
    this.#next.reject(this.#failure);
    this.#next = this.#promiseNext();
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
