import { delay } from "@std/async";
import { REATTACH_MAX_MS, REATTACH_MS } from "../limits.ts";
import type { Endpoint } from "./endpoint.ts";
import type { RelayCarrier } from "./session.ts";

/** The node is attached to the relay: it can be reached. */
export interface RelayAttachedEvent {
  /** Tells it from {@linkcode RelayDetachedEvent}. */
  type: "attached";
}

/** The node could not attach, or is no longer attached. */
export interface RelayDetachedEvent {
  /** Tells it from {@linkcode RelayAttachedEvent}. */
  type: "detached";
  /** What was thrown, or how the session ended. */
  reason: string;
  /** It is tried again in this many milliseconds. */
  retryMs: number;
}

/** What becomes of the session with a relay. */
export type RelayEvent = RelayAttachedEvent | RelayDetachedEvent;

interface RelayAttachmentOptions {
  attach: (signal: AbortSignal) => Promise<RelayCarrier>;
  /** Takes connections that come by way of the session, which it owns. */
  listen: (carrier: RelayCarrier) => Endpoint;
  /** Told what happens; must not throw. */
  onEvent?: (event: RelayEvent) => void;
  /**
   * A random number from 0 to 1: nodes that lost one relay do not come back all
   * at once.
   */
  random?: () => number;
  /** Waits; rejects when aborted. */
  pause?: (ms: number, options: { signal: AbortSignal }) => Promise<void>;
}

/** Keeps a node attached to a relay until it is closed, to be reached behind a NAT. */
export class RelayAttachment {
  readonly #options: RelayAttachmentOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #endpoint: Endpoint | undefined;
  readonly #tried = Promise.withResolvers<void>();

  /** Resolves when the first attempt is over, well or not. */
  readonly tried: Promise<void> = this.#tried.promise;

  constructor(options: RelayAttachmentOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Tells the peers and the relay, and attaches no more. */
  async close(code = 0, reason = ""): Promise<void> {
    this.#stop.abort();
    await this.#endpoint?.close(code, reason);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { onEvent, pause = delay, random = Math.random } = this.#options;
    const { signal } = this.#stop;
    for (
      let wait = REATTACH_MS;
      !signal.aborted;
      wait = Math.min(2 * wait, REATTACH_MAX_MS)
    ) {
      const since = performance.now();
      const reason = await this.#stayAttached();
      this.#tried.resolve();
      if (signal.aborted) return;
      if (performance.now() - since > REATTACH_MAX_MS) wait = REATTACH_MS;
      const retryMs = Math.round(wait * (1 + random()) / 2);
      onEvent?.({ type: "detached", reason, retryMs });
      // What ends the pause early ends the loop, too.
      await pause(retryMs, { signal }).catch(() => {});
    }
  }

  /** Attaches and waits for the end; returns why it came. */
  async #stayAttached(): Promise<string> {
    const { attach, listen, onEvent } = this.#options;
    const { signal } = this.#stop;
    try {
      const carrier = await attach(signal);
      const endpoint = listen(carrier);
      this.#endpoint = endpoint;
      if (signal.aborted) await endpoint.close();
      else onEvent?.({ type: "attached" });
      this.#tried.resolve();
      const { by, reason } = await carrier.closed;
      await endpoint.close();
      return reason === "" ? by : reason;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      this.#endpoint = undefined;
    }
  }
}
